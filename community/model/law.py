"""Statutes 法律, articles 法条, citations 引用, and curated answers 知识条目."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from community.model.numerals import CHARS, to_chinese, to_int


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

    def in_force(self, day: date) -> bool:
        return self.in_force_from <= day and (self.repealed_on is None or day < self.repealed_on)

    @property
    def short_name(self) -> str:
        return self.name.removeprefix("中华人民共和国")


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
class CitationRef:
    """A law and an article as somebody named them: law may be short (民法典) or full; label is normalised to 第…条."""

    law: str
    label: str


@dataclass(frozen=True)
class Citation:
    """An article in force, ready to be shown."""

    law: str
    label: str
    text: str
    effective_on: date


@dataclass(eq=False)
class CuratedAnswer:
    id: int
    code: str
    topic: str
    title: str
    questions: list[str]
    answer: str
    steps: list[str]
    bring: list[str]
    where: str
    citations: list[dict[str, str]]
    owner: str
    checked_on: date
    digest: str = ""


_NUM = rf"[{CHARS}0-9０-９]+"
_REF = re.compile(
    rf"《?(?P<law>[一-龥（）、]*?(?:法典|法|条例|办法|规定|解释|决定|宪法))》?\s*(?:的)?\s*第?(?P<num>{_NUM})条(?P<of>之{_NUM})?"
    rf"|《?(?P<law2>[一-龥]*?(?:法典|法))》?\s*第?\s*(?P<num2>[0-9]{{1,4}})(?![0-9])"
)


def article_label(number: int, of: int | None = None) -> str:
    return f"第{to_chinese(number)}条" + (f"之{to_chinese(of)}" if of else "")


def find_citations(text: str) -> list[CitationRef]:
    """Every 'law + article number' that `text` names, in order: 民法典942条, 《民法典》第九百四十二条, 治安管理处罚法 88."""
    found = []
    for match in _REF.finditer(text):
        law = match["law"] or match["law2"]
        number = to_int(match["num"] or match["num2"] or "")
        if not law or not number or number > 9999:
            continue
        of = to_int(match["of"][1:]) if match["of"] else None
        found.append(CitationRef(law, article_label(number, of)))
    return found
