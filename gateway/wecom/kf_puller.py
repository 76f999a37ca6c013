"""Fetches what people wrote to 微信客服: whenever a push said so, when the process starts, and every few minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import timedelta

import structlog

from community.ports import Community
from community.services import kf
from community.services.kf import Errand
from gateway.loops import set_within
from gateway.names import is_gone, worker_name
from gateway.wecom.kf_api import KfApi, NotFetched, Page
from gateway.wecom.kf_codes import ALARM, BAD_CURSOR, BAD_TOKEN, STALE_TOKEN, TOO_OFTEN
from gateway.wecom.kf_intake import item_of
from gateway.wecom.kf_messages import from_kf

log = structlog.get_logger("gateway.wecom.kf")

POLL = 2.0
"""Seconds between looks into our own table, for what other processes were told."""
PAGE = 100
"""Messages of one page: they are kept in one transaction, and others wait for it."""
ONE_BY_ONE = 3
"""After so many failures pages are of one message: what is wrong with one must not hold up those before it."""
STANDSTILL = 5
"""So many pages in a row may be empty and say that there is more [D]; then it is asked again later."""
PASSED_OVER = 8
"""After so many a single message that cannot be kept is left behind, for all that come after it wait."""


class KfPuller:
    """`on_heard` is told each message that was kept: (resident, inbox id, whether it was known)."""

    def __init__(
        self,
        community: Community,
        api: KfApi,
        open_kfids: Collection[str],
        *,
        on_heard: Callable[[int, int, bool], None] = lambda resident_id, inbox_id, duplicate: None,
        alarm: Callable[[str], None] = lambda reason: None,
        page: int = PAGE,
    ) -> None:
        self.name = worker_name()
        self._community, self._api, self._accounts = community, api, frozenset(open_kfids)
        self._on_heard, self._alarm, self._page = on_heard, alarm, page
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        await self._begin()
        while True:
            self._woken.clear()
            try:
                await self.once()
            except Exception as error:
                log.error("cannot fetch", exc_info=error)
            await set_within(self._woken, POLL)

    async def _begin(self) -> None:
        try:
            await kf.release_gone(self._community, is_gone)
            await kf.begin(self._community, self._accounts)
        except Exception as error:
            # The database is away: leases run out, and what is looked at seldom is looked at all the same.
            log.error("cannot begin to fetch", exc_info=error)

    async def once(self) -> int:
        """Fetch all that is to be fetched now; returns how many pages were kept."""
        errands = await kf.claim(self._community, self.name, self._accounts)
        # One account that is slow keeps no other waiting.
        pages = await asyncio.gather(*(self._fetch(errand) for errand in errands), return_exceptions=True)
        for result in pages:
            if isinstance(result, BaseException):
                # Its lease runs out, and it is fetched again.
                log.error("cannot keep a page", exc_info=result)
        return sum(result for result in pages if isinstance(result, int))

    async def _fetch(self, errand: Errand) -> int:
        pages = still = 0
        following: Errand | None = errand
        while (current := following) is not None:
            try:
                page = await self._page_of(current)
            except NotFetched as error:
                await self._failed(current, error)
                return pages
            try:
                following = await self._keep(current, page)
            except Exception as error:
                log.error("cannot keep a page", attempts=current.attempts, exc_info=error)
                if current.attempts < PASSED_OVER or len(page.lines) != 1:
                    await kf.failed(self._community, self.name, current, type(error).__name__)
                    return pages
                self._alarm("kf_message_passed_over")
                following = await self._keep(current, Page((), page.cursor, page.more))
            pages += 1
            still = still + 1 if following is not None and following.cursor == current.cursor else 0
            if following is not None and still >= STANDSTILL:
                await kf.failed(self._community, self.name, following, "more, and no step forward")
                return pages
        return pages

    async def _page_of(self, errand: Errand) -> Page:
        limit = self._page if errand.attempts < ONE_BY_ONE else 1
        try:
            return await self._api.sync(errand.open_kfid, errand.cursor, errand.token, limit)
        except NotFetched as error:
            if error.code != BAD_TOKEN or not errand.token:
                raise
        # The push is old, or was of another time: it goes without, only not often.
        return await self._api.sync(errand.open_kfid, errand.cursor, "", limit)

    async def _keep(self, errand: Errand, page: Page) -> Errand | None:
        c = self._community
        now = c.clock.now()
        items = [item for line in page.lines if (item := item_of(c, from_kf(line), now)) is not None]
        kept = await kf.keep(c, self.name, errand, items, page.cursor, more=page.more)
        if kept is None:
            log.warning("lease lost", pages="the rest is fetched by who has it")
            return None
        for heard in kept.heard:
            if heard.received is not None:
                self._on_heard(heard.resident_id, heard.received.id, heard.received.duplicate)
        if kept.came_back:
            log.warning("messages came back", rows=kept.came_back)
        return kept.errand

    async def _failed(self, errand: Errand, error: NotFetched) -> None:
        log.warning("not fetched", error=str(error))
        if error.code in ALARM or error.code in STALE_TOKEN:
            self._alarm(str(error.code))
        pause = None
        if error.code in ALARM or error.code in STALE_TOKEN:
            pause = timedelta(seconds=60)
        elif error.code in TOO_OFTEN:
            # Without a token the platform lets us ask only seldom; the next push brings one.
            pause = timedelta(seconds=15)
        restart = error.code == BAD_CURSOR and bool(errand.cursor)
        if restart:
            log.error("the platform does not know our cursor; fetching from the oldest it has")
        await kf.failed(self._community, self.name, errand, str(error), pause=pause, restart=restart)
