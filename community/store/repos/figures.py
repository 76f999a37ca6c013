"""Counts over tickets, grouped by the database. Every count has a TicketQuery that lists what is behind it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Date, case, cast, extract, func, or_, select, true

from community.model.figures import Mark
from community.model.place import PlaceKind
from community.model.ticket import ENDED, OPEN, Status
from community.ports import Endings, GridPlace, MarkCounts, Scope, Workload
from community.store.repos.base import Repo
from community.store.repos.marks import NO_GRID, mark_clause, within
from community.store.repos.ticket_scope import overdue_clause, scope_clause
from community.store.tables import places, staff, tickets


def _count(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _second(moment: Any) -> Any:
    return cast(extract("epoch", moment), BigInteger)


class FigureRepo(Repo):
    async def by_day(self, scope: Scope, what: Literal["filed", "ended"], days: tuple[date, date]) -> dict[date, int]:
        """How many were filed or ended on each local day (Asia/Shanghai, always +08:00); days without any are not there."""
        column = tickets.c.created_at if what == "filed" else tickets.c.ended_at
        if self.session.get_bind().dialect.name == "postgresql":
            day: Any = cast(func.timezone("UTC", column) + timedelta(hours=8), Date)
        else:
            day = func.date(column, "+8 hours")
        query = select(day, func.count()).where(scope_clause(scope), within(column, days)).group_by(day)
        rows = await self.session.execute(query)
        return {at if isinstance(at, date) else date.fromisoformat(at): int(n) for at, n in rows}

    async def marked(
        self, scope: Scope, by: Literal["category", "grid"], filed: tuple[date, date], now: datetime
    ) -> list[MarkCounts]:
        """Of the tickets filed on these days how many have each mark, by category or by grid (key '0': in no grid)."""
        key = tickets.c.category if by == "category" else func.coalesce(tickets.c.grid_id, NO_GRID)
        marks = list(Mark)
        query = (
            select(key, func.count(), *(_count(mark_clause(mark, now)) for mark in marks))
            .where(scope_clause(scope), within(tickets.c.created_at, filed))
            .group_by(key)
        )
        return [
            MarkCounts(str(row[0]), int(row[1]), {mark: int(n) for mark, n in zip(marks, row[2:], strict=True)})
            for row in await self.session.execute(query)
        ]

    async def endings(self, scope: Scope, ended: tuple[date, date], now: datetime) -> Endings:
        """How many ended on these days, by whose will, and with what."""
        query = select(
            func.count(),
            _count(mark_clause(Mark.BY_RESIDENT, now)),
            _count(mark_clause(Mark.BY_SILENCE, now)),
            _count(tickets.c.status == Status.WITHDRAWN),
            _count(mark_clause(Mark.SOLVED, now)),
            _count(mark_clause(Mark.EXPLAINED, now)),
        ).where(scope_clause(scope), tickets.c.status.in_(sorted(ENDED)), within(tickets.c.ended_at, ended))
        return Endings(*(int(n) for n in (await self.session.execute(query)).one()))

    async def minutes_taken(self, scope: Scope, mark: Mark, filed: tuple[date, date], now: datetime) -> dict[int, int]:
        """How many of the tickets filed on these days took so many whole minutes to what the mark (ACCEPT_TIMED, RESOLVE_TIMED) times."""
        done = tickets.c.accepted_at if mark is Mark.ACCEPT_TIMED else tickets.c.resolved_at
        minutes = (_second(done) - _second(tickets.c.created_at)) // 60
        query = (
            select(minutes, func.count())
            .where(scope_clause(scope), within(tickets.c.created_at, filed), mark_clause(mark, now))
            .group_by(minutes)
        )
        return {int(taken): int(n) for taken, n in await self.session.execute(query)}

    async def workload(self, scope: Scope, ended: tuple[date, date], now: datetime) -> list[Workload]:
        """What each holder has open, has overdue, and had when it ended on these days; id 0: held by nobody."""
        t = tickets.c
        open_, done = t.status.in_(sorted(OPEN)), t.status.in_(sorted(ENDED)) & within(t.ended_at, ended)
        holder = func.coalesce(t.holder_id, 0)
        query = (
            select(holder, _count(open_), _count(overdue_clause(now)), _count(done))
            .where(scope_clause(scope), open_ | done)
            .group_by(holder)
        )
        return [Workload(*(int(n) for n in row)) for row in await self.session.execute(query)]

    async def grids(self, scope: Scope) -> list[GridPlace]:
        """The grids that a scope reaches; of estates those that look after their buildings or commons."""
        if scope.everything:
            return await self._grids(true())
        near = select(places.c.grid_id).where(places.c.estate_id.in_(sorted(scope.estate_ids)), places.c.grid_id.is_not(None))
        return await self._grids(
            or_(
                places.c.community_id.in_(sorted(scope.community_ids)),
                places.c.id.in_(sorted(scope.grid_ids)),
                places.c.id.in_(near),
            )
        )

    async def grids_of(self, grid_ids: Collection[int]) -> list[GridPlace]:
        return await self._grids(places.c.id.in_(sorted(grid_ids)))

    async def _grids(self, which: ColumnElement[bool]) -> list[GridPlace]:
        above = places.alias("above")
        query = (
            select(places.c.id, places.c.key, places.c.name, func.coalesce(above.c.name, ""))
            .outerjoin(above, above.c.id == places.c.community_id)
            .where(places.c.kind == PlaceKind.GRID, which)
            .order_by(places.c.id)
        )
        return [GridPlace(*row) for row in await self.session.execute(query)]

    async def place_names(self, place_ids: Collection[int]) -> dict[int, str]:
        query = select(places.c.id, places.c.name).where(places.c.id.in_(sorted(place_ids)))
        return {int(key): str(name) for key, name in await self.session.execute(query)}

    async def staff_names(self, staff_ids: Collection[int]) -> dict[int, str]:
        query = select(staff.c.id, staff.c.name).where(staff.c.id.in_(sorted(staff_ids)))
        return {int(key): str(name) for key, name in await self.session.execute(query)}
