"""What changed between two texts of a law, article by article, in a way that a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Protocol

from community.knowledge.text import words

AROUND = 12
"""Characters left standing on either side of a change."""
_PIECE = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z0-9]+|\s+|.", re.S)


class HasText(Protocol):
    @property
    def label(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class ArticleChange:
    label: str
    old: str
    new: str

    @property
    def readable(self) -> str:
        return word_diff(self.old, self.new)


@dataclass(frozen=True)
class Diff:
    """`moved`: (label before, label now) of articles whose text stands under another number; these are in no other list."""

    added: list[str] = field(default_factory=list)
    changed: list[ArticleChange] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.moved)

    @property
    def counted(self) -> str:
        parts = ((self.added, "added"), (self.changed, "changed"), (self.moved, "renumbered"), (self.removed, "removed"))
        return ", ".join(f"{len(found)} {said}" for found, said in parts if found) or "no article changed"


def plain(text: str) -> str:
    """What is compared: white space says nothing."""
    return "".join(text.split())


def compare(old: Iterable[HasText], new: Iterable[HasText]) -> Diff:
    before, after = ({article.label: article.text for article in articles} for articles in (old, new))
    touched = {label for label in before.keys() | after.keys() if plain(before.get(label, "")) != plain(after.get(label, ""))}
    now = {plain(after[label]): label for label in after if label in touched}
    moved = {label: now[plain(before[label])] for label in before if label in touched and plain(before[label]) in now}
    arrived = set(moved.values())
    return Diff(
        added=[label for label in after if label not in arrived and (label not in before or label in moved)],
        changed=[
            ArticleChange(label, before[label], after[label])
            for label in after
            if label in touched and label in before and label not in moved and label not in arrived
        ],
        removed=[label for label in before if label not in moved and (label not in after or label in arrived)],
        moved=list(moved.items()),
    )


def word_diff(old: str, new: str) -> str:
    """…应当在[-三十-]{+十五+}日内……: what went in [- -], what came in {+ +}, what is far from a change left out."""
    before, after = _pieces(old), _pieces(new)
    out: list[str] = []
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (what, a, b, c, d) in enumerate(steps):
        if what == "equal":
            out.append(_short("".join(before[a:b]), first=number == 0, last=number == len(steps) - 1))
            continue
        went, came = "".join(before[a:b]), "".join(after[c:d])
        out.append((f"[-{went}-]" if went else "") + (f"{{+{came}+}}" if came else ""))
    return "".join(out)


def _pieces(text: str) -> Sequence[str]:
    """Words, so that a change is read as one. jieba leaves out signs, so runs are cut first."""
    found: list[str] = []
    for piece in _PIECE.findall(text.strip()):
        found += words(piece) if "\u4e00" <= piece[0] <= "\u9fff" else [" "] if piece.isspace() else [piece]
    return found


def _short(same: str, *, first: bool, last: bool) -> str:
    if len(same) <= 2 * AROUND + 2:
        return same
    return ("" if first else same[:AROUND]) + "……" + ("" if last else same[-AROUND:])
