"""The ticket 工单: its states, who may move it, and what every move leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from community.errors import IllegalMove
from community.model.category import Category, Urgency
from community.model.level import Level


class Status(StrEnum):
    RECEIVED = "received"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
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
    Status.PAUSED: "暂缓",
    Status.RESOLVED: "待您确认",
    Status.CONFIRMED: "居民已确认",
    Status.CLOSED: "已结案",
    Status.RETURNED: "已退回",
    Status.WITHDRAWN: "已撤回",
}

OPEN = frozenset({
    Status.RECEIVED, Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.PAUSED, Status.RETURNED,
})  # fmt: skip
"""Somebody still has to do something. RESOLVED waits for the resident."""
ENDED = frozenset({Status.CONFIRMED, Status.CLOSED, Status.WITHDRAWN})


class Move(StrEnum):
    FILE = "file"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RESOLVE = "resolve"
    RETURN = "return"
    TRANSFER = "transfer"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    PARTLY = "partly"
    RATE = "rate"
    URGE = "urge"
    NOTE = "note"
    WITHDRAW = "withdraw"
    SILENT_CLOSE = "silent_close"
    REMIND = "remind"
    ESCALATE = "escalate"
    PRESS = "press"
    CHECK_PLACE = "check_place"
    MERGE = "merge"
    UNMERGE = "unmerge"
    RECATEGORISE = "recategorise"


MOVE_NAMES = {
    Move.FILE: "上报",
    Move.DISPATCH: "派单",
    Move.ACCEPT: "接单",
    Move.START: "开始处理",
    Move.PAUSE: "暂缓",
    Move.RESUME: "恢复计时",
    Move.RESOLVE: "办结",
    Move.RETURN: "退回",
    Move.TRANSFER: "转派",
    Move.CONFIRM: "居民确认",
    Move.REOPEN: "重新打开",
    Move.PARTLY: "办了一部分",
    Move.RATE: "评价",
    Move.URGE: "催办",
    Move.NOTE: "补充",
    Move.WITHDRAW: "撤回",
    Move.SILENT_CLOSE: "到期自动结案",
    Move.REMIND: "临期提醒",
    Move.ESCALATE: "超时升级",
    Move.PRESS: "督办",
    Move.CHECK_PLACE: "核实地点",
    Move.MERGE: "并入事件",
    Move.UNMERGE: "移出事件",
    Move.RECATEGORISE: "改类别",
}

S, M = Status, Move
_WORKED = (S.DISPATCHED, S.ACCEPTED, S.IN_PROGRESS)
_RUNNING = (S.RECEIVED, *_WORKED, S.RETURNED)
"""Where the promise runs."""
_ALIVE = (*_RUNNING, S.PAUSED, S.RESOLVED)

# The whole state machine: (from, move) -> to. What is not here is refused.
TRANSITIONS: dict[tuple[Status, Move], Status] = {
    (S.RECEIVED, M.DISPATCH): S.DISPATCHED,
    (S.RETURNED, M.DISPATCH): S.DISPATCHED,
    (S.DISPATCHED, M.ACCEPT): S.ACCEPTED,
    (S.RETURNED, M.ACCEPT): S.ACCEPTED,
    (S.DISPATCHED, M.START): S.IN_PROGRESS,
    (S.ACCEPTED, M.START): S.IN_PROGRESS,
    (S.RESOLVED, M.CONFIRM): S.CONFIRMED,
    **{(s, m): S.DISPATCHED for s in (S.RESOLVED, S.CONFIRMED, S.CLOSED) for m in (M.REOPEN, M.PARTLY)},
    (S.CONFIRMED, M.RATE): S.CLOSED,
    (S.CLOSED, M.RATE): S.CLOSED,
    (S.RESOLVED, M.SILENT_CLOSE): S.CLOSED,
    (S.CONFIRMED, M.SILENT_CLOSE): S.CLOSED,
    **{(s, M.RESOLVE): S.RESOLVED for s in (S.ACCEPTED, S.IN_PROGRESS)},
    **{(s, M.RETURN): S.RETURNED for s in _WORKED},
    **{(s, M.TRANSFER): S.DISPATCHED for s in _RUNNING},
    **{(s, M.PAUSE): S.PAUSED for s in (S.ACCEPTED, S.IN_PROGRESS)},
    (S.PAUSED, M.RESUME): S.IN_PROGRESS,
    (S.PAUSED, M.RESOLVE): S.RESOLVED,
    **{(s, M.ESCALATE): S.DISPATCHED for s in _RUNNING},
    **{(s, M.REMIND): s for s in _RUNNING},
    **{(s, M.PRESS): s for s in _RUNNING},
    **{(s, M.URGE): s for s in (*_RUNNING, S.PAUSED)},
    **{(s, M.NOTE): s for s in (*_ALIVE, S.CONFIRMED)},
    **{(s, M.WITHDRAW): S.WITHDRAWN for s in (*_RUNNING, S.PAUSED)},
    **{(s, M.CHECK_PLACE): s for s in _ALIVE},
    # What it is about was read wrongly: nothing else moves by it but the promise (services/recategorising.py).
    **{(s, M.RECATEGORISE): s for s in _ALIVE},
    # An incident is what tickets have in common (model/incident.py): none of them stops, ends or changes hands by it.
    **{(s, move): s for s in (*_RUNNING, S.PAUSED) for move in (M.MERGE, M.UNMERGE)},
}

SILENCE = timedelta(days=3)
"""A resolved ticket nobody answers for closes by itself after this; it is counted apart (`closed_by`)."""
REOPEN_WITHIN = timedelta(days=15)
URGE_EVERY = timedelta(minutes=30)
TITLE = 24
"""Characters of the words that stand for a ticket in lists and sentences."""
REPEAT_WITHIN = timedelta(days=60)
"""The same category at the same place within this is the same trouble coming back."""


AGAIN = frozenset({Move.REOPEN, Move.PARTLY})
"""The resident says that it is not done, or only in part: a new round with new promises. Counted apart."""


class ClosedBy(StrEnum):
    RESIDENT = "resident"
    SILENCE = "silence"


class Outcome(StrEnum):
    """What staff say when they resolve: it was put right, or it could not be and the resident was told why. Counted apart."""

    SOLVED = "solved"
    EXPLAINED = "explained"


OUTCOME_NAMES = {Outcome.SOLVED: "解决", Outcome.EXPLAINED: "解释"}


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
    """A report and its way to the end. Times are aware UTC. `holder_id` is the staff member who has it now, `level` where they stand.

    `reopen_count` counts every new round, `partly_count` those of them that began with 办了一部分.
    `accept_by` and `resolve_by` are what the resident was promised. The clock (`community.model.promise`) keeps `clock_from` (since
    when the present promise runs; None: since it was filed), `remind_at`, `escalate_at`, and `look_at`, the earliest of them.
    """

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
    partly_count: int = 0
    rating: int | None = None
    closed_by: ClosedBy | None = None
    source: str = "chat"
    level: Level = Level.GRID
    outcome: Outcome | None = None
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    clock_from: datetime | None = None
    reminded_for: datetime | None = None
    remind_at: datetime | None = None
    escalated_at: datetime | None = None
    escalate_at: datetime | None = None
    look_at: datetime | None = None
    version: int = 1
    contact_hash: str | None = None
    """The vault's fingerprint of the telephone number in `contact`; None where there is none."""
    incident_id: int | None = None
    """The incident it is handled in together with others."""

    @property
    def deadline(self) -> datetime:
        """What the present promise is: to be accepted, and then to be resolved."""
        return self.accept_by if self.accepted_at is None else self.resolve_by

    @property
    def running_since(self) -> datetime:
        return self.clock_from or self.created_at

    @property
    def title(self) -> str:
        return self.words if len(self.words) <= TITLE else self.words[: TITLE - 1] + "…"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def allowed(self) -> frozenset[Move]:
        """The moves possible from here, whoever makes them."""
        return frozenset(move for (status, move) in TRANSITIONS if status == self.status)

    def is_overdue(self, now: datetime) -> bool:
        if self.status not in OPEN or self.status is Status.PAUSED:
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
        if move in AGAIN and self.ended_at is not None and now - self.ended_at > REOPEN_WITHIN:
            raise IllegalMove(f"工单{self.number}结束已超过{REOPEN_WITHIN.days}天，请重新报一件，我们会接着办。")
        self.status = after
        if move in (Move.ACCEPT, Move.START) and self.accepted_at is None:
            self.accepted_at = self.clock_from = now
        if move is Move.RESOLVE:
            self.resolved_at, self.outcome = now, self.outcome or Outcome.SOLVED
        if move is Move.URGE:
            self.last_urged_at, self.urge_count = now, self.urge_count + 1
        if move in AGAIN:
            self.reopen_count += 1
            self.partly_count += move is Move.PARTLY
            self.resolved_at = self.ended_at = self.accepted_at = self.escalated_at = self.reminded_for = None
            self.closed_by = self.rating = self.outcome = None
            self.clock_from = now
        if move is Move.REMIND:
            self.reminded_for = self.deadline
        if move is Move.ESCALATE:
            self.level = Level(min(self.level + 1, Level.CITY))
        if move in (Move.ESCALATE, Move.PRESS):
            self.escalated_at = now
        if move in (Move.RESOLVE, Move.WITHDRAW):
            self.paused_at = self.paused_until = None
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
