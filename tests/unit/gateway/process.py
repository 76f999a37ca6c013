"""The gateway and its workers as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from community.config import ROOT
from tests.conftest import free_port
from tests.unit.gateway.door import SECRET


class Process:
    """`python -m gateway` on a port of its own, which does the work too; with `workers` it leaves that to others, and with
    `arguments` ("work") it is one of those. Without `redis_url` there are no signals."""

    def __init__(
        self,
        url: str,
        rasa_url: str,
        var: Path,
        port: int = 0,
        *,
        workers: int = 0,
        arguments: tuple[str, ...] = (),
        redis_url: str = "",
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log = var / f"gateway-{free_port()}.log"
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": url,
            "REDIS_URL": redis_url or f"redis://127.0.0.1:{free_port()}/0",
            "LINSHE_VAR": str(var),
            "LINSHE_MODE": "demo",
            "LINSHE_SECRET_KEY": SECRET,
            "LINSHE_RASA_URL": rasa_url,
            "LINSHE_GATEWAY_PORT": str(self.port),
            "LINSHE_WORKER_PORT": str(self.port),
            "LINSHE_WORKERS": str(workers),
        }
        command = [sys.executable, "-m", "gateway", *arguments]
        with self.log.open("wb") as out:
            self.child = subprocess.Popen(command, env=env, cwd=ROOT, stdout=out, stderr=out)

    async def ready(self, *, hearing: bool = False) -> Process:
        """Up and well; with `hearing` also when signals reach it."""
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while True:
                assert self.child.poll() is None, self.log.read_text()
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(self.url + "healthz") as answer:
                        if answer.status == 200 and (not hearing or (await answer.json())["signals"]):
                            return self
                await asyncio.sleep(0.1)

    async def ended(self, seconds: float = 60) -> int:
        return await asyncio.to_thread(self.child.wait, seconds)

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.child.kill()
        process.child.wait()
