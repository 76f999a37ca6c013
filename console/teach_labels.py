"""已教的话: every label, who said what and why; a second opinion, a lead's word, taking back."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.model.intents import INTENT_NAMES
from community.model.people import Role
from community.model.taught import TaughtEvent
from community.model.teaching import REPORT, LabelEvent
from community.services import labels
from community.services.labels import LabelView
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.teach_parts import CATEGORIES
from console.teach_talk import Cases
from console.teach_tones import TONES
from console.teach_words import Words


class LabelsPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._list = Panel(self._draw, "teach-list")
        self._words = Words(visit, self.refresh)
        self._cases = Cases(visit, self.refresh)
        self._head = Panel(self._draw_head)
        self._log: Panel[list[LabelEvent | TaughtEvent]] = Panel(self._draw_log, "views")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def refresh(self) -> None:
        self._list.show(await self.visit.ask(labels.listed))
        await self._words.refresh()
        await self._cases.refresh()
        events = (await self.visit.ask(labels.history))[:40]
        self._head.show(len(events))
        self._log.show(events)
        await self.frame.refresh()

    def _draw(self, found: list[LabelView]) -> None:
        if not found:
            empty("还没有教过。到“教学”里挑一句没听懂的话，说说是什么意思。", "school")
            return
        for one in found:
            with ui.element("div").classes("teach-row").props(f'data-label="{one.id}"'):
                with ui.element("div").classes("teach-words"):
                    ui.label(one.text).classes("teach-text")
                    for words, names in one.marks:
                        ui.label(f"{words}：{names}").classes("muted")
                    for number, (category, words) in enumerate(one.parts, 1):
                        ui.label(f"{number}. {category}：{words}").classes("muted")
                    if one.why:
                        ui.label(one.why).classes("muted")
                with ui.element("div").classes("teach-why"):
                    tag(one.state_name, TONES[one.state])
                    if one.held_out:
                        tag("考题")
                with ui.element("div").classes("teach-guessed"):
                    ui.label(one.meaning)
                    where = f" · {one.file} {one.change}" if one.file else ""
                    ui.label(f"{one.by} {local(one.at):%m-%d %H:%M}{where}").classes("muted")
                    if one.second_meaning and one.state == "disputed":
                        ui.label(f"{one.second}认为是{one.second_meaning}").classes("muted")
                with ui.element("div").classes("l-acts"):
                    self._acts(one)

    def _acts(self, one: LabelView) -> None:
        if one.state == "disputed" and self.visit.staff.role is Role.OPERATOR:
            self._button("来定", lambda: self._ask(one, settle=True))
        elif one.state == "ready" and not one.mine:
            self._button("另一位看", lambda: self._ask(one, settle=False))
        if one.state in ("ready", "disputed", "taught"):
            self._button("撤回", lambda: self._undo(one), quiet=True)

    def _button(self, name: str, act: object, quiet: bool = False) -> None:
        button = ui.element("button").classes("l-talk textlink" if quiet else "l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            await act()  # type: ignore[operator]

        button.on("click", self.visit.handler(press), args=[])

    async def _undo(self, one: LabelView) -> None:
        await self.visit.ask(labels.undo, one.id)
        await self.refresh()

    async def _ask(self, one: LabelView, settle: bool) -> None:
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("您看这句是什么意思").classes("form-title")
            ui.label(one.text)
            intent = ui.select(INTENT_NAMES, value=one.intent, label="意思", with_input=True)
            category = ui.select(CATEGORIES, value=one.category or None, label="类别", with_input=True)
            category.bind_visibility_from(intent, "value", lambda value: value == REPORT)
            for field in (intent, category):
                field.props("outlined dense options-dense").classes("full")

            async def keep() -> None:
                act = labels.settle if settle else labels.second
                await self.visit.ask(act, one.id, str(intent.value or ""), str(category.value or ""))
                self._dialog.close()
                await self.refresh()

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("记下", on_click=self.visit.handler(keep)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    def _draw_head(self, number: int) -> None:
        if number:
            ui.label(f"谁教了什么（最近{number}条）").classes("section spaced")

    def _draw_log(self, events: list[LabelEvent | TaughtEvent]) -> None:
        for event in events:
            with ui.element("div").classes("teach-event"):
                ui.label(f"{local(event.at):%m-%d %H:%M}").classes("muted")
                ui.label(f"{event.staff_name} {event.did}" + (f"：{event.note}" if event.note else ""))


@ui.page("/teach/labels", title="已教的话 · 邻舍工作台", response_timeout=10)
async def labels_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "teach", "已教的话", back="/teach") as frame:
        try:
            page = LabelsPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh).models = True
