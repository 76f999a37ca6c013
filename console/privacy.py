"""户与隐私: homes to verify, letters to print, data to be deleted and when, what was agreed to."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.household import DeletionState, RequestState
from community.services import home_binding, privacy
from community.services.home_binding import RequestView
from community.services.privacy import DeletionView
from console import heart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.words import short_time

REQUEST_TAGS = {
    RequestState.ASKED: ("待核实", "s-wait"), RequestState.APPROVED: ("已通过", "s-done"),
    RequestState.REFUSED: ("没通过", "u-high"), RequestState.WITHDRAWN: ("已撤回", ""),
}  # fmt: skip
DELETION_TAGS = {
    DeletionState.WAITING: ("等待期", "s-wait"), DeletionState.WITHDRAWN: ("已撤回", ""), DeletionState.DONE: ("已删除", "s-done"),
}  # fmt: skip
Figures = list[tuple[str, str, int, int]]


class PrivacyPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        ui.label("核实住址").classes("section spaced")
        self._requests = Panel(self._draw_requests, "views")
        ui.label("打印住址信").classes("section spaced")
        self._letters()
        ui.label("删除资料").classes("section spaced")
        self._deletions = Panel(self._draw_deletions, "views")
        ui.label("同意记录").classes("section spaced")
        self._consents = Panel(self._draw_consents, "views")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def load(self) -> None:
        day = local(heart.community().clock.now()).date().isoformat()
        self._requests.show((await self.visit.ask(home_binding.requests), day))
        self._deletions.show((await self.visit.ask(privacy.deletions), day))
        self._consents.show(await self.visit.ask(privacy.consent_figures))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    # Homes -------------------------------------------------------------------------------------------------------------

    def _draw_requests(self, shown: tuple[list[RequestView], str]) -> None:
        found, now = shown[0], heart.community().clock.now()
        if not found:
            ui.label("没有要核实的住址。居民在对话里说“绑定住址”，选“请社区核实”，就会到这里。").classes("muted pad")
        for one in found:
            self._draw_request(one, now)

    def _draw_request(self, one: RequestView, now: datetime) -> None:
        with ui.element("div").classes("lrow").props(f'data-request="{one.id}"'):
            with ui.element("div").classes("v-who"):
                ui.label(one.name).classes("v-name")
                ui.label(one.phone or "没留电话").classes("muted fact-masked")
            with ui.element("div").classes("lv-days"):
                ui.label(one.room)
                ui.label(f"{short_time(one.asked_at, now)}申请").classes("muted")
            with ui.element("div").classes("v-of"):
                ui.label(f"这户已核实{one.others}人" if one.others else "这户还没有人核实过").classes("" if one.others else "muted")
                if one.reason:
                    ui.label(one.reason).classes("muted")
            with ui.element("div").classes("lv-open"):
                tag(*REQUEST_TAGS[one.state])
            with ui.element("div").classes("l-acts"):
                if one.state is RequestState.ASKED:
                    self._button("通过", one, refuse=False)
                    self._button("不通过", one, refuse=True)
                elif one.decided_at is not None:
                    ui.label(f"{one.decided_by} {short_time(one.decided_at, now)}").classes("muted")

    def _button(self, name: str, one: RequestView, *, refuse: bool) -> None:
        button = ui.element("button").classes("l-talk textlink" if refuse else "l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            if refuse:
                self._ask_reason(one)
                return
            await self.visit.ask(home_binding.decide, one.id, True, "")
            await self.refresh()
            self.visit.tell("核实好了，已告诉居民。", "positive")

        button.on("click", self.visit.handler(press), args=[])

    def _ask_reason(self, one: RequestView) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("不通过").classes("form-title")
            ui.label(f"{one.name}，{one.room}")
            reason = ui.input("为什么（居民会看到）").props('outlined dense maxlength="100" autofocus').classes("full")

            async def go() -> None:
                await self.visit.ask(home_binding.decide, one.id, False, reason.value or "")
                self._dialog.close()
                await self.refresh()
                self.visit.tell("已告诉居民。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("不通过", on_click=self.visit.handler(go)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    @staticmethod
    def _letters() -> None:
        """A plain form into a page of its own, which is made for paper."""
        with ui.element("form").props('method="post" action="/privacy/letters" target="_blank"').classes("letter-form"):
            field = ui.element("input").props('name="where" maxlength="60" required aria-label="打给哪里" autocomplete="off"')
            field.props('placeholder="剡溪花园3幢2单元，或到室"').classes("letter-where")
            with ui.element("button").props('type="submit"').classes("l-resend"):
                ui.label("打开打印页")
        ui.label("每户一封，码30天内有效，只能用一次；再打一次，旧的就作废。打印会记入查阅记录。").classes("muted")

    # Data --------------------------------------------------------------------------------------------------------------

    def _draw_deletions(self, shown: tuple[list[DeletionView], str]) -> None:
        found, now = shown[0], heart.community().clock.now()
        if not found:
            ui.label("没有人要求删除资料。").classes("muted pad")
        for one in found:
            with ui.element("div").classes("lrow").props(f'data-deletion="{one.id}"'):
                with ui.element("div").classes("v-who"):
                    ui.label(one.name).classes("v-name")
                with ui.element("div").classes("lv-days"):
                    ui.label(f"{short_time(one.asked_at, now)}提出")
                with ui.element("div").classes("v-of"):
                    ui.label(self._when(one, now))
                with ui.element("div").classes("lv-open"):
                    tag(*DELETION_TAGS[one.state])
                with ui.element("div").classes("l-acts"):
                    if one.done:
                        ui.label(one.done).classes("muted")

    @staticmethod
    def _when(one: DeletionView, now: datetime) -> str:
        if one.state is not DeletionState.WAITING or one.ended_at is not None:
            return f"{short_time(one.ended_at, now)}结束" if one.ended_at else ""
        days = (local(one.due_at).date() - local(now).date()).days
        return f"{privacy.day_of(one.due_at)}自动删除，" + (f"还有{days}天" if days > 0 else "今天")

    def _draw_consents(self, found: Figures) -> None:
        if not found:
            ui.label("还没有记录。居民第一次对话时会看到说明，看过就记一条。").classes("muted pad")
        for what, version, standing, withdrawn in found:
            with ui.element("div").classes("lrow"):
                with ui.element("div").classes("v-who"):
                    ui.label(what).classes("v-name")
                ui.label(f"说明版本 {version}").classes("lv-days muted")
                ui.label(f"有效 {standing} 人").classes("v-of")
                ui.label(f"撤回 {withdrawn} 人").classes("lv-open muted")
                ui.element("div").classes("l-acts")


@ui.page("/privacy", title="户与隐私 · 邻舍工作台", response_timeout=10)
async def privacy_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "privacy", "户与隐私") as frame:
        try:
            page = PrivacyPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
