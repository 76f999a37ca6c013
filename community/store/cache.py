"""What processes share for a while: in Valkey/Redis, and a twin inside one process for tests and small tools."""

from __future__ import annotations

import secrets
from typing import Any

import redis.asyncio as redis

PREFIX = "linshe:cache:"

# Only who locked may unlock: a lock that ran out and was taken by another stays the other's.
_UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class ValkeyCache:
    """See `community.ports.TokenCache`. Short time-outs: a token is on somebody's way to an answer."""

    def __init__(self, url: str) -> None:
        self._client = redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)

    async def get(self, name: str) -> str | None:
        value = await self._client.get(PREFIX + name)
        return None if value is None else str(value)

    async def put(self, name: str, value: str, seconds: float) -> None:
        await self._client.set(PREFIX + name, value, px=max(1, round(seconds * 1000)))

    async def drop(self, name: str) -> None:
        await self._client.delete(PREFIX + name)

    async def lock(self, name: str, seconds: float) -> str | None:
        key = secrets.token_hex(8)
        taken = await self._client.set(PREFIX + name, key, nx=True, px=max(1, round(seconds * 1000)))
        return key if taken else None

    async def unlock(self, name: str, key: str) -> None:
        answer: Any = self._client.eval(_UNLOCK, 1, PREFIX + name, key)
        await answer

    async def count(self, name: str, seconds: float) -> int:
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.set(PREFIX + name, 0, nx=True, px=max(1, round(seconds * 1000)))
            pipe.incr(PREFIX + name)
            _, number = await pipe.execute()
        return int(number)

    async def close(self) -> None:
        await self._client.aclose()


class LocalCache:
    """The same inside one process, on the given clock."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[str, float]] = {}

    def _now(self) -> float:
        return float(self._clock.now().timestamp())

    async def get(self, name: str) -> str | None:
        value, until = self._kept.get(name, ("", 0.0))
        return value if self._now() < until else None

    async def put(self, name: str, value: str, seconds: float) -> None:
        self._kept[name] = (value, self._now() + seconds)

    async def drop(self, name: str) -> None:
        self._kept.pop(name, None)

    async def lock(self, name: str, seconds: float) -> str | None:
        if await self.get(name) is not None:
            return None
        key = secrets.token_hex(8)
        await self.put(name, key, seconds)
        return key

    async def unlock(self, name: str, key: str) -> None:
        if await self.get(name) == key:
            await self.drop(name)

    async def count(self, name: str, seconds: float) -> int:
        value, until = self._kept.get(name, ("0", 0.0))
        now = self._now()
        if now >= until:
            value, until = "0", now + seconds
        self._kept[name] = (str(int(value) + 1), until)
        return int(value) + 1

    async def close(self) -> None:
        pass
