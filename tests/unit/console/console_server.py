"""A real console process for tests: its own port, database and folder, stopped by its own id."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from community.config import Settings
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class ConsoleServer:
    url: str
    settings: Settings
    log: Path


def settings_on(folder: Path, redis_url: str, port: int) -> Settings:
    values = {"LINSHE_VAR": folder / "var", "LINSHE_MODE": "demo", "REDIS_URL": redis_url, "LINSHE_CONSOLE_PORT": port}
    return Settings(DATABASE_URL=f"sqlite+aiosqlite:///{folder / 'linshe.db'}", **values)  # type: ignore[arg-type]


@contextmanager
def running_console(folder: Path, redis_url: str, **more: str) -> Iterator[ConsoleServer]:
    """Start `python -m console` on the (migrated) database in `folder`, with `more` in its environment; wait until it is healthy."""
    port = free_port()
    settings = settings_on(folder, redis_url, port)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("LINSHE_", "NICEGUI_", "PYTEST_"))},
        "DATABASE_URL": settings.database_url,
        "LINSHE_VAR": str(settings.var),
        "LINSHE_MODE": "demo",
        "REDIS_URL": redis_url,
        "LINSHE_CONSOLE_PORT": str(port),
        "LINSHE_ACTIONS_PORT": str(free_port()),  # nobody is there
        **more,
    }
    log = folder / "console.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "console"], cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        server = ConsoleServer(f"http://127.0.0.1:{port}", settings, log)
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def _wait(server: ConsoleServer, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the console ended: {server.log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the console did not become healthy: {server.log.read_text()[-3000:]}")
