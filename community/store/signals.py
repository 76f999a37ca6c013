"""Hints between processes over Valkey/Redis pub/sub, and a twin without a server for tests and small tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import redis.asyncio as redis

PREFIX = "linshe:"


class ValkeySignals:
    """Publishes with a short time-out and never raises for long: callers treat a failure as a lost hint."""

    def __init__(self, url: str) -> None:
        self._client = redis.from_url(
            url, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30
        )
        self._url = url

    async def publish(self, topic: str, payload: dict[str, Any]) -> None:
        await self._client.publish(PREFIX + topic, json.dumps(payload))

    async def listen(self, topics: Sequence[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Yield (topic, payload) for ever; reconnects by itself, hints sent meanwhile are lost."""
        while True:
            client = redis.from_url(self._url, socket_connect_timeout=2)
            try:
                async with client.pubsub() as channel:
                    await channel.subscribe(*(PREFIX + t for t in topics))
                    while True:
                        message = await channel.get_message(ignore_subscribe_messages=True, timeout=30)
                        if message is not None:
                            name = message["channel"].decode().removeprefix(PREFIX)
                            yield name, json.loads(message["data"])
            except (redis.RedisError, OSError):
                await asyncio.sleep(1)
            finally:
                await client.aclose()

    async def ping(self) -> bool:
        return bool(await self._client.ping())

    async def close(self) -> None:
        await self._client.aclose()


class LocalSignals:
    """Signals inside one process; also remembers what was published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        self._queues: list[tuple[frozenset[str], asyncio.Queue[tuple[str, dict[str, Any]]]]] = []

    async def publish(self, topic: str, payload: dict[str, Any]) -> None:
        self.published.append((topic, payload))
        for topics, queue in self._queues:
            if topic in topics:
                queue.put_nowait((topic, payload))

    async def listen(self, topics: Sequence[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        entry = (frozenset(topics), queue)
        self._queues.append(entry)
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.remove(entry)

    async def ping(self) -> bool:
        return True

    async def close(self) -> None:
        pass
