"""What the statistics count: each mark is a rule about one ticket, so that a number and the list behind it cannot disagree."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate

from community.model.ticket import OPEN, ClosedBy, Outcome, Status, Ticket

RUNNING = OPEN - {Status.PAUSED}


class Mark(StrEnum):
    """A promise is kept or missed once that is certain; until then (and for what was withdrawn before) it is neither."""

    ACCEPT_DUE = "accept_due"
    ACCEPT_KEPT = "accept_kept"
    ACCEPT_MISSED = "accept_missed"
    RESOLVE_DUE = "resolve_due"
    RESOLVE_KEPT = "resolve_kept"
    RESOLVE_MISSED = "resolve_missed"
    WAS_RESOLVED = "was_resolved"
    REOPENED = "reopened"
    PARTLY = "partly"
    ACCEPT_TIMED = "accept_timed"
    RESOLVE_TIMED = "resolve_timed"
    BY_RESIDENT = "by_resident"
    BY_SILENCE = "by_silence"
    SOLVED = "solved"
    EXPLAINED = "explained"


MARK_NAMES = {
    Mark.ACCEPT_DUE: "计入接单守时率",
    Mark.ACCEPT_KEPT: "按时接单",
    Mark.ACCEPT_MISSED: "接单超时",
    Mark.RESOLVE_DUE: "计入办结守时率",
    Mark.RESOLVE_KEPT: "按时办结",
    Mark.RESOLVE_MISSED: "办结超时",
    Mark.WAS_RESOLVED: "办结过",
    Mark.REOPENED: "居民说还没办好",
    Mark.PARTLY: "居民说办了一部分",
    Mark.ACCEPT_TIMED: "计入接单用时",
    Mark.RESOLVE_TIMED: "计入办结用时",
    Mark.BY_RESIDENT: "居民确认结案",
    Mark.BY_SILENCE: "到期自动结案",
    Mark.SOLVED: "解决",
    Mark.EXPLAINED: "解释",
}


def has_mark(ticket: Ticket, mark: Mark, now: datetime) -> bool:
    """Whether `mark` holds for `ticket` at `now` (aware). The rule; `store/repos/marks.py` says the same in SQL, held by a test.

    Reopening gives a ticket new promises and forgets when it was accepted and resolved: it is judged by its last round.
    """
    match mark:
        case Mark.ACCEPT_DUE:
            return has_mark(ticket, Mark.ACCEPT_KEPT, now) or has_mark(ticket, Mark.ACCEPT_MISSED, now)
        case Mark.RESOLVE_DUE:
            return has_mark(ticket, Mark.RESOLVE_KEPT, now) or has_mark(ticket, Mark.RESOLVE_MISSED, now)
        case Mark.ACCEPT_KEPT:
            return ticket.accepted_at is not None and ticket.accepted_at <= ticket.accept_by
        case Mark.ACCEPT_MISSED:
            return _missed(ticket, ticket.accepted_at, ticket.accept_by, now)
        case Mark.RESOLVE_KEPT:
            return ticket.resolved_at is not None and ticket.resolved_at <= ticket.resolve_by
        case Mark.RESOLVE_MISSED:
            return _missed(ticket, ticket.resolved_at, ticket.resolve_by, now)
        case Mark.WAS_RESOLVED:
            return ticket.resolved_at is not None or ticket.reopen_count > 0
        case Mark.REOPENED:
            return ticket.reopen_count > ticket.partly_count
        case Mark.PARTLY:
            return ticket.partly_count > 0
        case Mark.ACCEPT_TIMED:
            # After a reopening the first acceptance is forgotten: what is left would count the resident's own silence.
            return ticket.accepted_at is not None and ticket.reopen_count == 0
        case Mark.RESOLVE_TIMED:
            return ticket.resolved_at is not None
        case Mark.BY_RESIDENT:
            return ticket.closed_by is ClosedBy.RESIDENT
        case Mark.BY_SILENCE:
            return ticket.closed_by is ClosedBy.SILENCE
        case Mark.SOLVED:
            return ticket.outcome is Outcome.SOLVED
        case Mark.EXPLAINED:
            return ticket.outcome is Outcome.EXPLAINED


def _missed(ticket: Ticket, done_at: datetime | None, due: datetime, now: datetime) -> bool:
    if done_at is not None:
        return done_at > due
    # While a promise stands still nobody can say yet whether it will be kept.
    return ticket.status in RUNNING and now > due


def typical(minutes: Mapping[int, int]) -> tuple[timedelta, timedelta] | None:
    """(median, 90th percentile) of how many took so many whole minutes; the second is the shortest that nine in ten did not exceed.

    None for none. Minutes and not each ticket: a city's year is half a million of them, and the page shows hours.
    """
    total = sum(minutes.values())
    if not total:
        return None
    ordered = sorted(minutes)
    upto = list(accumulate(minutes[m] for m in ordered))

    def at(place: int) -> int:
        return ordered[bisect_right(upto, place)]

    half = (at((total - 1) // 2) + at(total // 2)) / 2
    return timedelta(minutes=half), timedelta(minutes=at(math.ceil(0.9 * total) - 1))
