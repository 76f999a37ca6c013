"""请假: who is away, who stands in, and what the absent still have open."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import local
from community.services import leave
from community.services.bulk import Went
from community.services.leave import MAX_REASON, LeavePage, LeaveView, NewLeave, span
from console import heart
from console.diary import day_of
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.tickets_state import ListState

NOBODY = 0


class LeaveList:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self.people: dict[int, str] = {}
        self._lists = Panel(self._draw, "leaves")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def load(self) -> None:
        page = await self.visit.ask(leave.page)
        self.people = dict(page.people)
        self._lists.show((page, local(heart.community().clock.now()).date().isoformat()))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw(self, shown: tuple[LeavePage, str]) -> None:
        page, _ = shown
        for title, found, none in (
            ("正在请假", page.running, "现在没有人请假。"),
            ("接下来", page.coming, "接下来没有登记的假。"),
        ):
            ui.label(title).classes("section spaced")
            if not found:
                ui.label(none).classes("muted")
                continue
            with ui.element("div").classes("views"):
                for one in found:
                    self._draw_one(one)

    def _draw_one(self, one: LeaveView) -> None:
        today = local(heart.community().clock.now()).date()
        with ui.element("div").classes("lrow").props(f'data-leave="{one.id}"'):
            with ui.element("div").classes("v-who"):
                ui.label(one.name).classes("v-name")
                ui.label(" · ".join(part for part in (one.role, one.place) if part)).classes("muted")
            with ui.element("div").classes("lv-days"):
                ui.label(span(one.starts, one.ends, today))
                ui.label(f"{(one.ends - one.starts).days + 1}天" + (f" · {one.reason}" if one.reason else "")).classes("muted")
            with ui.element("div").classes("v-of"):
                ui.label(f"{one.deputy}代班" if one.deputy else "没有代班，派给上一级").classes("" if one.deputy else "soon")
                if one.deputy_away:
                    tag("代班人也请假", "u-high")
            with ui.element("div").classes("lv-open"):
                if one.open:
                    group = "mine" if one.staff_id == self.visit.staff.id else "all"
                    state = ListState(group=group, worker="" if group == "mine" else str(one.staff_id))
                    ui.link(f"手上还有{one.open}件", state.url()).classes("textlink")
                elif one.open == 0:
                    ui.label("手上没有工单").classes("muted")
            with ui.element("div").classes("l-acts"):
                if one.may_change and one.open and one.deputy:
                    self._button(f"交给{one.deputy}", lambda: self._hand_over(one))
                if one.may_change:
                    self._button("提前结束" if one.running else "撤掉", lambda: self._ask_withdraw(one), quiet=True)

    def _button(self, name: str, act: Any, quiet: bool = False) -> None:
        button = ui.element("button").classes("l-talk textlink" if quiet else "l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            await act()

        button.on("click", self.visit.handler(press), args=[])

    async def _hand_over(self, one: LeaveView) -> None:
        went = await self.visit.ask(leave.hand_over, one.id, f"leave:{secrets.token_hex(8)}")
        await self.refresh()
        self._tell(one, went)

    def _tell(self, one: LeaveView, went: Sequence[Went]) -> None:
        stayed = [ticket for ticket in went if not ticket.ok]
        if not stayed:
            self.visit.tell(f"{len(went)}件都已交给{one.deputy}。", "positive")
            return
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label(f"{len(went) - len(stayed)}件已交给{one.deputy}，{len(stayed)}件没有").classes("form-title")
            for ticket in stayed:
                with ui.element("div").classes("stayed"):
                    ui.link(ticket.number, f"/tickets/{ticket.number}").classes("textlink")
                    ui.label(ticket.why)
            with ui.element("div").classes("form-foot"):
                ui.button("知道了", on_click=self._dialog.close).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    async def _ask_withdraw(self, one: LeaveView) -> None:
        async def go() -> None:
            await self.visit.ask(leave.withdraw, one.id)
            self._dialog.close()
            await self.refresh()
            self.visit.tell("好了，从现在起照常派单。" if one.running else "已撤掉。", "positive")

        today = local(heart.community().clock.now()).date()
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("提前结束这段假" if one.running else "撤掉这段假").classes("form-title")
            ui.label(f"{one.name}，{span(one.starts, one.ends, today)}" + (f"，{one.deputy}代班" if one.deputy else ""))
            with ui.element("div").classes("form-foot"):
                ui.button("不用了", on_click=self._dialog.close).props("flat no-caps")
                sure = ui.button("提前结束" if one.running else "撤掉", on_click=self.visit.handler(go))
                sure.props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    async def ask_new(self) -> None:
        """The form, with who may stand in for whom is chosen."""
        me = self.visit.staff.id
        stand_in = {NOBODY: "没有人代班", **dict(await self.visit.ask(leave.deputies, me))}
        today = local(heart.community().clock.now()).date().isoformat()
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("登记请假").classes("form-title")
            who = ui.select(self.people, value=me, label="谁", with_input=len(self.people) > 8)
            first = ui.input("从", value="").props(f'type="date" min="{today}" stack-label')
            last = ui.input("到（含这一天）", value="").props(f'type="date" min="{today}" stack-label')
            deputy = ui.select(stand_in, value=NOBODY, label="谁代班", with_input=len(stand_in) > 8)
            reason = ui.input("原因（可不填，只有本人和社区看得到）").props(f'maxlength="{MAX_REASON}"')
            for field in (who, first, last, deputy, reason):
                field.props("outlined dense options-dense").classes("full")
            ui.label("请假的日子里新工单派给代班的人；没有人代班，就派给上一级。").classes("muted")

            async def other(_: events.ValueChangeEventArguments[Any]) -> None:
                async with self.visit.telling("deputies"):
                    found = await self.visit.ask(leave.deputies, int(who.value)) if who.value else []
                    deputy.set_options({NOBODY: "没有人代班", **dict(found)}, value=NOBODY)

            who.on_value_change(other)

            async def keep() -> None:
                starts, ends = day_of(first.value), day_of(last.value or first.value)
                if starts is None or ends is None or not who.value:
                    raise InvalidInput("请选谁请假、从哪天到哪天。")
                chosen = int(deputy.value or NOBODY) or None
                await self.visit.ask(leave.enter, NewLeave(int(who.value), starts, ends, chosen, reason.value or ""))
                self._dialog.close()
                await self.refresh()
                self.visit.tell("登记好了。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("登记", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


@ui.page("/leave", title="请假 · 邻舍工作台", response_timeout=10)
async def leave_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "leave", "请假") as frame:
        try:
            page = LeaveList(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
        with frame.aside:
            button = ui.element("button").props('type="button"').classes("head-new textlink")
            with button:
                ui.icon("event_busy")
                ui.label("登记请假")
            button.on("click", visit.handler(page.ask_new), args=[])
    hub.watch(visit, page.refresh)
