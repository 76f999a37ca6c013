from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, and_, case, func, select, union_all

from community.model.category import Category, Urgency
from community.model.incident import Incident, IncidentEvent
from community.model.ticket import OPEN, Status, Ticket
from community.store.repos.base import Repo
from community.store.tables import incident_events, incidents, residents, ticket_followers, tickets

_C = tickets.c
_OPEN = _C.status.in_(sorted(OPEN))
_HOUSEHOLD = func.coalesce(residents.c.room_id, -residents.c.id)
"""Two people of one home are one household; somebody whose home we do not know is one of their own."""


class IncidentRepo(Repo):
    async def add(self, incident: Incident) -> None:
        await self._add(incident)

    async def get(self, incident_id: int, *, for_update: bool = False) -> Incident | None:
        query = select(Incident).where(incidents.c.id == incident_id)
        if not for_update:
            return await self.session.scalar(query)
        return await self.session.scalar(query.with_for_update(), execution_options={"populate_existing": True})

    async def with_ids(self, incident_ids: Collection[int]) -> list[Incident]:
        return list(await self.session.scalars(select(Incident).where(incidents.c.id.in_(incident_ids))))

    async def add_event(self, event: IncidentEvent) -> None:
        await self._add(event)

    async def events(self, incident_id: int) -> list[IncidentEvent]:
        query = select(IncidentEvent).where(incident_events.c.incident_id == incident_id)
        return list(await self.session.scalars(query.order_by(incident_events.c.id)))

    async def tickets(self, incident_id: int) -> list[Ticket]:
        """Its tickets in the order in which they were filed."""
        return list(await self.session.scalars(select(Ticket).where(_C.incident_id == incident_id).order_by(_C.id)))

    async def ticket_ids(self, incident_id: int) -> list[int]:
        return list(await self.session.scalars(select(_C.id).where(_C.incident_id == incident_id).order_by(_C.id)))

    async def lock_tickets(self, ticket_ids: Collection[int]) -> list[Ticket]:
        """These tickets as they are now, nobody else's to change until the end of the transaction. In order of their id, so that two who
        want the same ones never wait for each other."""
        query = select(Ticket).where(_C.id.in_(ticket_ids)).order_by(_C.id).with_for_update()
        return list(await self.session.scalars(query, execution_options={"populate_existing": True}))

    async def counts(self, incident_ids: Collection[int]) -> dict[int, tuple[int, int, int, int]]:
        """(tickets, of these open, households that reported or joined, of these with an open ticket) of each incident that has tickets;
        withdrawn ones do not count."""
        here = and_(_C.incident_id.in_(incident_ids), _C.status != Status.WITHDRAWN)
        is_open = func.sum(case((_OPEN, 1), else_=0))
        rows = await self.session.execute(
            select(_C.incident_id, func.count(), is_open).where(here).group_by(_C.incident_id)
        )
        found = {int(row[0]): (int(row[1]), int(row[2])) for row in rows}
        who = self._who(here).subquery()
        households = await self.session.execute(
            select(
                who.c.incident_id,
                func.count(func.distinct(_HOUSEHOLD)),
                func.count(func.distinct(case((who.c.is_open == 1, _HOUSEHOLD)))),
            )
            .select_from(who.join(residents, residents.c.id == who.c.resident_id))
            .group_by(who.c.incident_id)
        )
        homes = {int(row[0]): (int(row[1]), int(row[2])) for row in households}
        return {one: (*tickets_, *homes.get(one, (0, 0))) for one, tickets_ in found.items()}

    async def residents(self, incident_id: int) -> list[int]:
        """Who reported or joined one of its tickets that was not withdrawn."""
        who = self._who(and_(_C.incident_id == incident_id, _C.status != Status.WITHDRAWN)).subquery()
        return [int(one) for one in await self.session.scalars(select(who.c.resident_id).distinct())]

    async def open_near(self, place_ids: Collection[int], category: Category) -> list[Ticket]:
        """Open tickets of incidents at these places, of this category, the oldest first."""
        query = select(Ticket).where(
            _C.place_id.in_(place_ids), _C.category == category, _C.incident_id.is_not(None), _OPEN
        )
        return list(await self.session.scalars(query.order_by(_C.id).limit(50)))

    async def open_beside(self, place_ids: Collection[int], since: datetime, limit: int) -> list[Ticket]:
        """Open tickets at these places that are in no incident, filed since then, the newest first."""
        query = select(Ticket).where(
            _C.place_id.in_(place_ids), _C.incident_id.is_(None), _OPEN, _C.created_at >= since
        )
        return list(await self.session.scalars(query.order_by(_C.id.desc()).limit(limit)))

    async def signs(self, place_ids: Collection[int], category: Category, since: datetime) -> list[tuple[int, int]]:
        """(ticket, household) of all who reported or joined since then, of open tickets in no incident; of danger, nothing."""
        here = and_(
            _C.place_id.in_(place_ids), _C.category == category, _C.incident_id.is_(None), _OPEN, _C.urgency != Urgency.DANGER
        )
        reported = select(_C.id.label("ticket_id"), _C.resident_id).where(here, _C.created_at >= since)
        joined = (
            select(_C.id.label("ticket_id"), ticket_followers.c.resident_id)
            .join(ticket_followers, ticket_followers.c.ticket_id == _C.id)
            .where(here, ticket_followers.c.at >= since)
        )
        said = union_all(reported, joined).subquery()
        query = select(said.c.ticket_id, _HOUSEHOLD).select_from(said.join(residents, residents.c.id == said.c.resident_id))
        return [(int(row[0]), int(row[1])) for row in await self.session.execute(query)]

    @staticmethod
    def _who(here: ColumnElement[bool]) -> CompoundSelect[tuple[int, int, int]]:
        is_open = case((_OPEN, 1), else_=0).label("is_open")
        reported = select(_C.incident_id, _C.resident_id, is_open).where(here, _C.resident_id.is_not(None))
        joined = (
            select(_C.incident_id, ticket_followers.c.resident_id, is_open)
            .join(ticket_followers, ticket_followers.c.ticket_id == _C.id)
            .where(here)
        )
        return union_all(reported, joined)
