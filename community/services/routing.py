"""Who gets a ticket: by the rule of its category and by its place, whoever is on duty and not on leave, one level up when nobody is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from community.model.calendar import local
from community.model.level import Level
from community.model.people import Duty, Role, Staff
from community.model.place import Place
from community.model.promise import First, PromiseRule
from community.model.ticket import Ticket
from community.ports import UnitOfWork

_DESKS = {
    Level.GRID: Role.GRID_WORKER,
    Level.COMMUNITY: Role.COMMUNITY_STAFF,
    Level.STREET: Role.COMMUNITY_STAFF,
    Level.CITY: Role.COMMUNITY_STAFF,
}


@dataclass(frozen=True)
class Route:
    """The places above a ticket, one a level, and the estate it is in. None: not known."""

    estate_id: int | None = None
    grid_id: int | None = None
    community_id: int | None = None
    street_id: int | None = None
    city_id: int | None = None

    def place_at(self, level: Level) -> int | None:
        return {
            Level.GRID: self.grid_id,
            Level.COMMUNITY: self.community_id,
            Level.STREET: self.street_id,
            Level.CITY: self.city_id,
        }.get(level)


def route_of_place(place: Place | None) -> Route:
    if place is None:
        return Route()
    return Route(place.estate_id, place.grid_id, place.community_id, place.street_id, place.city_id)


async def route_of(uow: UnitOfWork, ticket: Ticket) -> Route:
    community = await uow.places.get(ticket.community_id) if ticket.community_id else None
    street, city = (community.street_id, community.city_id) if community is not None else (None, None)
    return Route(ticket.estate_id, ticket.grid_id, ticket.community_id, street, city)


async def first_holder(
    uow: UnitOfWork, route: Route, rule: PromiseRule | None, now: datetime
) -> tuple[Staff | None, Level]:
    """Who gets a new ticket, and at which level: the property company where the rule says so, else the grid worker, else the next level.

    With no place at all: the first community desk of the city, so that nothing is without a holder.
    """
    if rule is not None and rule.first is First.PROPERTY and route.estate_id:
        company = await uow.people.company_of_estate(route.estate_id)
        people = await uow.people.staff_of_company(company.id) if company is not None else []
        chosen = await _choose(uow, people, now)
        if chosen is not None:
            return chosen, Level.MICROGRID
    found = await next_holder(uow, route, Level.MICROGRID, now)
    if found is not None:
        return found
    desks = [s for s in await uow.people.all_staff() if s.role is Role.COMMUNITY_STAFF]
    return await _choose(uow, desks, now), Level.COMMUNITY


async def next_holder(uow: UnitOfWork, route: Route, above: Level, now: datetime) -> tuple[Staff, Level] | None:
    """Somebody of the next level that has anybody; None at the top."""
    for level in Level:
        place_id = route.place_at(level)
        if level <= above or place_id is None:
            continue
        chosen = await _choose(uow, await uow.people.staff_of_place(place_id, _DESKS[level]), now)
        if chosen is not None:
            return chosen, level
    return None


async def worker_for(uow: UnitOfWork, place: Place | None, now: datetime) -> Staff | None:
    """The grid worker of `place` (or the level above, where the grid has nobody): who is in the know of everything there."""
    worker, _ = await first_holder(uow, route_of_place(place), None, now)
    return worker


async def _choose(uow: UnitOfWork, people: Sequence[Staff], now: datetime) -> Staff | None:
    """Of these: who is there and on duty, else who is there, else who stands in for somebody on leave. None when nobody can."""
    people = [p for p in people if p.active]
    if not people:
        return None
    here = local(now)
    leaves = {leave.staff_id: leave for leave in await uow.people.leaves([p.id for p in people], here.date())}
    there = [p for p in people if p.id not in leaves]
    if there:
        duties = await uow.people.duties([p.id for p in there])
        return next((p for p in there if _on_duty(duties, p.id, now)), there[0])
    for person in people:
        deputy_id = leaves[person.id].deputy_id
        deputy = await uow.people.staff(deputy_id) if deputy_id else None
        if deputy is not None and deputy.active and not await uow.people.leaves([deputy.id], here.date()):
            return deputy
    return None


def _on_duty(duties: Iterable[Duty], staff_id: int, now: datetime) -> bool:
    here = local(now)
    return any(
        d.staff_id == staff_id and d.weekday == here.weekday() and d.starts <= here.time() < d.ends for d in duties
    )


async def duty_phone(uow: UnitOfWork, place: Place | None) -> tuple[str, str]:
    """(name, phone) of the community's duty desk, for danger; empty when there is none."""
    desk: list[Staff] = []
    if place is not None and place.community_id:
        desk = await uow.people.staff_of_place(place.community_id, Role.COMMUNITY_STAFF)
    if not desk:
        desk = [s for s in await uow.people.all_staff() if s.role is Role.COMMUNITY_STAFF and s.active]
    return (desk[0].name, desk[0].phone) if desk else ("", "")
