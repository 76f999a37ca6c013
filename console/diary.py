"""民情日记: whom one has visited, where one means to go again; and writing a visit down."""

from __future__ import annotations

import asyncio
import secrets
from datetime import date
from typing import Any, Literal

from fastapi import Request
from nicegui import events, ui

from community.errors import InvalidInput, LinsheError
from community.model.diary import MAX_NEED, MAX_WORDS
from community.services import diary, diary_list
from community.services.diary import NewNote
from community.services.diary_list import DiaryPage
from community.services.places import PlaceGuess
from console import errors, heart
from console.diary_rows import rows
from console.diary_state import PAGE_SIZE, WHATS, DiaryState
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, pager
from console.session import Visit
from console.tickets import wide_group
from console.tickets_state import GROUPS

REST = 0.4
"""Seconds without a letter after which a place is looked up."""


class DiaryPageView:
    """The list on one open page."""

    def __init__(self, frame: Shell, visit: Visit, state: DiaryState) -> None:
        self.frame, self.visit, self.state = frame, visit, state
        self._change_no = 0
        with ui.element("div").classes("finding"):
            self._filters: Panel[tuple[DiaryState, int]] = Panel(self._draw_filters, "filters")
            with ui.element("div").classes("finder"):
                self._writer = ui.select({"": "全部同事"}, value="", on_change=self._pick_writer)
                self._writer.props('outlined dense options-dense aria-label="谁记的"').classes("pick wide")
                self._find = ui.input(value=state.find, placeholder="住户、地点或内容", on_change=self._pick_words)
                self._find.props('outlined dense clearable debounce="400" maxlength="60" aria-label="找"').classes("search")
        self._read = Panel(self._draw_read, "understood")
        self._rows = Panel(self._draw_rows, "notes")
        self._foot = Panel(self._draw_foot, "tfoot")

    async def load(self) -> None:
        """Ask the heart and show; a slower answer to an older question is dropped."""
        self._change_no += 1
        asked, state = self._change_no, self.state
        page = await self.visit.ask(diary_list.list_notes, state.to_filter())
        if asked != self._change_no:
            return
        last = max(1, -(-page.total // PAGE_SIZE))
        if state.page > last:
            self.state = state.changed(page=last)
            await self.load()
            return
        people = {"": "全部同事", **{str(key): name for key, name in page.writers}}
        if people != self._writer.options:
            self._writer.set_options(people, value=state.writer if state.writer in people else "")
        self._writer.set_visibility(state.group == "all")
        self._filters.show((state, page.due))
        self._read.show((page.understood, page.cut))
        self._rows.show((page, state, f"{heart.community().clock.now():%Y-%m-%d}"))
        self._foot.show((page.total, state.page, last))

    async def change(self, **changes: Any) -> None:
        self.state = self.state.changed(**changes)
        ui.navigate.history.replace(self.state.url())
        await self.load()

    async def _pick_writer(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_writer"):
            if (event.value or "") != self.state.writer:
                await self.change(writer=event.value or "")

    async def _pick_words(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("pick_words"):
            if (event.value or "").strip() != self.state.find:
                await self.change(find=(event.value or "").strip()[:60])

    def _draw_filters(self, shown: tuple[DiaryState, int]) -> None:
        state, due = shown
        with ui.element("div").classes("tabs"):
            for group, name in (("mine", "我记的"), ("all", GROUPS[wide_group(self.visit.staff.role)])):
                self._choice(name, state.group == group, "tab", group=group, writer="")
        with ui.element("div").classes("chips"):
            for what, name in WHATS.items():
                self._choice(f"{name} {due}" if what == "due" and due else name, state.what == what, "chip", what=what)

    def _choice(self, name: str, chosen: bool, classes: str, **changes: Any) -> None:
        async def pick() -> None:
            await self.change(**changes)

        button = ui.element("button").classes(classes).props(f'type="button" aria-pressed="{str(chosen).lower()}"')
        with button:
            ui.label(name)
        button.on("click", self.visit.handler(pick), args=[])

    def _draw_read(self, shown: tuple[str, bool]) -> None:
        place, cut = shown
        if place:
            ui.label(f"按地点找：{place}").classes("muted")
        if cut:
            ui.label(f"内容只在排在前面的{diary_list.SEARCHED}条里找过，请加上地点或同事再找。").classes("soon")

    def _draw_rows(self, shown: tuple[DiaryPage, DiaryState, str]) -> None:
        page, state, _ = shown
        if not page.items:
            filtered = state.changed(group="mine", writer="") != DiaryState()
            none = "还没有日记。在企业微信里写“记 …”，或者点右上角“记一条”。"
            empty("没有符合条件的日记，换个条件试试。" if filtered else none, "menu_book")
            return
        rows(page.items, heart.community().clock.now(), writer=state.group == "all")

    def _draw_foot(self, shown: tuple[int, int, int]) -> None:
        total, page, last = shown
        if not total:
            return
        ui.label(f"共 {total} 条").classes("muted")
        pager(self.visit, page, last, lambda number: self.change(page=number))

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()


class PlaceField:
    """Where it was, recognised while it is typed: what is the member's is shown, and what is not is said."""

    def __init__(self, visit: Visit, value: str = "") -> None:
        self.visit, self._look_no = visit, 0
        self.box = ui.input("户或地点，比如：3幢2单元502", value=value, on_change=self._look)
        self.box.props('outlined dense maxlength="100"').classes("full")
        self._where: Panel[PlaceGuess | None] = Panel(self._draw, "where")

    @property
    def text(self) -> str:
        return str(self.box.value or "").strip()

    async def _look(self, _: Any) -> None:
        self._look_no += 1
        asked = self._look_no
        async with self.visit.telling("place_of"):
            await asyncio.sleep(REST)
            if asked != self._look_no:
                return
            guess = await self.visit.ask(diary.place_of, self.text) if self.text else None
            if asked == self._look_no:
                self._where.show(guess or PlaceGuess(None, "", "none", None, False))

    def _draw(self, guess: PlaceGuess | None) -> None:
        if guess is None or not self.text:
            return
        known = guess.place_id is not None
        with ui.element("div").classes("where-line" + ("" if known else " soon")):
            ui.icon("place" if known else "help_outline")
            why = guess.text or "没有认出这个地点"
            ui.label(guess.text if known else f"{why}：会照您写的记下，不连到住户。")


def day_of(text: Any) -> date | None:
    """The value of a date field. Raises InvalidInput for what is no day."""
    if not str(text or "").strip():
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput("请选一个日子。") from error


class NewNoteForm:
    """One form. Without a place or a day of its own they are read out of the words, as in WeCom."""

    def __init__(self, visit: Visit, place: str) -> None:
        self.visit, self._key = visit, f"diary:{secrets.token_hex(12)}"
        with ui.element("div").classes("card new-ticket"):
            ui.label("哪一户").classes("section")
            self._place = PlaceField(visit, place)
            ui.label("什么情况").classes("section")
            self._words = ui.textarea("走访的情况").props(f'outlined autogrow maxlength="{MAX_WORDS}" counter').classes("full")
            self._need = ui.input("需要什么（可不填；转工单时居民会看到）").props(f'outlined dense maxlength="{MAX_NEED}"').classes("full")
            ui.label("回访").classes("section")
            self._day = ui.input("哪天再去（可不填，也可写在情况里：下周三再去）")
            self._day.props('outlined dense type="date" stack-label').classes("full")
            with ui.element("div").classes("form-foot"):
                sure = ui.button("记下", on_click=visit.handler(self._keep)).props("unelevated no-caps")
                sure.classes("form-sure")

    async def _keep(self) -> None:
        day: date | Literal[False] | None = day_of(self._day.value)
        new = NewNote(
            words=self._words.value or "",
            key=self._key,
            place_text=self._place.text or None,
            need=(self._need.value or "").strip() or None,
            visit=day,
        )
        note = await self.visit.ask(diary.note, new)
        with self.visit.client:
            ui.navigate.to(f"/diary/{note.id}")


@ui.page("/diary", title="民情日记 · 邻舍工作台", response_timeout=10)
async def diary_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "diary", "民情日记") as frame:
        try:
            page = DiaryPageView(frame, visit, DiaryState.from_query(request.query_params))
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
        with frame.aside, ui.element("a").props('href="/diary/new"').classes("head-new textlink"):
            ui.icon("edit_note")
            ui.label("记一条")
    hub.watch(visit, page.refresh)


# Registered before /diary/{note_id}: console.app imports this module first.
@ui.page("/diary/new", title="记一条 · 邻舍工作台", response_timeout=10)
async def new_note_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "diary", "记一条", back="/diary") as frame:
        await frame.refresh()
        try:
            await visit.ask(diary.latest)
        except LinsheError as error:
            visit.client.status_code = errors.http_status(error)
            errors.refusal(error, "回首页", "/")
            return
        NewNoteForm(visit, request.query_params.get("place", "")[:100])
