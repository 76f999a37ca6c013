"""A mediation as staff see it: the two sides beside each other, for who may see both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.model.category import Category
from community.model.mediation import RESULT_NAMES, SECOND_NAMES, Mediation, Second
from community.model.people import Role, Staff
from community.model.ticket import Move, Status, Ticket
from community.ports import UnitOfWork
from community.services.access import allowed_for

LEADS = frozenset({Role.MEDIATOR, Role.COMMUNITY_STAFF})
BETWEEN_TWO = frozenset({
    Category.DISPUTE, Category.NOISE, Category.LEAK, Category.DRAINAGE, Category.PETS, Category.RENOVATION, Category.FUMES,
    Category.PARKING, Category.SANITATION, Category.ILLEGAL_BUILDING, Category.OTHER,
})  # fmt: skip
"""What two households can be at odds about: only there is a mediation offered."""
SAYS = frozenset({Move.FILE, Move.NOTE, Move.REOPEN, Move.PARTLY})


@dataclass(frozen=True)
class Said:
    at: datetime
    who: str
    text: str
    by_staff: bool


@dataclass(frozen=True)
class SideView:
    """`state` is how far this side is, in a word or two; `answer` what it says to the result ('' before)."""

    name: str
    home: str
    state: str
    answer: str
    lines: tuple[Said, ...]


@dataclass(frozen=True)
class MediationView:
    """`first` is None where this member may only know that there is a mediation (or, with `can_open`, that one could be opened).
    `invitable` are (resident id, name, verified home) of where the second side lives."""

    can_open: bool
    first: SideView | None = None
    second: SideView | None = None
    subject: str = ""
    meet_at: datetime | None = None
    meet_place: str = ""
    result: str = ""
    result_words: str = ""
    invitable: tuple[tuple[int, str, bool], ...] = ()
    may_name: bool = False
    may_write_second: bool = False
    may_conclude: bool = False
    is_open: bool = False


def may_mediate(member: Staff, ticket: Ticket) -> bool:
    """Who leads a mediation and reads both sides: mediators and the desk of those who may see the ticket, and who holds it. A property
    company is itself a neighbour: never."""
    return member.role in LEADS or (ticket.holder_id == member.id and member.role is not Role.PROPERTY)


async def view_for(uow: UnitOfWork, member: Staff, ticket: Ticket, now: datetime) -> MediationView | None:
    mediation = await uow.mediations.of_ticket(ticket.id)
    if mediation is None:
        fits = ticket.is_open and ticket.category in BETWEEN_TWO and ticket.resident_id is not None
        may = fits and Move.TRANSFER in allowed_for(member, ticket) and not await uow.tickets.followers(ticket.id)
        return MediationView(can_open=True) if may else None
    if not may_mediate(member, ticket):
        return MediationView(can_open=False)
    there = await uow.mediations.living_in(mediation.second_place_id) if mediation.second_place_id else []
    asked = mediation.second in (Second.INVITED, Second.ACCEPTED)
    declined = mediation.second_id if mediation.second is Second.DECLINED else None
    return MediationView(
        can_open=False,
        first=await _first(uow, ticket, mediation),
        second=await _second(uow, mediation),
        subject=mediation.subject,
        meet_at=mediation.meet_at,
        meet_place=mediation.meet_place,
        result=RESULT_NAMES[mediation.result] if mediation.result is not None else "",
        result_words=mediation.result_words,
        invitable=()
        if asked or not ticket.is_open
        else tuple((r.id, r.name, r.home_verified) for r in there if r.id not in (ticket.resident_id, declined)),
        may_name=not asked and ticket.is_open,
        may_write_second=mediation.both,
        may_conclude=ticket.status in (Status.ACCEPTED, Status.IN_PROGRESS),
        is_open=ticket.is_open,
    )


async def _first(uow: UnitOfWork, ticket: Ticket, mediation: Mediation) -> SideView:
    resident = await uow.people.resident(ticket.resident_id) if ticket.resident_id else None
    home = await uow.places.get(resident.room_id) if resident is not None and resident.room_id else None
    lines = [
        Said(event.at, event.actor_name, event.note, event.actor_kind == "staff")
        for event in await uow.tickets.events(ticket.id)
        if event.visible and event.move in SAYS and event.note and event.actor_kind != "system"
    ]
    name = resident.name if resident is not None else ""
    return SideView(name, home.full_name if home else "", "", _answer(mediation.first_agrees), tuple(lines))


async def _second(uow: UnitOfWork, mediation: Mediation) -> SideView:
    resident = await uow.people.resident(mediation.second_id) if mediation.second_id else None
    place = await uow.places.get(mediation.second_place_id) if mediation.second_place_id else None
    home = place.full_name if place is not None else mediation.second_text
    lines = [Said(x.at, x.actor_name, x.text, x.actor_kind == "staff") for x in await uow.mediations.lines(mediation.id)]
    name = resident.name if resident is not None and mediation.second is not Second.NAMED else ""
    return SideView(name, home, SECOND_NAMES[mediation.second], _answer(mediation.second_agrees), tuple(lines))


def _answer(agrees: bool | None) -> str:
    return "认可结果" if agrees else ""
