"""代报: what somebody telephoned or came about, filed for them."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError
from community.model.category import RULES, Category
from community.services import on_behalf
from community.services.on_behalf import SOURCES, Known, Report
from community.services.places import PlaceGuess
from console import errors
from console.layout import shell
from console.parts import Panel
from console.photo_picker import PhotoPicker
from console.session import Visit

MAX_WORDS = 500
REST = 0.4
"""Seconds without a letter after which somebody is looked up."""
PRECISE = {
    "room": "已认出到室", "unit": "已认出到单元", "building": "已认出到幢", "estate": "已认出小区", "community": "已认出社区",
}  # fmt: skip


class NewTicket:
    """One form. Who it is and where it is are looked up while they are typed; nothing is kept before 登记."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._key = f"behalf:{secrets.token_hex(12)}"
        self._chosen: Known | None = None
        self._found: tuple[Known, ...] = ()
        self._look_no = 0
        with ui.element("div").classes("card new-ticket"):
            ui.label("谁").classes("section")
            self._source = ui.toggle(SOURCES, value="phone").props('unelevated no-caps toggle-color="primary"').classes("source")
            with ui.element("div").classes("two"):
                self._phone = ui.input("电话", on_change=self._look_for).props('outlined dense type="tel" maxlength="20"')
                self._name = ui.input("姓名", on_change=self._look_for).props('outlined dense maxlength="20"')
            self._people: Panel[tuple[tuple[Known, ...], Known | None, bool]] = Panel(self._draw_people, "people")
            ui.label("哪里").classes("section")
            self._place = ui.input("地点，比如：剡溪花园3幢2单元502", on_change=self._look_where)
            self._place.props('outlined dense maxlength="100"').classes("full")
            self._where: Panel[PlaceGuess | None] = Panel(self._draw_where, "where")
            ui.label("什么事").classes("section")
            kinds = {c.value: rule.name for c, rule in RULES.items()}
            self._category = ui.select(kinds, label="类别", with_input=True).props("outlined dense options-dense").classes("full")
            self._words = ui.textarea("居民怎么说的").props(f'outlined autogrow maxlength="{MAX_WORDS}" counter')
            self._words.classes("full")
            self._photos = PhotoPicker(visit)
            with ui.element("div").classes("form-foot"):
                sure = ui.button("登记", on_click=visit.handler(self._file)).props("unelevated no-caps")
                sure.classes("form-sure")

    async def _look_for(self, _: Any) -> None:
        """Look the caller up a moment after the last letter."""
        self._look_no += 1
        asked = self._look_no
        async with self.visit.telling("known"):
            await asyncio.sleep(REST)
            if asked != self._look_no:
                return
            found = await self.visit.ask(on_behalf.known, self._phone.value or "", self._name.value or "")
            if asked != self._look_no:
                return
            known = {one.resident_id: one for one in found}
            self._chosen = known.get(self._chosen.resident_id) if self._chosen else None
            self._show_people(found)

    def _show_people(self, found: list[Known]) -> None:
        self._found = tuple(found)
        asked = bool((self._phone.value or "").strip() or (self._name.value or "").strip())
        self._people.show((self._found, self._chosen, asked))

    def _draw_people(self, shown: tuple[tuple[Known, ...], Known | None, bool]) -> None:
        found, chosen, asked = shown
        if not found and asked:
            ui.label("没有登记过的居民对得上，会按新的记下。").classes("muted")
        for one in found:
            here = chosen is not None and chosen.resident_id == one.resident_id
            button = ui.element("button").props(f'type="button" aria-pressed="{str(here).lower()}"').classes("person")
            with button:
                ui.icon("check_circle" if here else "radio_button_unchecked")
                ui.label(one.name).classes("person-name")
                ui.label(one.home).classes("muted")
                if one.in_chat:
                    ui.label("会在聊天里收到通知").classes("tag")

            async def choose(one: Known = one, here: bool = here) -> None:
                self._chosen = None if here else one
                self._show_people(list(self._found))
                await self._where_is()

            button.on("click", self.visit.handler(choose), args=[])

    async def _look_where(self, event: events.ValueChangeEventArguments[Any]) -> None:
        async with self.visit.telling("place_of"):
            await self._where_is()

    async def _where_is(self) -> None:
        text = (self._place.value or "").strip()
        chosen = self._chosen.resident_id if self._chosen else None
        guess = await self.visit.ask(on_behalf.place_of, text, chosen) if text else None
        if text == (self._place.value or "").strip():
            self._where.show(guess or PlaceGuess(None, "", "none", None, False))

    def _draw_where(self, guess: PlaceGuess | None) -> None:
        if guess is None or not (self._place.value or "").strip():
            return
        known = guess.place_id is not None
        with ui.element("div").classes("where-line" + ("" if known else " soon")):
            ui.icon("place" if known else "help_outline")
            if known:
                ui.label(f"{guess.text}（{PRECISE.get(guess.precise, '')}{'，按居民住址补全' if guess.from_home else ''}）")
            else:
                ui.label("没有认出这个地点：会按您写的记下，派给您社区的人去核实。")

    async def _file(self) -> None:
        if not self._category.value:
            self._category.props('error error-message="请选类别。"')
            return
        report = Report(
            source=self._source.value,
            words=self._words.value or "",
            category=Category(self._category.value),
            place_text=self._place.value or "",
            key=self._key,
            phone=self._phone.value or "",
            photos=tuple(self._photos.hashes),
        )
        if self._chosen is not None:
            report = replace(report, resident_id=self._chosen.resident_id)
        else:
            report = replace(report, name=self._name.value or "")
        made = await self.visit.ask(on_behalf.file, report)
        self.visit.tell(f"已登记，工单{made.ticket.number}。", "positive")
        with self.visit.client:
            ui.navigate.to(f"/tickets/{made.ticket.number}")


# Registered before /tickets/{number}, which would take "new" for a number: console.app imports this module first.
@ui.page("/tickets/new", title="代报 · 邻舍工作台", response_timeout=10)
async def new_ticket_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "tickets", "代居民登记", back="/tickets") as frame:
        await frame.refresh()
        try:
            await visit.ask(on_behalf.known)
        except LinsheError as error:
            visit.client.status_code = errors.http_status(error)
            errors.refusal(error, "回工单", "/tickets")
            return
        NewTicket(visit)
