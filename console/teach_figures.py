"""小邻怎么样: understood or not, week by week and topic by topic; each number opens its messages."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import local
from community.model.understanding import DOUBT_NAMES
from community.services import teaching_figures
from community.services.teaching import Line
from community.services.teaching_figures import KINDS, Figures, Week
from console.layout import shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.session import Visit


def behind(week: datetime, weeks: int = 1, doubt: str = "", intent: str = "") -> str:
    return f"/teach/messages?from={local(week):%Y-%m-%d}&weeks={weeks}&doubt={doubt}&intent={intent}"


def _draw(found: Figures) -> None:
    ui.label("每周（居民打字说的话，按钮不算）").classes("section")
    with ui.element("div").classes("views fig-weeks"):
        with ui.element("div").classes("fig-row fig-head"):
            for name in ("周一起", "说了", "没有疑问", *(DOUBT_NAMES[kind] for kind in KINDS)):
                ui.label(name)
        for week in found.weeks:
            if week.messages or week is found.weeks[0]:
                _draw_week(week)
    ui.label("按意思（近四周）").classes("section spaced")
    since = found.weeks[min(3, len(found.weeks) - 1)].begins
    with ui.element("div").classes("views"):
        for topic in found.topics:
            with ui.element("div").classes("cand-label"):
                ui.label(topic.name)
                if topic.doubted:
                    ui.link(f"{topic.doubted}句有疑问", behind(since, 4, intent=topic.intent)).classes("textlink")
                else:
                    ui.label("")
                ui.label(f"{topic.messages}句").classes("muted")


def _draw_week(week: Week) -> None:
    with ui.element("div").classes("fig-row"):
        ui.label(f"{local(week.begins):%m-%d}")
        ui.label(f"{week.messages}句")
        ui.label(f"{week.share:.0%}" if week.messages else "—")
        for kind, number in zip(KINDS, week.by_doubt, strict=True):
            if number:
                ui.link(str(number), behind(week.begins, doubt=str(kind))).classes("textlink")
            else:
                ui.label("0").classes("muted")


@ui.page("/teach/figures", title="小邻怎么样 · 邻舍工作台", response_timeout=10)
async def figures_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "teach", "小邻怎么样", back="/teach") as frame:
        panel = Panel(_draw, "figures")

        async def refresh() -> None:
            panel.show(await visit.ask(teaching_figures.figures))
            await frame.refresh()

        try:
            await refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, refresh)


@ui.page("/teach/messages", title="话 · 邻舍工作台", response_timeout=10)
async def messages_page(request: Request) -> None:
    visit, asked = Visit.of(request), request.query_params
    with shell(visit, "teach", "这些话", back="/teach/figures") as frame:
        try:
            try:
                begins = local(datetime.fromisoformat(asked.get("from", "") + "T00:00:00+08:00"))
                weeks = min(8, max(1, int(asked.get("weeks") or 1)))
            except ValueError:
                raise InvalidInput("没有这样的一周。") from None
            found = await visit.ask(teaching_figures.behind, begins, weeks, asked.get("doubt") or "", asked.get("intent") or "")
            _draw_lines(found)
            await frame.refresh()
        except LinsheError as error:
            await frame.refuse(error)


def _draw_lines(found: list[Line]) -> None:
    if not found:
        empty("没有这样的话。", "school")
        return
    with ui.element("div").classes("teach-list"):
        for one in found[:200]:
            with ui.element("div").classes("teach-row"):
                with ui.element("div").classes("teach-words"):
                    ui.label(one.text).classes("teach-text")
                with ui.element("div").classes("teach-why"):
                    for why in one.doubts:
                        tag(why, "u-high")
                with ui.element("div").classes("teach-guessed"):
                    ui.label(f"猜是{one.guess_name} {one.confidence:.0%}")
                    ui.label(f"{local(one.at):%m-%d %H:%M}").classes("muted")
                ui.label("")
