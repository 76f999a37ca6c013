"""Callbacks that stay open for their answer, for accounts that may not push."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from community.ports import Community
from community.services import passive
from community.services.passive import Answer
from community.services.wechat import CHANNEL
from gateway.loops import set_within

POLL = 0.4
"""Seconds between looks when no hint comes: the turn may end in another process."""


class Callbacks:
    """Those open in this process, woken by the hints that everybody gets."""

    def __init__(self, community: Community) -> None:
        self._community = community
        self._open: dict[int, set[asyncio.Event]] = defaultdict(set)

    def poke(self, resident_id: int) -> None:
        for woken in self._open.get(resident_id, ()):
            woken.set()

    async def answer(self, resident_id: int, openid: str, inbox_id: int | None, seconds: float) -> Answer:
        """The answer to this message, or after `seconds` what there is."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        woken = asyncio.Event()
        self._open[resident_id].add(woken)
        try:
            while True:
                woken.clear()
                late = loop.time() >= until
                taken = await passive.take(self._community, resident_id, CHANNEL, openid, inbox_id, late=late)
                if taken is not None:
                    return taken
                await set_within(woken, max(0.0, min(POLL, until - loop.time())))
        finally:
            self._open[resident_id].discard(woken)
            if not self._open[resident_id]:
                del self._open[resident_id]
