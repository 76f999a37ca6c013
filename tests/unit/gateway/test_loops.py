"""Loops that end when a process is told to stop, whatever happens in that moment."""

from __future__ import annotations

import asyncio

import pytest

from gateway import loops
from gateway.loops import Loops, set_within


async def test_a_loop_that_is_woken_in_the_moment_it_is_told_to_stop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "ASK_AGAIN", 600)
    woken, turns = asyncio.Event(), 0

    async def run() -> None:
        nonlocal turns
        while True:
            woken.clear()
            turns += 1
            await set_within(woken, 60)

    part = Loops()
    part.start({"part": run})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    woken.set()
    async with asyncio.timeout(20):
        await part.stop()
    assert not part.alive
    assert turns == 1


async def test_waiting_says_whether_the_event_came() -> None:
    event = asyncio.Event()
    assert await set_within(event, 0.01) is False
    event.set()
    assert await set_within(event, 60) is True


async def test_a_loop_that_swallows_being_told_once_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "ASK_AGAIN", 0.01)
    told = 0

    async def run() -> None:
        nonlocal told
        while told < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1
        await asyncio.sleep(60)

    part = Loops()
    part.start({"part": run})
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await part.stop()
    assert told == 2
