"""Find a Python that really runs for each environment (stdlib only, Python 3.8 or newer).

A name on PATH proves nothing: pyenv leaves shims that only print an error, and Debian's python3 may lack `ensurepip`.
So every candidate is started once before it is chosen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Mapping, Tuple

Version = Tuple[int, int]

_PROBE = """
import json, sys
missing = []
for name in ("venv", "ensurepip", "ssl", "sqlite3", "ctypes"):
    try:
        __import__(name)
    except Exception:
        missing.append(name)
path = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({"version": list(sys.version_info[:3]), "path": path, "missing": missing}))
"""


@dataclass(frozen=True)
class Need:
    """Which Pythons an environment can use, best first, and the setting that names one by hand."""

    purpose: str
    versions: tuple[Version, ...]
    setting: str


RASA = Need("Rasa", ((3, 10),), "LINSHE_RASA_PYTHON")
APP = Need("everything but Rasa", ((3, 11), (3, 12), (3, 13)), "LINSHE_APP_PYTHON")


@dataclass(frozen=True)
class Interpreter:
    path: str
    version: tuple[int, int, int]

    @property
    def version_text(self) -> str:
        return ".".join(str(part) for part in self.version)


@dataclass
class Search:
    """What was found, and why each other candidate was passed over (shown when nothing was found)."""

    found: Interpreter | None = None
    refused: dict[str, str] = field(default_factory=dict)


class InterpreterMissing(Exception):
    """No usable Python; the message says what to install."""


def probe(path: str, versions: tuple[Version, ...]) -> tuple[Interpreter | None, str]:
    """Start the candidate; return it, or None and the reason it cannot be used."""
    try:
        done = subprocess.run([path, "-c", _PROBE], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"does not start ({error.__class__.__name__})"
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return None, "does not run: {}".format(said[0] if said else f"exit code {done.returncode}")
    try:
        answer = json.loads(done.stdout.decode("utf-8").strip().splitlines()[-1])
    except (ValueError, IndexError):
        return None, "gives no sensible answer"
    version = tuple(answer["version"])
    if version[:2] not in versions:
        return None, "is Python {}.{}.{}".format(*version)
    if answer["missing"]:
        return None, "lacks the standard module(s) {}".format(", ".join(answer["missing"]))
    return Interpreter(answer["path"], version), ""


def _pyenv_versions(version: Version, environ: Mapping[str, str]) -> Iterator[str]:
    roots = [environ.get("PYENV_ROOT", "")]
    pyenv = shutil.which("pyenv", path=environ.get("PATH"))
    if not roots[0] and pyenv:
        asked = subprocess.run([pyenv, "root"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        roots.append(asked.stdout.decode().strip())
    roots.append(os.path.join(environ.get("HOME", "/nonexistent"), ".pyenv"))

    def patch(folder: Path) -> tuple[int, ...]:
        return tuple(int(part) for part in folder.name.split(".") if part.isdigit())

    for root in dict.fromkeys(filter(None, roots)):
        found = Path(root, "versions").glob("{}.{}.*".format(*version))
        for folder in sorted(found, key=patch, reverse=True):
            yield str(folder / "bin" / "python")


def candidates(version: Version, environ: Mapping[str, str]) -> Iterator[str]:
    """Every place a Python of this version may be, in the order they are tried."""
    if sys.version_info[:2] == version and sys.executable:
        yield sys.executable
    name = "python{}.{}".format(*version)
    usual = [os.path.expanduser("~/.local/bin"), "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"]
    for folder in environ.get("PATH", "").split(os.pathsep) + usual:
        path = os.path.join(folder, name)
        if folder and os.access(path, os.X_OK):
            yield path
    yield from _pyenv_versions(version, environ)
    uv = shutil.which("uv", path=environ.get("PATH"))
    if uv:
        asked = subprocess.run(
            [uv, "python", "find", "{}.{}".format(*version)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if asked.returncode == 0:
            yield asked.stdout.decode().strip()


def search(need: Need, environ: Mapping[str, str] | None = None) -> Search:
    """Try the candidates until one works. A path set by hand is the only candidate: a typing error must not pass."""
    environ = os.environ if environ is None else environ
    result = Search()
    by_hand = environ.get(need.setting)
    if by_hand:
        result.found, reason = probe(by_hand, need.versions)
        if reason:
            result.refused[by_hand] = reason
        return result
    for version in need.versions:
        for path in candidates(version, environ):
            if path in result.refused:
                continue
            result.found, reason = probe(path, need.versions)
            if result.found:
                return result
            result.refused[path] = reason
    return result


def advice(need: Need, result: Search) -> str:
    """What to install, in words for somebody who has never heard of virtual environments."""
    wanted = "{}.{}".format(*need.versions[0])
    newer = " (or newer, up to {}.{})".format(*need.versions[-1]) if len(need.versions) > 1 else ""
    lines = [f"No working Python {wanted}{newer} was found; {need.purpose} needs it."]
    lines += [f"  {path} {reason}" for path, reason in result.refused.items()]
    lines.append("Install one of these, then run the command again:")
    lacks_venv = any("ensurepip" in reason or "venv" in reason for reason in result.refused.values())
    if lacks_venv:
        lines.append(f"  apt-get install python{wanted}-venv      (completes the Python that is there)")
    options: list[tuple[str, str]] = [(f"uv python install {wanted}", "with uv")]
    options.append((f"pyenv install {wanted}", "with pyenv"))
    if need is APP:
        options.insert(0, ("apt-get install python3.11 python3.11-venv", "Debian 12"))
    lines += [f"  {command:<42} ({where})" for command, where in options]
    lines.append(f"or name one yourself: {need.setting}=/path/to/python")
    return "\n".join(lines)


def find(need: Need, environ: Mapping[str, str] | None = None) -> Interpreter:
    """The interpreter to use; raises InterpreterMissing with the advice."""
    result = search(need, environ)
    if result.found is None:
        raise InterpreterMissing(advice(need, result))
    return result.found
