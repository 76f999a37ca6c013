"""群消息: what was passed on from neighbours' groups, to be confirmed, merged, put right, or not wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.category import RULES, URGENCY_NAMES, Category, Urgency
from community.model.intake import MAX_WORDS, DraftState
from community.services import intake, intake_acts
from community.services.intake import MAX_BLOCK, DraftView
from community.services.intake_acts import Change
from console import heart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.words import short_time

TONES = {Urgency.NORMAL: "", Urgency.HIGH: "u-high", Urgency.DANGER: "u-danger"}
STATE_TONES = {DraftState.OPEN: "s-wait", DraftState.FILED: "s-done", DraftState.MERGED: "s-done", DraftState.DROPPED: ""}
ENDED = frozenset({DraftState.FILED, DraftState.MERGED, DraftState.DROPPED})


class DraftsPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        with ui.element("details").classes("gd-paste"):
            with ui.element("summary").classes("textlink"):
                ui.label("粘贴群里的话")
            self._block = ui.textarea(placeholder="王建国 10:32\n3号楼下水道堵了\n李阿姨 10:35\n我家也是")
            self._block.props(f'outlined autogrow maxlength={MAX_BLOCK} aria-label="群里的话"').classes("full")
            ui.button("记成草稿", on_click=visit.handler(self._take)).props("unelevated no-caps dense").classes("gd-take")
        self._said = Panel(self._draw_said, "gd-said")
        ui.label("等着确认").classes("section spaced")
        self._open = Panel(self._draw_open, "gd-list")
        ui.label("近来处理的").classes("section spaced")
        self._ended = Panel(self._draw_ended, "gd-list")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def load(self) -> None:
        day = local(heart.community().clock.now()).date().isoformat()
        self._open.show((*await self.visit.ask(intake.list_drafts), day))
        self._ended.show((*await self.visit.ask(intake.list_drafts, ENDED, 20), day))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    async def _take(self) -> None:
        taken = await self.visit.ask(intake.take, f"群消息\n{self._block.value or ''}")
        self._block.value = ""
        self._said.show((taken.alarms, taken.left))
        await self.refresh()
        new = len(taken.drafts) - taken.again
        again = f"，{taken.again}条之前转来过" if taken.again else ""
        self.visit.tell(f"记下{new}条草稿{again}。", "positive")

    @staticmethod
    def _draw_said(shown: tuple[tuple[str, ...], int]) -> None:
        for alarm in shown[0]:
            ui.label(alarm).classes("gd-alarm")
        if shown[1]:
            ui.label(f"另有{shown[1]}句像是闲聊，没有记。").classes("muted")

    # --- the lists -------------------------------------------------------------------------------------------------------

    def _draw_open(self, shown: tuple[list[DraftView], int, str]) -> None:
        views, total, _ = shown
        if not views:
            empty("没有等着确认的群消息。网格员在企业微信里把群里的话转给助手，或在上面粘贴。", "forum")
        for view in views:
            self._row(view)
        if total > len(views):
            ui.label(f"还有{total - len(views)}条，先处理上面的。").classes("muted pad")

    def _draw_ended(self, shown: tuple[list[DraftView], int, str]) -> None:
        if not shown[0]:
            ui.label("还没有处理过的。处理完30天后删除。").classes("muted pad")
        for view in shown[0]:
            self._row(view)

    def _row(self, view: DraftView) -> None:
        now = heart.community().clock.now()
        with ui.element("div").classes("gd-row").props(f'data-draft="{view.id}"'):
            with ui.element("div").classes("gd-top"):
                tag(view.state_name, STATE_TONES[view.state]) if view.state is not DraftState.OPEN else None
                if view.urgency is not Urgency.NORMAL:
                    tag(view.urgency_name, TONES[view.urgency])
                ui.label(view.category_name).classes("gd-kind")
                ui.label(view.place_text or "地点不明").classes("" if view.place_id else "gd-nowhere")
                ui.label(self._whence(view, now)).classes("muted gd-when")
            if view.danger and view.state is DraftState.OPEN:
                ui.label(view.danger).classes("gd-alarm")
            said = f"{view.who or '有邻居'}{' ' + view.said_at if view.said_at else ''}"
            ui.label(f"{said}：{view.words}").classes("gd-words")
            if view.also:
                ui.label(f"另有{view.also}户也说").classes("gd-also")
            if view.resident:
                ui.label(f"已对上居民：{view.resident}").classes("gd-also")
            if view.match is not None:
                with ui.element("div").classes("gd-match"):
                    ui.label("已有")
                    ui.link(f"#{view.match.number} {view.match.title}", f"/tickets/{view.match.number}").classes("textlink")
                    if view.match.incident:
                        ui.link(f"事件{view.match.incident}", f"/incidents/{view.match.incident}").classes("textlink")
            with ui.element("div").classes("gd-acts"):
                self._acts(view, now)

    @staticmethod
    def _whence(view: DraftView, now: datetime) -> str:
        return f"{view.by} {short_time(view.at, now)}转来"

    def _acts(self, view: DraftView, now: datetime) -> None:
        if view.state is DraftState.OPEN:
            if view.match is not None:
                self._button(f"并入 #{view.match.number}", lambda: self._merge(view), strong=True)
            self._button("立单", lambda: self._confirm(view), strong=view.match is None)
            self._button("修改", lambda: self._edit(view))
            self._button("不要", lambda: self._ask_why(view))
            return
        if view.ticket:
            ui.link(f"工单{view.ticket}", f"/tickets/{view.ticket}").classes("textlink")
        when = f" {short_time(view.decided_at, now)}" if view.decided_at else ""
        ui.label(f"{view.decided}{when}{'：' + view.reason if view.reason else ''}").classes("muted")
        if view.state is not DraftState.FILED:
            self._button("撤销", lambda: self._undo(view))

    def _button(self, name: str, act: Callable[[], Awaitable[None]], *, strong: bool = False) -> None:
        button = ui.element("button").classes("gd-act strong" if strong else "gd-act").props('type="button"')
        with button:
            ui.label(name)
        button.on("click", self.visit.handler(act), args=[])

    # --- what is done ----------------------------------------------------------------------------------------------------

    async def _confirm(self, view: DraftView) -> None:
        done = await self.visit.ask(intake_acts.confirm, view.id)
        await self.refresh()
        self.visit.tell(f"已立单：工单{done.ticket}。", "positive")

    async def _merge(self, view: DraftView) -> None:
        done = await self.visit.ask(intake_acts.merge, view.id, view.match.number if view.match else "")
        await self.refresh()
        self.visit.tell(f"已并入工单{done.ticket}，经办人看得到。", "positive")

    async def _undo(self, view: DraftView) -> None:
        await self.visit.ask(intake_acts.undo, view.id)
        await self.refresh()
        self.visit.tell("已撤销，又在等着确认里了。", "positive")

    async def _ask_why(self, view: DraftView) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("不要这条").classes("form-title")
            ui.label(view.words).classes("muted")
            why = ui.input("为什么不要").props('outlined dense maxlength="200" autofocus').classes("full")

            async def go() -> None:
                await self.visit.ask(intake_acts.drop, view.id, why.value or "")
                self._dialog.close()
                await self.refresh()
                self.visit.tell("不要了，30天内可以撤销。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("不要", on_click=self.visit.handler(go)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    async def _edit(self, view: DraftView) -> None:
        view = await self.visit.ask(intake.show, view.id)
        maybe = await self.visit.ask(intake_acts.who_may_it_be, view.id)
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("修改草稿").classes("form-title")
            words = ui.textarea("什么事", value=view.words).props(f"outlined autogrow maxlength={MAX_WORDS}").classes("full")
            place = ui.input("地点", value=view.place_text).props('outlined dense maxlength="100"').classes("full")
            with ui.element("div").classes("gd-pair"):
                kind = ui.select({one.value: rule.name for one, rule in RULES.items()}, value=view.category.value, label="类别")
                kind.props("outlined dense options-dense")
                haste = ui.select({one.value: name for one, name in URGENCY_NAMES.items()}, value=view.urgency.value, label="紧急程度")
                haste.props("outlined dense options-dense")
            linked = ui.checkbox(f"就是居民{maybe.name}（{maybe.home}），立单后告诉本人", value=bool(view.resident_id)) if maybe else None
            for line in view.log:
                ui.label(line).classes("muted gd-log")

            async def save() -> None:
                change = Change(place.value or "", Category(kind.value), Urgency(haste.value), words.value or "")
                await self.visit.ask(intake_acts.amend, view.id, change)
                if linked is not None and maybe is not None:
                    await self.visit.ask(intake_acts.link, view.id, maybe.resident_id if linked.value else None)
                self._dialog.close()
                await self.refresh()
                self.visit.tell("已改。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("保存", on_click=self.visit.handler(save)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


@ui.page("/drafts", title="群消息 · 邻舍工作台", response_timeout=10)
async def drafts_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "drafts", "群消息") as frame:
        try:
            page = DraftsPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
