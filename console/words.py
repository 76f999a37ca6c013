"""What the pages say about times, promises and states. Pure functions: a page that needs `now` passes it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from community.model.calendar import local
from community.model.ticket import ENDED, Move, Status
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


def promise_of(ticket: TicketView, now: datetime) -> Promise:
    """Which promise runs for `ticket` and whether it is late. The heart's own `overdue` has the last word."""
    status = Status(ticket.status)
    if status is Status.RESOLVED or status in ENDED:
        return Promise("", "none")
    label, due = "办结", ticket.resolve_by
    if ticket.accepted_at is None and now <= ticket.resolve_by:
        label, due = "接单", ticket.accept_by
    if now > due:
        return Promise(f"{label}超时 {span_text(now - due)}", "late")
    tone: Tone = "late" if ticket.overdue else "soon" if due - now <= SOON else "calm"
    return Promise(f"{label} {short_time(due, now)}", tone)


def status_text(status: str, fallback: str = "") -> str:
    """The status as staff read it; `fallback` is the heart's name for it."""
    return STATUS_SHORT.get(Status(status), fallback or status)


def status_tone(status: str) -> str:
    """A style name: what waits for staff stands out, what is over steps back."""
    value = Status(status)
    if value in _BEFORE_ACCEPT:
        return "todo"
    if value in ENDED:
        return "over"
    return "wait" if value is Status.RESOLVED else "work"
