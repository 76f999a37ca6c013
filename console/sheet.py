"""A list of tickets as a workbook (XLSX), made in a worker thread so that open pages stay quick."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import quote

from fastapi import Request
from nicegui import app
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from community.errors import LinsheError
from community.model.calendar import local
from community.services import export
from community.services.export import HEADINGS, Cell, Export
from console import heart
from console.errors import http_status, sentence
from console.tickets_state import ListState

WIDTHS = (10, 12, 10, 12, 48, 28, 30, 20, 10, 17, 17, 17, 17, 17, 17, 10, 10, 8, 10, 14)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 2 * 1024 * 1024
"""Bytes of a workbook that are kept in memory; a larger one is a file that goes when it was sent."""
PART = 64 * 1024

_turn = asyncio.Semaphore(1)
"""One workbook at a time: each takes a core for seconds, and there may be only two."""


def sheet_url(state: ListState) -> str:
    """Where the list of this state is to be had as a workbook: all its pages."""
    return state.changed(page=1).url().replace("/tickets", "/tickets.xlsx", 1)


@app.get("/tickets.xlsx", include_in_schema=False)
async def tickets_sheet(request: Request) -> Response:
    asked = ListState.from_query(request.query_params).to_filter()
    try:
        async with _turn:
            made = await export.export(heart.community(), request.state.staff.id, asked)
            book = await asyncio.to_thread(write, made)
    except LinsheError as error:
        return PlainTextResponse(sentence(error), http_status(error))
    name = quote(f"工单-{local(made.made_at):%Y%m%d-%H%M}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename=\"tickets.xlsx\"; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return StreamingResponse(_parts(book), media_type=XLSX, headers=headers)


def write(made: Export) -> IO[bytes]:
    """The workbook of an export, at its beginning. Blocks for seconds: for a worker thread."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    sheet.freeze_panes = "B3"
    for number, width in enumerate(WIDTHS):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    left_out = f"，只含前{len(made.rows)}件" if made.total > len(made.rows) else ""
    total = f"{made.total}件以上" if made.more else f"{made.total}件"
    sheet.append([f"{made.asked}；共{total}{left_out}；{local(made.made_at):%Y-%m-%d %H:%M}导出，不含电话"])
    heads = [WriteOnlyCell(sheet, heading) for heading in HEADINGS]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in made.rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (`_parts` closes it, when it was sent)
    book.save(out)
    out.seek(0)
    return out


def _cell(sheet: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not text.startswith("="):
        # Without a cell object of its own: most are such, and it halves the time.
        return text
    # What residents wrote is text, also when it looks like a formula.
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _parts(book: IO[bytes]) -> Iterator[bytes]:
    """Starlette reads a plain iterator in a thread of its own."""
    with book:
        while part := book.read(PART):
            yield part
