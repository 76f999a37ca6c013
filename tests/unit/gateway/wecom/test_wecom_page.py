"""What docs/wecom.md says can be typed is what is understood."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.wecom.commands import Kind, parse

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "wecom.md").read_text(encoding="utf-8")
TOLD = [
    Kind.TODAY,
    Kind.NUMBER,
    Kind.ACCEPT,
    Kind.START,
    Kind.RESOLVE,
    Kind.EXPLAIN,
    Kind.PAUSE,
    Kind.RESUME,
    Kind.RETURN_,
    Kind.TRANSFER,
    Kind.RECATEGORISE,
    Kind.DIARY,
    Kind.CHANGE,
    Kind.REMIND,
    Kind.NO_VISIT,
    Kind.VISITED,
    Kind.FILE,
    Kind.GROUP,
    Kind.DRAFTS,
    Kind.CONFIRM,
    Kind.MERGE,
    Kind.AMEND,
    Kind.DROP,
    Kind.UNDO,
    Kind.HELP,
]


def section(title: str) -> str:
    return PAGE.split(f"## {title}", 1)[1].split("\n## ", 1)[0]


def test_each_row_of_the_table_is_one_kind_and_no_kind_is_missing() -> None:
    rows = [line for line in section("What members can type").splitlines() if line.startswith("| ")][1:]
    understood = [{parse(said).kind for said in re.findall(r"`([^`]+)`", row)} for row in rows]
    assert understood == [{kind} for kind in TOLD]
    assert {*TOLD, Kind.UNKNOWN} == set(Kind)


def test_what_the_page_calls_talk_is_talk() -> None:
    last = section("What members can type").strip().splitlines()[-1]
    assert [parse(said).kind for said in re.findall(r"`([^`]+)`", last)] == [Kind.UNKNOWN] * 3
    assert parse("今天接单好多").kind is Kind.UNKNOWN
