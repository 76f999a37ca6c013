"""查阅记录: who of my people looked at a phone number or household, or took a list away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError
from community.model.audit import VIEWED_NAMES, Viewed
from community.services import audit
from community.services.audit import AuditLine
from community.services.stats import last_days, today
from console import heart
from console.audit_state import PAGE_SIZE, AuditState
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, pager, tag
from console.session import Visit
from console.stats_state import SPANS
from console.tickets_state import Days
from console.words import short_time

TONES = {
    Viewed.PHONE: "u-high",
    Viewed.HOUSEHOLD: "s-wait",
    Viewed.EXPORT: "s-work",
    Viewed.PHONE_SEARCH: "u-high",
    Viewed.LETTER: "s-work",
}


class AuditList:
    """The lines on one open page."""

    def __init__(self, frame: Shell, visit: Visit, state: AuditState) -> None:
        self.frame, self.visit, self.state = frame, visit, state
        self._change_no = 0
        with ui.element("div").classes("finding"):
            self._filters = Panel(self._draw_filters, "filters")
            finder = ui.element("div").classes("finder")
        with finder:
            self._who = ui.select({"": "全部同事"}, value="", on_change=self._pick_who)
            self._who.props('outlined dense options-dense aria-label="同事"').classes("pick wide")
            self._number = ui.input(value=state.number, placeholder="工单号", on_change=self._pick_number)
            self._number.props('outlined dense clearable debounce="350" maxlength="12" aria-label="工单号"').classes("short")
        self._rows = Panel(self._draw_rows, "views")
        self._foot = Panel(self._draw_foot, "tfoot")

    async def load(self) -> None:
        """Ask the heart and show; a slower answer to an older question is dropped."""
        self._change_no += 1
        asked, state = self._change_no, self.state
        page = await self.visit.ask(audit.lines, state.to_filter())
        if asked != self._change_no:
            return
        last = max(1, -(-page.total // PAGE_SIZE))
        if state.page > last:
            self.state = state.changed(page=last)
            await self.load()
            return
        people = {"": "全部同事", **{str(key): name for key, name in page.people}}
        if people != self._who.options:
            self._who.set_options(people, value=state.who if state.who in people else "")
        now = heart.community().clock.now()
        self._filters.show(state)
        self._rows.show((page.items, f"{now:%Y-%m-%d}", state != AuditState()))
        self._foot.show((page.total, state.page, last))

    async def change(self, **changes: Any) -> None:
        self.state = self.state.changed(**changes)
        ui.navigate.history.replace(self.state.url())
        await self.load()

    async def _pick_who(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_who"):
            if (event.value or "") != self.state.who:
                await self.change(who=event.value or "")

    async def _pick_number(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_number"):
            if (event.value or "").strip() != self.state.number:
                await self.change(number=(event.value or "").strip()[:12])

    def _draw_filters(self, state: AuditState) -> None:
        with ui.element("div").classes("chips"):
            self._choice("全部", not state.what, what="")
            for what, name in VIEWED_NAMES.items():
                self._choice(name, state.what == what, what=str(what))
        with ui.element("div").classes("chips"):
            for span, name in SPANS.items():
                days = Days(*last_days(today(heart.community()), span))
                self._choice(name, state.days == days, days=None if state.days == days else days)

    def _choice(self, name: str, chosen: bool, **changes: Any) -> None:
        async def pick() -> None:
            await self.change(**changes)

        button = ui.element("button").classes("chip").props(f'type="button" aria-pressed="{str(chosen).lower()}"')
        with button:
            ui.label(name)
        button.on("click", self.visit.handler(pick), args=[])

    def _draw_rows(self, shown: tuple[tuple[AuditLine, ...], str, bool]) -> None:
        lines, _, filtered = shown
        if not lines:
            empty("没有符合条件的记录，换个条件试试。" if filtered else "还没有人查看过电话、住户，也没有人导出过。", "fact_check")
        now = heart.community().clock.now()
        for line in lines:
            self._draw_row(line, now)

    def _draw_row(self, line: AuditLine, now: datetime) -> None:
        with ui.element("div").classes("view"):
            ui.label(short_time(line.at, now)).classes("v-at")
            with ui.element("div").classes("v-who"):
                ui.label(line.staff_name).classes("v-name")
                ui.label(line.role_name).classes("muted")
            with ui.element("div").classes("v-what"):
                tag(line.what_name, TONES[line.what])
            with ui.element("div").classes("v-of"):
                if line.number:
                    ui.link(line.number, f"/tickets/{line.number}").classes("textlink")
                ui.label(line.resident_name or line.note)
            ui.label(line.page).classes("v-page")

    def _draw_foot(self, shown: tuple[int, int, int]) -> None:
        total, page, last = shown
        if not total:
            return
        ui.label(f"共 {total} 条").classes("muted")
        pager(self.visit, page, last, lambda number: self.change(page=number))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()


@ui.page("/audit", title="查阅记录 · 邻舍工作台", response_timeout=10)
async def audit_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "audit", "查阅记录") as frame:
        try:
            page = AuditList(frame, visit, AuditState.from_query(request.query_params))
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
