"""A whole running city for tests: started by the real command, talked to over HTTP as a resident would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
PORTS = ("GATEWAY", "CONSOLE", "RASA", "ACTIONS", "VALKEY", "WORKER", "TRAINER")


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@dataclass
class RunningCity:
    """`./linshe run` in a folder and on ports of its own. `start()` returns when everything is healthy."""

    var: Path
    database_url: str = ""
    redis_url: str = ""
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    killed: dict[str, int] = field(default_factory=dict)
    root: Path = ROOT

    def __post_init__(self) -> None:
        self.env = {
            # NiceGUI changes its ways when it finds itself under pytest; this is the real thing.
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            "LINSHE_VAR": str(self.var),
            "LINSHE_MODE": "demo",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "LINSHE_RASA_URL": "",
            "LINSHE_LEGAL_VECTORS": "false",
            "LINSHE_SECRET_KEY": "",
            **{f"LINSHE_{n}_PORT": str(p) for n, p in zip(PORTS, free_ports(len(PORTS)), strict=True)},
        }

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.env['LINSHE_GATEWAY_PORT']}"

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.env['LINSHE_CONSOLE_PORT']}"

    def start(self, timeout: float = 480) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        log = self.var / "run.log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(self.root / "linshe"), "run"], cwd=self.root, env=self.env, stdout=out, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the city did not start:\n{log.read_text(errors='replace')[-4000:]}")
            states = self.states()
            if len(states) >= (4 if self.redis_url else 5) and all(state == "healthy" for state in states.values()):
                return
            time.sleep(0.3)
        raise AssertionError(f"not healthy in {timeout:.0f} s: {self.states()}\n{log.read_text(errors='replace')[-4000:]}")

    def stop(self) -> int:
        """Ctrl-C, as an operator would. Returns the exit code."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _children(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads((self.var / "run.json").read_text())["children"]
            return found
        except (OSError, ValueError):
            return {}

    def states(self) -> dict[str, str]:
        return {name: child["state"] for name, child in self._children().items()}

    def pid(self, name: str) -> int | None:
        return self._children().get(name, {}).get("pid")

    def kill(self, name: str) -> None:
        """kill -9 one child."""
        pid = self.pid(name)
        assert pid, f"{name} is not running"
        self.killed[name] = pid
        os.kill(pid, signal.SIGKILL)

    async def until_healthy(self, name: str, timeout: float = 90) -> None:
        deadline = time.monotonic() + timeout
        # The state of the dead one stands for a moment: healthy means healthy under a new pid.
        while self.states().get(name) != "healthy" or self.pid(name) == self.killed.get(name):
            assert time.monotonic() < deadline, f"{name} did not come back: {self.states()}"
            await asyncio.sleep(0.2)


class Chat:
    """One resident at the web chat, stubborn like the page: it retries with the same client_id until it is taken."""

    def __init__(self, city: RunningCity, who: str) -> None:
        self.city, self.who = city, who
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.http = await self._stack.enter_async_context(
            aiohttp.ClientSession(self.city.gateway, cookie_jar=aiohttp.CookieJar(unsafe=True))
        )
        await self.post("/api/demo/login", {"resident": self.who})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def post(self, path: str, body: dict[str, Any], timeout: float = 90) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while True:
            try:
                async with self.http.post(path, json=body) as response:
                    answer: dict[str, Any] = await response.json()
                    if response.status < 500 and response.status != 429:
                        assert response.status < 400, answer
                        return answer
            except (aiohttp.ClientError, OSError):
                pass
            assert time.monotonic() < deadline, f"POST {path} was not taken for {timeout} s"
            await asyncio.sleep(0.3)

    async def history(self) -> list[dict[str, Any]]:
        while True:
            try:
                async with self.http.get("/api/history?limit=200") as response:
                    assert response.status == 200
                    messages: list[dict[str, Any]] = (await response.json())["messages"]
                    return messages
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.3)

    async def send(self, text: str, **more: Any) -> int:
        """Hand a message in; returns its inbox id without waiting for an answer."""
        answer = await self.post("/api/messages", {"client_id": uuid.uuid4().hex, "text": text, **more})
        return int(answer["id"])

    async def replies(self, inbox_id: int, timeout: float = 60) -> list[dict[str, Any]]:
        """Wait for the replies to one message."""
        deadline = time.monotonic() + timeout
        while True:
            found = [m for m in await self.history() if m["in_reply_to"] == inbox_id]
            if found:
                return found
            assert time.monotonic() < deadline, f"no answer to message {inbox_id} of {self.who} within {timeout} s"
            await asyncio.sleep(0.15)

    async def say(self, text: str, **more: Any) -> str:
        """Say something and read the answer, as one text."""
        return "\n".join(m["text"] for m in await self.replies(await self.send(text, **more)))

    async def until_told(self, words: str, timeout: float = 30) -> dict[str, Any]:
        """Wait until a message that nobody asked for (a ticket update) says this."""
        deadline = time.monotonic() + timeout
        while True:
            for message in await self.history():
                if message["direction"] != "in" and words in message["text"]:
                    return message
            assert time.monotonic() < deadline, f"{self.who} was not told “{words}” within {timeout} s"
            await asyncio.sleep(0.2)
