"""Reports of one trouble become one incident, inside the unit of work that files or joins them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from community.model.category import Category, Urgency, category_name
from community.model.incident import GATHERED, REPORTS, WITHIN, Incident, IncidentEvent, Told, area_of, reach_of
from community.model.people import Actor
from community.model.place import Place, PlaceKind
from community.model.ticket import Move, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import moves
from community.services.views import IncidentMark

_INSIDE = (PlaceKind.ROOM, PlaceKind.UNIT, PlaceKind.BUILDING)


async def chain_of(uow: UnitOfWork, place_id: int | None) -> list[Place]:
    """The place and what it lies in, up to the building; empty when it is not that close."""
    chain: list[Place] = []
    while place_id is not None:
        place = await uow.places.get(place_id)
        if place is None or place.kind not in _INSIDE:
            break
        chain.append(place)
        place_id = place.parent_id
    return chain


async def area(uow: UnitOfWork, category: Category, place_id: int | None) -> Place | None:
    """Where reports of this are one trouble. None: it is not gathered by itself."""
    if category not in GATHERED:
        return None  # as most: nothing is read for them
    return area_of(category, await chain_of(uow, place_id))


async def hold(uow: UnitOfWork, reports: Iterable[tuple[Category, int | None]]) -> None:
    """Let others who report of the same areas wait until the end of this transaction: three at the same second are counted one after the
    other. Before any ticket is locked, and in one order, so that two never wait for each other."""
    areas = {found.id for category, place_id in reports if (found := await area(uow, category, place_id)) is not None}
    for area_id in sorted(areas):
        await uow.places.lock(area_id)


async def gather(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> bool:
    """Put a ticket just filed or joined into the incident of its area, or make one when there are enough. True when one was made.

    Danger goes alone: nothing about it may wait for, or be told with, anything else.
    """
    found = await area(uow, ticket.category, ticket.place_id)
    if found is None or ticket.incident_id is not None or ticket.urgency is Urgency.DANGER:
        return False
    await uow.places.lock(found.id)
    inside = await uow.places.ids_below(found.id)
    there = await uow.incidents.open_near(inside, ticket.category)
    if there:
        await _put(uow, c, ticket, there[0].incident_id or 0, there[0], now)
        return False
    signs = await uow.incidents.signs(inside, ticket.category, now - WITHIN)
    apart = {one for one in {sign[0] for sign in signs} if await _was_taken_out(uow, one)}
    signs = [sign for sign in signs if sign[0] not in apart]
    households = {household for _, household in signs}
    members = {one for one, _ in signs}
    if len(households) < REPORTS or ticket.id not in members:
        return False
    incident = Incident(0, name_of(ticket.category, found), found.community_id, now)
    await uow.incidents.add(incident)
    locked = await uow.incidents.lock_tickets(members - {ticket.id})
    gathered = [one for one in locked if one.incident_id is None and Move.MERGE in one.allowed()]
    for one in sorted([*gathered, ticket], key=lambda member: member.id):
        await merge_one(uow, c, one, incident, Actor.system(), now)
    text = f"{WITHIN.seconds // 60}分钟内{len(households)}户反映：{'、'.join(t.number for t in [*gathered, ticket])}"
    await uow.incidents.add_event(IncidentEvent(0, incident.id, now, Told.GATHERED, "系统", text))
    return True


async def locked(uow: UnitOfWork, ticket: Ticket, now: datetime) -> Ticket:
    """The ticket as it is now, nobody else's to change; with it, in order, what it may be gathered with in a moment."""
    ids = {ticket.id}
    found = await area(uow, ticket.category, ticket.place_id)
    if found is not None and ticket.incident_id is None:
        await uow.places.lock(found.id)
        inside = await uow.places.ids_below(found.id)
        ids |= {one for one, _ in await uow.incidents.signs(inside, ticket.category, now - WITHIN)}
    return next(one for one in await uow.incidents.lock_tickets(ids) if one.id == ticket.id)


async def _was_taken_out(uow: UnitOfWork, ticket_id: int) -> bool:
    """Somebody has looked, and said that it is something else."""
    return any(event.move is Move.UNMERGE for event in await uow.tickets.events(ticket_id))


async def _put(uow: UnitOfWork, c: Community, ticket: Ticket, incident_id: int, lead: Ticket, now: datetime) -> None:
    incident = await uow.incidents.get(incident_id)
    if incident is None or await _was_taken_out(uow, ticket.id):
        return
    await merge_one(uow, c, ticket, incident, Actor.system(), now)
    text = f"又报一件：{ticket.number}（与{lead.number}同处同类）"
    await uow.incidents.add_event(IncidentEvent(0, incident.id, now, Told.MERGED, "系统", text))


async def merge_one(
    uow: UnitOfWork, c: Community, ticket: Ticket, incident: Incident, actor: Actor, now: datetime
) -> TicketEvent:
    """Only the bracket changes: holder, promise and clock stay as they are. Residents are told of their ticket, not of our brackets."""
    data = {"incident": incident.id, "from": ticket.incident_id}
    event = ticket.apply(Move.MERGE, actor, now, f"事件{incident.id}：{incident.name}", visible=False, data=data)
    ticket.incident_id = incident.id
    await moves.keep(uow, c, ticket, event)
    # Also of those that were filed before: their open pages show the mark.
    uow.announce("tickets", number=ticket.number, grid_id=ticket.grid_id, community_id=ticket.community_id)
    return event


def name_of(category: Category, place: Place | None) -> str:
    return " · ".join(part for part in (category_name(category), place.full_name or place.name if place is not None else "") if part)[:150]


async def reached_by(uow: UnitOfWork, tickets: Collection[Ticket]) -> list[Place]:
    """The buildings (or units) that these tickets are about, each once, in order of their name. What lies in another of them is that."""
    found: dict[int, Place] = {}
    for ticket in tickets:
        place = reach_of(ticket.category, await chain_of(uow, ticket.place_id))
        if place is not None:
            found[place.id] = place
    widest = [place for place in found.values() if place.parent_id not in found]
    return sorted(widest, key=lambda place: (place.full_name, place.id))


async def mark_of(uow: UnitOfWork, ticket: Ticket) -> IncidentMark | None:
    return (await marks(uow, [ticket.incident_id])).get(ticket.incident_id) if ticket.incident_id else None


async def marks(uow: UnitOfWork, incident_ids: Collection[int]) -> dict[int, IncidentMark]:
    """Of each incident that has tickets. Asks nothing when there is none, as nearly always."""
    if not incident_ids:
        return {}
    counts = await uow.incidents.counts(incident_ids)
    found = {}
    for incident in await uow.incidents.with_ids(incident_ids):
        all_, living, households, waiting = counts.get(incident.id, (0, 0, 0, 0))
        found[incident.id] = IncidentMark(
            incident.id,
            incident.name,
            all_,
            living,
            households,
            waiting,
            incident.expected_at,
            incident.expected_why,
            incident.expected_by,
        )
    return found
