"""The start page: what there is to do, as numbers that open their lists, and how the last two weeks went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import Request
from nicegui import events, ui
from starlette.responses import RedirectResponse, Response

from community.errors import LinsheError
from community.model.calendar import local
from community.model.category import Category
from community.model.people import Role
from community.services import desk, diary_list
from community.services.desk import DeskFilter
from community.services.diary_list import DueVisits
from community.services.views import DeskCounts
from console import errors, heart
from console.charts import GREY, INK, TEAL, axis, chart
from console.diary_rows import rows
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel
from console.session import Visit
from console.table import TicketTable
from console.tickets import wide_group
from console.tickets_state import Days, ListState

DayCount = tuple[date, int, int]
"""A local day, how many were filed, how many ended."""

DAYS = 14
TOP_CATEGORIES = 10
FIRST = 8
"""Of my open tickets, the ones whose promises end first."""
NO_TICKETS = frozenset({Role.LAWYER, Role.TRAINER})
"""Whose work is not tickets: their start is the conversations. (What they may see is still the heart's business.)"""


class StartPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._group = wide_group(visit.staff.role)
        self._numbers = Panel(self._draw_numbers, "numbers")
        with ui.element("div").classes("charts"):
            with ui.element("section").classes("card"):
                ui.label(f"近{DAYS}天：新报与结束").classes("section")
                self._days = ui.echart(_day_options([]), renderer="svg").classes("chart")
            with ui.element("section").classes("card"):
                ui.label("未办结：按类别").classes("section")
                self._kinds = ui.echart(_kind_options([]), renderer="svg").classes("chart")
        self._kinds.on_point_click(self._open_kind)
        self._days.on_point_click(self._open_day)
        with ui.element("section").classes("first") as self._first_box:
            ui.label("先办这些").classes("section")
            with ui.element("div").classes("tlist"):
                self._first = TicketTable()
        self._visits: Panel[tuple[DueVisits, str]] = Panel(self._draw_visits, "first", "section")
        self._by_day: list[DayCount] = []
        self._counts: DeskCounts | None = None

    async def load(self) -> None:
        mine = await self.visit.ask(desk.list_tickets, DeskFilter(group="mine", status="open", limit=FIRST))
        self._first.show(mine.items, heart.community().clock.now())
        self._first_box.set_visibility(bool(mine.items))
        due = await self.visit.ask(diary_list.due)
        self._visits.show((due, f"{heart.community().clock.now():%Y-%m-%d}"))
        counts = await self.visit.ask(desk.counts, DAYS)
        by_day = every_day(counts.by_day, local(heart.community().clock.now()).date(), DAYS)
        if (counts, by_day) == (self._counts, self._by_day):
            return
        self._counts, self._by_day = counts, by_day
        self._numbers.show((counts, by_day))
        for drawn, options in ((self._days, _day_options(by_day)), (self._kinds, _kind_options(counts.by_category))):
            drawn.options.clear()
            drawn.options.update(options)
            drawn.update()

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw_numbers(self, shown: tuple[DeskCounts, list[DayCount]]) -> None:
        counts, by_day = shown
        wide = self._group
        lately = Days(by_day[0][0], by_day[-1][0]) if by_day else None
        for name, number, state, tone in (
            ("我手上的", counts.mine_open, ListState(group="mine"), ""),
            ("未办结", counts.open, ListState(group=wide), ""),
            ("已超时", counts.overdue, ListState(group=wide, status="overdue"), "late" if counts.overdue else ""),
            ("待居民确认", counts.resolved_waiting, ListState(group=wide, status="resolved"), ""),
            (f"近{DAYS}天结束", counts.ended_recent, ListState(group=wide, status="ended", ended=lately), ""),
        ):
            with ui.element("a").props(f'href="{state.url()}"').classes("number"):
                ui.label(str(number)).classes(f"number-value {tone}")
                ui.label(name).classes("number-name")

    def _draw_visits(self, shown: tuple[DueVisits, str]) -> None:
        due, _ = shown
        if not due.items:
            return
        ui.label(f"该回访的 {due.total} 户").classes("section")
        with ui.element("div").classes("notes"):
            rows(due.items, heart.community().clock.now(), writer=False)
        if due.total > len(due.items):
            ui.link("全部到期回访", "/diary?what=due").classes("textlink")

    def _open_kind(self, event: events.EChartPointClickEventArguments) -> None:
        for category, name, _ in self._counts.by_category if self._counts else ():
            if name == event.name:
                ui.navigate.to(ListState(group=self._group, category=str(category)).url())

    def _open_day(self, event: events.EChartPointClickEventArguments) -> None:
        if not 0 <= event.data_index < len(self._by_day):
            return
        day = self._by_day[event.data_index][0]
        of_day = Days(day, day)
        filed = event.series_index == 0
        state = ListState(group=self._group, status="any", filed=of_day if filed else None)
        ui.navigate.to((state if filed else ListState(group=self._group, status="ended", ended=of_day)).url())


def every_day(by_day: Sequence[DayCount], today: date, days: int) -> list[DayCount]:
    """The last `days` days without gaps: the heart counts only days on which something happened."""
    known = {day: (filed, ended) for day, filed, ended in by_day}
    all_days = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return [(day, *known.get(day, (0, 0))) for day in all_days]


def _day_options(by_day: Sequence[DayCount]) -> dict[str, Any]:
    days = [f"{day.month}-{day.day}" for day, _, _ in by_day]
    return chart(
        {"name": "新报", "type": "bar", "barMaxWidth": 12, "data": [filed for _, filed, _ in by_day]},
        {"name": "结束", "type": "bar", "barMaxWidth": 12, "data": [ended for _, _, ended in by_day]},
        colours=[TEAL, GREY],
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}},
        xAxis=axis("category", data=days),
        yAxis=axis("value"),
    )


def _kind_options(by_category: Sequence[tuple[Category, str, int]]) -> dict[str, Any]:
    top = sorted(by_category, key=lambda one: one[2], reverse=True)[:TOP_CATEGORIES]
    label = {"show": True, "position": "right", "color": INK}
    return chart(
        {"type": "bar", "barMaxWidth": 14, "data": [number for _, _, number in top], "label": label},
        colours=[TEAL],
        legend=False,
        tooltip={"trigger": "item"},
        xAxis=axis("value"),
        yAxis={**axis("category", data=[name for _, name, _ in top]), "inverse": True},
    )


@ui.page("/", title="首页 · 邻舍工作台", response_timeout=10)
async def start_page(request: Request) -> Response | None:
    visit = Visit.of(request)
    if visit.staff.role in NO_TICKETS:
        return RedirectResponse("/conversations", 303)
    with shell(visit, "start", "首页") as frame:
        try:
            page = StartPage(frame, visit)
            await page.refresh()
            ui.link("各类问题的承诺时限", "/promises").classes("textlink")
        except LinsheError as error:
            errors.refusal(error)
            return None
    hub.watch(visit, page.refresh)
    return None
