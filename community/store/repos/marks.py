"""The marks of `community.model.figures` and spans of local days, as conditions on tickets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from community.model.calendar import SHANGHAI
from community.model.figures import RUNNING, Mark
from community.model.ticket import ClosedBy, Outcome
from community.store.tables import tickets

NO_GRID = 0
"""As a grid's id in a query: the tickets whose place is in no grid."""


def mark_clause(mark: Mark, now: datetime) -> ColumnElement[bool]:
    """The tickets for which `has_mark` is true at `now`."""
    t = tickets.c
    rules: dict[Mark, ColumnElement[bool]] = {
        Mark.ACCEPT_KEPT: t.accepted_at <= t.accept_by,
        Mark.ACCEPT_MISSED: _missed(t.accepted_at, t.accept_by, now),
        Mark.RESOLVE_KEPT: t.resolved_at <= t.resolve_by,
        Mark.RESOLVE_MISSED: _missed(t.resolved_at, t.resolve_by, now),
        Mark.WAS_RESOLVED: or_(t.resolved_at.is_not(None), t.reopen_count > 0),
        Mark.REOPENED: t.reopen_count > t.partly_count,
        Mark.PARTLY: t.partly_count > 0,
        Mark.ACCEPT_TIMED: and_(t.accepted_at.is_not(None), t.reopen_count == 0),
        Mark.RESOLVE_TIMED: t.resolved_at.is_not(None),
        Mark.BY_RESIDENT: t.closed_by == ClosedBy.RESIDENT,
        Mark.BY_SILENCE: t.closed_by == ClosedBy.SILENCE,
        Mark.SOLVED: t.outcome == Outcome.SOLVED,
        Mark.EXPLAINED: t.outcome == Outcome.EXPLAINED,
    }
    rules[Mark.ACCEPT_DUE] = or_(rules[Mark.ACCEPT_KEPT], rules[Mark.ACCEPT_MISSED])
    rules[Mark.RESOLVE_DUE] = or_(rules[Mark.RESOLVE_KEPT], rules[Mark.RESOLVE_MISSED])
    return rules[mark]


def _missed(done_at: Any, due: Any, now: datetime) -> ColumnElement[bool]:
    still = and_(done_at.is_(None), tickets.c.status.in_(sorted(RUNNING)), due < now)
    return or_(done_at > due, still)


def grid_clause(grid_id: int) -> ColumnElement[bool]:
    return tickets.c.grid_id.is_(None) if grid_id == NO_GRID else tickets.c.grid_id == grid_id


def within(column: Any, days: tuple[date, date]) -> ColumnElement[bool]:
    """`column` lies on one of these local days, both ends included."""
    first = datetime.combine(days[0], datetime.min.time(), SHANGHAI)
    after = datetime.combine(days[1] + timedelta(days=1), datetime.min.time(), SHANGHAI)
    return and_(column >= first, column < after)
