"""How many tickets: of the start page and of the map. What has not ended is counted in its own index, days in the database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from community.model.calendar import SHANGHAI, local
from community.model.category import Category
from community.model.ticket import OPEN, Status
from community.ports import Scope, TicketCounts
from community.store.repos.base import Repo
from community.store.repos.ticket_scope import is_postgresql, living_clause, local_day, overdue_clause, scope_clause
from community.store.tables import LIVING, tickets

_C = tickets.c


class TicketCounting(Repo):
    async def counts(self, scope: Scope, now: datetime, days: int) -> TicketCounts:
        """`days` local days up to today's."""
        seen = scope_clause(scope)
        late = func.sum(case((overdue_clause(now), 1), else_=0))
        by_status: dict[Status, int] = {}
        by_category: dict[Category, int] = {}
        overdue = 0
        rows = await self.session.execute(
            select(_C.status, _C.category, func.count(), late).where(seen, LIVING).group_by(_C.status, _C.category)
        )
        for status, category, number, of_them_late in rows:
            by_status[status] = by_status.get(status, 0) + number
            overdue += of_them_late
            if status in OPEN:
                by_category[category] = by_category.get(category, 0) + number
        today = local(now).date()
        first = datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), SHANGHAI)
        filed = await self._by_day(seen, _C.created_at, first)
        ended = await self._by_day(seen, _C.ended_at, first)
        return TicketCounts(by_status, overdue, by_category, filed, ended)

    async def _by_day(self, seen: ColumnElement[bool], column: Any, first: datetime) -> dict[date, int]:
        day = local_day(column, is_postgresql(self.session)).label("day")
        rows = await self.session.execute(select(day, func.count()).where(seen, column >= first).group_by(day))
        return {row[0]: row[1] for row in rows}

    async def number_open(self, holder_id: int) -> int:
        of_theirs = (_C.holder_id == holder_id, living_clause(OPEN))
        return int(await self.session.scalar(select(func.count()).select_from(tickets).where(*of_theirs)) or 0)

    async def by_grid(self, scope: Scope, now: datetime) -> dict[int | None, tuple[int, int]]:
        """Grid -> (open, overdue), of the grids that have any; None is for tickets whose grid is not known."""
        late = func.sum(case((overdue_clause(now), 1), else_=0))
        rows = await self.session.execute(
            select(_C.grid_id, func.count(), late)
            .where(scope_clause(scope), living_clause(OPEN))
            .group_by(_C.grid_id)
        )
        return {grid: (number, of_them_late) for grid, number, of_them_late in rows}
