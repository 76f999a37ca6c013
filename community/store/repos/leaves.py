from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select

from community.model.people import Leave
from community.store.repos.base import Repo
from community.store.tables import leaves, staff


class LeaveRepo(Repo):
    async def add(self, leave: Leave) -> None:
        await self._add(leave)

    async def get(self, leave_id: int, *, for_update: bool = False) -> Leave | None:
        query = select(Leave).where(leaves.c.id == leave_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def remove(self, leave: Leave) -> None:
        await self.session.delete(leave)

    async def within(self, staff_ids: Collection[int], first: date, last: date) -> list[Leave]:
        """Leaves of these people that touch these local days, both included; also those for which one of them stands in."""
        ids = sorted(staff_ids)
        whose = or_(leaves.c.staff_id.in_(ids), leaves.c.deputy_id.in_(ids))
        query = select(Leave).where(whose, leaves.c.starts <= last, leaves.c.ends >= first)
        return list(await self.session.scalars(query.order_by(leaves.c.starts, leaves.c.id)))

    async def not_over(self, staff_ids: Collection[int], today: date) -> list[Leave]:
        """Running and coming leaves of these people, the first to begin at the head."""
        query = select(Leave).where(leaves.c.staff_id.in_(sorted(staff_ids)), leaves.c.ends >= today)
        return list(await self.session.scalars(query.order_by(leaves.c.starts, leaves.c.id)))

    async def lock(self, staff_ids: Collection[int]) -> None:
        """Hold these people's rows until the end: two leaves of one person, entered at once, are looked at one after the other."""
        query = select(staff.c.id).where(staff.c.id.in_(sorted(staff_ids))).order_by(staff.c.id)
        await self.session.execute(query.with_for_update())
        await self.session.flush()
