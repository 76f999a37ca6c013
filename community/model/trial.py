"""What a rule would have made of tickets that are over: their histories, measured by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.model.calendar import IsWorkday
from community.model.promise import PromiseRule, Timer, promised, timer_of
from community.model.ticket import OPEN, Move, Status, Ticket, TicketEvent


@dataclass(frozen=True)
class Kept:
    """Whether each promise of a ticket was kept. None: it is open still, and its time is not up."""

    accepted: bool | None
    resolved: bool | None


def measured(
    ticket: Ticket, events: Sequence[TicketEvent], rule: PromiseRule, is_workday: IsWorkday, now: datetime
) -> Kept:
    """The promise that was given when it was filed, by this rule. The time of pauses does not count; a withdrawn ticket kept everything."""
    accept_by, resolve_by = promised(rule, ticket.urgency, ticket.created_at, is_workday)
    timer = timer_of(ticket, is_workday)
    accepted = _first(events, Move.ACCEPT, Move.START)
    resolved = _first(events, Move.RESOLVE)
    ended = _first(events, Move.WITHDRAW)
    paused = _paused(events, resolved or now, timer)
    if paused:
        resolve_by = timer.after(resolve_by, paused)
    return Kept(_kept(accepted or resolved or ended, accept_by, now), _kept(resolved or ended, resolve_by, now))


def _kept(done: datetime | None, by: datetime, now: datetime) -> bool | None:
    if done is not None:
        return done <= by
    return None if now <= by else False


def _first(events: Iterable[TicketEvent], *moves: Move) -> datetime | None:
    return next((event.at for event in events if event.move in moves), None)


def _paused(events: Iterable[TicketEvent], until: datetime, timer: Timer) -> timedelta:
    """How much (working) time passed in pauses before `until`."""
    total, since = timedelta(0), None
    for event in events:
        if event.at > until:
            break
        if event.move is Move.PAUSE:
            since = event.at
        elif since is not None and event.to_status in (*OPEN, Status.RESOLVED) and event.to_status is not Status.PAUSED:
            total, since = total + timer.between(since, event.at), None
    return total if since is None else total + timer.between(since, until)
