"""Messages that arrive while others are being written are written together. Alone, a message waits for nobody."""

from __future__ import annotations

import asyncio

import structlog

from community.ports import Community
from community.services import together, wechat
from community.services.wechat import CHANNEL, Arrival, Heard

log = structlog.get_logger("gateway.wechat.gathering")

MOST = 32
"""Messages in one transaction: at 200 a second about ten come together; more only after a pause."""


class Gathering:
    """Of one process. `take` returns when the message is kept, and raises what keeping it raises."""

    def __init__(self, community: Community) -> None:
        self._community = community
        self._waiting: list[tuple[Arrival, asyncio.Future[Heard]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def take(self, arrival: Arrival) -> Heard:
        kept: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await kept

    async def _write(self) -> None:
        while self._waiting:
            some = self._next()
            if len(some) > 1 and await self._together(some):
                continue
            for arrival, kept in some:
                try:
                    heard = await wechat.take(self._community, arrival)
                except Exception as error:
                    if not kept.done():
                        kept.set_exception(error)
                else:
                    if not kept.done():
                        kept.set_result(heard)

    def _next(self) -> list[tuple[Arrival, asyncio.Future[Heard]]]:
        """The words at the front of the queue, or the one other thing there: a photo must not overtake the words before it."""
        words = 0
        while words < min(MOST, len(self._waiting)) and together.plain_words(self._waiting[words][0]):
            words += 1
        some, self._waiting = self._waiting[: words or 1], self._waiting[words or 1 :]
        return some

    async def _together(self, some: list[tuple[Arrival, asyncio.Future[Heard]]]) -> bool:
        try:
            heard = await together.take_words(self._community, CHANNEL, [arrival for arrival, _ in some])
        except Exception as error:
            # One of them met another process (a new resident, a deadlock): none is kept yet, each goes its own way.
            log.info("kept one by one", messages=len(some), error=type(error).__name__)
            return False
        for one, (_, kept) in zip(heard, some, strict=True):
            if not kept.done():
                kept.set_result(one)
        return True
