"""What comes while something is being written goes together; nobody is held back or lost by who goes with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from gateway.gathering import MOST, Gathering


class Book:
    def __init__(self, bad: frozenset[int] = frozenset()) -> None:
        self.pages: list[list[int]] = []
        self.bad = bad

    async def write(self, items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0.01)
        if self.bad & set(items):
            raise RuntimeError("bad")
        self.pages.append(list(items))
        return [item * 10 for item in items]


async def test_a_lone_one_waits_for_nobody_and_those_that_come_meanwhile_go_together() -> None:
    book = Book()
    gathering: Gathering[int, int] = Gathering(book.write)
    first = asyncio.create_task(gathering.take(1))
    await asyncio.sleep(0.001)
    others = [asyncio.create_task(gathering.take(n)) for n in (2, 3, 4)]
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert book.pages == [[1], [2, 3, 4]]


async def test_one_that_cannot_be_kept_takes_nobody_with_it() -> None:
    book = Book(frozenset({3}))
    gathering: Gathering[int, int] = Gathering(book.write)
    outcomes = await asyncio.gather(*(gathering.take(n) for n in (1, 2, 3, 4)), return_exceptions=True)
    assert [o if isinstance(o, int) else type(o).__name__ for o in outcomes] == [10, 20, "RuntimeError", 40]


async def test_a_crowd_is_written_a_few_at_a_time_and_in_order() -> None:
    book = Book()
    gathering: Gathering[int, int] = Gathering(book.write)
    await asyncio.gather(*(gathering.take(n) for n in range(3 * MOST)))
    assert [n for page in book.pages for n in page] == list(range(3 * MOST))
    assert max(map(len, book.pages)) == MOST


async def test_who_goes_away_while_waiting_holds_up_nobody() -> None:
    book = Book()
    gathering: Gathering[int, int] = Gathering(book.write)
    leaving = asyncio.create_task(gathering.take(1))
    staying = asyncio.create_task(gathering.take(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 20
    with pytest.raises(asyncio.CancelledError):
        await leaving


class Late(Gathering[int, int]):
    """Waits for its turn to write, as at SQLite, before it asks what there is."""

    def __init__(self, book: Book, away: bool = False) -> None:
        super().__init__(book.write)
        self.book, self.away = book, away

    async def together(self, gather: Callable[[], Sequence[int]]) -> Sequence[int]:
        await asyncio.sleep(0.02)
        if self.away:
            raise ConnectionError("the database is away")
        return await self.book.write(gather())


async def test_what_comes_while_the_turn_to_write_is_waited_for_goes_along() -> None:
    book = Book()
    gathering = Late(book)
    first = asyncio.create_task(gathering.take(1))
    await asyncio.sleep(0.005)
    second = asyncio.create_task(gathering.take(2))
    assert await asyncio.gather(first, second) == [10, 20]
    assert book.pages == [[1, 2]]


async def test_who_waits_when_the_turn_never_comes_is_kept_by_itself_or_told() -> None:
    book = Book(frozenset({2}))
    gathering = Late(book, away=True)
    outcomes = await asyncio.gather(gathering.take(1), gathering.take(2), gathering.take(3), return_exceptions=True)
    assert [o if isinstance(o, int) else type(o).__name__ for o in outcomes] == [10, "RuntimeError", 30]
