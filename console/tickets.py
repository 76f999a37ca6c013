"""The list of tickets: whose, in what state, of what kind, with which words. Its address says all of it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError
from community.model.category import RULES
from community.model.people import Role
from community.services import desk
from console import errors, heart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty
from console.session import Visit
from console.table import TicketTable
from console.tickets_state import GROUPS, MAX_WORDS, PAGE_SIZE, STATUSES, ListState
from console.words import status_text


def wide_group(role: str) -> str:
    """What this role calls everything it may see. Only a name and a link: the heart decides what is in it."""
    return "grid" if role == Role.GRID_WORKER else "all"


class TicketList:
    """The list on one open page."""

    def __init__(self, frame: Shell, visit: Visit, state: ListState) -> None:
        self.frame, self.visit, self.state = frame, visit, state
        self._change_no = 0
        with ui.element("div").classes("finding"):
            self._filters = Panel(self._draw_filters, "filters")
            finder = ui.element("div").classes("finder")
        with finder:
            kinds: dict[str, str] = {"": "全部类别", **{c.value: rule.name for c, rule in RULES.items()}}
            self._category = ui.select(kinds, value=state.category, on_change=self._pick_category)
            self._category.props('outlined dense options-dense aria-label="类别"').classes("pick")
            self._words = ui.input(value=state.words, placeholder="搜工单号、内容、地点", on_change=self._pick_words)
            self._words.props(f'outlined dense clearable debounce="350" maxlength="{MAX_WORDS}" aria-label="搜索"')
            self._words.classes("search")
            with self._words.add_slot("prepend"):
                ui.icon("search")
        with ui.element("div").classes("tlist"):
            self._table = TicketTable()
            self._none = Panel(empty, "tnone")
        self._foot = Panel(self._draw_foot, "tfoot")

    async def load(self) -> None:
        """Ask the heart and show; a slower answer to an older question is dropped."""
        self._change_no += 1
        asked, state = self._change_no, self.state
        page = await self.visit.ask(desk.list_tickets, state.to_filter())
        if asked != self._change_no:
            return
        last = max(1, -(-page.total // PAGE_SIZE))
        if state.page > last:
            # The list became shorter than the page looked at.
            self.state = state.changed(page=last)
            await self.load()
            return
        self._table.show(page.items, heart.community().clock.now())
        self._filters.show(state)
        self._none.show("" if page.items else self._nothing(state))
        self._none.box.set_visibility(not page.items)
        self._foot.show((page.total, state.page, last))

    def _nothing(self, state: ListState) -> str:
        if state.words or state.category:
            return "没有符合条件的工单，换个条件试试。"
        return {"open": "没有未办结的工单。", "overdue": "没有超时的工单。"}.get(state.status, "这里没有工单。")

    async def change(self, **changes: Any) -> None:
        self.state = self.state.changed(**changes)
        ui.navigate.history.replace(self.state.url())
        await self.load()

    def _handler(self, **changes: Any) -> Any:
        async def pick() -> None:
            await self.change(**changes)

        return self.visit.handler(pick)

    async def _pick_category(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_category"):
            await self.change(category=event.value or "")

    async def _pick_words(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_words"):
            words = (event.value or "").strip()[:MAX_WORDS]
            if words != self.state.words:
                await self.change(words=words)

    def _draw_filters(self, state: ListState) -> None:
        with ui.element("div").classes("tabs").props('role="tablist"'):
            for group in ("mine", wide_group(self.visit.staff.role)):
                self._choice(GROUPS[group], state.group == group, "tab", group=group)
        with ui.element("div").classes("chips"):
            for status, name in STATUSES.items():
                self._choice(name, state.status == status, "chip", status=status)
            if state.status not in STATUSES:
                self._choice(status_text(state.status), True, "chip", status=state.status)
            for field, days, name in (("filed", state.filed, "上报"), ("ended", state.ended, "结束")):
                if days is not None:
                    self._choice(f"{days.shown}{name} ✕", True, "chip", **{field: None})

    def _choice(self, name: str, chosen: bool, classes: str, **changes: Any) -> None:
        button = ui.element("button").classes(classes).props(f'type="button" aria-pressed="{str(chosen).lower()}"')
        with button:
            ui.label(name)
        button.on("click", self._handler(**changes), args=[])

    def _draw_foot(self, shown: tuple[int, int, int]) -> None:
        total, page, last = shown
        if not total:
            return
        ui.label(f"共 {total} 件").classes("muted")
        if last > 1:

            async def turn(event: events.ValueChangeEventArguments[Any]) -> None:
                async with self.visit.telling("turn_page"):
                    await self.change(page=int(event.value or 1))
                    self.visit.client.run_javascript("window.scrollTo(0, 0)")

            ui.pagination(1, last, value=page, direction_links=True, on_change=turn).props("max-pages=5 dense")

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()


@ui.page("/tickets", title="工单 · 邻舍工作台", response_timeout=10)
async def tickets_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "tickets", "工单") as frame:
        try:
            page = TicketList(frame, visit, ListState.from_query(request.query_params))
            await page.refresh()
        except LinsheError as error:
            errors.refusal(error)
            return
    hub.watch(visit, page.refresh)
