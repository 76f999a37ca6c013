"""Hints over a real Valkey: told without being waited for, and lost without harm."""

from __future__ import annotations

import asyncio

from community.store.signals import ValkeySignals
from tests.conftest import free_port


async def test_what_is_told_arrives_in_order_and_close_sends_the_last(valkey: str) -> None:
    speaker, hearer = ValkeySignals(valkey), ValkeySignals(valkey)
    heard: list[int] = []

    async def listen() -> None:
        async for topic, payload in hearer.listen(("tickets",)):
            assert topic == "tickets"
            heard.append(payload["n"])
            if payload["n"] == 40:
                return

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(30):
        while not await speaker._client.publish("linshe:tickets", '{"n": -1}'):
            await asyncio.sleep(0.02)
        for number in range(0, 40, 2):
            speaker.tell(("tickets", {"n": number}), ("tickets", {"n": number + 1}))
            await asyncio.sleep(0)
        speaker.tell(("tickets", {"n": 40}))
        await speaker.close()
        await listening
    assert [n for n in heard if n >= 0] == list(range(41))
    await hearer.close()


async def test_telling_nobody_neither_waits_nor_fails() -> None:
    signals = ValkeySignals(f"redis://127.0.0.1:{free_port()}/0")
    for number in range(1000):
        signals.tell(("tickets", {"n": number}))
    await signals.close()
    assert signals._pending == []
