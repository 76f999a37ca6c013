"""How the work went: promises, times, endings and loads of a period. Every number opens the list that it counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError
from community.services import property_reviews, stats
from community.services.stats import Closings, Figure, PromiseRow, Rate, Stats, Times, WorkRow
from console import heart
from console.charts import AMBER, GREY, RED, TEAL, axis, chart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty
from console.property_scores import draw_reviews
from console.session import Visit
from console.stats_state import SPANS, StatsState
from console.tickets_state import ListState

MOST_WORKERS = 12
"""Colleagues in the chart, busiest first; the table has all."""
FRESH = 60.0
"""Seconds for which figures of weeks are fresh enough."""
GOOD, FAIR = 90, 75
"""Percent of kept promises from which a cell is calm, and below which it is red. For the eye only."""


class StatsPage:
    def __init__(self, frame: Shell, visit: Visit, state: StatsState) -> None:
        self.frame, self.visit, self.state = frame, visit, state
        self._seen: Stats | None = None
        self._loaded_at = float("-inf")
        with ui.element("div").classes("finding"):
            self._filters = Panel(self._draw_filters, "filters")
            with ui.element("form").classes("period").props('method="get" action="/stats"'):
                first, last = state.period(stats.today(heart.community()))
                for name, day, label in (("first", first, "从"), ("last", last, "到")):
                    ui.label(label).classes("muted")
                    ui.element("input").props(f'type="date" name="{name}" value="{day}" required aria-label="{label}"')
                with ui.element("button").classes("chip").props('type="submit"'):
                    ui.label("查看")
        self._numbers = Panel(self._draw_numbers, "numbers six")
        with ui.element("div").classes("charts"):
            self._days = self._chart("新报与结束", self._open_day)
            with ui.element("section").classes("card"):
                ui.label("怎么结束的").classes("section")
                self._closings = Panel(self._draw_closings, "closings")
                ui.label("用时").classes("section")
                self._times = Panel(self._draw_times, "times")
        with ui.element("div").classes("charts even"):
            self._promises = Panel(self._draw_categories, "card")
            with ui.element("section").classes("card"):
                self._grids = Panel(self._draw_grids)
        with ui.element("div").classes("charts even"):
            self._work = self._chart("工作量：现在未办结与本期结束", self._open_work).classes("tall")
            self._workers = Panel(draw_workers, "card")
        self._reviews = Panel(draw_reviews, "card d-reviews")
        ui.label(
            "守时率按本期上报的工单计：按时与超时已成定局的才算，还没到时限的、暂缓中的、接单前就撤回的不算；重新打开后按新的时限算。"
            "用时为自然时间（含夜间和节假日），从上报算起；承诺时限本身按工作时间计。"
        ).classes("muted footnote")

    def _chart(self, title: str, opens: Callable[[events.EChartPointClickEventArguments], None]) -> ui.echart:
        with ui.element("section").classes("card"):
            ui.label(title).classes("section")
            return ui.echart(chart(colours=[TEAL]), renderer="svg", on_point_click=opens).classes("chart")

    async def load(self) -> None:
        first, last = self.state.period(stats.today(heart.community()))
        seen = await self.visit.ask(stats.stats, first, last)
        self._filters.show(self.state)
        self._reviews.show(await self.visit.ask(property_reviews.latest))
        if seen == self._seen:
            return
        self._seen = seen
        self._numbers.show(seen)
        self._closings.show(seen.closings)
        self._times.show((seen.to_accept, seen.to_resolve))
        self._promises.show((seen.total, *seen.by_category))
        self._grids.show((seen.by_grid, seen.grids_left_out))
        self._workers.show(seen.workload)
        for drawn, options in ((self._days, day_options(seen)), (self._work, work_options(seen.workload[:MOST_WORKERS]))):
            drawn.options.clear()
            drawn.options.update(options)
            drawn.update()

    async def refresh(self) -> None:
        """The badges each time; the figures, for which much is counted, not with every ticket that moves."""
        now = asyncio.get_running_loop().time()
        if now - self._loaded_at >= FRESH:
            self._loaded_at = now
            await self.load()
        await self.frame.refresh()

    def _draw_filters(self, state: StatsState) -> None:
        with ui.element("div").classes("chips"):
            for days, name in SPANS.items():
                chosen = str(state.chosen is None and state.days == days).lower()
                link = ui.element("a").classes("chip").props(f'href="{StatsState(days).url()}" aria-pressed="{chosen}"')
                with link:
                    ui.label(name)
            if state.chosen is not None:
                with ui.element("span").classes("chip").props('aria-pressed="true"'):
                    ui.label(state.chosen.shown)

    def _draw_numbers(self, seen: Stats) -> None:
        for name, rate in (
            ("接单守时", seen.total.accepted), ("办结守时", seen.total.resolved),
            ("还没办好", seen.reopened), ("办了一部分", seen.partly)):
            _tile(percent_text(rate), f"{name} · {rate.part.value}/{rate.whole.value}件", rate.whole)
        _tile(str(seen.total.filed.value), "本期上报", seen.total.filed)
        _tile(str(seen.closings.total.value), "本期结束", seen.closings.total)

    def _draw_closings(self, closings: Closings) -> None:
        if not closings.total.value:
            ui.label("本期没有结束的工单。").classes("muted")
            return
        for name, figure, colour in (
            ("居民确认", closings.by_resident, TEAL),
            ("到期自动结案", closings.by_silence, AMBER),
            ("居民撤回", closings.withdrawn, GREY),
        ):
            _bar(name, figure, closings.total, colour)
        ui.label("其中办结为").classes("muted closing-of")
        for name, figure, colour in (("解决", closings.solved, TEAL), ("解释", closings.explained, AMBER)):
            _bar(name, figure, closings.total, colour)

    def _draw_times(self, times: tuple[Times, Times]) -> None:
        with ui.element("div").classes("cells times-head"):
            for heading in ("", "一半不超过", "九成不超过", "工单"):
                ui.label(heading)
        for name, taken in zip(("接单", "办结"), times, strict=True):
            with _link(taken.over, "cells"):
                ui.label(name)
                ui.label(hours_text(taken.half))
                ui.label(hours_text(taken.most))
                ui.label(f"{taken.over.value}件").classes("muted")

    def _draw_categories(self, rows: Sequence[PromiseRow]) -> None:
        draw_promises("类别", rows)

    def _draw_grids(self, shown: tuple[Sequence[PromiseRow], int]) -> None:
        rows, left_out = shown
        draw_promises("网格", rows)
        if left_out:
            ui.label(f"另有{left_out}个网格超时更少，没有列出。").classes("muted")

    def _open_day(self, event: events.EChartPointClickEventArguments) -> None:
        if self._seen and 0 <= event.data_index < len(self._seen.days):
            row = self._seen.days[event.data_index]
            _open(row.filed if event.series_index == 0 else row.ended)

    def _open_work(self, event: events.EChartPointClickEventArguments) -> None:
        if self._seen and 0 <= event.data_index < len(self._seen.workload):
            row = self._seen.workload[event.data_index]
            _open((row.open, row.overdue, row.ended)[event.series_index])


def percent_text(rate: Rate) -> str:
    """Rounded, but 100 % is all of them and 0 % none; a dash while there is nothing to judge."""
    if rate.percent is None:
        return "—"
    if 0 < rate.part.value < rate.whole.value:
        return f"{min(max(round(rate.percent), 1), 99)}%"
    return f"{rate.percent:.0f}%"


def hours_text(span: timedelta | None) -> str:
    """12分钟, 3.4小时, 2.1天; a dash for nothing."""
    if span is None:
        return "—"
    hours = span.total_seconds() / 3600
    if hours < 1:
        return f"{max(1, round(hours * 60))}分钟"
    return f"{hours:.1f}小时" if hours < 48 else f"{hours / 24:.1f}天"


def _link(figure: Figure, classes: str) -> ui.element:
    return ui.element("a").props(f'href="{ListState.of(figure.behind).url()}"').classes(classes)


def _open(figure: Figure) -> None:
    ui.navigate.to(ListState.of(figure.behind).url())


def _tile(value: str, name: str, figure: Figure) -> None:
    with _link(figure, "number"):
        ui.label(value).classes("number-value")
        ui.label(name).classes("number-name")


def _bar(name: str, figure: Figure, whole: Figure, colour: str) -> None:
    """A line with a bar as long as the figure's share of `whole`, which is not 0."""
    with _link(figure, "closing"):
        ui.label(name).classes("closing-name")
        with ui.element("div").classes("closing-bar"):
            ui.element("div").style(f"width: {100 * figure.value / whole.value:.1f}%; background: {colour}")
        ui.label(str(figure.value)).classes("closing-value")


