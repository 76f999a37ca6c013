"""Writing a notice: kind, time, where, words; under it exactly what each resident reads, and how many they are."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError
from community.model.calendar import SHANGHAI, local
from community.model.notice import KIND_NAMES, MAX_TEXT, MAX_TITLE, TEMPLATES, Kind
from community.services import notices
from community.services.notices import Area, NewNotice, NoticePreview
from console import heart
from console.layout import Shell, shell
from console.parts import Panel
from console.session import Visit

REST = 0.5
"""Seconds without a letter typed before the preview is made again."""


def moment(value: str) -> datetime:
    """A datetime-local field as an aware time. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(value or "").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise InvalidInput("请选开始和结束的时间。") from None


def _time(name: str, at: datetime) -> ui.input:
    return ui.input(name, value=f"{at:%Y-%m-%dT%H:%M}").props('type="datetime-local" stack-label')


class NewNoticePage:
    def __init__(self, frame: Shell, visit: Visit, areas: list[Area]) -> None:
        self.frame, self.visit, self.areas = frame, visit, areas
        self._key = secrets.token_hex(8)
        self._turn = 0
        self._draw_form()

    def _draw_form(self) -> None:
        now = local(heart.community().clock.now())
        begins = (now + timedelta(hours=2)).replace(minute=0)
        with ui.element("div").classes("notice-page"):
            with ui.element("div").classes("notice-form"):
                self.kind = ui.select({str(one): name for one, name in KIND_NAMES.items()}, value=str(Kind.WATER), label="什么事")
                self.title = ui.input("标题").props(f'maxlength="{MAX_TITLE}"')
                options = {one.id: ("　" if one.of else "") + one.name for one in self.areas}
                self.where = ui.select(options, multiple=True, with_input=True, label="发给哪里（小区或楼幢，可选几处）").props("use-chips")
                with ui.element("div").classes("notice-times"):
                    self.begins, self.ends = _time("从", begins), _time("到", begins + timedelta(hours=4))
                self.text = ui.textarea("内容", value=TEMPLATES[Kind.WATER]).props(f'autogrow counter maxlength="{MAX_TEXT}"')
                self.urgent = ui.checkbox("急，夜里也发")
                self.why = ui.input("为什么不能等到早上（会记下来）").props('maxlength="100"')
                self.why.bind_visibility_from(self.urgent, "value")
                for field in (self.kind, self.title, self.where, self.begins, self.ends, self.text, self.why):
                    field.props("outlined dense options-dense").classes("full")
                    field.on_value_change(self._soon)
                self.urgent.on_value_change(self._soon)
                self.kind.on_value_change(self._template)
            self._preview = Panel(self._draw_preview, "notice-preview")
            self._preview.show(None)

    def _template(self) -> None:
        """A template's words, as long as nothing of one's own stands there."""
        if not self.text.value or self.text.value in TEMPLATES.values():
            self.text.set_value(TEMPLATES.get(Kind(self.kind.value), ""))

    async def _soon(self) -> None:
        self._turn += 1
        turn = self._turn
        await asyncio.sleep(REST)
        if turn == self._turn:
            async with self.visit.telling("preview"):
                try:
                    self._preview.show(await self.visit.ask(notices.preview, self._new()))
                except InvalidInput:
                    self._preview.show(None)

    def _new(self) -> NewNotice:
        return NewNotice(
            kind=Kind(self.kind.value),
            title=self.title.value or "",
            text=self.text.value or "",
            begins_at=moment(self.begins.value),
            ends_at=moment(self.ends.value),
            place_ids=tuple(int(one) for one in self.where.value or ()),
            why_urgent=(self.why.value or "").strip() if self.urgent.value else "",
        )

    def _draw_preview(self, shown: NoticePreview | None) -> None:
        ui.label("居民会看到").classes("section")
        if shown is None:
            ui.label("选好时间和地方，这里就是居民手机上的样子。").classes("muted")
            return
        ui.label(shown.text).classes("notice-bubble")
        if shown.refused:
            ui.label(shown.refused).classes("cand-loss")
        else:
            when = f"等到{local(shown.goes_at):%m月%d日 %H:%M}再发（夜里不打扰）" if shown.waits else "马上发"
            ui.label(f"{shown.residents}位住户，{shown.reachable}位收得到，{when}").classes("v-name")
        for remark in shown.remarks:
            ui.label(remark).classes("muted")
        for name, people, reached in shown.by_building:
            with ui.element("div").classes("cand-label"):
                ui.label(name)
                ui.label(f"{people}位").classes("muted")
                ui.label(f"收得到{reached}").classes("muted")
        sure = ui.button("发出" if not shown.waits else "早上发出", on_click=self.visit.handler(self._send))
        sure.props("unelevated no-caps").classes("form-sure")
        sure.set_enabled(not shown.refused)

    async def _send(self) -> None:
        if self.urgent.value and not (self.why.value or "").strip():
            raise InvalidInput("夜里发，请写一句为什么不能等。")
        made = await self.visit.ask(notices.publish, self._new(), self._key)
        ui.navigate.to(f"/notices/{made.id}")


@ui.page("/notices/new", title="写通知 · 邻舍工作台", response_timeout=10)
async def new_notice_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "notices", "写通知", back="/notices") as frame:
        try:
            NewNoticePage(frame, visit, await visit.ask(notices.areas))
            await frame.refresh()
        except LinsheError as error:
            await frame.refuse(error)
