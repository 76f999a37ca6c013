"""Words of time that belong together: from the year down to the second, or from 每 on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from chinese.times.clocks import Clock, read_clock
from chinese.times.days import When
from chinese.times.lengths import read_set
from chinese.times.mention import Prefer
from chinese.times.stretches import RANKS, add
from chinese.times.words import Word

_GAP = re.compile(r"[\s的]*")
_DAY_GAP = re.compile(r"[\s,的(]*")


@dataclass
class Group:
    """A moment under way: words[start:end] says a day, a part of it, an hour, or several of them."""

    start: int
    end: int
    when: When = field(default_factory=When)
    part: str | None = None
    clock: Clock | None = None
    every: str = ""
    rank: int = 0
    last: str = ""

    @property
    def dated(self) -> bool:
        return self.when.days is not None or self.when.wrong


def read_groups(words: str, found: list[Word], today: date, prefer: Prefer) -> list[Group]:
    """Neighbouring words that go from the year down to the second, or from 每 on, are one moment."""
    out: list[Group] = []
    for word in found:
        if word.kind in ("every", "often"):
            out.append(Group(word.start, word.end, every=read_set(word), last=word.kind))
            if (unit := word.said.get("every_unit", "")) in ("早", "晚", "夜"):
                out[-1].part, out[-1].rank = unit, RANKS["part"]
            continue
        rank = RANKS.get(word.kind)
        if rank is None:
            continue
        group = out[-1] if out and _fits(words, out[-1], word, rank) else Group(word.start, word.end)
        if not _take(group, word, today, prefer):
            continue
        group.end, group.rank, group.last = word.end, rank, word.kind
        if not out or group is not out[-1]:
            out.append(group)
    return [g for g in out if g.every or g.part or g.clock or g.dated]


def _fits(words: str, group: Group, word: Word, rank: int) -> bool:
    again = group.rank == 3 == rank and word.kind == "week" and not word.said.get("week_w") and group.last != "week"
    gap = _DAY_GAP if again else _GAP
    if gap.fullmatch(words, group.end, word.start) is None:
        return False
    if word.kind in ("nth", "some") and group.dated and group.rank < 3:
        return True
    return rank > group.rank or again


def _take(group: Group, word: Word, today: date, prefer: Prefer) -> bool:
    """Add `word`; False when it says nothing where it stands."""
    if word.kind == "part":
        group.part = word.said["part"]
    elif word.kind in ("clock", "clock_noon"):
        clock = read_clock(word, group.part)
        if clock is None:
            return False
        group.clock = clock
    elif not (word.kind == "week" and group.when.unit == "D"):  # 10月12号星期一: the day is known
        before = group.when
        group.when = add(before, word, today, prefer)
        if word.kind in ("nth", "some") and group.when.wrong:
            group.when = before
            return False
    return True
