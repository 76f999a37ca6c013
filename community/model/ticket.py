"""The ticket 工单: its states, who may move it, and what every move leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from community.errors import IllegalMove
from community.model.calendar import IsWorkday, add_working_time
from community.model.category import RULES, Category, Urgency


class Status(StrEnum):
    RECEIVED = "received"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


STATUS_NAMES = {
    Status.RECEIVED: "已受理",
    Status.DISPATCHED: "已派单",
    Status.ACCEPTED: "已接单",
    Status.IN_PROGRESS: "处理中",
    Status.RESOLVED: "待您确认",
    Status.CONFIRMED: "居民已确认",
    Status.CLOSED: "已结案",
    Status.RETURNED: "已退回",
    Status.WITHDRAWN: "已撤回",
}

OPEN = frozenset({Status.RECEIVED, Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.RETURNED})
"""Somebody still has to do something. RESOLVED waits for the resident."""
ENDED = frozenset({Status.CONFIRMED, Status.CLOSED, Status.WITHDRAWN})


class Move(StrEnum):
    FILE = "file"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    START = "start"
    RESOLVE = "resolve"
    RETURN = "return"
    TRANSFER = "transfer"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    RATE = "rate"
    URGE = "urge"
    NOTE = "note"
    WITHDRAW = "withdraw"
    SILENT_CLOSE = "silent_close"
    CHECK_PLACE = "check_place"


MOVE_NAMES = {
    Move.FILE: "上报",
    Move.DISPATCH: "派单",
    Move.ACCEPT: "接单",
    Move.START: "开始处理",
    Move.RESOLVE: "办结",
    Move.RETURN: "退回",
    Move.TRANSFER: "转派",
    Move.CONFIRM: "居民确认",
    Move.REOPEN: "重新打开",
    Move.RATE: "评价",
    Move.URGE: "催办",
    Move.NOTE: "补充",
    Move.WITHDRAW: "撤回",
    Move.SILENT_CLOSE: "到期自动结案",
    Move.CHECK_PLACE: "核实地点",
}

S, M = Status, Move
_WORKED = (S.DISPATCHED, S.ACCEPTED, S.IN_PROGRESS)
_ALIVE = (S.RECEIVED, S.DISPATCHED, S.ACCEPTED, S.IN_PROGRESS, S.RETURNED, S.RESOLVED)

# The whole state machine: (from, move) -> to. What is not here is refused.
TRANSITIONS: dict[tuple[Status, Move], Status] = {
    (S.RECEIVED, M.DISPATCH): S.DISPATCHED,
    (S.RETURNED, M.DISPATCH): S.DISPATCHED,
    (S.DISPATCHED, M.ACCEPT): S.ACCEPTED,
    (S.DISPATCHED, M.START): S.IN_PROGRESS,
    (S.ACCEPTED, M.START): S.IN_PROGRESS,
    (S.RESOLVED, M.CONFIRM): S.CONFIRMED,
    (S.RESOLVED, M.REOPEN): S.DISPATCHED,
    (S.CONFIRMED, M.REOPEN): S.DISPATCHED,
    (S.CLOSED, M.REOPEN): S.DISPATCHED,
    (S.CONFIRMED, M.RATE): S.CLOSED,
    (S.CLOSED, M.RATE): S.CLOSED,
    (S.RESOLVED, M.SILENT_CLOSE): S.CLOSED,
    (S.CONFIRMED, M.SILENT_CLOSE): S.CLOSED,
    **{(s, M.RESOLVE): S.RESOLVED for s in (S.ACCEPTED, S.IN_PROGRESS)},
    **{(s, M.RETURN): S.RETURNED for s in _WORKED},
    **{(s, M.TRANSFER): S.DISPATCHED for s in (S.RECEIVED, *_WORKED, S.RETURNED)},
    **{(s, M.URGE): s for s in (S.RECEIVED, *_WORKED, S.RETURNED)},
    **{(s, M.NOTE): s for s in (*_ALIVE, S.CONFIRMED)},
    **{(s, M.WITHDRAW): S.WITHDRAWN for s in (S.RECEIVED, *_WORKED, S.RETURNED)},
    **{(s, M.CHECK_PLACE): s for s in _ALIVE},
}

SILENCE = timedelta(days=3)
"""A resolved ticket nobody answers for closes by itself after this; it is counted apart (`closed_by`)."""
REOPEN_WITHIN = timedelta(days=15)
URGE_EVERY = timedelta(minutes=30)


class ClosedBy(StrEnum):
    RESIDENT = "resident"
    SILENCE = "silence"


@dataclass(eq=False)
class TicketEvent:
    """One append-only line of a ticket's history. `visible` says whether the resident may read it."""

    id: int
    ticket_id: int
    at: datetime
    move: Move
    from_status: Status | None
    to_status: Status
    actor_kind: str
    actor_id: int
    actor_name: str
    note: str = ""
    visible: bool = True
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Ticket:
    """A report and its way to the end. Times are aware UTC. `holder_id` is the staff member who has it now."""

    id: int
    number: str
    resident_id: int | None
    category: Category
    urgency: Urgency
    status: Status
    words: str
    place_text: str
    place_id: int | None
    estate_id: int | None
    grid_id: int | None
    community_id: int | None
    created_at: datetime
    accept_by: datetime
    resolve_by: datetime
    detail: str = ""
    contact: str = ""
    holder_id: int | None = None
    accepted_at: datetime | None = None
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    last_urged_at: datetime | None = None
    urge_count: int = 0
    reopen_count: int = 0
    rating: int | None = None
    closed_by: ClosedBy | None = None
    source: str = "chat"
    version: int = 1

    @property
    def title(self) -> str:
        return self.words if len(self.words) <= 24 else self.words[:23] + "…"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def allowed(self) -> frozenset[Move]:
        """The moves possible from here, whoever makes them."""
        return frozenset(move for (status, move) in TRANSITIONS if status == self.status)

    def is_overdue(self, now: datetime) -> bool:
        if self.status not in OPEN:
            return False
        return now > self.resolve_by or (self.accepted_at is None and now > self.accept_by)

    def apply(
        self,
        move: Move,
        actor: Any,
        now: datetime,
        note: str = "",
        *,
        visible: bool = True,
        data: dict[str, Any] | None = None,
    ) -> TicketEvent:
        """Make `move` and return its event (not yet numbered). Raises IllegalMove when the table has no such step."""
        before = self.status
        after = TRANSITIONS.get((before, move))
        if after is None:
            raise IllegalMove(f"工单{self.number}现在是“{STATUS_NAMES[before]}”，不能{MOVE_NAMES[move]}。")
        if move is Move.REOPEN and self.ended_at is not None and now - self.ended_at > REOPEN_WITHIN:
            raise IllegalMove(f"工单{self.number}结束已超过{REOPEN_WITHIN.days}天，请重新报一件，我们会接着办。")
        self.status = after
        if move in (Move.ACCEPT, Move.START) and self.accepted_at is None:
            self.accepted_at = now
        if move is Move.RESOLVE:
            self.resolved_at = now
        if move is Move.URGE:
            self.last_urged_at, self.urge_count = now, self.urge_count + 1
        if move is Move.REOPEN:
            self.reopen_count += 1
            self.resolved_at = self.ended_at = self.accepted_at = None
            self.closed_by = self.rating = None
        if move is Move.CONFIRM:
            self.closed_by = ClosedBy.RESIDENT
        if move is Move.SILENT_CLOSE and self.closed_by is None:
            self.closed_by = ClosedBy.SILENCE
        if after in ENDED and self.ended_at is None:
            self.ended_at = now
        return TicketEvent(
            id=0,
            ticket_id=self.id,
            at=now,
            move=move,
            from_status=before,
            to_status=after,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            note=note,
            visible=visible,
            data=data or {},
        )


def promise(
    category: Category, urgency: Urgency, start: datetime, is_workday: IsWorkday
) -> tuple[datetime, datetime]:
    """(accept by, resolve by) for a ticket that starts its clock at `start`.

    Danger does not wait for office hours: 15 minutes and 24 hours of plain time. HIGH has half the working time of NORMAL.
    """
    if urgency is Urgency.DANGER:
        return start + timedelta(minutes=15), start + timedelta(hours=24)
    rule = RULES[category]
    share = 0.5 if urgency is Urgency.HIGH and rule.urgency is Urgency.NORMAL else 1.0
    accept = add_working_time(start, timedelta(minutes=rule.accept_minutes) * share, is_workday)
    resolve = add_working_time(start, timedelta(hours=rule.resolve_hours) * share, is_workday)
    return accept, resolve
