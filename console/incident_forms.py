"""The forms of an incident: when it will be over, what everybody of the building is told, the one closing, one more ticket.

Each opens with a key of its own: pressing twice, or again after an error, does it once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from nicegui import events, ui

from community.errors import Conflict, IllegalMove
from community.model.calendar import SHANGHAI, local
from community.model.incident import MAX_BROADCAST, MAX_WHY
from community.model.ticket import Outcome
from community.services import broadcasts, incident_acts, incidents, replies
from community.services.broadcasts import Preview
from community.services.incidents import IncidentView
from console import heart
from console.parts import Panel
from console.photo_picker import PhotoPicker
from console.phrases import BOTTOM
from console.remarks import Remarks
from console.session import Visit
from console.ticket_acts import MAX_NOTE, OUTCOME_SAID

REST = 0.4
"""Seconds without a letter typed before the words are looked at."""


class _Form:
    """A dialog that no refresh touches, and what becomes of the page when it is done."""

    def __init__(self, visit: Visit, incident_id: int, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.incident_id, self.after = visit, incident_id, after
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")
        self.key = ""

    def _foot(self, name: str, confirm: Callable[[], Awaitable[None]]) -> ui.button:
        with ui.element("div").classes("form-foot"):
            ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
            return ui.button(name, on_click=self.visit.handler(confirm)).props("unelevated no-caps").classes("form-sure")

    async def _done(self, said: str) -> None:
        self.dialog.close()
        await self.after()
        self.visit.tell(said, "positive")


class ExpectForm(_Form):
    def ask(self, view: IncidentView) -> None:
        self.key = secrets.token_hex(8)
        self.dialog.clear()
        later = local(heart.community().clock.now()) + timedelta(hours=3)
        with self.dialog, ui.element("div").classes("form"):
            ui.label("预计什么时候好").classes("form-title")
            ui.label("反映过的每一位会收到一条消息，后来报同一件事的先看到它。各件的承诺时限不变。").classes("muted")
            moment = ui.input(value=f"{later:%Y-%m-%dT%H}:00")
            moment.props('type="datetime-local" outlined dense aria-label="预计时间"').classes("full")
            ui.label("什么情况（居民会看到）").classes("form-label")
            why = ui.textarea(value=view.mark.expected_why).classes("full")
            why.props(f'outlined autogrow maxlength={MAX_WHY} counter aria-label="什么情况" placeholder="比如：水泵坏了，物业正在换"')

            async def confirm() -> None:
                until = _moment(moment.value)
                if until is None:
                    moment.props('error error-message="请选日子和时间。"')
                    return
                if len((why.value or "").strip()) < 2:
                    why.props('error error-message="请写一句是什么情况。"')
                    return
                number = await self.visit.ask(incident_acts.expect, self.incident_id, until, why.value or "", self.key)
                await self._done(f"记下了，已告诉{number}人。")

            self._foot("告诉他们", confirm)
        self.dialog.open()


class ResolveForm(_Form):
    def ask(self, view: IncidentView) -> None:
        self.key = secrets.token_hex(8)
        self.dialog.clear()
        lead = next((ticket.number for ticket in view.tickets if ticket.is_open), "")
        with self.dialog, ui.element("div").classes("form"):
            ui.label(f"一次办结 {view.mark.open} 件").classes("form-title")
            ui.label("反映过的每一位收到一条消息，各自确认各自的工单；谁家还没好，只重新打开谁家的。").classes("muted")
            names = {str(one): name for one, name in OUTCOME_SAID.items()}
            outcome = ui.toggle(names, value=str(Outcome.SOLVED)).props("unelevated no-caps spread").classes("outcome")
            ui.label("怎么办好的（居民会看到）").classes("form-label")
            note = ui.textarea().classes("full")
            note.props(f'outlined autogrow autofocus maxlength={MAX_NOTE} counter aria-label="怎么办好的"')
            remarks = Remarks()
            picker = PhotoPicker(self.visit)

            async def confirm() -> None:
                text = (note.value or "").strip()
                if not text:
                    note.props('error error-message="请写明怎么办好的，居民要看。"')
                    return
                look = await self.visit.ask(replies.preview, lead, text) if lead else None
                # What one household said besides is answered in its own ticket, not in a sentence for all.
                if look is not None and remarks.show(tuple(one for one in look.remarks if one.kind != "skips")):
                    sure.set_text("仍然办结")
                    return
                photos, how = tuple(picker.hashes), Outcome(outcome.value)
                try:
                    done = await self.visit.ask(
                        incident_acts.resolve, self.incident_id, text, self.key, photos=photos, outcome=how
                    )
                except (Conflict, IllegalMove):
                    await self.after()
                    raise
                await self._done(f"{done[0]}件都已办结，等{done[1]}人确认。")

            sure = self._foot("确定办结", confirm)
        self.dialog.open()


class BroadcastForm(_Form):
    async def ask(self) -> None:
        self.key = secrets.token_hex(8)
        text = await self.visit.ask(broadcasts.draft, self.incident_id)
        look = await self.visit.ask(broadcasts.preview, self.incident_id, text)
        self._look_no = 0
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("通知整幢楼").classes("form-title")
            to = f"{look.audience.areas}绑定住址、反映过的共{look.audience.residents}人，能收到的有{look.audience.reachable}人，各一条。"
            ui.label(to).classes("muted")
            if look.sent_before:
                ui.label(f"这个事件已经发过{look.sent_before}条通知。").classes("soon")
            ui.label("写给大家的话").classes("form-label")
            words = ui.textarea(value=text).classes("full")
            words.props(f'outlined autogrow maxlength={MAX_BROADCAST} counter aria-label="写给大家的话"')
            refused: Panel[str] = Panel(self._draw_refused, "remarks")
            remarks = Remarks()
            shown: Panel[str] = Panel(self._draw_preview, "seen-as")

            def show(preview: Preview) -> None:
                refused.show(preview.refused)
                remarks.show(() if preview.refused else preview.remarks)
                shown.show(preview.text)
                sure.set_enabled(not preview.refused)

            async def typed(event: events.ValueChangeEventArguments[Any]) -> None:
                self._look_no += 1
                mine = self._look_no
                async with self.visit.telling("preview"):
                    await asyncio.sleep(REST)
                    if mine == self._look_no:
                        show(await self.visit.ask(broadcasts.preview, self.incident_id, event.value or ""))

            async def confirm() -> None:
                try:
                    told = await self.visit.ask(
                        broadcasts.send, self.incident_id, words.value or "", self.key, look.sent_before
                    )
                except Conflict:
                    await self.after()
                    raise
                await self._done(f"已发给{told.reachable}人。")

            sure = self._foot(f"发给{look.audience.reachable}人", confirm)
            words.on_value_change(typed)
            show(look)
        self.dialog.open()

    @staticmethod
    def _draw_refused(why: str) -> None:
        if why:
            with ui.element("div").classes("remark refused"):
                ui.icon("block")
                ui.label(why)

    @staticmethod
    def _draw_preview(text: str) -> None:
        ui.label("居民会看到").classes("seen-as-name")
        with ui.element("div").classes("line line-in"):
            ui.label(text).classes("bubble")


class PutInForm(_Form):
    def ask(self) -> None:
        self.key = secrets.token_hex(8)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("并入工单").classes("form-title")
            ui.label("写工单号，几件用空格隔开。经办人和承诺时限不变。").classes("muted")
            numbers = ui.input().props('outlined dense autofocus inputmode="numeric" aria-label="工单号"').classes("full")

            async def confirm() -> None:
                chosen = (numbers.value or "").replace("，", " ").replace("、", " ").replace(",", " ").split()
                if not chosen:
                    numbers.props('error error-message="请写工单号。"')
                    return
                await self.visit.ask(incidents.merge, chosen, self.key, into=self.incident_id)
                await self._done("已并入。")

            self._foot("并入", confirm)
        self.dialog.open()


def _moment(value: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(value or "").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