def _share(rate: Rate) -> None:
    """A cell: the percentage opens what was judged, the missed ones open what was missed."""
    percent = rate.percent
    tone = "none" if percent is None else "good" if percent >= GOOD else "fair" if percent >= FAIR else "poor"
    with ui.element("div").classes(f"share {tone}"):
        with _link(rate.whole, "share-percent"):
            ui.label(percent_text(rate))
        if rate.other.value:
            with _link(rate.other, "share-missed"):
                ui.label(f"超时{rate.other.value}")


def draw_promises(of_what: str, rows: Sequence[PromiseRow]) -> None:
    """Categories or grids, one a line, with whether the two promises were kept."""
    ui.label(f"守时：按{of_what}").classes("section")
    if not rows or not rows[0].filed.value:
        empty("本期没有上报的工单。", "query_stats")
        return
    with ui.element("div").classes("shares"):
        with ui.element("div").classes("cells shares-head"):
            for heading in (of_what, "上报", "接单守时", "办结守时"):
                ui.label(heading)
        for row in rows:
            with ui.element("div").classes("cells"):
                ui.label(row.name).classes("cell-name")
                with _link(row.filed, "cell-count"):
                    ui.label(str(row.filed.value))
                _share(row.accepted)
                _share(row.resolved)


def draw_workers(rows: Sequence[WorkRow]) -> None:
    ui.label("工作量：按经办人").classes("section")
    if not rows:
        empty("本期没有工单在手。", "groups")
        return
    with ui.element("div").classes("shares"):
        with ui.element("div").classes("cells shares-head"):
            for heading in ("经办人", "未办结", "其中超时", "本期结束"):
                ui.label(heading)
        for row in rows:
            with ui.element("div").classes("cells"):
                ui.label(row.name).classes("cell-name")
                for figure, tone in ((row.open, ""), (row.overdue, "late" if row.overdue.value else ""), (row.ended, "")):
                    with _link(figure, f"cell-count {tone}"):
                        ui.label(str(figure.value))


