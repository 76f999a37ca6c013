"""The desk's lists: a page of tickets in the order of what is due, out of a million, without reading the million.

What has not ended is little and comes first; it has indexes of its own. What has ended is nearly everything, and is read in one
of three ways:

- walked: an index has it in the order of the list, and all that it is filtered by, so that a page costs little more than a page.
- gathered: all that fits is fetched by what is rare about it (a number, a telephone, a room, a word), then put in order.
- looked at: words are first looked for among the newest, where a frequent word fills the page at once; only a rarer one is gathered.

PostgreSQL would choose between these by guesses about words and dates that can be wrong by a factor of a thousand, so that we choose.
docs/desk.md has the plans and the times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, false, func, literal, or_, select, text, true

from community.model.ticket import ENDED, Status, Ticket
from community.ports import Clue, TicketPage, TicketQuery
from community.store.repos.base import Repo
from community.store.repos.marks import grid_clause, mark_clause
from community.store.repos.ticket_scope import (
    LATE,
    clue_clause,
    is_postgresql,
    living_clause,
    scope_clause,
    terms_clause,
    within_days,
)
from community.store.tables import DUE, tickets

COUNTED = 1_000
"""Up to here a total is exact; beyond, it is said that there are more."""
LOOKED_AT = 5_000
"""So many of the newest are read for words before the index of words is asked."""
FREQUENT = 100
"""Words found so often among those are not counted to the end."""

_PLANNING = {
    "plan_cache_mode": "force_custom_plan",  # for the words and days asked now, not for any
    "jit": "off",  # to compile a plan takes longer than to run it
    "max_parallel_workers_per_gather": "0",  # many clerks rather than one fast one
}

_C = tickets.c
_ENDED = _C.ended_at.is_not(None)


@dataclass(frozen=True)
class _Order:
    """By this time, and by id where it is the same."""

    at: Any
    newest_first: bool = True

    def by(self, at: Any, id_: Any) -> tuple[Any, Any]:
        return (at.desc(), id_.desc()) if self.newest_first else (at.asc(), id_.asc())


_BY_DUE, _BY_END, _BY_FILING = _Order(DUE, newest_first=False), _Order(_C.ended_at), _Order(_C.created_at)


@dataclass(frozen=True)
class _Part:
    """Ids of a page in order; `total` and `more` as of TicketPage."""

    ids: list[int]
    total: int
    more: bool = False


@dataclass(frozen=True)
class _Cut:
    """The page: so many after so many."""

    limit: int
    offset: int


class TicketLists(Repo):
    async def search(self, query: TicketQuery) -> TicketPage:
        """What has not ended comes first, by promise; then what has ended, newest first (where days of filing are asked, by filing)."""
        await self._plan_as_told()
        living = await self._living(query, _Cut(query.limit, query.offset))
        rest = _Cut(query.limit - len(living.ids), max(0, query.offset - living.total))
        ended = await self._ended(query, rest)
        ids = [*living.ids, *ended.ids]
        found = {ticket.id: ticket for ticket in await self.session.scalars(select(Ticket).where(_C.id.in_(ids)))}
        return TicketPage([found[i] for i in ids if i in found], living.total + ended.total, ended.more)

    async def _plan_as_told(self) -> None:
        """For this transaction (`_PLANNING`)."""
        if is_postgresql(self.session):
            told = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _PLANNING.items())
            await self.session.execute(text(f"SELECT {told}"))

    async def _living(self, query: TicketQuery, cut: _Cut) -> _Part:
        if query.ended is not None or (query.statuses is not None and query.statuses <= ENDED):
            return _Part([], 0)
        statuses = frozenset(Status) if query.statuses is None else query.statuses
        where = and_(living_clause(statuses), self._conditions(query))
        if query.overdue_at is not None:
            where = and_(living_clause(statuses & LATE), query.overdue_at > DUE, self._conditions(query))
        if query.clues is not None:
            return await self._gathered(where, _BY_DUE, cut)
        total = int(await self.session.scalar(select(func.count()).select_from(tickets).where(where)) or 0)
        page = select(_C.id).where(where).order_by(*_BY_DUE.by(DUE, _C.id)).limit(cut.limit).offset(cut.offset)
        return _Part(list(await self.session.scalars(page)), total)

    async def _ended(self, query: TicketQuery, cut: _Cut) -> _Part:
        if query.overdue_at is not None or (query.statuses is not None and not query.statuses & ENDED):
            return _Part([], 0)
        where: ColumnElement[bool] = _ENDED
        if query.statuses is not None and not query.statuses >= ENDED:
            where = and_(where, _C.status.in_(sorted(query.statuses & ENDED)))
        everything = and_(where, self._conditions(query))
        if query.filed is not None:
            if query.clues is not None:
                return await self._gathered(everything, _BY_FILING, cut)
            return await self._walked(everything, _BY_FILING, cut)
        if query.clues is None or _only_area(query.clues):
            return await self._walked(everything, _BY_END, cut)
        looked = await self._looked(query, where, cut) if _only_words(query.clues) and _is_one_walk(query) else None
        return looked or await self._gathered(everything, _BY_END, cut)

    def _conditions(self, query: TicketQuery) -> ColumnElement[bool]:
        """All of the query but its statuses and what is late."""
        parts = [scope_clause(query.scope)]
        if query.holder_id is not None:
            parts.append(_C.holder_id == query.holder_id if query.holder_id else _C.holder_id.is_(None))
        if query.category is not None:
            parts.append(_C.category == query.category)
        if query.filed is not None:
            parts.append(within_days(_C.created_at, query.filed))
        if query.ended is not None:
            parts.append(within_days(_C.ended_at, query.ended))
        if query.mark is not None:
            parts.append(mark_clause(*query.mark))
        if query.grid_id is not None:
            parts.append(grid_clause(query.grid_id))
        if query.clues is not None:
            indexed = is_postgresql(self.session)
            parts.append(or_(false(), *(clue_clause(clue, indexed=indexed) for clue in query.clues)))
        return and_(*parts)

    async def _walked(self, where: ColumnElement[bool], order: _Order, cut: _Cut) -> _Part:
        """In the order of an index, as far as the page needs it."""
        ids: list[int] = []
        if cut.limit > 0:
            page = select(_C.id).where(where).order_by(*order.by(order.at, _C.id))
            ids = list(await self.session.scalars(page.limit(cut.limit).offset(cut.offset)))
        # Far into a list the total goes as far, and a few pages further.
        enough = max(COUNTED, cut.offset + 5 * cut.limit)
        counted = select(literal(1)).select_from(tickets).where(where).limit(enough + 1).subquery()
        total = int(await self.session.scalar(select(func.count()).select_from(counted)) or 0)
        return _Part(ids, min(total, enough), total > enough)

    async def _gathered(self, where: ColumnElement[bool], order: _Order, cut: _Cut) -> _Part:
        """All that fits, then in order. MATERIALIZED: the order must not tempt the planner into a walk."""
        hits = select(_C.id, order.at.label("at")).where(where).cte("hits").prefix_with("MATERIALIZED")
        ids, total, _ = await self._cut_of(hits, true(), order, cut)
        return _Part(ids, total)

    async def _looked(self, query: TicketQuery, where: ColumnElement[bool], cut: _Cut) -> _Part | None:
        """Words among the newest. None when they are rare there and there is more to look at."""
        area = query.clues[0].area if query.clues else None
        all_of_it = and_(self._conditions(replace(query, clues=None)), scope_clause(area) if area is not None else true())
        newest = (
            select(_C.id, _BY_END.at.label("at"), _C.search_text)
            .where(where, all_of_it)
            .order_by(*_BY_END.by(_C.ended_at, _C.id))
            .limit(LOOKED_AT)
            .cte("newest")
            .prefix_with("MATERIALIZED")
        )
        (clue,) = query.clues or (Clue(),)
        ids, total, looked = await self._cut_of(newest, terms_clause(clue.terms, newest.c.search_text), _BY_END, cut)
        if looked < LOOKED_AT:
            return _Part(ids, total)
        return _Part(ids, total, True) if total >= max(FREQUENT, cut.offset + cut.limit + 1) else None

    async def _cut_of(
        self, rows: CTE, fits: ColumnElement[bool], order: _Order, cut: _Cut
    ) -> tuple[list[int], int, int]:
        """(ids of the page, how many of the rows fit, how many rows there are), in one statement."""
        place = func.row_number().over(order_by=order.by(rows.c.at, rows.c.id)).label("place")
        fitting = select(rows.c.id, place).where(fits).cte("fitting").prefix_with("MATERIALIZED")
        page = select(fitting).where(fitting.c.place > cut.offset, fitting.c.place <= cut.offset + cut.limit).subquery()
        one = select(literal(1).label("one")).subquery()
        found = await self.session.execute(
            select(
                select(func.count()).select_from(fitting).scalar_subquery(),
                select(func.count()).select_from(rows).scalar_subquery(),
                page.c.id,
                page.c.place,
            ).select_from(one.outerjoin(page, true()))
        )
        lines = found.all()
        ids = [line[2] for line in sorted((ln for ln in lines if ln[2] is not None), key=lambda ln: ln[3])]
        return ids, int(lines[0][0]), int(lines[0][1])


def _only_area(clues: tuple[Clue, ...]) -> bool:
    """Nothing but an area, whose tickets an index has in order."""
    return len(clues) == 1 and clues[0].area is not None and clues[0] == Clue(area=clues[0].area)


def _only_words(clues: tuple[Clue, ...]) -> bool:
    """Words, and perhaps an area."""
    return len(clues) == 1 and bool(clues[0].terms) and clues[0] == Clue(area=clues[0].area, terms=clues[0].terms)


def _is_one_walk(query: TicketQuery) -> bool:
    """Whether an index has just these tickets in the order of their end: of one holder, of one place, or all there are."""
    area = query.clues[0].area if query.clues else None
    scope = area or query.scope
    places = [*scope.community_ids, *scope.grid_ids, *scope.estate_ids]
    return query.holder_id is not None or scope.everything or len(places) == 1
