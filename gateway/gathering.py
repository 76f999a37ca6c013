"""What is to be written while something is being written is written together. Alone, nothing waits for anything.

Under load most of the cost of a row is its transaction and the building of its statements; shared, it is a fraction
(docs/reliability.md, "Under load").
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from gateway.pace import Pace

log = structlog.get_logger("gateway.gathering")

MOST = 32
"""Things in one transaction: at 200 messages a second about ten come together; more only after a pause."""

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Gathering(Generic[Item, Outcome]):
    """Of one process. `write` keeps several at once, all or none, and returns an outcome for each, in order.

    Without a pace the next are written as soon as these are.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], pace: Pace | None = None) -> None:
        self._write_all, self._pace = write, pace or Pace(0)
        self._waiting: list[tuple[Item, asyncio.Future[Outcome]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def take(self, item: Item) -> Outcome:
        """Returns when the item is kept, and raises what keeping it raises. Who is cancelled meanwhile does not take it back."""
        kept: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await kept

    def many(self, waiting: Sequence[Item]) -> int:
        """How many of those who wait may be written together, from the front; 0: the first goes by itself, by `one`."""
        return min(MOST, len(waiting))

    async def one(self, item: Item) -> Outcome:
        """Keep this one by itself: what may not go with others, or could not."""
        (outcome,) = await self._write_all([item])
        return outcome

    async def _write(self) -> None:
        while self._waiting:
            async with self._pace:
                await self._write_some()

    async def together(self, gather: Callable[[], Sequence[Item]]) -> Sequence[Outcome]:
        """Keep what `gather` gives, which is asked once. Overridden where that may come later: what arrives meanwhile goes along."""
        return await self._write_all(gather())

    async def _write_some(self) -> None:
        if not self.many([item for item, _ in self._waiting]):
            await self._one_by_one(self._taken(1))
            return
        some: list[tuple[Item, asyncio.Future[Outcome]]] = []

        def gather() -> list[Item]:
            some.extend(self._taken(self.many([item for item, _ in self._waiting])))
            return [item for item, _ in some]

        try:
            outcomes = await self.together(gather)
        except Exception as error:
            if not some:
                gather()
            # One of them met another process (a new resident, a deadlock): none is kept yet, each goes its own way.
            log.info("kept one by one", number=len(some), error=type(error).__name__)
            await self._one_by_one(some)
            return
        for outcome, (_, kept) in zip(outcomes, some, strict=True):
            if not kept.done():
                kept.set_result(outcome)

    def _taken(self, number: int) -> list[tuple[Item, asyncio.Future[Outcome]]]:
        """The first of those who wait, who wait no more."""
        some, self._waiting = self._waiting[:number], self._waiting[number:]
        return some

    async def _one_by_one(self, some: Sequence[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        for item, kept in some:
            try:
                outcome = await self.one(item)
            except Exception as error:
                if not kept.done():
                    kept.set_exception(error)
            else:
                if not kept.done():
                    kept.set_result(outcome)
