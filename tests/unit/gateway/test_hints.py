"""The subscription to signals, and noticing that it does not work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from gateway import hints
from gateway.hints import Hints
from gateway.metrics import Metrics


class Radio:
    """Signals that can be switched off: published into the void, and nothing heard."""

    def __init__(self) -> None:
        self.on = True
        self.queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()

    async def publish(self, *hints: tuple[str, dict[str, Any]]) -> None:
        if self.on:
            for hint in hints:
                self.queue.put_nowait(hint)

    async def listen(self, topics: Sequence[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        while True:
            topic, payload = await self.queue.get()
            if topic in topics:
                yield topic, payload


async def until(condition: Any, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_hints_arrive_and_a_bad_one_does_not_end_them(monkeypatch: Any) -> None:
    radio, heard = Radio(), []

    def listener(topic: str, payload: dict[str, Any]) -> None:
        heard.append(payload["resident_id"])

    task = asyncio.create_task(Hints(radio, Metrics(), ("inbox",), listener).run())
    try:
        for payload in ({"resident_id": 1}, {}, {"resident_id": 2}):
            await radio.publish(("inbox", payload))
        await until(lambda: heard == [1, 2])
    finally:
        task.cancel()


async def test_silence_is_noticed_and_at_its_end_everybody_looks(monkeypatch: Any) -> None:
    monkeypatch.setattr(hints, "PULSE", 0.05)
    monkeypatch.setattr(hints, "DEAF_AFTER", 0.15)
    radio, heard = Radio(), []
    watched = Hints(radio, Metrics(), ("inbox",), lambda topic, payload: heard.append(topic))
    task = asyncio.create_task(watched.run())
    try:
        await until(lambda: watched.hearing)
        radio.on = False
        await until(lambda: not watched.hearing)
        await asyncio.sleep(0.1)
        assert heard == []
        radio.on = True
        await until(lambda: heard == [""])
        assert watched.hearing
    finally:
        task.cancel()
