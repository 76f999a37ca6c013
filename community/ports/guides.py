"""Guides and how they are found; sites, their days, contact days, and what no guide met."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from community.model.guide import Guide, GuideHit
from community.model.site import ContactDay, GuideEvent, GuideMiss, Site, SiteDay


class Guides(Protocol):
    async def add(self, thing: Site | SiteDay | ContactDay | GuideEvent) -> None: ...
    async def sites(self, community_ids: Collection[int]) -> list[Site]: ...
    async def site(self, site_id: int, *, for_update: bool = False) -> Site | None: ...
    async def days(self, site_ids: Collection[int], first: date) -> list[SiteDay]:
        """From this date on, by date."""
        ...

    async def day(self, site_id: int, day: date) -> SiteDay | None: ...
    async def remove(self, day: SiteDay) -> None: ...
    async def contact_days(self, community_ids: Collection[int]) -> list[ContactDay]: ...
    async def contact_day(self, contact_id: int, *, for_update: bool = False) -> ContactDay | None: ...
    async def events(self, community_ids: Collection[int], limit: int) -> list[GuideEvent]:
        """The latest first."""
        ...

    async def missed(self, key: str, text: str, community_id: int | None, now: datetime) -> None:
        """Counts the question: one row a key."""
        ...

    async def misses(self, community_ids: Collection[int], limit: int) -> list[GuideMiss]:
        """First asked in one of these, or by somebody without a home; the most asked first."""
        ...


class GuideSearch(Protocol):
    async def find(self, question: str, limit: int = 3) -> list[GuideHit]:
        """What may be meant, likeliest first; empty when none is likely enough to be shown."""
        ...

    async def refresh(self) -> None:
        """Take in what staff changed, so that `get` and `all` know it; not older than a quarter of a minute."""
        ...

    def get(self, code: str) -> Guide | None: ...
    def all(self) -> Sequence[Guide]: ...


class NoGuides:
    """None at all, where the files were not opened."""

    async def find(self, question: str, limit: int = 3) -> list[GuideHit]:
        return []

    async def refresh(self) -> None:
        return None

    def get(self, code: str) -> Guide | None:
        return None

    def all(self) -> Sequence[Guide]:
        return ()
