"""Incidents as staff see them: look at one, put tickets in, take them out. What is done with one as a whole is in `incident_acts`.

Every function checks the actor's scope itself. `key` makes each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.incident import TOLD_NAMES, Incident, IncidentEvent, Told
from community.model.people import Actor, Role, Staff
from community.model.ticket import OPEN, Move, Status, Ticket
from community.ports import Community, UnitOfWork
from community.services import gathering, moves
from community.services.access import may_see, staff_of, ticket_for
from community.services.tickets import announce, views_of
from community.services.views import IncidentMark, TicketView

HANDLES = frozenset({Role.GRID_WORKER, Role.COMMUNITY_STAFF, Role.PROPERTY, Role.OPERATOR})
"""Who handles what a whole building has met. Mediators see disputes of one household with another."""
TO_ACCEPT = frozenset({Status.DISPATCHED, Status.RETURNED})
MOST = 50
BESIDE = timedelta(days=3)
"""Open tickets of the same place, filed since then, are offered to be put in."""


@dataclass(frozen=True)
class IncidentLine:
    at: datetime
    what_name: str
    who: str
    text: str


@dataclass(frozen=True)
class IncidentView:
    """An incident as this member sees it. `tickets` are theirs to see, `hidden` how many are not; `beside` may be put in; `may_handle` is
    whether all of it is theirs to accept, to resolve and to say an expectation of, `why_not` the sentence when it is not."""

    mark: IncidentMark
    created_at: datetime
    by: str
    tickets: tuple[TicketView, ...]
    hidden: int
    beside: tuple[TicketView, ...]
    log: tuple[IncidentLine, ...]
    may_handle: bool
    why_not: str
    to_accept: int
    areas: str


async def show(c: Community, staff_id: int, incident_id: int) -> IncidentView:
    """NotFound when none of its tickets is this member's to see."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        incident = await uow.incidents.get(incident_id)
        everything = await uow.incidents.tickets(incident_id)
        mine = [ticket for ticket in everything if await may_see(uow, member, ticket)]
        if incident is None or not (mine or await _was_here(uow, member, incident, everything)):
            raise NotFound("没有找到这个事件。")
        now = c.clock.now()
        living = [ticket for ticket in everything if ticket.status in OPEN]
        why_not = await reason(uow, member, living)
        areas = await gathering.reached_by(uow, mine)
        beside: list[Ticket] = []
        inside = [one for area in areas for one in await uow.places.ids_below(area.id)]
        if inside and (living or not everything):
            near = await uow.incidents.open_beside(inside, now - BESIDE, 8)
            beside = [ticket for ticket in near if await may_see(uow, member, ticket)]
        founder = await uow.people.staff(incident.staff_id) if incident.staff_id else None
        mark = (await gathering.marks(uow, [incident.id]))[incident.id]
        return IncidentView(
            mark=mark,
            created_at=incident.created_at,
            by=f"{founder.role_name}{founder.name}" if founder is not None else "",
            tickets=tuple(await views_of(uow, mine, now)),
            hidden=len(everything) - len(mine),
            beside=tuple(await views_of(uow, beside, now)),
            log=tuple(
                IncidentLine(line.at, TOLD_NAMES[line.what], line.who, line.text)
                for line in await uow.incidents.events(incident.id)
            ),
            may_handle=not why_not and bool(living),
            why_not=why_not,
            to_accept=sum(ticket.status in TO_ACCEPT for ticket in living),
            areas="、".join(area.full_name or area.name for area in areas),
        )


async def _was_here(uow: UnitOfWork, member: Staff, incident: Incident, tickets: Sequence[Ticket]) -> bool:
    """An incident whose tickets were all taken out can still be looked at by its community's desk."""
    if tickets or incident.community_id is None or member.role is not Role.COMMUNITY_STAFF or member.place_id is None:
        return False
    place = await uow.places.get(member.place_id)
    return place is not None and incident.community_id in await uow.places.communities_below(place)


async def reason(uow: UnitOfWork, member: Staff, living: Sequence[Ticket]) -> str:
    """Why this member cannot speak for the whole of it; '' when they can. A grid worker handles what is theirs, as with any ticket."""
    if member.role not in HANDLES:
        return "这个事件由网格员、物业或社区办理。"
    elsewhere = [ticket for ticket in living if not await may_see(uow, member, ticket)]
    if elsewhere:
        return f"有{len(elsewhere)}件不在您管的范围，请社区一起办。"
    others = [ticket for ticket in living if member.role is Role.GRID_WORKER and ticket.holder_id != member.id]
    if others:
        return f"工单{'、'.join(ticket.number for ticket in others[:5])}在别的同事手里，请先转给自己，或由社区一起办。"
    return ""


