"""The inbox: what is due first on top, the chosen ticket beside it. Its address says all of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError, NotFound
from community.model.category import RULES
from community.model.people import Role
from community.services import desk, incidents, stats
from community.services.views import TicketView
from console import errors, heart
from console.bulk import BulkAssign
from console.inbox_list import InboxList
from console.layout import Shell, shell
from console.live import Watch, hub
from console.parts import Panel, empty, pager
from console.saved import SavedFilters
from console.session import Visit
from console.sheet import sheet_url
from console.ticket_pane import TicketPane
from console.tickets_state import GROUPS, MAX_WORDS, PAGE_SIZE, STATUSES, ListState
from console.words import status_text

LATE_FIRST = 50
"""What is late is fetched for itself as well: by acceptance it may be late long before its turn by the day it is to be done."""


def wide_group(role: str) -> str:
    """What this role calls everything it may see. Only a name and a link: the heart decides what is in it."""
    return "grid" if role == Role.GRID_WORKER else "all"


class Inbox:
    """The list and the ticket beside it on one open page."""

    def __init__(self, frame: Shell, visit: Visit, state: ListState) -> None:
        self.frame, self.visit, self.state = frame, visit, state
        self.watch: Watch | None = None
        self._change_no = 0
        self._picking = False
        self._picked: list[str] = []
        self._on_page: list[str] = []
        self._pane: TicketPane | None = None
        self._drafts: dict[str, str] = {}
        self._bulk = BulkAssign(visit, self._given)
        with frame.aside:
            with ui.element("a").props('href="/tickets/new"').classes("textlink head-new"):
                ui.icon("add_call")
                ui.label("代报")
        with ui.element("div").classes("inbox"):
            with ui.element("section").classes("inbox-list"):
                self._saved = SavedFilters(visit, lambda: self.state, self._go)
                self._build_filters()
                self._build_finder(state)
                self._understood = Panel(self._draw_understood, "understood")
                self._list = InboxList(self._open, self._pick)
                with self._list.box:
                    self._none = Panel(empty, "tnone")
                self._foot = Panel(self._draw_foot, "tfoot")
                self._bar = Panel(self._draw_bar, "pick-bar")
            self._beside = ui.element("section").classes("inbox-beside")
        self._nothing_chosen()

    def _build_finder(self, state: ListState) -> None:
        with ui.element("div").classes("finder"):
            kinds: dict[str, str] = {"": "全部类别", **{c.value: rule.name for c, rule in RULES.items()}}
            self._category = ui.select(kinds, value=state.category, on_change=self._pick_category)
            self._category.props('outlined dense options-dense aria-label="类别"').classes("pick")
            self._words = ui.input(value=state.words, placeholder="搜工单号、电话、地点、内容", on_change=self._pick_words)
            self._words.props(f'outlined dense clearable debounce="350" maxlength="{MAX_WORDS}" aria-label="搜索"')
            self._words.classes("search")
            with self._words.add_slot("prepend"):
                ui.icon("search")

    async def load(self) -> None:
        """Ask the heart and show; a slower answer to an older question is dropped."""
        self._change_no += 1
        asked, state = self._change_no, self.state
        page = await self.visit.ask(desk.list_tickets, state.to_filter())
        late = await self._late(state)
        narrowed = tuple(await self.visit.ask(stats.told, state.to_filter())) if state.narrowed else ()
        if asked != self._change_no:
            return
        last = max(1, -(-page.total // PAGE_SIZE))
        if state.page > last:
            # The list became shorter than the page looked at.
            self.state = state.changed(page=last, open=state.open)
            await self.load()
            return
        known = {ticket.number for ticket in late}
        shown = [*late, *(ticket for ticket in page.items if ticket.number not in known)]
        self._on_page = [ticket.number for ticket in shown]
        self._list.show(shown, heart.community().clock.now(), state.open, self._picked, whole=page.total <= PAGE_SIZE and not page.more)
        self._show_filters(state, narrowed)
        self._none.show("" if shown else self._nothing(state))
        self._none.box.set_visibility(not shown)
        self._understood.show(page.understood)
        total = f"{page.total}件以上" if page.more else f"{page.total} 件"
        self._foot.show((total, state.page, last, sheet_url(state), self._picking))
        self._bar.show((self._picking, len(self._picked)))
        await self._saved.load()
        await self._load_pane()

    async def _late(self, state: ListState) -> Sequence[TicketView]:
        if state.status != "open" or state.page != 1:
            return []
        return (await self.visit.ask(desk.list_tickets, state.changed(status="overdue").to_filter(LATE_FIRST))).items

    async def _load_pane(self) -> None:
        number = self.state.open
        if not number:
            return
        if self._pane is None or self._pane.number != number:
            await self._close_pane()
            with self._beside:
                with ui.element("div").classes("beside-head"):
                    ui.label(f"工单 {number}").classes("head-title")
                    with ui.element("a").props(f'href="/tickets/{number}"').classes("textlink"):
                        ui.label("单独打开")
                self._pane = TicketPane(self.visit, number, self.refresh, self._drafts)
        pane = self._pane
        try:
            await pane.load()
        except NotFound as error:
            # Moved out of what this person may see, or mistyped in the address.
            await self._close_pane()
            with self._beside:
                errors.refusal(error, "回列表", self.state.changed(open="").url())
            return
        self.watch_pane()

    def watch_pane(self) -> None:
        """What concerns only the ticket beside the list wakes this page too."""
        if self.watch is not None and self._pane is not None:
            self.watch.number, self.watch.resident_id = self._pane.number, self._pane.resident_id

    async def _close_pane(self) -> None:
        pane, self._pane = self._pane, None
        self._beside.clear()
        if pane is not None:
            await pane.left()

    def _nothing_chosen(self) -> None:
        with self._beside:
            empty("选一件工单，在这里办。按 ? 看快捷键。", "touch_app")

    def _nothing(self, state: ListState) -> str:
        if state.words or state.category:
            return "没有符合条件的工单，换个条件试试。"
        return {"open": "没有未办结的工单。", "overdue": "没有超时的工单。"}.get(state.status, "这里没有工单。")

    async def change(self, **changes: Any) -> None:
        self.state = self.state.changed(**{"open": self.state.open, **changes})
        ui.navigate.history.replace(self.state.url())
        await self.load()

    async def _go(self, state: ListState) -> None:
        """A saved filter: the list changes in place, the fields above it show what it is."""
        self.state = state.changed(open=self.state.open)
        self._category.value, self._words.value = state.category, state.words
        ui.navigate.history.replace(self.state.url())
        await self.load()

    async def _open(self, number: str) -> None:
        async with self.visit.telling("open"):
            await self.change(open=number, page=self.state.page)

    async def _pick(self, number: str) -> None:
        async with self.visit.telling("pick"):
            if number in self._picked:
                self._picked.remove(number)
            else:
                self._picked.append(number)
            await self.load()

    async def _given(self, numbers: Sequence[str]) -> None:
        self._picked = [number for number in self._picked if number not in numbers]
        await self.refresh()

    async def _choosing(self, picking: bool) -> None:
        self._picking, self._picked = picking, []
        self._list.box.classes(add="choosing" if picking else "", remove="" if picking else "choosing")
        await self.load()

    def _handler(self, **changes: Any) -> Any:
        async def pick() -> None:
            await self.change(**changes)

        return self.visit.handler(pick)

    async def _pick_category(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_category"):
            if (event.value or "") != self.state.category:
                await self.change(category=event.value or "")

    async def _pick_words(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_words"):
            words = (event.value or "").strip()[:MAX_WORDS]
            if words != self.state.words:
                await self.change(words=words)

    def _build_filters(self) -> None:
        """Buttons that stay: drawn anew, a quick second click would meet one that is just being replaced."""
        self._choices: list[tuple[ui.element, str, str]] = []
        with ui.element("div").classes("filters"):
            with ui.element("div").classes("tabs").props('role="tablist"'):
                for group in ("mine", wide_group(self.visit.staff.role)):
                    self._choices.append((self._choice(GROUPS[group], "tab", group=group), "group", group))
            with ui.element("div").classes("chips"):
                for status, name in STATUSES.items():
                    self._choices.append((self._choice(name, "chip", status=status), "status", status))
                self._rare = Panel(self._draw_rare, "rare")

    def _show_filters(self, state: ListState, narrowed: tuple[str, ...]) -> None:
        for button, field, value in self._choices:
            button.props(f'aria-pressed="{str(getattr(state, field) == value).lower()}"')
        self._rare.show((state, narrowed))

    def _draw_rare(self, shown: tuple[ListState, tuple[str, ...]]) -> None:
        """What only links from other pages filter by; `narrowed` are the words for what a figure counted."""
        state, narrowed = shown
        if state.status not in STATUSES:
            self._choice(status_text(state.status), "chip", status=state.status).props('aria-pressed="true"')
        fields = [field for field in ("mark", "grid", "worker") if getattr(state, field)]
        for field, name in zip(fields, narrowed, strict=True):
            self._choice(f"{name} ✕", "chip", **{field: ""}).props('aria-pressed="true"')
        for field, days, name in (("filed", state.filed, "上报"), ("ended", state.ended, "结束")):
            if days is not None:
                self._choice(f"{days.shown}{name} ✕", "chip", **{field: None}).props('aria-pressed="true"')

    def _choice(self, name: str, classes: str, **changes: Any) -> ui.element:
        button = ui.element("button").classes(classes).props('type="button"')
        with button:
            ui.label(name)
        button.on("click", self._handler(**changes), args=[])
        return button

    def _draw_understood(self, said: str) -> None:
        if said:
            ui.label(said).classes("muted")

    def _draw_foot(self, shown: tuple[str, int, int, str, bool]) -> None:
        total, page, last, sheet, picking = shown
        if total == "0 件":
            return
        with ui.element("div").classes("tfoot-left"):
            ui.label(f"共 {total}").classes("muted")
            with ui.element("a").props(f'href="{sheet}" download').classes("textlink"):
                ui.label("导出表格")
        pager(self.visit, page, last, lambda number: self.change(page=number))
        if not picking:

            async def begin() -> None:
                await self._choosing(True)

            ui.button("多选", on_click=self.visit.handler(begin)).props("flat no-caps dense").classes("pick-begin")

    def _draw_bar(self, shown: tuple[bool, int]) -> None:
        picking, number = shown
        if not picking:
            return

        async def everything() -> None:
            self._picked = list(self._on_page)
            await self.load()

        async def stop() -> None:
            await self._choosing(False)

        async def give() -> None:
            await self._bulk.ask(tuple(self._picked))

        async def together() -> None:
            made = await self.visit.ask(incidents.merge, tuple(self._picked), secrets.token_hex(8))
            ui.navigate.to(f"/incidents/{made}")

        ui.label(f"已选 {number} 件").classes("pick-number")
        ui.button("全选本页", on_click=self.visit.handler(everything)).props("flat no-caps dense")
        ui.button("取消", on_click=self.visit.handler(stop)).props("flat no-caps dense")
        merge = ui.button("合成事件", on_click=self.visit.handler(together)).props("flat no-caps dense").classes("pick-merge")
        merge.set_enabled(number > 1)
        sure = ui.button("转派", on_click=self.visit.handler(give)).props("unelevated no-caps dense").classes("pick-give")
        sure.set_enabled(number > 0)

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()


@ui.page("/tickets", title="工单 · 邻舍工作台", response_timeout=10)
async def tickets_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "tickets", "工单") as frame:
        try:
            page = Inbox(frame, visit, ListState.from_query(request.query_params))
            await page.refresh()
        except LinsheError as error:
            errors.refusal(error)
            return
    page.watch = hub.watch(visit, page.refresh)
    page.watch_pane()
