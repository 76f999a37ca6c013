"""Conditions on tickets that lists and counts share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, cast, false, func, or_, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from community.model.calendar import SHANGHAI
from community.model.search import grams
from community.model.ticket import ENDED, OPEN, Status
from community.ports import Clue, Scope
from community.store.repos.base import like
from community.store.tables import DUE, LIVING, tickets

_C = tickets.c


def scope_clause(scope: Scope) -> ColumnElement[bool]:
    """The rows a scope may see; nothing when it is empty."""
    if scope.everything:
        seen: ColumnElement[bool] = true()
    else:
        named = ((_C.community_id, scope.community_ids), (_C.grid_id, scope.grid_ids), (_C.estate_id, scope.estate_ids))
        parts = [column.in_(sorted(ids)) for column, ids in named if ids]
        seen = or_(*parts) if parts else false()
    if scope.categories is not None:
        seen = and_(seen, _C.category.in_(sorted(scope.categories)))
    return seen


def living_clause(statuses: Collection[Status]) -> ColumnElement[bool]:
    """Of what has not ended, these. By what is left out where that is less: PostgreSQL thinks of a status as being as rare among these as
    among all, and would take the thirty thousand open ones for a thousand."""
    living = set(Status) - ENDED
    wanted = living & set(statuses)
    unwanted = living - wanted
    few = _C.status.not_in(sorted(unwanted)) if unwanted else true()
    return and_(LIVING, few if len(unwanted) < len(wanted) else _C.status.in_(sorted(wanted)))


LATE = OPEN - {Status.PAUSED}
"""What can be late: in a pause, time stands still."""


def overdue_clause(now: datetime) -> ColumnElement[bool]:
    return and_(_C.status.in_(sorted(LATE)), now > DUE)


def terms_clause(terms: Sequence[str], within: Any) -> ColumnElement[bool]:
    """`within`: the column that has the text to be searched."""
    return and_(true(), *(within.like(like(term), escape="\\") for term in terms))


def clue_clause(clue: Clue, *, indexed: bool) -> ColumnElement[bool]:
    """`indexed`: with the condition that PostgreSQL's index of words answers; the same tickets either way."""
    parts: list[ColumnElement[bool]] = []
    if clue.numbers or clue.ticket_ids is not None:
        parts.append(or_(_C.number.in_(clue.numbers), _C.id.in_(sorted(clue.ticket_ids or ()))))
    if clue.contact_hash:
        left: ColumnElement[bool] = _C.contact_hash == clue.contact_hash
        parts.append(or_(left, _C.resident_id.in_(sorted(clue.resident_ids))) if clue.resident_ids else left)
    if clue.area is not None:
        parts.append(scope_clause(clue.area))
    if clue.place_ids is not None:
        parts.append(_C.place_id.in_(sorted(clue.place_ids)))
    if clue.terms:
        parts.append(terms_clause(clue.terms, _C.search_text))
        if indexed:
            cut = sorted({gram for term in clue.terms for gram in grams(term)})
            parts.append(func.linshe_grams(_C.search_text).op("@>")(bindparam(None, cut, type_=ARRAY(Text()))))
    return and_(*parts) if parts else false()


def within_days(column: Any, days: tuple[date, date]) -> ColumnElement[bool]:
    """From the first local day to the last, both included."""
    first = datetime.combine(days[0], datetime.min.time(), SHANGHAI)
    after = datetime.combine(days[1] + timedelta(days=1), datetime.min.time(), SHANGHAI)
    return and_(column >= first, column < after)


def is_postgresql(session: AsyncSession) -> bool:
    return bool(session.get_bind().dialect.name == "postgresql")


def local_day(column: Any, postgresql: bool) -> Any:
    """The day in Shanghai, which has been eight hours ahead all year since 1991 (model/calendar.py)."""
    if postgresql:
        return cast(func.timezone("Asia/Shanghai", column), Date)
    return func.date(column, "+8 hours", type_=Date)
