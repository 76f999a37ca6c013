"""The access token that all processes share. One of them fetches it, the others wait; a stale one is renewed once, never in a loop."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from community.ports import Clock, TokenCache

log = structlog.get_logger("gateway.wechat.tokens")

EARLY = 300.0
"""Seconds before its end at which a new one is asked for: the platform gives one from then on, and both are good [D]."""
LOCK = 10.0
FORCED_APART = 30.0
FORCED_A_DAY = 20
"""What the platform allows [D]; more than that is answered with an error and helps nobody."""

Fetch = Callable[[bool], Awaitable[tuple[str, float]]]
"""Asks the platform: (token, seconds it is good for). True: a new one by force, which ends the old one at once."""


class NoToken(Exception):
    """There is no good token, and asking for one again now is pointless."""


@dataclass(frozen=True)
class _Token:
    value: str
    until: float


class TokenManager:
    """`alarm` is called with a reason when only a person can help; a token is renewed `early` seconds before its end."""

    def __init__(
        self,
        cache: TokenCache,
        clock: Clock,
        account: str,
        fetch: Fetch,
        alarm: Callable[[str], None],
        early: float = EARLY,
    ) -> None:
        self._early = early
        self._cache, self._clock, self._fetch, self._alarm = cache, clock, fetch, alarm
        # Not the appid itself: names of keys end up in other people's screens.
        self._name = "wechat:" + hashlib.sha256(account.encode()).hexdigest()[:12]
        self._own: _Token | None = None
        self._one = asyncio.Lock()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _good(self, token: _Token | None) -> bool:
        return token is not None and token.until - self._early > self._now()

    async def token(self) -> str:
        """A token good for some minutes more. Raises NoToken, or what asking the platform raises."""
        if self._own is not None and self._good(self._own):
            return self._own.value
        async with self._one:
            if self._own is not None and self._good(self._own):
                return self._own.value
            return (await self._shared(None)).value

    async def renew(self, stale: str) -> str:
        """Another token than `stale`, which the platform refused. Raises NoToken when there has just been one by force."""
        async with self._one:
            if self._own is not None and self._own.value != stale and self._good(self._own):
                return self._own.value
            return (await self._shared(stale)).value

    async def _shared(self, stale: str | None) -> _Token:
        """The one of the cache, or a new one, fetched by whoever has the lock. Without a cache each process fetches its own:
        not forced, that is the same one for all.
        """
        while True:
            kept = await self._kept()
            if kept is not None and self._good(kept) and kept.value != stale:
                self._own = kept
                return kept
            try:
                key = await self._cache.lock(self._name + ":lock", LOCK)
            except Exception as error:
                log.warning("token cache is away", error=type(error).__name__)
                return await self._ask(stale)
            if key is None:
                await asyncio.sleep(0.1)
                continue
            try:
                kept = await self._kept()
                if kept is not None and self._good(kept) and kept.value != stale:
                    self._own = kept
                    return kept
                return await self._ask(stale)
            finally:
                try:
                    await self._cache.unlock(self._name + ":lock", key)
                except Exception as error:
                    log.warning("token lock runs out by itself", error=type(error).__name__)

    async def _ask(self, stale: str | None) -> _Token:
        if stale is not None:
            await self._may_force()
        value, seconds = await self._fetch(stale is not None)
        token = _Token(value, self._now() + seconds)
        self._own = token
        try:
            await self._cache.put(self._name, json.dumps({"value": value, "until": token.until}), max(1.0, seconds))
        except Exception as error:
            log.warning("token not shared", error=type(error).__name__)
        return token

    async def _may_force(self) -> None:
        try:
            lately = await self._cache.count(self._name + ":forced", FORCED_APART)
            today = await self._cache.count(self._name + ":forced-day", 86400) if lately == 1 else 0
        except Exception as error:
            # Nobody counts then; the platform itself refuses what is too much.
            log.warning("cannot count forced tokens", error=type(error).__name__)
            return
        if lately > 1:
            raise NoToken("renewed by force a moment ago, and refused again")
        if today > FORCED_A_DAY:
            self._alarm("token_renewals_used_up")
            raise NoToken("all renewals of the day are used up")

    async def _kept(self) -> _Token | None:
        try:
            raw: Any = json.loads(await self._cache.get(self._name) or "null")
            return _Token(str(raw["value"]), float(raw["until"])) if raw else None
        except Exception as error:
            log.warning("token cache is away", error=type(error).__name__)
            return self._own
