"""The workbook is one that Excel opens, holds what was exported, and runs nothing."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from openpyxl import load_workbook

from community.services.export import HEADINGS, Export
from console.sheet import WIDTHS, sheet_url, write
from console.tickets_state import ListState

AT = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)


def cells(*rows: tuple[Any, ...], total: int = 0) -> tuple[list[list[Any]], Any]:
    with write(Export("全部、不限", AT, rows, total or len(rows))) as book:
        sheet = load_workbook(book).active
        return [list(row) for row in sheet.iter_rows(values_only=True)], sheet


def row(words: str) -> tuple[Any, ...]:
    at = datetime(2026, 11, 24, 10, 0)
    return ("100014", "照明", "一般", "已派单", words, "", "3幢", "第一网格", "王强", at, at, None, at, None, None, 0, 0, None, "", "")


def test_a_workbook_holds_the_headings_and_the_rows() -> None:
    read, sheet = cells(row("灯坏了"))
    assert read[0][0] == "全部、不限；共1件；2026-11-24 10:00导出，不含电话"
    assert tuple(read[1]) == HEADINGS
    assert (read[2][0], read[2][4], read[2][9]) == ("100014", "灯坏了", datetime(2026, 11, 24, 10, 0))
    assert len(WIDTHS) == len(HEADINGS) == len(row("x"))


def test_what_a_resident_wrote_is_never_a_formula() -> None:
    for words in ('=HYPERLINK("http://x","点我")', "=1+1", "+1", "@SUM(A1)", "-2"):
        _, sheet = cells(row(words))
        cell = sheet.cell(3, 5)
        assert (cell.data_type, cell.value) == ("s", words)


def test_characters_that_no_workbook_may_hold_are_left_out() -> None:
    read, _ = cells(row("灯\x00坏\x0b了"))
    assert read[2][4] == "灯坏了"


def test_a_list_that_was_cut_says_so() -> None:
    read, _ = cells(row("灯坏了"), total=20_001)
    assert "共20001件，只含前1件" in read[0][0]


def test_the_link_takes_the_whole_list_with_its_filters() -> None:
    assert sheet_url(ListState(group="all", status="ended", page=3)) == "/tickets.xlsx?group=all&status=ended"
    assert sheet_url(ListState()) == "/tickets.xlsx"
