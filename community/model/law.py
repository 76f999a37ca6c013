"""Statutes 法律, articles 法条, citations 引用, and curated answers 知识条目."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from chinese.numerals import to_chinese, to_int
from community.model.region import NATION, narrowness


@dataclass(eq=False)
class Statute:
    """One version of a law. In force on a day when in_force_from <= day and (repealed_on is None or day < repealed_on).

    `effective_on` is what the text itself says (often of the first version); `in_force_from` when this version began.
    """

    id: int
    source_id: str
    name: str
    kind: str
    version_on: date
    effective_on: date
    in_force_from: date
    repealed_on: date | None = None
    issuer: str = ""
    digest: str = ""
    scope: str = NATION
    """Where it holds (`community.model.region`)."""
    own_end: date | None = None
    """The end that its own source tells; `repealed_on` is the first of all ends, a newer version's beginning among them."""

    def in_force(self, day: date) -> bool:
        return self.in_force_from <= day and (self.repealed_on is None or day < self.repealed_on)

    @property
    def short_name(self) -> str:
        return self.name.removeprefix("中华人民共和国")

    @property
    def level(self) -> int:
        return level_of(self.kind, self.scope)

    def status(self, day: date) -> str:
        if self.in_force(day):
            return "现行有效"
        if self.repealed_on is not None and self.repealed_on <= self.in_force_from:
            return "不采用"  # another source's text of the same version stands, or nobody knows when it ended
        return "尚未施行" if self.in_force_from > day else "已失效"


LEVELS = {
    "宪法": 1, "法律": 2, "立法解释": 2, "决定": 2, "修正案": 2, "修改决定": 2, "司法解释": 3, "行政法规": 4, "党内法规": 4,
    "地方性法规": 5, "部门规章": 7, "地方政府规章": 7,
}  # fmt: skip
"""位阶, the highest first: the Constitution, laws, administrative regulations, local regulations, rules (立法法 98 to 100 and 102, in the
text of 2023). What a court lays down interprets laws and stands behind them; a city's text stands behind its province's of the same
kind (立法法 81, 100)."""


def level_of(kind: str, scope: str = NATION) -> int:
    """1 is the highest. Of two texts that do not agree the one with the smaller number is followed."""
    return LEVELS.get(kind, 9) + (1 if narrowness(scope) == 2 else 0)


@dataclass(eq=False)
class Article:
    """One article. `label` is its printed number (第九百四十二条, 第十七条之一); `number` its digits, 0 when it has none."""

    id: int
    statute_id: int
    label: str
    number: int
    chapter: str
    text: str


@dataclass(frozen=True)
class Citation:
    """An article in force, ready to be shown."""

    law: str
    label: str
    text: str
    effective_on: date

    def part(self, paragraph: int, item: int) -> Citation:
        """The 款 and 项 that were asked for, named in the label; the whole article for 0 and 0, and where it has no such part.

        An item keeps the words that introduce its list.
        """
        whole = paragraphs(self.text)
        if not paragraph and not item or paragraph > len(whole):
            return self
        label = self.label + (f"第{to_chinese(paragraph)}款" if paragraph else "")
        if not item:
            return replace(self, label=label, text=whole[paragraph - 1])
        for one in [whole[paragraph - 1]] if paragraph else whole:
            head, *items = one.split("\n")
            for line in items:
                match = _ITEM.match(line)
                if match and to_int(match[1]) == item:
                    return replace(self, label=f"{label}第{to_chinese(item)}项", text=f"{head}\n{line}")
        return replace(self, label=label, text=whole[paragraph - 1]) if paragraph else self

    @property
    def paragraphs(self) -> list[str]:
        return paragraphs(self.text)


_ITEM = re.compile(r"[（(]([^（）()]{1,4})[）)]")


@dataclass(eq=False)
class CuratedAnswer:
    """An answer in our own words. `citations`: {law, article, paragraph (1 …; not there when it is the whole article)}. `asks`, where one
    fact decides: {question, options: [{say, answer (the code of another, or of this one)}]}; empty otherwise.
    """

    id: int
    code: str
    topic: str
    title: str
    questions: list[str]
    answer: str
    steps: list[str]
    bring: list[str]
    where: str
    citations: list[dict[str, Any]]
    owner: str
    checked_on: date
    digest: str = ""
    scope: str = "全国"
    asks: dict[str, Any] = field(default_factory=dict)
    expires_on: date | None = None
    """From this day on it wants checking again: it is offered, and not simply given."""

    def become(self, new: CuratedAnswer) -> None:
        """Say from now on what `new` says; the code stays."""
        for one in fields(self):
            if one.name not in ("id", "code"):
                setattr(self, one.name, getattr(new, one.name))


OLD = "这条回答有一阵没核对了，请以下面的法条原文为准。"
CAUTION = "这条回答引用的法条最近有改动，社区还没有核对完，请以下面的法条原文为准。"


class Change(StrEnum):
    """What happened to an article that an answer cites. GONE: repealed, or no more in the text."""

    CHANGED = "changed"
    GONE = "gone"


@dataclass(eq=False)
class AnswerFlag:
    """An answer whose cited article is no more what it was when the answer was checked. Holds from `from_on` until it is cleared.

    The digests are of the article's text, '' for none. `found_on` and `cleared_on` are moments in UTC.
    """

    id: int
    answer_code: str
    law: str
    article: str
    what: Change
    old_digest: str
    new_digest: str
    from_on: date
    found_on: datetime
    note: str = ""
    cleared_by: str = ""
    cleared_on: datetime | None = None
    why: str = ""

    @property
    def open(self) -> bool:
        return self.cleared_on is None


def paragraphs(text: str) -> list[str]:
    """The 款 of an article: its lines, those that are items of a list ((一) …) belonging to the line before."""
    out: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if out and line.startswith(("（", "(")):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out
