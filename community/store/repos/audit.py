"""The lines of who looked at what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from community.model.audit import Viewed, ViewLine
from community.model.people import Staff
from community.ports import SeenLine, ViewQuery
from community.store.repos.base import Repo
from community.store.repos.marks import within
from community.store.tables import company_estates, places, residents, staff, tickets, view_log


class ViewLogRepo(Repo):
    async def add(self, line: ViewLine) -> None:
        await self._add(line)

    async def seen_since(
        self, staff_id: int, what: Viewed, since: datetime, ticket_id: int | None = None, note: str = ""
    ) -> bool:
        """Whether a line of the same look, by the same member at the same thing, was written since then."""
        query = select(view_log.c.id).where(
            view_log.c.staff_id == staff_id,
            view_log.c.at >= since,
            view_log.c.what == what,
            view_log.c.ticket_id == ticket_id if ticket_id is not None else view_log.c.ticket_id.is_(None),
            view_log.c.note == note,
        )
        return await self.session.scalar(query.limit(1)) is not None

    async def search(self, query: ViewQuery) -> tuple[list[SeenLine], int]:
        """A page of lines, newest first, and how many there are."""

        def narrowed(what: Select[Any]) -> Select[Any]:
            if query.staff_ids is not None:
                what = what.where(view_log.c.staff_id.in_(sorted(query.staff_ids)))
            if query.what is not None:
                what = what.where(view_log.c.what == query.what)
            if query.days is not None:
                what = what.where(within(view_log.c.at, query.days))
            if query.number:
                what = what.where(view_log.c.ticket_id.in_(select(tickets.c.id).where(tickets.c.number == query.number)))
            return what

        total = await self.session.scalar(narrowed(select(func.count()).select_from(view_log)))
        joined = (
            select(ViewLine, staff.c.name, staff.c.role, tickets.c.number, residents.c.name)
            .join(staff, staff.c.id == view_log.c.staff_id)
            .outerjoin(tickets, tickets.c.id == view_log.c.ticket_id)
            .outerjoin(residents, residents.c.id == view_log.c.resident_id)
        )
        page = narrowed(joined).order_by(view_log.c.id.desc()).limit(query.limit).offset(query.offset)
        rows = await self.session.execute(page)
        return [SeenLine(line, name, role, number or "", who or "") for line, name, role, number, who in rows], int(total or 0)

    async def people_of(self, community_ids: Collection[int] | None, place_id: int | None) -> list[Staff]:
        """Staff, also former ones, who work in these communities (None: anywhere), for a company there, or at this very place."""
        query = select(Staff).outerjoin(places, places.c.id == staff.c.place_id).order_by(staff.c.id)
        if community_ids is not None:
            ids = sorted(community_ids)
            companies = (
                select(company_estates.c.company_id)
                .join(places, places.c.id == company_estates.c.estate_id)
                .where(places.c.community_id.in_(ids))
            )
            mine = or_(places.c.community_id.in_(ids), staff.c.company_id.in_(companies), staff.c.place_id == place_id)
            query = query.where(mine)
        return list(await self.session.scalars(query))