async def merge(c: Community, staff_id: int, numbers: Sequence[str], key: str, into: int | None = None) -> int:
    """Put open tickets of one community into one incident, and return its id: `into`, the oldest that one of them is in, or a new one.
    Other incidents among them come along whole.

    Raises InvalidInput for fewer than two (one is enough for `into`), other communities, or one that has ended.
    """
    chosen = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
    if len(chosen) > MOST:
        raise InvalidInput(f"一次最多{MOST}件，请分几次。")
    async with c.uow() as uow:
        member = await handler(uow, staff_id)
        if (done := await uow.keys.ref(key)) is not None:
            return int(done)
        now = c.clock.now()
        found = [await ticket_for(uow, member, number) for number in chosen]
        tickets = await _locked_with_theirs(uow, member, found, into)
        incidents = sorted({ticket.incident_id for ticket in tickets if ticket.incident_id} | ({into} if into else set()))
        if not found or (len(tickets) < 2 and not into):
            raise InvalidInput("请至少选两件工单。")
        if not all([await may_see(uow, member, ticket) for ticket in tickets]):
            raise Forbidden("其中一个事件里有不在您管的范围的工单，请社区来合并。")
        if len({ticket.community_id for ticket in tickets}) > 1:
            raise InvalidInput("这几件不在同一个社区，不能合在一起。")
        ended = [ticket.number for ticket in tickets if ticket.status not in OPEN and ticket.number in chosen]
        if ended:
            raise IllegalMove(f"工单{'、'.join(ended)}已经办结或结束，不用再合并。")
        between = [ticket.number for ticket in tickets if await uow.mediations.of_ticket(ticket.id) is not None]
        if between:
            raise IllegalMove(f"工单{'、'.join(between)}在调解，只关两家的事，不能并进事件。")
        incident = await _home_of(uow, member, tickets, into or (incidents[0] if incidents else None), now)
        moved = [t for t in tickets if t.incident_id != incident.id and Move.MERGE in t.allowed()]
        for ticket in moved:
            await gathering.merge_one(uow, c, ticket, incident, Actor.of_staff(member), now)
        if moved:
            await noted(uow, incident, Told.MERGED, member, "、".join(ticket.number for ticket in moved), now)
        await uow.keys.put(key, str(incident.id), now)
        await uow.commit()
        return incident.id


async def _locked_with_theirs(
    uow: UnitOfWork, member: Staff, found: Sequence[Ticket], into: int | None
) -> list[Ticket]:
    """The chosen tickets, and what is in an incident with one of them, as they are now and locked in order."""
    ids = {ticket.id for ticket in found}
    for incident_id in {ticket.incident_id for ticket in found if ticket.incident_id} - {into}:
        ids |= set(await uow.incidents.ticket_ids(incident_id))
    locked = await uow.incidents.lock_tickets(ids)
    if into:
        mine = [ticket for ticket in await uow.incidents.tickets(into) if await may_see(uow, member, ticket)]
        if await uow.incidents.get(into) is None or not mine:
            raise NotFound("没有找到这个事件。")
        if all(ticket.status not in OPEN for ticket in mine):
            raise IllegalMove("这个事件已经办结，新的请另外合并。")
        if locked and mine[0].community_id != locked[0].community_id:
            raise InvalidInput("这几件不在同一个社区，不能合在一起。")
    return locked


async def _home_of(
    uow: UnitOfWork, member: Staff, tickets: Sequence[Ticket], incident_id: int | None, now: datetime
) -> Incident:
    kept = await uow.incidents.get(incident_id) if incident_id else None
    if kept is not None:
        return kept
    lead = tickets[0]
    areas = await gathering.reached_by(uow, [lead])
    community = await uow.places.get(lead.community_id) if lead.community_id else None
    name = gathering.name_of(lead.category, areas[0] if areas else community)
    made = Incident(0, name, lead.community_id, now, member.id)
    await uow.incidents.add(made)
    return made


async def take_out(c: Community, staff_id: int, number: str, key: str) -> int:
    """Take an open ticket out of its incident; it goes on with its own promise and holder. Returns the incident's id."""
    async with c.uow() as uow:
        member = await handler(uow, staff_id)
        if (done := await uow.keys.ref(key)) is not None:
            return int(done)
        ticket = await ticket_for(uow, member, number)
        (ticket,) = await uow.incidents.lock_tickets([ticket.id])
        incident = await uow.incidents.get(ticket.incident_id) if ticket.incident_id else None
        if incident is None:
            raise IllegalMove(f"工单{ticket.number}不在事件里。")
        now = c.clock.now()
        data = {"from": incident.id}
        note = f"事件{incident.id}：{incident.name}"
        event = ticket.apply(Move.UNMERGE, Actor.of_staff(member), now, note, visible=False, data=data)
        ticket.incident_id = None
        await moves.keep(uow, c, ticket, event)
        await noted(uow, incident, Told.TAKEN_OUT, member, ticket.number, now)
        await uow.keys.put(key, str(incident.id), now)
        announce(uow, ticket)
        await uow.commit()
        return incident.id


async def handler(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in HANDLES:
        raise Forbidden("合并和一起办由网格员、物业或社区来做。")
    return member


async def noted(uow: UnitOfWork, incident: Incident, what: Told, member: Staff, text: str, now: datetime) -> IncidentEvent:
    line = IncidentEvent(0, incident.id, now, what, named(member), text)
    await uow.incidents.add_event(line)
    return line


def named(member: Staff) -> str:
    return f"{member.role_name}{member.name}"
