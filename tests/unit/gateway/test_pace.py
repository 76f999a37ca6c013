"""A worker that writes much rests between, and one message alone waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.gathering import Gathering
from gateway.pace import Pace


async def test_the_first_waits_for_nothing_and_the_next_rests_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    now, rests = 100.0, []

    async def rest(seconds: float) -> None:
        rests.append(round(seconds, 6))

    monkeypatch.setattr("gateway.pace.time.monotonic", lambda: now)
    monkeypatch.setattr("gateway.pace.asyncio.sleep", rest)
    pace = Pace(share=4, longest=60)
    async with pace:
        now += 0.05
    async with pace:
        now += 100
    async with pace:
        pass
    assert rests == [0.2, 60]  # nothing before the first; four times 0.05; no longer than the longest


async def test_what_comes_while_a_gathering_rests_is_written_together() -> None:
    written: list[list[int]] = []

    async def write(items: Sequence[int]) -> Sequence[int]:
        written.append(list(items))
        await asyncio.sleep(0.02)
        return items

    gathering = Gathering(write, Pace(share=50, longest=60))

    async def come(number: int) -> int:
        await asyncio.sleep(0.01 * number)
        return await gathering.take(number)

    assert await asyncio.gather(*(come(number) for number in range(10))) == list(range(10))
    assert written[0] == [0]
    assert written[1] == list(range(1, 10))
