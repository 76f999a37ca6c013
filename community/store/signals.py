"""Hints between processes over Valkey/Redis pub/sub, and a twin without a server for tests and small tools."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import redis.asyncio as redis

PREFIX = "linshe:"
MOST = 1000
"""Hints handed over in one round trip; more wait for the next."""

log = logging.getLogger(__name__)

Hint = tuple[str, dict[str, Any]]
"""(topic, payload)."""


class ValkeySignals:
    """Publishes with a short time-out; a failure is a lost hint."""

    def __init__(self, url: str) -> None:
        self._client = redis.from_url(
            url, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30
        )
        self._url = url
        self._pending: list[Hint] = []
        self._telling: asyncio.Task[None] | None = None

    def tell(self, *hints: Hint) -> None:
        """Publish soon, together with what others tell meanwhile. Nobody waits: who was told to commit has an answer to give."""
        self._pending += hints
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        while self._pending:
            some, self._pending = self._pending[:MOST], self._pending[MOST:]
            try:
                await self.publish(*some)
            except Exception as error:
                # A lost hint only delays a screen: everything that must happen is a row by now.
                log.warning("signals lost: %s (%s)", ", ".join({topic for topic, _ in some}), type(error).__name__)

    async def publish(self, *hints: Hint) -> None:
        if len(hints) == 1:
            ((topic, payload),) = hints
            await self._client.publish(PREFIX + topic, json.dumps(payload))
            return
        pipeline = self._client.pipeline(transaction=False)
        for topic, payload in hints:
            pipeline.publish(PREFIX + topic, json.dumps(payload))
        await pipeline.execute()

    async def listen(self, topics: Sequence[str]) -> AsyncIterator[Hint]:
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
        """After what was told is out."""
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=2)
        await self._client.aclose()


class LocalSignals:
    """Signals inside one process; also remembers what was published."""

    def __init__(self) -> None:
        self.published: list[Hint] = []
        self._queues: list[tuple[frozenset[str], asyncio.Queue[Hint]]] = []

    async def publish(self, *hints: Hint) -> None:
        self.tell(*hints)

    def tell(self, *hints: Hint) -> None:
        self.published += hints
        for topic, payload in hints:
            for topics, queue in self._queues:
                if topic in topics:
                    queue.put_nowait((topic, payload))

    async def listen(self, topics: Sequence[str]) -> AsyncIterator[Hint]:
        queue: asyncio.Queue[Hint] = asyncio.Queue()
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
