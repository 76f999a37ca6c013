"""The chat beside a ticket: what was said about it (or all of it, while the talk is with people), and the answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from community.errors import Conflict, IllegalMove
from community.model.calendar import local
from community.model.conversation import Holder
from community.model.message import HistoryLine
from community.services import conversations, handover, presence, replies
from community.services.conversations import ConversationView
from community.services.handover import HandoverView
from community.services.replies import Preview
from console import heart
from console.chat import added, draw_line
from console.composer import Composer
from console.handing import Handing, draw_handover
from console.parts import Panel
from console.session import Visit

SAY_SO_EVERY = 4.0
"""Seconds between two words to colleagues that I am writing."""


@dataclass(frozen=True)
class Head:
    reachable: bool
    view: ConversationView | None
    left: HandoverView | None


class Answer:
    """An answer about a ticket; see `composer.About`."""

    def __init__(
        self, visit: Visit, number: str, after: Callable[[], Awaitable[None]], seen: Callable[[], int | None]
    ) -> None:
        self.visit, self.number, self.after, self.seen = visit, number, after, seen
        self._said_so = float("-inf")

    async def look(self, text: str) -> Preview:
        return await self.visit.ask(replies.preview, self.number, text)

    async def writing(self) -> None:
        now = time.monotonic()
        if now - self._said_so > SAY_SO_EVERY:
            self._said_so = now
            await self.visit.ask(presence.here, self.number, "writes")

    async def send(self, text: str, draft_id: str) -> None:
        await self.visit.ask(replies.reply, self.number, text, draft_id, self.seen())
        # Sent, so no longer writing; the refresh says that I am still here.
        self._said_so = float("-inf")
        await presence.gone(heart.community(), self.visit.staff.id, self.number)
        self.visit.tell("已发给居民。", "positive")

    async def again(self) -> None:
        await self.after()


class TicketTalk:
    """Lines are added below; what is there stays as it is, and so does what is being written."""

    def __init__(
        self,
        visit: Visit,
        number: str,
        after: Callable[[], Awaitable[None]],
        seen: Callable[[], int | None],
        drafts: dict[str, str],
    ) -> None:
        self.visit, self.number, self.after = visit, number, after
        self._handing = Handing(visit, after)
        self._shown: list[HistoryLine] = []
        self._day = ""
        with ui.element("section").classes("card t-talk"):
            self._head: Panel[Head] = Panel(self._draw_head, "talk-head")
            self._lines = ui.element("div").classes("chat-lines").props('role="log" aria-label="和居民的对话"')
            self._composer = Composer(visit, Answer(visit, number, after, seen), "答复居民", number, drafts)

    async def load(self, resident_id: int | None) -> None:
        talk = await self.visit.ask(replies.talk, self.number)
        left = await self.visit.ask(handover.latest, resident_id) if talk.whole and resident_id else None
        self._head.show(Head(talk.reachable, talk.conversation, left))
        self._composer.set_visible(talk.may_write)
        self._show(talk.lines)

    def _show(self, lines: Sequence[HistoryLine]) -> None:
        now = heart.community().clock.now()
        today = f"{local(now):%Y-%m-%d}"
        if list(lines) == self._shown and today == self._day:
            return
        first = not self._shown
        fresh = added(self._shown, lines) if today == self._day else None
        if fresh is None:
            self._lines.clear()
            fresh = list(lines)
        with self._lines:
            for line in fresh:
                draw_line(line, now)
        self._lines.set_visibility(bool(lines))
        self._shown, self._day = list(lines), today
        self.visit.client.run_javascript(f"linsheScroll({self._lines.id}, {str(first).lower()})")

    def _draw_head(self, head: Head) -> None:
        with ui.element("div").classes("talk-top"):
            ui.label("和居民的对话").classes("section")
            view = head.view
            if not head.reachable:
                ui.label("居民不在聊天里，请打电话").classes("chat-holder soon")
            elif view is None:
                ui.label("只显示这件工单的").classes("chat-holder")
            elif view.holder == Holder.WAITING:
                ui.label("等人接待").classes("chat-holder late")
                self._button("接管", self._take)
            elif view.staff_id == self.visit.staff.id:
                ui.label("我接待中，小邻不说话").classes("chat-holder mine")
                self._button("交还小邻", self._hand_back)
            else:
                ui.label(f"{view.staff_name}接待中").classes("chat-holder")
        draw_handover(head.left)

    def _button(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        ui.button(name, on_click=self.visit.handler(act)).props("outline no-caps dense").classes("talk-act")

    async def _resident(self) -> int:
        talk = await self.visit.ask(replies.talk, self.number)
        if talk.conversation is None:
            await self.after()
            raise IllegalMove("这段对话已经交还给小邻了。")
        return talk.conversation.resident_id

    async def _take(self) -> None:
        try:
            await self.visit.ask(conversations.take, await self._resident())
        except (Conflict, IllegalMove):
            await self.after()
            raise
        await self.after()
        self.visit.tell("已接管，请打个招呼。", "positive")

    async def _hand_back(self) -> None:
        await self._handing.ask(await self._resident())
