"""How the work went: every figure over what the asker may see, and with it the filter that lists the tickets behind it.

A promise is judged by the tickets filed in the period: kept or missed once that is certain (`model/figures.py`). Times are plain
hours as residents live them, from filing to acceptance and to the last resolution; the promises themselves run in working time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from community.errors import Forbidden, InvalidInput
from community.model.calendar import local
from community.model.category import Category, category_name
from community.model.figures import MARK_NAMES, Mark, typical
from community.model.people import Role, Staff
from community.ports import Community, MarkCounts, Scope, UnitOfWork
from community.services.access import scope_of, staff_of
from community.services.desk import DeskFilter

LONGEST = 366
"""Days of a period at most: the page is for weeks and seasons."""
MOST_GRIDS = 60
"""Grids in the table at most, those with the most missed promises first: a city has thousands."""
SEES = frozenset(Role) - {Role.LAWYER, Role.TRAINER}
"""Whose work is tickets."""
SEES_COLLEAGUES = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})
"""Who sees what each colleague has to do; others see their own row."""
NO_GRID_NAME, NOBODY = "不在网格内", "还没有派给人"


@dataclass(frozen=True)
class Figure:
    """A number of tickets, and the list that shows exactly these."""

    value: int
    behind: DeskFilter


@dataclass(frozen=True)
class Rate:
    """`part` of `whole`, both figures; `other` is the rest, which one usually wants to see."""

    part: Figure
    whole: Figure
    other: Figure

    @property
    def percent(self) -> float | None:
        """0 to 100; None when there is nothing to judge yet."""
        return 100 * self.part.value / self.whole.value if self.whole.value else None


@dataclass(frozen=True)
class DayRow:
    day: date
    filed: Figure
    ended: Figure


@dataclass(frozen=True)
class PromiseRow:
    """Of one category or grid, or of all together (`name` '全部'): how many were filed, and whether the promises were kept."""

    name: str
    filed: Figure
    accepted: Rate
    resolved: Rate


@dataclass(frozen=True)
class Times:
    """Plain time from filing: half of the tickets took no longer than `half`, nine in ten no longer than `most`; None without any."""

    over: Figure
    half: timedelta | None
    most: timedelta | None


@dataclass(frozen=True)
class Closings:
    """What ended in the period, by whose will: the resident's word, silence after the stated time, withdrawn; and with what:
    put right (解决), or explained why it cannot be (解释).
    """

    total: Figure
    by_resident: Figure
    by_silence: Figure
    withdrawn: Figure
    solved: Figure
    explained: Figure


@dataclass(frozen=True)
class WorkRow:
    """`open` and `overdue` are now, `ended` is in the period, by who holds the ticket (or held it at its end)."""

    name: str
    open: Figure
    overdue: Figure
    ended: Figure


@dataclass(frozen=True)
class Stats:
    """`days` has every day of the period. `grids_left_out` says how many grids are not in `by_grid`."""

    first: date
    last: date
    days: tuple[DayRow, ...]
    total: PromiseRow
    by_category: tuple[PromiseRow, ...]
    by_grid: tuple[PromiseRow, ...]
    grids_left_out: int
    reopened: Rate
    partly: Rate
    to_accept: Times
    to_resolve: Times
    closings: Closings
    workload: tuple[WorkRow, ...]


def last_days(today: date, days: int) -> tuple[date, date]:
    return today - timedelta(days=days - 1), today


async def stats(c: Community, staff_id: int, first: date, last: date) -> Stats:
    """The figures of the local days `first` to `last`, both included.

    Raises Forbidden for lawyers and trainers, whose work is not tickets, and InvalidInput for a period that is none.
    """
    if last < first:
        raise InvalidInput("开始日期要在结束日期之前。")
    if (last - first).days >= LONGEST:
        raise InvalidInput("一次最多看一年。")
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        scope = await _scope(uow, member)
        now, days = c.clock.now(), (first, last)
        base = DeskFilter(group="all", status="any", filed=days)
        by_category = await uow.figures.marked(scope, "category", days, now)
        by_grid = await uow.figures.marked(scope, "grid", days, now)
        together = _sum(by_category)
        grids = await _grid_rows(uow, by_grid, base)
        return Stats(
            first=first,
            last=last,
            days=await _days(uow, scope, days),
            total=_promises("全部", together, base),
            by_category=tuple(_category_rows(by_category, base)),
            by_grid=tuple(grids[:MOST_GRIDS]),
            grids_left_out=max(0, len(grids) - MOST_GRIDS),
            reopened=_rate(together, base, Mark.REOPENED, Mark.WAS_RESOLVED, Mark.REOPENED),
            partly=_rate(together, base, Mark.PARTLY, Mark.WAS_RESOLVED, Mark.PARTLY),
            to_accept=await _times(uow, scope, together, base, Mark.ACCEPT_TIMED, days, now),
            to_resolve=await _times(uow, scope, together, base, Mark.RESOLVE_TIMED, days, now),
            closings=await _closings(uow, scope, days, now),
            workload=await _workload(uow, scope, days, now, member),
        )


async def told(c: Community, staff_id: int, asked: DeskFilter) -> list[str]:
    """How a list narrowed by `mark`, `grid_id`, `worker_id` says so, in this order. A grid or colleague outside is not named."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        said = [MARK_NAMES[asked.mark]] if asked.mark is not None else []
        if asked.grid_id is not None:
            said.append((await _grid_names(uow, member, {asked.grid_id})).get(asked.grid_id, "其他网格"))
        if asked.worker_id is not None:
            names = await uow.figures.staff_names({asked.worker_id}) if member.role in SEES_COLLEAGUES else {}
            names.setdefault(member.id, member.name)
            names.setdefault(0, NOBODY)
            said.append(names.get(asked.worker_id, "其他同事"))
        return said