def day_options(seen: Stats) -> dict[str, Any]:
    names = [f"{row.day.month}-{row.day.day}" for row in seen.days]
    many = len(names) > 45
    series = [
        {"name": name, "type": "line" if many else "bar", "barMaxWidth": 12, "symbolSize": 5, "data": data}
        for name, data in (
            ("上报", [row.filed.value for row in seen.days]),
            ("结束", [row.ended.value for row in seen.days]),
        )
    ]
    tooltip = {"trigger": "axis", "axisPointer": {"type": "shadow"}}
    return chart(*series, colours=[TEAL, GREY], tooltip=tooltip, xAxis=axis("category", data=names), yAxis=axis("value"))


def work_options(rows: Sequence[WorkRow]) -> dict[str, Any]:
    """Bars to the right, three a colleague, in the order of `_open_work`."""
    series = [
        {"name": name, "type": "bar", "barMaxWidth": 10, "data": data}
        for name, data in (
            ("未办结", [row.open.value for row in rows]),
            ("其中超时", [row.overdue.value for row in rows]),
            ("本期结束", [row.ended.value for row in rows]),
        )
    ]
    return chart(
        *series,
        colours=[TEAL, RED, GREY],
        tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}},
        xAxis=axis("value"),
        yAxis={**axis("category", data=[row.name for row in rows]), "inverse": True, "axisLabel": {"interval": 0}},
    )


@ui.page("/stats", title="统计 · 邻舍工作台", response_timeout=10)
async def stats_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "stats", "统计") as frame:
        try:
            page = StatsPage(frame, visit, StatsState.from_query(request.query_params))
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
