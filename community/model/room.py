"""A community's room in WeCom: what its robot says there. Nobody's name, phone, words or room number: many read it.

The robot may say twenty things a minute [I]; what is more waits its turn, nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.model.calendar import local
from community.model.category import URGENCY_NAMES, Urgency, category_name
from community.model.message import OutboxStatus
from community.model.place import Place, PlaceKind
from community.model.ticket import Ticket

TELLS = frozenset({Urgency.HIGH, Urgency.DANGER})
"""Tickets of these are told in the room when they are filed."""
A_MINUTE = 18
"""Two fewer than the platform takes: its minute is not ours."""
MINUTE = timedelta(seconds=60)
UNKNOWN_PLACE = "待核实"


@dataclass(eq=False)
class RoomNote:
    """One message to the room of a community. `idempotency_key` is unique: written twice, said once."""

    id: int
    idempotency_key: str
    community_id: int
    text: str
    created_at: datetime
    status: OutboxStatus = OutboxStatus.PENDING
    attempts: int = 0
    failures: int = 0
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    sent_at: datetime | None = None
    error: str = ""


def public_place(chain: Sequence[Place]) -> str:
    """The place down to the unit, never the room. `chain` is the place and what it lies in, innermost first."""
    for place in chain:
        if place.kind is not PlaceKind.ROOM:
            return place.full_name or place.name
    return UNKNOWN_PLACE


def _moment(moment: datetime) -> str:
    # Not "today": it is read on other days too.
    here = local(moment)
    return f"{here.month}月{here.day}日{here.hour}:{here.minute:02d}"


def filed_text(ticket: Ticket, place: str) -> str:
    """An urgent ticket was filed."""
    return "\n".join([
        f"【{URGENCY_NAMES[ticket.urgency]}】新工单{ticket.number}",
        f"类别：{category_name(ticket.category)}",
        f"地点：{place}",
        f"承诺：{_moment(ticket.accept_by)}前接单，{_moment(ticket.resolve_by)}前办好",
    ])  # fmt: skip


def escalated_text(ticket: Ticket, place: str, level: str) -> str:
    """A ticket went up to `level`: 社区, 街道, 市."""
    return "\n".join([
        f"【升级】工单{ticket.number}已升级到{level}",
        f"类别：{category_name(ticket.category)}",
        f"地点：{place}",
        f"承诺：{_moment(ticket.resolve_by)}前办好",
    ])  # fmt: skip


def room_left(sent_last_minute: int, under_way: int) -> int:
    """How many more may be said now."""
    return max(0, A_MINUTE - sent_last_minute - under_way)
