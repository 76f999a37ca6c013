from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import or_, select

from community.model.site import ContactDay, GuideEvent, GuideMiss, Site, SiteDay
from community.store.repos.base import QueueRepo
from community.store.tables import contact_days, guide_events, guide_misses, site_days, sites


class GuideRepo(QueueRepo):
    async def add(self, thing: Site | SiteDay | ContactDay | GuideEvent) -> None:
        await self._add(thing)

    async def sites(self, community_ids: Collection[int]) -> list[Site]:
        query = select(Site).where(sites.c.community_id.in_(community_ids))
        return list(await self.session.scalars(query.order_by(sites.c.community_id, sites.c.id)))

    async def site(self, site_id: int, *, for_update: bool = False) -> Site | None:
        query = select(Site).where(sites.c.id == site_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def days(self, site_ids: Collection[int], first: date) -> list[SiteDay]:
        query = select(SiteDay).where(site_days.c.site_id.in_(site_ids), site_days.c.day >= first)
        return list(await self.session.scalars(query.order_by(site_days.c.day)))

    async def day(self, site_id: int, day: date) -> SiteDay | None:
        return await self.session.scalar(select(SiteDay).where(site_days.c.site_id == site_id, site_days.c.day == day))

    async def remove(self, day: SiteDay) -> None:
        await self.session.delete(day)

    async def contact_days(self, community_ids: Collection[int]) -> list[ContactDay]:
        query = select(ContactDay).where(contact_days.c.community_id.in_(community_ids))
        return list(await self.session.scalars(query.order_by(contact_days.c.community_id, contact_days.c.id)))

    async def contact_day(self, contact_id: int, *, for_update: bool = False) -> ContactDay | None:
        query = select(ContactDay).where(contact_days.c.id == contact_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def events(self, community_ids: Collection[int], limit: int) -> list[GuideEvent]:
        query = select(GuideEvent).where(guide_events.c.community_id.in_(community_ids))
        return list(await self.session.scalars(query.order_by(guide_events.c.id.desc()).limit(limit)))

    async def missed(self, key: str, text: str, community_id: int | None, now: datetime) -> None:
        new = {"text_key": key, "text": text, "community_id": community_id, "times": 1, "first_at": now, "last_at": now}
        again = {"times": guide_misses.c.times + 1, "last_at": now}
        await self.session.execute(self._insert(guide_misses).values(new).on_conflict_do_update(index_elements=["text_key"], set_=again))

    async def misses(self, community_ids: Collection[int], limit: int) -> list[GuideMiss]:
        theirs = or_(guide_misses.c.community_id.in_(community_ids), guide_misses.c.community_id.is_(None))
        query = select(GuideMiss).where(theirs).order_by(guide_misses.c.times.desc(), guide_misses.c.last_at.desc())
        return list(await self.session.scalars(query.limit(limit)))
