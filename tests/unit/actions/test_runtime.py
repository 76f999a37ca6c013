"""The action server keeps the search of articles whole while it serves."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from actions import runtime


class Legal:
    """Fails the first time, as when the database is away."""

    def __init__(self) -> None:
        self.warmed, self.asked, self.twice = 0, 0, asyncio.Event()

    async def warm(self, day: Any) -> int:
        self.warmed += 1
        return 1

    async def understand(self, day: Any) -> bool:
        self.asked += 1
        if self.asked == 1:
            raise ConnectionError
        self.twice.set()
        return True


class Guides:
    async def find(self, text: str, limit: int) -> None:
        return None


def community(legal: Legal, vectors: bool) -> Any:
    clock = SimpleNamespace(now=lambda: datetime(2026, 11, 27, tzinfo=timezone.utc))
    return SimpleNamespace(legal=legal, guides=Guides(), clock=clock, extras={"settings": SimpleNamespace(legal_vectors=vectors)})


async def test_what_could_not_be_encoded_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "LOOK_AGAIN", 0.0)
    legal = Legal()
    task = asyncio.create_task(runtime._warm(community(legal, vectors=True)))
    await asyncio.wait([asyncio.create_task(legal.twice.wait())], timeout=5)
    task.cancel()
    assert legal.twice.is_set()
    assert legal.warmed == 1


async def test_where_vectors_are_not_wanted_the_words_are_read_and_that_is_all() -> None:
    legal = Legal()
    await runtime._warm(community(legal, vectors=False))
    assert (legal.warmed, legal.asked) == (1, 0)