async def _scope(uow: UnitOfWork, member: Staff) -> Scope:
    if member.role not in SEES:
        raise Forbidden("统计给办理工单的同事看。")
    return await scope_of(uow, member)


async def _grid_names(uow: UnitOfWork, member: Staff, grid_ids: set[int]) -> dict[int, str]:
    """Names of those of these grids that the member's scope reaches."""
    scope = await scope_of(uow, member)
    names = {0: NO_GRID_NAME}
    for grid_id in grid_ids - {0}:
        place = await uow.places.get(grid_id)
        if place is None or place.grid_id != place.id:
            continue
        # A company's scope is estates: its people know the grids of their tickets from the lists anyway.
        if scope.everything or scope.estate_ids or place.id in scope.grid_ids or place.community_id in scope.community_ids:
            names[place.id] = place.name
    return names


async def _days(uow: UnitOfWork, scope: Scope, days: tuple[date, date]) -> tuple[DayRow, ...]:
    filed = await uow.figures.by_day(scope, "filed", days)
    ended = await uow.figures.by_day(scope, "ended", days)
    rows = []
    for back in range((days[1] - days[0]).days + 1):
        day = days[0] + timedelta(days=back)
        rows.append(
            DayRow(
                day,
                Figure(filed.get(day, 0), DeskFilter(status="any", filed=(day, day))),
                Figure(ended.get(day, 0), DeskFilter(status="ended", ended=(day, day))),
            )
        )
    return tuple(rows)


def _sum(rows: Iterable[MarkCounts]) -> MarkCounts:
    rows = list(rows)
    return MarkCounts("", sum(r.total for r in rows), {mark: sum(r.marked[mark] for r in rows) for mark in Mark})


def _promises(name: str, row: MarkCounts, behind: DeskFilter) -> PromiseRow:
    return PromiseRow(
        name,
        Figure(row.total, behind),
        _rate(row, behind, Mark.ACCEPT_KEPT, Mark.ACCEPT_DUE, Mark.ACCEPT_MISSED),
        _rate(row, behind, Mark.RESOLVE_KEPT, Mark.RESOLVE_DUE, Mark.RESOLVE_MISSED),
    )


def _rate(row: MarkCounts, behind: DeskFilter, part: Mark, whole: Mark, other: Mark) -> Rate:
    def figure(mark: Mark) -> Figure:
        return Figure(row.marked[mark], replace(behind, mark=mark))

    return Rate(figure(part), figure(whole), figure(other))


def _category_rows(rows: list[MarkCounts], base: DeskFilter) -> list[PromiseRow]:
    made = [
        _promises(category_name(Category(row.key)), row, replace(base, category=Category(row.key))) for row in rows
    ]
    return sorted(made, key=lambda row: (-row.filed.value, row.name))


async def _grid_rows(uow: UnitOfWork, rows: list[MarkCounts], base: DeskFilter) -> list[PromiseRow]:
    names = {0: NO_GRID_NAME, **await uow.figures.place_names({int(row.key) for row in rows})}
    made = [_promises(names[int(row.key)], row, replace(base, grid_id=int(row.key))) for row in rows]
    return sorted(made, key=lambda row: (-row.accepted.other.value - row.resolved.other.value, -row.filed.value, row.name))


async def _times(
    uow: UnitOfWork, scope: Scope, row: MarkCounts, base: DeskFilter, mark: Mark, days: tuple[date, date], now: datetime
) -> Times:
    half, most = typical(await uow.figures.minutes_taken(scope, mark, days, now)) or (None, None)
    return Times(Figure(row.marked[mark], replace(base, mark=mark)), half, most)


async def _closings(uow: UnitOfWork, scope: Scope, days: tuple[date, date], now: datetime) -> Closings:
    found = await uow.figures.endings(scope, days, now)
    ended = DeskFilter(status="ended", ended=days)
    return Closings(
        Figure(found.total, ended),
        Figure(found.by_resident, replace(ended, mark=Mark.BY_RESIDENT)),
        Figure(found.by_silence, replace(ended, mark=Mark.BY_SILENCE)),
        Figure(found.withdrawn, replace(ended, status="withdrawn")),
        Figure(found.solved, replace(ended, mark=Mark.SOLVED)),
        Figure(found.explained, replace(ended, mark=Mark.EXPLAINED)),
    )


async def _workload(
    uow: UnitOfWork, scope: Scope, days: tuple[date, date], now: datetime, member: Staff
) -> tuple[WorkRow, ...]:
    rows = await uow.figures.workload(scope, days, now)
    if member.role not in SEES_COLLEAGUES:
        rows = [row for row in rows if row.holder_id == member.id]
    names = {0: NOBODY, **await uow.figures.staff_names({row.holder_id for row in rows})}
    made = []
    for row in rows:
        whose = DeskFilter(worker_id=row.holder_id)
        made.append(
            WorkRow(
                names[row.holder_id],
                Figure(row.open, whose),
                Figure(row.overdue, replace(whose, status="overdue")),
                Figure(row.ended, replace(whose, status="ended", ended=days)),
            )
        )
    return tuple(sorted(made, key=lambda row: (-row.overdue.value, -row.open.value, -row.ended.value, row.name)))


def today(c: Community) -> date:
    """The local day it is."""
    return local(c.clock.now()).date()
