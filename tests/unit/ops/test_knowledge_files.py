"""Entries written into the files of knowledge: what staff did not touch keeps every character."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.context import OperationFailed
from ops.knowledge_files import with_entry

KNOWLEDGE = Path(__file__).parents[3] / "data" / "knowledge"
FILES = sorted([*(KNOWLEDGE / "legal").glob("*.yml"), *(KNOWLEDGE / "guides").glob("*.yml")])
TEXT = """# About dogs.
- id: dog   # a comment
  title: 狗
  questions: [狗, 猫]

# About cats.
- id: cat
  title: "猫: 白的"
  checked_on: 2026-11-01
"""


def rows(text: str) -> dict[str, Any]:
    return {row["id"]: row for row in yaml.safe_load(text) or []}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_entry_is_replaced_and_every_other_line_stays(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = rows(text)
    for code in [*known][:: max(1, len(known) // 3)]:
        made = with_entry(text, code, {**known[code], "title": "换了的标题：带冒号 #井号", "checked_on": date(2026, 11, 28)})
        before, after = text.split("\n"), made.split("\n")
        head = next(n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b)
        tail = next(n for n, (a, b) in enumerate(zip(before[::-1], after[::-1], strict=False)) if a != b)
        changed = yaml.safe_load("\n".join(after[head : len(after) - tail]).lstrip("- ").replace("\n  ", "\n")) or {}
        assert isinstance(changed, dict)
        assert rows(made)[code]["title"] == "换了的标题：带冒号 #井号"
        assert [*rows(made)] == [*known]
        # What differs lies between this entry's first line and the next one's.
        others = [other for other in known if other != code]
        assert all(f"id: {other}" not in "\n".join(before[head : len(before) - tail]) for other in others)


def test_comments_of_the_neighbours_stay_and_a_new_one_comes_last() -> None:
    made = with_entry(TEXT, "dog", {"id": "dog", "title": "大狗"})
    assert made == TEXT.replace("- id: dog   # a comment\n  title: 狗\n  questions: [狗, 猫]\n", "- id: dog\n  title: 大狗\n")
    made = with_entry(TEXT, "bird", {"id": "bird", "title": "鸟"})
    assert made == TEXT + "\n- id: bird\n  title: 鸟\n"
    assert with_entry("", "bird", {"id": "bird", "title": "鸟"}) == "- id: bird\n  title: 鸟\n"


def test_an_entry_is_taken_out_alone() -> None:
    assert [*rows(with_entry(TEXT, "dog", None))] == ["cat"]
    assert "# About cats." in with_entry(TEXT, "dog", None)


def test_a_file_that_would_say_something_else_is_left_alone() -> None:
    with pytest.raises(OperationFailed):
        with_entry(TEXT, "bird", {"id": "fish", "title": "鸟"})
