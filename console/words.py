"""What the pages say about times, promises and states. Pure functions: a page that needs `now` passes it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from community.model.calendar import local
from community.model.ticket import ENDED, MOVE_NAMES, Move, Status
from community.services.views import TicketView

Tone = Literal["late", "soon", "calm", "none"]
SOON = timedelta(hours=4)
"""A promise that ends within this is shown amber, so that it is seen while something can still be done."""

_BEFORE_ACCEPT = frozenset({Status.RECEIVED, Status.DISPATCHED, Status.RETURNED})

STATUS_SHORT = {Status.RESOLVED: "待居民确认"}
"""The model's names speak to the resident ("待您确认"); staff read these instead."""

ACTION_NAMES = {
    Move.ACCEPT: "接单",
    Move.START: "开始处理",
    Move.RESOLVE: "办结",
    Move.RETURN: "退回",
    Move.TRANSFER: "转派",
    Move.NOTE: "备注",
}


@dataclass(frozen=True)
class Promise:
    """The clock that runs now for a ticket: what is due, when, and how worried to be."""

    text: str
    tone: Tone


def short_time(moment: datetime, now: datetime) -> str:
    """今天 09:05, 昨天 17:30, 11-20 09:05, 2024-11-20 09:05: aligned, for lists."""
    here, today = local(moment), local(now).date()
    clock = f"{here:%H:%M}"
    days = (here.date() - today).days
    names = {0: "今天", 1: "明天", -1: "昨天"}
    if days in names:
        return f"{names[days]} {clock}"
    if here.year == today.year:
        return f"{here:%m-%d} {clock}"
    return f"{here:%Y-%m-%d} {clock}"


def span_text(amount: timedelta) -> str:
    """25分钟, 3小时, 2天: one unit, rounded down, at least a minute."""
    minutes = max(1, int(amount.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60}小时"
    return f"{minutes // (24 * 60)}天"


def ago_text(moment: datetime, now: datetime) -> str:
    if now - moment < timedelta(minutes=1):
        return "刚刚"
    return f"{span_text(now - moment)}前"


DueGroup = Literal["late", "today", "later", "paused", "none"]
DUE_GROUPS: dict[DueGroup, str] = {
    "late": "已超时", "today": "今天到期", "later": "之后", "paused": "暂缓中", "none": "不用再办",
}  # fmt: skip
"""The inbox's parts, in the order they are worked on. `none`: it waits for the resident, or has ended."""


def running(ticket: TicketView, now: datetime) -> tuple[str, datetime] | None:
    """Which promise runs now (接单 or 办结) and when it ends; None when nothing is to be done, or the clock stands still."""
    status = Status(ticket.status)
    if status in (Status.RESOLVED, Status.PAUSED) or status in ENDED:
        return None
    if ticket.accepted_at is None and now <= ticket.resolve_by:
        return "接单", ticket.accept_by
    return "办结", ticket.resolve_by


def due_group(ticket: TicketView, now: datetime) -> DueGroup:
    clock = running(ticket, now)
    if clock is None:
        return "paused" if Status(ticket.status) is Status.PAUSED else "none"
    if now > clock[1]:
        return "late"
    return "today" if local(clock[1]).date() == local(now).date() else "later"


def countdown(ticket: TicketView, now: datetime) -> Promise:
    """接单 还有2小时, 办结 超时1天: what is left, for who decides what to do first."""
    clock = running(ticket, now)
    if clock is None:
        return _stands_still(ticket, now)
    label, due = clock
    if now > due:
        return Promise(f"{label} 超时{span_text(now - due)}", "late")
    return Promise(f"{label} 还有{span_text(due - now)}", "soon" if due - now <= SOON else "calm")


def _stands_still(ticket: TicketView, now: datetime) -> Promise:
    if Status(ticket.status) is not Status.PAUSED or ticket.paused_until is None:
        return Promise("", "none")
    return Promise(f"暂缓到 {short_time(ticket.paused_until, now)}", "calm")


def promise_of(ticket: TicketView, now: datetime) -> Promise:
    """Which promise runs for `ticket` and whether it is late. The heart's own `overdue` has the last word."""
    clock = running(ticket, now)
    if clock is None:
        return _stands_still(ticket, now)
    label, due = clock
    if now > due:
        return Promise(f"{label}超时 {span_text(now - due)}", "late")
    tone: Tone = "late" if ticket.overdue else "soon" if due - now <= SOON else "calm"
    return Promise(f"{label} {short_time(due, now)}", tone)


def status_text(status: str, fallback: str = "") -> str:
    """The status as staff read it; `fallback` is the heart's name for it."""
    return STATUS_SHORT.get(Status(status), fallback or status)


def move_name(move: Move) -> str:
    """What the button of a move says; a move that staff have no word of their own for has the model's."""
    return ACTION_NAMES.get(move) or MOVE_NAMES[move]


def status_tone(status: str) -> str:
    """A style name: what waits for staff stands out, what is over steps back."""
    value = Status(status)
    if value in _BEFORE_ACCEPT:
        return "todo"
    if value in ENDED:
        return "over"
    return "wait" if value in (Status.RESOLVED, Status.PAUSED) else "work"
