"""Loops that run beside the requests, each started again when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger("gateway.loops")

RESTART_PAUSE = 1.0
ASK_AGAIN = 1.0

Run = Callable[[], Awaitable[None]]


class Loops:
    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    def start(self, runs: Mapping[str, Run]) -> None:
        self._tasks = [asyncio.create_task(_for_ever(name, run), name=name) for name, run in runs.items()]

    async def stop(self) -> None:
        """Returns when all have ended. Asked again each second: a library in between may have swallowed the first time."""
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=ASK_AGAIN)
            if left:
                log.warning("still running, asked again", parts=sorted(task.get_name() for task in left))


async def _for_ever(name: str, run: Run) -> None:
    """Whatever goes wrong in a loop must not end it in silence."""
    while True:
        try:
            await run()
        except Exception as error:
            log.error("background part broke, starting it again", part=name, exc_info=error)
        await asyncio.sleep(RESTART_PAUSE)


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event was set in time. Not `asyncio.wait_for`: up to Python 3.11 that one forgets a cancellation which comes in
    the same moment as what it waits for (a process told to stop while it is woken), and the loop goes on for ever.
    """
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
