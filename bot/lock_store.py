"""One turn of a resident at a time: within this process, or among several Rasa workers through Valkey/Redis.

Named in endpoints.yml. Without LINSHE_LOCK_URL the locks are of this process. With it (the supervisor sets it when there is more
than one worker) residents queue up in Valkey.

Rasa's own RedisLockStore will not do: it reads a lock, changes it and writes it back, so two workers that ask at the same moment
get the same ticket; it blocks the event loop; it asks once a second; and a worker that was killed keeps its ticket for a minute.
Here a place in the queue is taken in one step, in the order of asking, and is held by a lease that a living worker renews.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import uuid
from contextlib import asynccontextmanager
from typing import Any, AsyncGenerator, Dict, Optional

import redis.asyncio
import redis.exceptions
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
"""So long the others wait for a worker that was killed in the middle of a turn. Below the gateway's 25 s."""
RENEW_SECONDS = 2.0
POLL_SECONDS = 0.02
SOCKET_SECONDS = 3.0
PREFIX = "linshe:turn:"

_ENTER = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10); redis.call('PEXPIRE', KEYS[2], ARGV[2] * 10)
return 1
"""
# 1: it is this one's turn, its lease renewed; 0: not yet; -1: it is not in the queue any more.
_MINE = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return -1 end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10); redis.call('PEXPIRE', KEYS[2], ARGV[2] * 10)
while true do
  local first = redis.call('LINDEX', KEYS[1], 0)
  if not first then return -1 end
  if first == ARGV[1] then return 1 end
  local lease = redis.call('ZSCORE', KEYS[2], first)
  if lease and tonumber(lease) > now then return 0 end
  redis.call('LPOP', KEYS[1]); redis.call('ZREM', KEYS[2], first)
end
"""
_LEAVE = "redis.call('ZREM', KEYS[2], ARGV[1]); return redis.call('LREM', KEYS[1], 0, ARGV[1])"


class LinsheLockStore(InMemoryLockStore):
    """`lock` is all that Rasa and our channel use. Raises LockError when it is not this one's turn in time, or Valkey is away."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, url: Optional[str] = None) -> None:
        super().__init__()
        self._url = os.environ.get("LINSHE_LOCK_URL", "") if url is None else url
        self._clients: Dict[int, Any] = {}
        self._local: Dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = POLL_SECONDS
    ) -> AsyncGenerator[TicketLock, None]:
        """As Rasa's. `lock_lifetime`: how long to wait at most. Who asks first is served first, so there is nothing to poll for
        within a process, and among several the pause is ours."""
        taken = self._shared(conversation_id, lock_lifetime) if self._url else self._own(conversation_id, lock_lifetime)
        async with taken:
            yield TicketLock(conversation_id)

    @asynccontextmanager
    async def _own(self, conversation_id: str, patience: float) -> AsyncGenerator[None, None]:
        lock = self._local.setdefault(conversation_id, asyncio.Lock())
        try:
            await asyncio.wait_for(lock.acquire(), patience)
        except asyncio.TimeoutError as error:
            raise LockError(f"Could not acquire lock for '{conversation_id}' in {patience:.0f} s.") from error
        try:
            yield
        finally:
            lock.release()
            if not lock.locked() and not lock._waiters:  # type: ignore[attr-defined]
                self._local.pop(conversation_id, None)

    def _client(self) -> Any:
        """One client a running event loop: its connections belong to the loop."""
        key = id(asyncio.get_running_loop())
        if key not in self._clients:
            self._clients[key] = redis.asyncio.from_url(
                self._url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
            )
        return self._clients[key]

    @asynccontextmanager
    async def _shared(self, conversation_id: str, patience: float) -> AsyncGenerator[None, None]:
        client, place = self._client(), uuid.uuid4().hex
        # The braces keep both keys on one node of a cluster.
        keys = [f"{PREFIX}{{{conversation_id}}}:queue", f"{PREFIX}{{{conversation_id}}}:leases"]
        lease = int(LEASE_SECONDS * 1000)

        async def ask(script: str) -> int:
            return int(await client.eval(script, 2, *keys, place, lease))

        renewing: Optional["asyncio.Task[None]"] = None
        try:
            try:
                await self._until_first(ask, patience)
            except (redis.exceptions.RedisError, OSError, asyncio.TimeoutError) as error:
                raise LockError(f"Could not acquire lock for '{conversation_id}': {type(error).__name__}") from error
            renewing = asyncio.create_task(self._renew(ask, conversation_id))
            yield
        finally:
            if renewing is not None:
                renewing.cancel()
            with contextlib.suppress(redis.exceptions.RedisError, OSError, asyncio.TimeoutError):
                # Not done, the lease runs out by itself.
                await asyncio.shield(ask(_LEAVE))

    @staticmethod
    async def _until_first(ask: Any, patience: float) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + patience
        await ask(_ENTER)
        while True:
            state = await ask(_MINE)
            if state == 1:
                return
            if state == -1:
                await ask(
                    _ENTER
                )  # Valkey was restarted, or this process slept through its lease: at the end of the queue.
            if loop.time() > ends:
                raise asyncio.TimeoutError
            await asyncio.sleep(POLL_SECONDS)

    @staticmethod
    async def _renew(ask: Any, conversation_id: str) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                if await ask(_MINE) != 1:
                    logger.error("The lock of %s was lost in the middle of a turn", conversation_id)
                    return
            except (redis.exceptions.RedisError, OSError, asyncio.TimeoutError) as error:
                logger.warning("The lock of %s was not renewed: %s", conversation_id, type(error).__name__)
