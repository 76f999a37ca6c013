"""One note of the diary, with what is known of its household, and what becomes of it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from fastapi import Request
from nicegui import ui

from community.errors import InvalidInput, LinsheError, NotFound
from community.model.calendar import local
from community.model.category import RULES, Category
from community.model.diary import MAX_NEED, MAX_WORDS, category_said
from community.services import diary, diary_list, diary_ticket
from community.services.diary_list import NoteDetail
from console import heart
from console.diary import PlaceField, day_of
from console.diary_rows import rows, visit_text
from console.layout import Shell, shell
from console.parts import Panel, fact, tag
from console.phrases import BOTTOM
from console.session import Visit
from console.words import promise_of, short_time, status_text


class NotePage:
    def __init__(self, frame: Shell, visit: Visit, note_id: int) -> None:
        self.frame, self.visit, self.note_id = frame, visit, note_id
        self.shown: NoteDetail | None = None
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")
        with ui.element("div").classes("note"):
            with ui.element("div").classes("note-main"):
                self._said = Panel(self._draw_said, "card")
                self._history = Panel(self._draw_history, "note-history")
            self._side = Panel(self._draw_side, "card note-side")

    async def load(self) -> None:
        found = await self.visit.ask(diary_list.open_note, self.note_id, f"/diary/{self.note_id}")
        self.shown = found
        self._said.show(found)
        self._history.show(found)
        self._side.show(found)

    # --- drawn -------------------------------------------------------------------------------------------------------

    def _draw_said(self, found: NoteDetail) -> None:
        note, now = found.note, heart.community().clock.now()
        visit, tone = visit_text(note, now)
        with ui.element("div").classes("t-tags"):
            if visit:
                ui.label(visit).classes(f"n-visit {tone}")
            if note.ticket:
                with ui.element("a").props(f'href="/tickets/{note.ticket}"'):
                    tag(f"工单 {note.ticket}", "s-work")
            ui.label(f"{note.writer} · {short_time(note.at, now)}").classes("muted")
        ui.label(note.words).classes("t-said")
        if note.need:
            ui.label(f"需要：{note.need}").classes("n-need")
        with ui.element("div").classes("note-acts"):
            if note.waits:
                self._act("去过了", self._ask_visited, "unelevated")
            self._act("改回访日子" if note.waits else "定回访日子", self._ask_day, "outline")
            if not note.ticket:
                self._act("转工单", self._ask_ticket, "outline")
            if found.mine:
                self._act("改日记", self._ask_words, "flat")

    def _draw_history(self, found: NoteDetail) -> None:
        if found.note.place_id is None:
            return
        ui.label("这里以前的日记").classes("section")
        if not found.earlier:
            ui.label("没有别的日记。").classes("muted")
            return
        with ui.element("div").classes("notes"):
            rows(found.earlier, heart.community().clock.now(), writer=True)

    def _draw_side(self, found: NoteDetail) -> None:
        note, now = found.note, heart.community().clock.now()
        ui.label("住户" if note.household else "地点").classes("section")
        if not note.place_text:
            ui.label("没有写是哪一户。点“改日记”可以补上。" if found.mine else "没有写是哪一户。").classes("muted")
        fact("地点", found.household or note.place_text)
        fact("登记的人", found.resident)
        fact("说到的人", note.who)
        if note.place_text:
            with ui.element("a").props(f'href="/diary/new?place={quote(note.place_text)}"').classes("textlink"):
                ui.label("给这里再记一条")
        ui.label("这里的工单").classes("section spaced")
        if not found.tickets:
            ui.label("没有。").classes("muted")
        for ticket in found.tickets:
            with ui.element("a").props(f'href="/tickets/{ticket.number}"').classes("earlier"):
                ui.label(ticket.title).classes("earlier-title")
                with ui.element("div").classes("earlier-line"):
                    line = (status_text(ticket.status, ticket.status_name), short_time(ticket.created_at, now))
                    ui.label(" · ".join(line)).classes("muted")
                    promise = promise_of(ticket, now)
                    if promise.text:
                        ui.label(promise.text).classes(f"earlier-due {promise.tone}")

    # --- done --------------------------------------------------------------------------------------------------------

    def _act(self, name: str, ask: Callable[[], None], look: str) -> None:
        async def press() -> None:
            ask()

        ui.button(name, on_click=self.visit.handler(press)).props(f"{look} no-caps dense")

    @contextmanager
    def _form(self, title: str, sure: str, do: Callable[[], Awaitable[str]]) -> Iterator[None]:
        """A dialog with fields; `do` returns what is said when it went well."""

        async def go() -> None:
            said = await do()
            self._dialog.close()
            await self.load()
            self.visit.tell(said, "positive")

        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label(title).classes("form-title")
            yield
            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button(sure, on_click=self.visit.handler(go)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()

    def _ask_visited(self) -> None:
        key = f"diary-visit:{secrets.token_hex(12)}"

        async def do() -> str:
            await self.visit.ask(diary.visited, self.note_id, words.value or "", key)
            return "已记回访。"

        with self._form("去过了", "记下", do):
            ui.label("写了情况，就给这一户新记一条；里面说了哪天再去，也会提醒。").classes("muted")
            words = ui.textarea("这次的情况（可不填）").props(f'outlined autogrow maxlength="{MAX_WORDS}"').classes("full")

    def _ask_day(self) -> None:
        assert self.shown is not None  # it was drawn
        note = self.shown.note
        today = local(heart.community().clock.now()).date()

        async def do() -> str:
            chosen = day_of(day.value)
            await self.visit.ask(diary.visit_on, self.note_id, chosen)
            return "到那天早上提醒记的人。" if chosen else "好的，不再提醒。"

        with self._form("哪天再去", "定下", do):
            ui.label("清空日子就是不用再去了。遇到休息日，提前到前一个工作日提醒。").classes("muted")
            day = ui.input("日子", value=note.follow_up.isoformat() if note.waits and note.follow_up else "")
            day.props(f'outlined dense type="date" min="{today.isoformat()}" stack-label clearable').classes("full")

    def _ask_ticket(self) -> None:
        assert self.shown is not None  # it was drawn
        note = self.shown.note

        async def do() -> str:
            if not category.value:
                raise InvalidInput("请选类别。")
            made = await self.visit.ask(diary_ticket.turn, self.note_id, Category(str(category.value)), words.value or "")
            return f"已转成工单{made.ticket.number}。"

        with self._form("转成工单", "转工单", do):
            ui.label("只有这里写的会给居民和经办人看，日记里的话不会。").classes("muted")
            named = category_said(note.need) or category_said(note.words)
            kinds = {one.value: rule.name for one, rule in RULES.items()}
            category = ui.select(kinds, value=named.value if named else None, label="类别", with_input=True)
            category.props("outlined dense options-dense").classes("full")
            words = ui.textarea("要办什么事", value=note.need).props('outlined autogrow maxlength="500"').classes("full")

    def _ask_words(self) -> None:
        assert self.shown is not None  # it was drawn
        note = self.shown.note

        async def do() -> str:
            await self.visit.ask(diary.rewrite, self.note_id, words.value or "", place.text, need.value or "")
            return "改好了。"

        with self._form("改日记", "保存", do):
            place = PlaceField(self.visit, note.place_text)
            words = ui.textarea("走访的情况", value=note.words).props(f'outlined autogrow maxlength="{MAX_WORDS}"').classes("full")
            need = ui.input("需要什么", value=note.need).props(f'outlined dense maxlength="{MAX_NEED}"').classes("full")


@ui.page("/diary/{note_id}", title="民情日记 · 邻舍工作台", response_timeout=10)
async def note_page(request: Request, note_id: str) -> None:
    visit = Visit.of(request)
    with shell(visit, "diary", "民情日记", back="/diary") as frame:
        try:
            if not (note_id.isascii() and note_id.isdigit() and len(note_id) < 16):
                raise NotFound("没有这条日记。")
            page = NotePage(frame, visit, int(note_id))
            await page.load()
            await frame.refresh()
        except LinsheError as error:
            await frame.refuse(error)
