"""Incidents in dictionaries: as much of `community.ports.Incidents` as the closed loop asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from community.model.category import Category, Urgency
from community.model.incident import Incident, IncidentEvent
from community.model.ticket import OPEN, Status, Ticket

if TYPE_CHECKING:
    from ops.simulation.memory import People, Tickets


class Incidents:
    def __init__(self, tickets: Tickets, people: People) -> None:
        self.all: dict[int, Incident] = {}
        self.lines: list[IncidentEvent] = []
        self._tickets, self._residents = tickets, people.residents

    async def add(self, incident: Incident) -> None:
        incident.id = len(self.all) + 1
        self.all[incident.id] = incident

    async def get(self, incident_id: int, *, for_update: bool = False) -> Incident | None:
        return self.all.get(incident_id)

    async def with_ids(self, incident_ids: Collection[int]) -> list[Incident]:
        return [self.all[one] for one in sorted(incident_ids)]

    async def add_event(self, event: IncidentEvent) -> None:
        self.lines.append(event)
        event.id = len(self.lines)

    async def tickets(self, incident_id: int) -> list[Ticket]:
        return [ticket for ticket in self._tickets.merged[incident_id].values() if ticket.incident_id == incident_id]

    async def ticket_ids(self, incident_id: int) -> list[int]:
        return [ticket.id for ticket in await self.tickets(incident_id)]

    async def lock_tickets(self, ticket_ids: Collection[int]) -> list[Ticket]:
        return [self._tickets.all[one] for one in sorted(ticket_ids)]

    async def counts(self, incident_ids: Collection[int]) -> dict[int, tuple[int, int, int, int]]:
        found = {}
        for one in incident_ids:
            here = [ticket for ticket in await self.tickets(one) if ticket.status is not Status.WITHDRAWN]
            living = [ticket for ticket in here if ticket.status in OPEN]
            homes, waiting = ({self._residents[t.resident_id or 0].room_id for t in those} for those in (here, living))
            found[one] = (len(here), len(living), len(homes), len(waiting))
        return found

    async def open_near(self, place_ids: Collection[int], category: Category) -> list[Ticket]:
        return [t for t in self._near(place_ids, category) if t.incident_id is not None]

    async def signs(self, place_ids: Collection[int], category: Category, since: datetime) -> list[tuple[int, int]]:
        return [
            (ticket.id, self._residents[ticket.resident_id or 0].room_id or 0)
            for ticket in self._near(place_ids, category)
            if ticket.incident_id is None and ticket.created_at >= since and ticket.urgency is not Urgency.DANGER
        ]

    def _near(self, place_ids: Collection[int], category: Category) -> list[Ticket]:
        here = [ticket for place_id in place_ids for ticket in self._tickets.at.get(place_id, ())]
        return sorted((t for t in here if t.category is category and t.status in OPEN), key=lambda ticket: ticket.id)
