"""What the tests need from the system: a browser, a Chinese font, PostgreSQL. Installed only when root on Debian.

Tests that miss one skip themselves and say why; nothing here makes a test run fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path


def _chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def _font() -> bool:
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True)
        return bool(listed.stdout.strip())
    return any(Path("/usr/share/fonts").rglob("*CJK*"))


def _postgresql() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


NEEDED: dict[str, Callable[[], bool]] = {
    "chromium": _chromium,
    "fonts-noto-cjk": _font,
    "postgresql": _postgresql,
}


def missing() -> list[str]:
    return [package for package, there in NEEDED.items() if not there()]


def ensure(say: Callable[[str], None]) -> None:
    """Install what is missing if we may; say what stays missing."""
    packages = missing()
    if not packages:
        return
    debian = Path("/etc/debian_version").exists() and shutil.which("apt-get")
    if debian and os.geteuid() == 0:
        say(f"installing {', '.join(packages)} with apt-get")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # The list may be as old as the machine's image; the install says itself what went wrong.
        subprocess.run(["apt-get", "update", "-qq"], env=env, stdout=subprocess.DEVNULL)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL)
    for package in missing():
        say(f"{package} is not here: the tests that need it are skipped (on Debian: apt-get install {package})")
