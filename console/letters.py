"""Dead letters: what could not be handled or delivered, why, and one click to try it again."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError
from community.services import conversations, deadletters
from community.services.deadletters import LOOKED_THROUGH, DeadLetter
from console import heart
from console.layout import Shell, shell
from console.letter_words import CHANNELS, FATES, channel_name, gist_of, is_over, why_of
from console.letters_state import DIRECTIONS, PAGE_SIZE, LettersState
from console.live import hub
from console.parts import Panel, empty, pager, tag
from console.session import Visit
from console.words import short_time

LOOKS = (0.6, 2.0, 4.0, 8.0)
"""Seconds after a resend at which the page looks what became of it: a send that fails makes no signal."""


@dataclass(frozen=True)
class Row:
    """A letter as the list shows it. `fate` is empty while it is dead."""

    key: str
    who: str
    resident_id: int
    incoming: bool
    channel: str
    at: str
    gist: str
    why: str
    code: str
    again: bool
    fate: str
    over: bool
    talk: bool


class LetterList:
    """The list on one open page. What was sent again stays on it until the page is left, with what became of it."""

    def __init__(self, frame: Shell, visit: Visit, state: LettersState) -> None:
        self.frame, self.visit, self.state = frame, visit, state
        self._clicks: dict[str, str] = {}
        self._resent: dict[str, DeadLetter] = {}
        self._again: set[str] = set()
        self._change_no = 0
        with ui.element("div").classes("finding"):
            self._filters = Panel(self._draw_filters, "filters")
            finder = ui.element("div").classes("finder")
        with finder:
            names = {"": "全部渠道", **CHANNELS}
            self._channel = ui.select(names, value=state.channel, on_change=self._pick_channel)
            self._channel.props('outlined dense options-dense aria-label="渠道"').classes("pick")
        self._rows = Panel(self._draw_rows, "letters")
        self._foot = Panel(self._draw_foot, "tfoot")

    async def load(self) -> None:
        """Ask the heart and show; a slower answer to an older question is dropped."""
        self._change_no += 1
        asked = self._change_no
        letters = await self.visit.ask(deadletters.dead, 2 * LOOKED_THROUGH)
        dead = {letter.key for letter in letters}
        fates = await self.visit.ask(deadletters.whereabouts, list(self._resent)) if self._resent else {}
        talks = await self._talks()
        if asked != self._change_no:
            return
        for key in [key for key in self._resent if key in dead]:
            # Tried again and dead again: another click is another try.
            del self._resent[key]
            self._clicks.pop(key, None)
            self._again.add(key)
        shown = [x for x in (*letters, *self._resent.values()) if self.state.takes(x)]
        shown.sort(key=lambda letter: letter.at, reverse=True)
        last = max(1, -(-len(shown) // PAGE_SIZE))
        if self.state.page > last:
            self.state = self.state.changed(page=last)
        start = (self.state.page - 1) * PAGE_SIZE
        rows = tuple(self._row(x, fates, talks) for x in shown[start : start + PAGE_SIZE])
        self._filters.show(self.state)
        self._rows.show((rows, self.state.direction or self.state.channel))
        self._foot.show((len(shown), self.state.page, last, len(letters)))

    async def _talks(self) -> frozenset[int]:
        """Residents whose conversation has a page now: it waits for a person, or one has it."""
        try:
            return frozenset(one.resident_id for one in await self.visit.ask(conversations.queue))
        except LinsheError:
            return frozenset()

    def _row(self, letter: DeadLetter, fates: dict[str, str], talks: frozenset[int]) -> Row:
        resent = letter.key in self._resent
        status = fates.get(letter.key, "")
        return Row(
            key=letter.key,
            who=letter.resident_name or "未登记姓名",
            resident_id=letter.resident_id,
            incoming=letter.key.startswith("in-"),
            channel=channel_name(letter.channel),
            at=short_time(letter.at, heart.community().clock.now()),
            gist=gist_of(letter),
            why=why_of(letter.error),
            code=letter.error,
            again=letter.key in self._again,
            fate=FATES.get(status, "已重发") if resent else "",
            over=is_over(status),
            talk=letter.resident_id in talks,
        )

    async def change(self, **changes: Any) -> None:
        self.state = self.state.changed(**changes)
        ui.navigate.history.replace(self.state.url())
        await self.load()

    async def _pick_channel(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_channel"):
            await self.change(channel=event.value or "")

    def _draw_filters(self, state: LettersState) -> None:
        with ui.element("div").classes("chips"):
            for direction, name in DIRECTIONS.items():

                async def pick(direction: str = direction) -> None:
                    await self.change(direction=direction)

                pressed = str(state.direction == direction).lower()
                button = ui.element("button").classes("chip").props(f'type="button" aria-pressed="{pressed}"')
                with button:
                    ui.label(name)
                button.on("click", self.visit.handler(pick), args=[])

    def _draw_rows(self, shown: tuple[Sequence[Row], str]) -> None:
        rows, filtered = shown
        if not rows:
            empty(
                "没有符合条件的消息，换个条件试试。" if filtered else "没有滞留的消息，都处理了、送到了。",
                "mark_email_read",
            )
        for row in rows:
            self._draw_row(row)

    def _draw_row(self, row: Row) -> None:
        state = "over" if row.over else "going" if row.fate else "dead"
        with ui.element("div").classes(f"letter {state}").props(f'data-key="{row.key}"'):
            with ui.element("div").classes("l-who"):
                ui.label(row.who).classes("l-name")
                ui.label(row.at).classes("l-at")
            with ui.element("div").classes("l-way"):
                tag("发来" if row.incoming else "发出", "s-wait" if row.incoming else "s-work")
                ui.label(row.channel).classes("l-channel")
            ui.label(row.gist).classes("l-gist")
            with ui.element("div").classes("l-why"):
                with ui.element("div").classes("l-reason"):
                    if row.again:
                        tag("重发后仍未成功", "u-high")
                    ui.label(row.why)
                ui.label(row.code).classes("l-code")
            with ui.element("div").classes("l-acts"):
                if row.talk:
                    ui.link("打开对话", f"/conversations/{row.resident_id}").classes("textlink l-talk")
                if row.fate:
                    with ui.element("div").classes("l-fate").props('role="status"'):
                        ui.icon("check" if row.over else "schedule")
                        ui.label(row.fate)
                else:
                    self._draw_resend(row)

    def _draw_resend(self, row: Row) -> None:
        async def resend() -> None:
            await self.resend(row.key)

        button = ui.element("button").classes("l-resend").props('type="button"')
        with button:
            ui.label("重发")
        button.on("click", self.visit.handler(resend), args=[])

    async def resend(self, letter_key: str) -> None:
        """Once, however often it is clicked: the key stays the same until the letter has died again."""
        click = self._clicks.setdefault(letter_key, f"console:{letter_key}:{secrets.token_hex(8)}")
        letters = await self.visit.ask(deadletters.dead, 2 * LOOKED_THROUGH)
        letter = next((one for one in letters if one.key == letter_key), None)
        try:
            await self.visit.ask(deadletters.resend, letter_key, click)
            if letter is not None:
                self._resent[letter_key] = letter
        finally:
            await self.refresh()
        self._look_again()

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        for seconds in LOOKS:
            loop.call_later(seconds, self.watch.wake)

    def _draw_foot(self, shown: tuple[int, int, int, int]) -> None:
        total, page, last, read = shown
        if not total:
            return
        ui.label(f"共 {total} 条" + ("（只列出最近的）" if read >= LOOKED_THROUGH else "")).classes("muted")
        pager(self.visit, page, last, lambda number: self.change(page=number))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def keep_fresh(self) -> None:
        self.watch = hub.watch(self.visit, self.refresh)


@ui.page("/letters", title="滞留消息 · 邻舍工作台", response_timeout=10)
async def letters_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "letters", "滞留消息") as frame:
        try:
            page = LetterList(frame, visit, LettersState.from_query(request.query_params))
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    page.keep_fresh()
