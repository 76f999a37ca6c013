"""One shift: who comes, who is there, the code to hang up, a word to everybody, the list as a workbook."""

from __future__ import annotations

import asyncio
import io
import secrets
from urllib.parse import quote

import segno
from fastapi import Request
from nicegui import app, ui
from openpyxl import Workbook
from openpyxl.styles import Font
from starlette.responses import PlainTextResponse, Response

from community.errors import LinsheError
from community.services import organising
from community.services.organising import HEADINGS, MAX_MESSAGE, PersonLine, ShiftLine
from console import heart
from console.errors import http_status, sentence
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, fact
from console.phrases import BOTTOM
from console.session import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (12, 24, 8, 14, 18, 18)


class ShiftView:
    def __init__(self, frame: Shell, visit: Visit, shift_id: int) -> None:
        self.frame, self.visit, self.shift_id = frame, visit, shift_id
        with ui.element("div").classes("shift-page"):
            self._people = Panel(self._draw_people, "views shift-people")
            self._side = Panel(self._draw_side, "shift-side")
        self._dialog = ui.dialog().props(BOTTOM).classes("form-dialog")
        self.may_edit = False

    async def refresh(self) -> None:
        page = await self.visit.ask(organising.shift_page, self.shift_id)
        self.may_edit = page.may_edit
        self.frame.title.set_text(page.activity.title)
        self._people.show(page.people)
        # The moment is another one at each look; what is drawn is not.
        self._side.show((page.activity.place_text, page.shift, page.code, page.link, page.may_edit))
        await self.frame.refresh()

    def _draw_people(self, people: tuple[PersonLine, ...]) -> None:
        if not people:
            ui.label("还没有人报名。").classes("muted shift-none")
        for person in people:
            with ui.element("div").classes("srow").props(f'data-signup="{person.signup_id}"'):
                with ui.element("div").classes("v-who"):
                    ui.label(person.name).classes("v-name")
                    if person.people:
                        ui.label(f"{person.people}，{person.seats}人").classes("muted")
                ui.label(person.state).classes("s-state" + (" here" if person.here else ""))
                with ui.element("div").classes("l-acts"):
                    if person.may_mark:
                        self._button("撤回签到" if person.here else "签到", person)

    def _button(self, name: str, person: PersonLine) -> None:
        button = ui.element("button").classes("l-talk textlink" if person.here else "l-resend").props('type="button"')
        with button:
            ui.label(name)

        async def press() -> None:
            await self.visit.ask(organising.mark, person.signup_id, not person.here)
            await self.refresh()

        button.on("click", self.visit.handler(press), args=[])

    def _draw_side(self, shown: tuple[str, ShiftLine, str, str, bool]) -> None:
        place, shift, code, link, may_edit = shown
        fact("时间", shift.when)
        fact("地点", place)
        fact("名额", f"{shift.taken}/{shift.capacity}" + (f"，候补{shift.waiting}" if shift.waiting else ""))
        with ui.element("div").classes("shift-code"):
            svg = segno.make(link, error="m").svg_data_uri(scale=4, border=2)
            ui.element("img").props(f'src="{svg}" alt="签到二维码"').classes("shift-qr")
            ui.label("签到码").classes("muted")
            ui.label(code).classes("shift-digits")
            ui.label("贴在现场：扫码，或发“签到”加这4位数字。开始前30分钟到结束有效。").classes("muted")
        if may_edit:
            with ui.element("div").classes("shift-acts"):
                ui.button("通知大家", on_click=self.visit.handler(self._ask_message)).props("outline no-caps")
                with ui.element("a").props(f'href="/shifts/{self.shift_id}/list.xlsx"').classes("textlink"):
                    ui.label("导出名单（XLSX）")

    async def _ask_message(self) -> None:
        key = f"message:{secrets.token_hex(8)}"
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("form"):
            ui.label("通知这一场的人").classes("form-title")
            words = ui.textarea("写什么").props(f'outlined autogrow maxlength="{MAX_MESSAGE}" counter').classes("full")
            ui.label("发给所有有名额的居民，前面会写上活动和时间。").classes("muted")

            async def send() -> None:
                told = await self.visit.ask(organising.message, self.shift_id, words.value or "", key)
                self._dialog.close()
                self.visit.tell(f"已通知{told}户。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self._dialog.close).props("flat no-caps")
                ui.button("发出", on_click=self.visit.handler(send)).props("unelevated no-caps").classes("form-sure")
        self._dialog.open()


@ui.page("/shifts/{shift_id}", title="场次 · 邻舍工作台", response_timeout=10)
async def shift_page(request: Request, shift_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "activities", "场次", back="/activities") as frame:
        try:
            page = ShiftView(frame, visit, shift_id)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)


@app.get("/shifts/{shift_id}/list.xlsx", include_in_schema=False)
async def shift_sheet(request: Request, shift_id: int) -> Response:
    try:
        title, when, rows = await organising.export_shift(heart.community(), request.state.staff.id, shift_id)
    except LinsheError as error:
        return PlainTextResponse(sentence(error), http_status(error))
    book = await asyncio.to_thread(write, title, when, rows)
    name = quote(f"{title}-名单.xlsx")
    headers = {"Content-Disposition": f"attachment; filename=\"shift.xlsx\"; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(book, media_type=XLSX, headers=headers)


def write(title: str, when: str, rows: tuple[organising.Row, ...]) -> bytes:
    """The workbook. What residents are called is text, also when it looks like a formula."""
    book = Workbook()
    sheet = book.active
    sheet.title = "名单"
    sheet.append([f"{title}，{when}；{len(rows)}条报名，不含电话"])
    sheet.append(list(HEADINGS))
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    for number, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    sheet.freeze_panes = "B3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

