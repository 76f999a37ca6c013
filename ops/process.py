"""One run of one child: started in a process group of its own, its output kept, and ended without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ops.children import Child

LOG_BYTES = 5 * 1024 * 1024
LOG_COPIES = 5
LINE_LIMIT = 64 * 1024
_PR_SET_PDEATHSIG = 1
# Loaded here and not after the fork, where taking the loader's lock could hang the child.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int) -> Callable[[], None]:
    """Linux kills the child when the supervisor is killed in a way it cannot react to."""

    def in_child() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died between the fork and the line above
                os._exit(1)

    return in_child


class LogFile:
    """`var/log/<child>.log`, rotated by size, each line with its time; the last lines stay at hand for messages."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.tail: deque[str] = deque(maxlen=25)
        self._handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_COPIES, encoding="utf-8")
        self._part = b""

    def feed(self, data: bytes) -> None:
        """Whole lines only: a line may arrive in pieces, or never end."""
        *lines, self._part = (self._part + data).split(b"\n")
        if len(self._part) > LINE_LIMIT:
            lines.append(self._part)
            self._part = b""
        for line in lines:
            self.line(line.decode("utf-8", "replace").rstrip())

    def line(self, text: str) -> None:
        self.tail.append(text)
        stamp = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
        self._handler.emit(logging.LogRecord("child", logging.INFO, "", 0, "%s %s", (stamp, text), None))

    def close(self) -> None:
        if self._part:
            self.line(self._part.decode("utf-8", "replace"))
            self._part = b""
        self._handler.close()


def signal_group(group: int, number: signal.Signals) -> None:
    """To every process of the group; it may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def how_it_ended(code: int) -> str:
    """'exit code 3' or 'killed by SIGKILL'."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


class Run:
    """A started child. The group id is the pid of its first process, since it leads its own session."""

    def __init__(self, process: asyncio.subprocess.Process, log: LogFile) -> None:
        self.process = process
        self.log = log
        self._pump = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, child: Child, log: LogFile) -> Run:
        process = await asyncio.create_subprocess_exec(
            *child.argv,
            cwd=child.cwd,
            env=dict(child.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C goes to the supervisor alone, which stops them in order
            preexec_fn=die_with(os.getpid()),
        )
        log.line(f"--- started, pid {process.pid}")
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self.process.pid

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while data := await self.process.stdout.read(LINE_LIMIT):
            self.log.feed(data)

    async def wait(self) -> int:
        """Until its first process ends. What it left behind in its group is ended too: it would hold the port."""
        # Not process.wait(): that also waits for the pipe, which a grandchild may hold open for ever.
        while self.process.returncode is None:
            await asyncio.sleep(0.1)
        signal_group(self.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._pump
        self.log.line(f"--- ended: {how_it_ended(self.process.returncode)}")
        return self.process.returncode

    async def stop(self, grace: float) -> None:
        """Ask, wait, then force."""
        if self.process.returncode is not None:
            return
        signal_group(self.pid, signal.SIGTERM)
        deadline = asyncio.get_running_loop().time() + grace
        while self.process.returncode is None and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.1)
        self.kill()

    def kill(self) -> None:
        signal_group(self.pid, signal.SIGKILL)
