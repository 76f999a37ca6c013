"""One conversation as chat bubbles, with what staff may do in it: take over, write, hand back with a summary."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from nicegui import ui

from community.errors import Conflict, IllegalMove
from community.model.calendar import local
from community.model.conversation import Holder
from community.model.message import HistoryLine
from community.services import conversations, handover, replies
from community.services.conversations import ConversationDetail, ConversationView
from community.services.handover import HandoverView
from community.services.inbound import PHOTO_TEXT
from community.services.replies import Preview
from console import heart
from console.composer import Composer
from console.handing import Handing, draw_handover
from console.parts import Panel, photos
from console.session import Visit
from console.words import short_time

SPEAKERS = {"in": "居民", "out": "小邻", "staff": "工作人员"}


def added(shown: Sequence[HistoryLine], lines: Sequence[HistoryLine]) -> list[HistoryLine] | None:
    """The lines to add below `shown` to have `lines`; None when it takes drawing anew (something older changed)."""
    known = {line.key for line in shown}
    kept = [line for line in lines if line.key in known]
    fresh = [line for line in lines if line.key not in known]
    # The history is a window: its oldest lines fall out as new ones come.
    if not kept or kept != list(shown[-len(kept) :]) or [*kept, *fresh] != list(lines):
        return None
    return fresh


def draw_line(line: HistoryLine, now: datetime) -> None:
    side = {"in": "in", "staff": "staff"}.get(line.direction, "bot")
    with ui.element("div").classes(f"line line-{side}"):
        who = line.author_name or SPEAKERS.get(line.direction, "")
        ui.label(f"{who} {short_time(line.at, now)}").classes("line-meta")
        if line.text and not (line.photos and line.text == PHOTO_TEXT):
            ui.label(line.text).classes("bubble")
        photos(line.photos, "line-photos")
        if line.buttons:
            with ui.element("div").classes("line-buttons"):
                for button in line.buttons:
                    ui.label(str(button.get("title", ""))).classes("line-button")


class Chat:
    """The middle of the conversation page. New lines are added below; what is there stays as it is."""

    def __init__(self, visit: Visit, resident_id: int) -> None:
        self.visit, self.resident_id = visit, resident_id
        self.after: Callable[[], Awaitable[None]] | None = None
        self._shown: list[HistoryLine] = []
        self._day = ""
        self._handing = Handing(visit, self._left)
        with ui.element("section").classes("chat"):
            self._head = Panel(self._draw_head, "chat-head")
            self._handover: Panel[tuple[HandoverView | None]] = Panel(lambda left: draw_handover(left[0]), "chat-handover")
            self._lines = ui.element("div").classes("chat-lines").props('role="log" aria-label="对话"')
            self._composer = Composer(visit, self, "写给居民", str(resident_id), {})
        self._composer.set_visible(False)

    async def load(self) -> ConversationDetail:
        detail = await self.visit.ask(conversations.open_conversation, self.resident_id)
        self._head.show(detail.view)
        self._handover.show((await self.visit.ask(handover.latest, self.resident_id),))
        self._composer.set_visible(self._mine(detail.view))
        self._show_lines(detail.lines)
        return detail

    def _mine(self, view: ConversationView) -> bool:
        return view.holder == Holder.STAFF and view.staff_id == self.visit.staff.id

    def _show_lines(self, lines: Sequence[HistoryLine]) -> None:
        if list(lines) == self._shown:
            return
        now = heart.community().clock.now()
        today = f"{local(now):%Y-%m-%d}"
        first = not self._shown
        fresh = added(self._shown, lines) if today == self._day else None
        if fresh is None:
            self._lines.clear()
            fresh = list(lines)
        with self._lines:
            for line in fresh:
                draw_line(line, now)
        self._shown, self._day = list(lines), today
        # Only when the reader is at the end: somebody who scrolled up to read is left there.
        self.visit.client.run_javascript(f"linsheScroll({self._lines.id}, {str(first).lower()})")

    def _draw_head(self, view: ConversationView) -> None:
        with ui.element("div").classes("chat-who"):
            ui.label(view.resident_name).classes("chat-name")
            ui.label(view.home).classes("muted")
        if view.reason:
            ui.label(f"原因：{view.reason}").classes("chat-reason")
        with ui.element("div").classes("chat-acts"):
            if self._mine(view):
                ui.label("我接待中，小邻不说话").classes("chat-holder mine")
                back = ui.button("交还小邻").props("outline no-caps dense")
                back.on_click(self.visit.handler(self._hand_back))
                return
            if view.holder == Holder.STAFF:
                ui.label(f"{view.staff_name}接待中").classes("chat-holder")
                return
            ui.label("等人接待，小邻仍在应答" if view.holder == Holder.WAITING else "小邻接待中").classes("chat-holder")
            take = ui.button("接管").props("unelevated no-caps dense").classes("chat-take")
            take.on_click(self.visit.handler(self._take))

    async def _take(self) -> None:
        try:
            await self.visit.ask(conversations.take, self.resident_id)
        except (Conflict, IllegalMove):
            await self.again()
            raise
        await self.again()
        self.visit.tell("已接管，请打个招呼。", "positive")

    async def _hand_back(self) -> None:
        await self._handing.ask(self.resident_id)

    async def _left(self) -> None:
        # The talk is the assistant's again and not ours to read.
        with self.visit.client:
            ui.navigate.to("/conversations")

    async def look(self, text: str) -> Preview:
        return await self.visit.ask(replies.preview_talk, self.resident_id, text)

    async def writing(self) -> None:
        """Who holds a talk is seen by all; nobody else can write into it."""

    async def send(self, text: str, draft_id: str) -> None:
        await self.visit.ask(conversations.say, self.resident_id, text, draft_id)

    async def again(self) -> None:
        if self.after is not None:
            await self.after()
