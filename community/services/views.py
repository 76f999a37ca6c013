"""What entrances show: plain, frozen, free of the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from community.model.category import URGENCY_NAMES, Category, Urgency, category_name
from community.model.people import Staff
from community.model.ticket import MOVE_NAMES, STATUS_NAMES, TITLE, Move, Outcome, Status, Ticket, TicketEvent


@dataclass(frozen=True)
class IncidentMark:
    """What a ticket's incident has in common: how many tickets and open ones, how many households met it and how many of these still
    wait, and what staff said of its end (`expected_at`, aware UTC; `expected_why`, `expected_by`). Nothing that a reporter said."""

    id: int
    name: str
    tickets: int
    open: int
    households: int
    waiting: int
    expected_at: datetime | None = None
    expected_why: str = ""
    expected_by: str = ""

    def expects(self, now: datetime) -> bool:
        """Whether what was said still lies ahead: what has passed is worth less than the promise."""
        return self.expected_at is not None and self.expected_at > now


@dataclass(frozen=True)
class TicketView:
    """Times are aware UTC; names are Chinese. `following`: its reader has joined a neighbour's; the words are the reader's own then."""

    id: int
    number: str
    category: Category
    category_name: str
    urgency: Urgency
    urgency_name: str
    status: Status
    status_name: str
    title: str
    words: str
    detail: str
    place_text: str
    holder_id: int | None
    holder_name: str
    holder_role: str
    holder_phone: str
    created_at: datetime
    accept_by: datetime
    resolve_by: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    overdue: bool
    rating: int | None
    urge_count: int
    resident_id: int | None
    is_open: bool
    paused_until: datetime | None = None
    following: bool = False
    incident: IncidentMark | None = None
    second: bool = False
    """Its reader is the second side of its mediation; the words are the mediator's."""
    explained: bool = False
    """Staff said why it cannot be done, not that it is."""
    partly: bool = False
    """The resident has said 办了一部分, and it is being worked on again."""


@dataclass(frozen=True)
class EventView:
    at: datetime
    move: Move
    move_name: str
    who: str
    actor_kind: str
    note: str
    visible: bool
    to_status_name: str


@dataclass(frozen=True)
class TicketDetail:
    """`photos` are (hash, kind) with kind 'report', 'added', 'staff' (while it is worked on) or 'after'. `department`: who really deals
    with it when the community does not, with how to reach them."""

    ticket: TicketView
    events: tuple[EventView, ...]
    photos: tuple[tuple[str, str], ...]
    department: str = ""


@dataclass(frozen=True)
class DeskCounts:
    open: int
    overdue: int
    resolved_waiting: int
    ended_recent: int
    mine_open: int
    by_category: list[tuple[Category, str, int]]
    by_day: list[tuple[date, int, int]]


def ticket_view(
    ticket: Ticket, holder: Staff | None, now: datetime, incident: IncidentMark | None = None
) -> TicketView:
    return TicketView(
        id=ticket.id,
        number=ticket.number,
        category=ticket.category,
        category_name=category_name(ticket.category),
        urgency=ticket.urgency,
        urgency_name=URGENCY_NAMES[ticket.urgency],
        status=ticket.status,
        status_name=STATUS_NAMES[ticket.status],
        title=ticket.title,
        words=ticket.words,
        detail=ticket.detail,
        place_text=ticket.place_text,
        holder_id=ticket.holder_id,
        holder_name=holder.name if holder else "",
        holder_role=holder.role_name if holder else "",
        holder_phone=holder.phone if holder else "",
        created_at=ticket.created_at,
        accept_by=ticket.accept_by,
        resolve_by=ticket.resolve_by,
        accepted_at=ticket.accepted_at,
        ended_at=ticket.ended_at,
        overdue=ticket.is_overdue(now),
        rating=ticket.rating,
        urge_count=ticket.urge_count,
        resident_id=ticket.resident_id,
        is_open=ticket.is_open,
        paused_until=ticket.paused_until,
        incident=incident,
        explained=ticket.outcome is Outcome.EXPLAINED,
        partly=ticket.is_open and ticket.partly_count > 0,
    )


def for_follower(view: TicketView, words: str) -> TicketView:
    """A neighbour's ticket as somebody sees it who has joined it with these words of their own: no word, place or name of the other's."""
    own = words or f"{view.category_name}的问题"
    title = own if len(own) <= TITLE else own[: TITLE - 1] + "…"
    return replace(view, title=title, words=own, detail="", place_text="", resident_id=None, rating=None, following=True)


def event_view(event: TicketEvent) -> EventView:
    return EventView(
        at=event.at,
        move=event.move,
        move_name=MOVE_NAMES[event.move],
        who=event.actor_name,
        actor_kind=event.actor_kind,
        note=event.note,
        visible=event.visible,
        to_status_name=STATUS_NAMES[event.to_status],
    )
