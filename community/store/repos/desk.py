from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_, select

from community.model.desk import CannedReply, Handover, SavedFilter
from community.model.people import Resident
from community.store.repos.base import QueueRepo
from community.store.tables import canned_replies, handovers, places, residents, saved_filters


class DeskRepo(QueueRepo):
    async def filters(self, staff_id: int) -> list[SavedFilter]:
        """The member's saved lists, the oldest first: they stay where the eye looks for them."""
        query = select(SavedFilter).where(saved_filters.c.staff_id == staff_id).order_by(saved_filters.c.id)
        return list(await self.session.scalars(query))

    async def save_filter(self, staff_id: int, name: str, query: str, now: datetime) -> None:
        """Keep a list under its name; the same name again means the new list."""
        row = {"staff_id": staff_id, "name": name, "query": query, "created_at": now}
        statement = self._insert(saved_filters).values(**row)
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=["staff_id", "name"], set_={"query": query})
        )

    async def drop_filter(self, staff_id: int, filter_id: int) -> None:
        mine = (saved_filters.c.id == filter_id, saved_filters.c.staff_id == staff_id)
        await self.session.execute(delete(saved_filters).where(*mine))

    async def phrases(self, staff_id: int, community_ids: Collection[int]) -> list[CannedReply]:
        """The member's own phrases, then those of these communities."""
        theirs = or_(canned_replies.c.staff_id == staff_id, canned_replies.c.community_id.in_(community_ids))
        query = select(CannedReply).where(theirs)
        return list(await self.session.scalars(query.order_by(canned_replies.c.staff_id.is_(None), canned_replies.c.id)))

    async def phrase(self, phrase_id: int) -> CannedReply | None:
        return await self.session.get(CannedReply, phrase_id)

    async def add_phrase(self, phrase: CannedReply) -> None:
        await self._add(phrase)

    async def drop_phrase(self, phrase_id: int) -> None:
        await self.session.execute(delete(canned_replies).where(canned_replies.c.id == phrase_id))

    async def add_handover(self, handover: Handover) -> None:
        await self._add(handover)

    async def last_handover(self, resident_id: int) -> Handover | None:
        query = select(Handover).where(handovers.c.resident_id == resident_id)
        return await self.session.scalar(query.order_by(handovers.c.id.desc()).limit(1))

    async def residents_with_phone(self, phone_hash: str) -> list[Resident]:
        """Everybody who left this phone: a household may share one."""
        query = select(Resident).where(residents.c.phone_hash == phone_hash).order_by(residents.c.id).limit(10)
        return list(await self.session.scalars(query))

    async def residents_named(self, name: str, community_ids: Collection[int], limit: int = 10) -> list[Resident]:
        """Residents of exactly this name who live in these communities."""
        query = (
            select(Resident)
            .join(places, residents.c.room_id == places.c.id)
            .where(residents.c.name == name, places.c.community_id.in_(community_ids))
        )
        return list(await self.session.scalars(query.order_by(residents.c.id).limit(limit)))
