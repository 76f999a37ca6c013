"""Rows that are claimed, worked on a few at a time, and looked for again when one is done or somebody says so."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

import structlog

from gateway.loops import set_within
from gateway.names import worker_name

log = structlog.get_logger("gateway.wecom.pool")

POLL = 1.0
"""Seconds after which it looks without having been woken: what another process wrote, or a lease that ran out."""
GRACE = 5.0
"""Seconds that what is under way has to end when this process stops; what is left is claimed again by the next one."""

Row = TypeVar("Row")


class Pool(ABC, Generic[Row]):
    """`work` must not raise, but for being cancelled."""

    def __init__(self, parallel: int) -> None:
        self.name = worker_name()
        self._parallel = parallel
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def release(self) -> None:
        """Give back what workers that are gone have left."""

    @abstractmethod
    async def claim(self, room: int) -> Sequence[Row]:
        """At most `room` rows, which nobody else then works on."""

    @abstractmethod
    async def work(self, row: Row) -> None: ...

    def ended(self) -> None:
        """One is done; something else may follow from it."""

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        await self.release()
        while True:
            self._woken.clear()
            try:
                await self._start()
            except Exception as error:
                log.error("cannot claim", pool=type(self).__name__, exc_info=error)
            await set_within(self._woken, POLL)

    async def stop(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def once(self) -> int:
        """Work on what may be worked on now, and wait until it is done."""
        started = await self._start()
        if started:
            await asyncio.wait(started)
        return len(started)

    async def _start(self) -> set[asyncio.Task[None]]:
        room = self._parallel - len(self._tasks)
        rows = await self.claim(room) if room > 0 else []
        started = {asyncio.create_task(self.work(row)) for row in rows}
        for task in started:
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return started

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.wake()
        self.ended()
