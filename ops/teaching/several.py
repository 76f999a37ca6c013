"""Messages of several problems put into, and taken out of, data/several/several.yml as lines: no other character of it changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from community.model.teaching import same_text
from ops.nlu.evaluation import read_rows
from ops.teaching.examples import CannotTeach, replace

SEVERAL = Path("data/several/several.yml")
MEASURED = Path("tests/nlu/several.jsonl")


@dataclass(frozen=True)
class SeveralChange:
    """`parts` are (category, words); joined they are the message. `gone` takes it out."""

    id: int
    parts: tuple[tuple[str, str], ...]
    gone: bool

    @property
    def text(self) -> str:
        return "".join(words for _, words in self.parts)


def apply(root: Path, changes: Sequence[SeveralChange]) -> dict[int, str]:
    """Carry the changes out; the file's name by each one's id. A message that is there already is left as it is.

    Raises CannotTeach, with nothing written, for what is measured on, for what stands there as one problem, and when the file would
    not read as it should.
    """
    path = root / SEVERAL
    text = path.read_text(encoding="utf-8")
    measured = {same_text(row["text"]) for row in read_rows(root / MEASURED)} if (root / MEASURED).is_file() else set()
    for change in changes:
        if not change.gone and same_text(change.text) in measured:
            raise CannotTeach(f"“{change.text[:20]}”是考题（{MEASURED.name}），不能教")
        text = _change(text, change)
    if text != path.read_text(encoding="utf-8"):
        replace(path, text)
    return {change.id: path.name for change in changes}


def _change(text: str, change: SeveralChange) -> str:
    kept, marks = _read(text)
    key = same_text(change.text)
    if key in {same_text(words) for _, words in kept["single"]}:
        raise CannotTeach(f"“{change.text[:20]}”在{SEVERAL.name}里是一件事")
    lines = text.split("\n")
    at = next((n for n, parts in enumerate(kept["several"]) if same_text("".join(w for _, w in parts)) == key), None)
    if change.gone and at is not None:
        first, last = marks[at]
        del lines[first:last]
    elif not change.gone and at is None:
        first, last = marks[-1]
        margin = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        lines.insert(last, f"{margin}- {json.dumps([list(part) for part in change.parts], ensure_ascii=False)}")
    edited = "\n".join(lines)
    number = len(_read(edited)[0]["several"]) - len(kept["several"])
    if number != (0 if edited == text else -1 if change.gone else 1):
        raise CannotTeach(f"{SEVERAL.name} would not read as it should with “{change.text[:20]}”")
    return edited


def _read(text: str) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """What the file says, and [first, last) line of each message of several problems. Raises CannotTeach."""
    try:
        kept = yaml.load(text, yaml.CSafeLoader)
        root = yaml.compose(text, yaml.CSafeLoader)
        assert isinstance(root, yaml.MappingNode)
        node = next(value for key, value in root.value if key.value == "several")
        # A flow list ends on its own line, so what follows it begins on the next.
        return kept, [(item.start_mark.line, item.end_mark.line + 1) for item in node.value]
    except (yaml.YAMLError, AssertionError, AttributeError, KeyError, StopIteration, TypeError) as error:
        raise CannotTeach(f"{SEVERAL.name} cannot be read: {error}") from error
