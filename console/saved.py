"""Filters kept under a name, with how many tickets wait in each."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from nicegui import ui

from community.model.desk import MAX_NAME
from community.services import desk, saved_filters
from community.services.saved_filters import SavedView
from console.parts import Panel
from console.phrases import BOTTOM
from console.session import Visit
from console.tickets_state import ListState

COUNT_EVERY = 10.0
"""Seconds between two counts while the same list is looked at: a busy hour refreshes the page many times a minute."""

Shown = tuple[tuple[tuple[SavedView, str], ...], str]
"""The saved lists with their numbers, and the query of the list looked at."""


class SavedFilters:
    """A row of links above the list. `state` says what is looked at now; `go` opens a saved list in place."""

    def __init__(
        self, visit: Visit, state: Callable[[], ListState], go: Callable[[ListState], Awaitable[None]]
    ) -> None:
        self.visit, self.state, self.go = visit, state, go
        self._panel: Panel[Shown] = Panel(self._draw, "saved")
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")
        self._counted = ("", float("-inf"))

    async def load(self, *, anew: bool = False) -> None:
        query, at = self._counted
        if not anew and query == self.state().query and time.monotonic() - at < COUNT_EVERY:
            return
        self._counted = (self.state().query, time.monotonic())
        kept = await self.visit.ask(saved_filters.saved)
        counted = [(one, await self._number(one)) for one in kept]
        self._panel.show((tuple(counted), self.state().query))

    async def _number(self, one: SavedView) -> str:
        wanted = ListState.from_query(dict(parse_qsl(one.query)))
        page = await self.visit.ask(desk.list_tickets, wanted.to_filter(limit=1))
        return f"{page.total}+" if page.more else str(page.total)

    def _draw(self, shown: Shown) -> None:
        counted, query = shown
        known = False
        for one, number in counted:
            state = ListState.from_query(dict(parse_qsl(one.query)))
            here = state.query == query
            known = known or here
            with ui.element("span").classes("saved-one" + (" here" if here else "")):
                link = ui.element("button").props(f'type="button" aria-pressed="{str(here).lower()}"').classes("saved-go")
                with link:
                    ui.label(one.name)
                    ui.label(number).classes("saved-number")

                async def go(state: ListState = state) -> None:
                    await self.go(state)

                link.on("click", self.visit.handler(go), args=[])
                if here:
                    self._draw_drop(one)
        if not known and query:
            keep = ui.element("button").props('type="button"').classes("saved-keep")
            with keep:
                ui.icon("bookmark_add")
                ui.label("存下这个筛选")
            keep.on("click", lambda: self._ask(), args=[])

    def _draw_drop(self, one: SavedView) -> None:
        drop = ui.element("button").props('type="button" aria-label="删掉这个筛选"').classes("saved-drop")
        with drop:
            ui.icon("close")

        async def forget() -> None:
            await self.visit.ask(saved_filters.drop, one.id)
            await self.load(anew=True)

        drop.on("click", self.visit.handler(forget), args=[])

    def _ask(self) -> None:
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("存下这个筛选").classes("form-title")
            name = ui.input("起个名字").props(f'outlined dense autofocus maxlength={MAX_NAME} placeholder="比如：电梯超时"')

            async def keep() -> None:
                await self.visit.ask(saved_filters.save, name.value or "", self.state().query)
                self.dialog.close()
                await self.load(anew=True)

            act = self.visit.handler(keep)
            name.on("keydown.enter", act, args=[], js_handler="(e) => { if (!e.isComposing) emit(); }")
            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                ui.button("存下", on_click=act).props("unelevated no-caps").classes("form-sure")
        self.dialog.open()
