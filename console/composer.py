"""Writing to a resident: phrases, how it will look in their chat, what to think of first, and the sending."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Protocol

from nicegui import events, ui

from community.errors import Conflict, IllegalMove
from community.services.replies import Preview
from console.parts import Panel
from console.phrases import Phrases
from console.remarks import Remarks
from console.session import Visit

MAX_REPLY = 1000
REST = 0.45
"""Seconds without a letter after which the words are looked at."""


class About(Protocol):
    """What is written about: a ticket, or a talk."""

    async def look(self, text: str) -> Preview: ...
    async def writing(self) -> None:
        """Somebody is at it; called at each letter."""
        ...

    async def send(self, text: str, draft_id: str) -> None: ...
    async def again(self) -> None:
        """Bring the page up to date."""
        ...


class Composer:
    """One text. It is never drawn anew, so what somebody types is not lost to a refresh.

    Warnings never block: sending at once what has a warning not yet seen shows it, and sending again sends. `drafts[key]` keeps
    what is begun while another is looked at.
    """

    def __init__(self, visit: Visit, about: About, name: str, key: str, drafts: dict[str, str]) -> None:
        self.visit, self.about, self.key, self.drafts = visit, about, key, drafts
        self._draft_id = secrets.token_hex(8)
        self._look_no = 0
        self._wants_preview = False
        self._phrases = Phrases(visit, self._use)
        self.box = ui.element("div").classes("composer")
        with self.box:
            self._remarks = Remarks()
            self._preview: Panel[Preview | None] = Panel(self._draw_preview, "seen-as")
            self._preview.box.set_visibility(False)
            self._text = ui.textarea(value=drafts.get(key, ""), placeholder=f"{name}（回车发送，Shift+回车换行）")
            self._text.props(f'outlined dense autogrow maxlength={MAX_REPLY} aria-label="{name}"')
            self._text.classes("chat-text compose-text")
            self._text.on_value_change(self._typed)
            send = visit.handler(self._send)
            # A return that only picks a candidate of a Chinese input method must not send.
            self._text.on(
                "keydown.enter",
                send,
                args=[],
                js_handler="(e) => { if (e.shiftKey || e.isComposing) return; e.preventDefault(); emit(); }",
            )
            with ui.element("div").classes("compose-foot"):
                phrases = ui.button("常用语").props("flat no-caps dense").classes("compose-phrases")
                phrases.on_click(visit.handler(self._phrases.open))
                look = ui.button("预览").props("flat no-caps dense")
                look.on_click(visit.handler(self._show_preview))
                self._button = ui.button("发送").props("unelevated no-caps").classes("chat-send")
                self._button.on_click(send)

    def set_visible(self, visible: bool) -> None:
        self.box.set_visibility(visible)

    async def _typed(self, event: events.ValueChangeEventArguments[Any]) -> None:
        text = event.value or ""
        self.drafts[self.key] = text
        if not text.strip():
            self._quiet()
            return
        self._look_no += 1
        typed = self._look_no
        async with self.visit.telling("preview"):
            await self.about.writing()
            await asyncio.sleep(REST)
            if typed == self._look_no:
                await self._look(text)

    async def _look(self, text: str) -> tuple[Preview | None, bool]:
        """Look at the words as they are; a slower look at older words is dropped. Returns (it, whether it warns of news)."""
        self._look_no += 1
        asked = self._look_no
        preview = await self.about.look(text)
        if asked != self._look_no:
            return None, False
        news = self._remarks.show(preview.remarks)
        # Shown by itself where it differs from what stands in the box.
        if self._wants_preview or preview.text != text.strip() or len(preview.parts) > 1:
            self._preview.show(preview)
            self._preview.box.set_visibility(True)
        self._button.set_text("仍然发送" if preview.remarks else "发送")
        return preview, news

    async def _show_preview(self) -> None:
        text = (self._text.value or "").strip()
        if text:
            # Whichever look comes last shows it: a letter typed meanwhile drops this one.
            self._wants_preview = True
            await self._look(text)

    def _draw_preview(self, preview: Preview | None) -> None:
        if preview is None:
            return
        ui.label(f"居民在{preview.where or '聊天'}里会看到").classes("seen-as-name")
        for part in preview.parts:
            with ui.element("div").classes("line line-in"):
                if preview.author:
                    ui.label(preview.author).classes("line-meta")
                ui.label(part.strip()).classes("bubble")

    async def _use(self, text: str) -> None:
        """A phrase was chosen: it stands in the box with the facts filled in, to be changed before it goes."""
        preview = await self.about.look(text)
        self._wants_preview = True
        before = (self._text.value or "").strip()
        self._text.set_value(f"{before}\n{preview.text}" if before else preview.text)
        self._text.run_method("focus")
        await self._show_preview()
        # On a phone the bar of buttons would cover what is to be pressed next.
        self.visit.client.run_javascript(f"linsheReveal({self.box.id})")

    async def _send(self) -> None:
        text = (self._text.value or "").strip()
        if not text:
            return
        preview, news = await self._look(text)
        if preview is None or news:
            return
        # The draft keeps its id until it is through: sending again after an error cannot say it twice.
        try:
            await self.about.send(preview.text, self._draft_id)
        except (Conflict, IllegalMove):
            await self.about.again()
            raise
        self._draft_id = secrets.token_hex(8)
        self._text.set_value("")
        self.drafts.pop(self.key, None)
        self._quiet()
        await self.about.again()

    def _quiet(self) -> None:
        self._look_no += 1
        self._wants_preview = False
        self._remarks.clear()
        self._preview.show(None)
        self._preview.box.set_visibility(False)
        self._button.set_text("发送")
