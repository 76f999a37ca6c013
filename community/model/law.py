"""Statutes 法律, articles 法条, citations 引用, and curated answers 知识条目."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any


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
class Citation:
    """An article in force, ready to be shown."""

    law: str
    label: str
    text: str
    effective_on: date

    @property
    def paragraphs(self) -> list[str]:
        return paragraphs(self.text)


def paragraphs(text: str) -> list[str]:
    """The 款 of an article: its lines, those that are items of a list ((一) …) belonging to the line before."""
    out: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if out and line.startswith(("（", "(")):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


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
