"""请志愿者 on a ticket: what a request for a hand has become, and the form that makes a task of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from nicegui import ui

from community.model.calendar import local
from community.services import care
from community.services.care import CareView
from console import heart
from console.parts import Panel, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.two_sides import moment
from console.words import short_time

HOURS = {1: "1小时", 2: "2小时", 4: "半天"}


class CarePart:
    """Shown for requests for a hand, or where a task has been made; `load` is told whether the ticket is such a request."""

    def __init__(self, visit: Visit, number: str, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.number, self.after = visit, number, after
        self._panel: Panel[tuple[CareView, str]] = Panel(self._draw, "card t-care")
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def load(self, request: bool) -> None:
        view = await self.visit.ask(care.look, self.number)
        shown = view is not None and (request or bool(view.what))
        self._panel.box.set_visibility(shown)
        if view is not None and shown:
            self._panel.show((view, f"{local(heart.community().clock.now()):%Y-%m-%d}"))

    def _draw(self, shown: tuple[CareView, str]) -> None:
        view, now = shown[0], heart.community().clock.now()
        with ui.element("div").classes("sides-head"):
            ui.label("请志愿者").classes("section")
            if view.what:
                tag(view.state)
            else:
                ui.label("居民同意后才问附近的志愿者，谁先接就是谁").classes("muted")
            if view.may_make:
                ui.button("再请一次" if view.what else "请志愿者", on_click=self.visit.handler(self._ask)).props(
                    "outline no-caps dense"
                ).classes("talk-act")
        if view.what and view.starts_at is not None:
            ui.label(f"{view.what} · {short_time(view.starts_at, now)}" + (f" · {view.volunteer}" if view.volunteer else ""))
            if view.take_by is not None and not view.volunteer and not view.may_make:
                ui.label(f"{short_time(view.take_by, now)}前没有人接，就转回经办人").classes("muted")

    async def _ask(self) -> None:
        tomorrow = local(heart.community().clock.now()).date() + timedelta(days=1)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("请志愿者").classes("form-title")
            ui.label("志愿者只看到这几个字、时间和小区；接了才知道门牌和电话。").classes("muted")
            ui.label("帮什么忙（不写名字和门牌）").classes("form-label")
            what = ui.input().props('outlined dense autofocus maxlength=60 aria-label="帮什么忙"').classes("full")
            with ui.element("div").classes("sides-when"):
                day = ui.input(value=tomorrow.isoformat()).props('type="date" outlined dense aria-label="哪天"')
                hour = ui.input(value="09:00").props('type="time" outlined dense aria-label="几点"')
                hours = ui.select(HOURS, value=1).props('outlined dense aria-label="多久"')

            async def confirm() -> None:
                start = moment(day.value, hour.value)
                await self.visit.ask(care.make, self.number, what.value or "", start, start + timedelta(hours=int(hours.value or 1)))
                self.dialog.close()
                await self.after()
                self.visit.tell("已问居民，同意后就去问志愿者。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                ui.button("问居民").props("unelevated no-caps").classes("form-sure").on_click(self.visit.handler(confirm))
        self.dialog.open()
