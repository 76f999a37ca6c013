"""What is taught beside the meaning of a sentence: words for the lexicon, what words of it name, where one problem ends and the next
begins, and conversations that must go on as they did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from community.errors import Conflict, InvalidInput
from community.model.teaching import LabelState

ENTITY_NAMES = {
    "place": "地点",
    "time": "时间",
    "phone": "电话",
    "name": "姓名",
    "ticket_number": "工单号",
    "activity": "志愿活动",
    "law": "法律条文",
}
"""What words may name, as `chinese.entities` finds it, and as a trainer reads it."""
MOST_PARTS = 4
SHORTEST_PART = 4
"""Characters that may be a problem by themselves (`bot/components/problems.py` cuts nothing shorter off)."""


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is `words` and names an `entity`; `of` is whose other name it is (an estate's or an activity's), '' for none."""

    start: int
    end: int
    entity: str
    words: str
    of: str = ""

    def as_row(self) -> list[Any]:
        return [self.start, self.end, self.entity, self.words, self.of]


@dataclass(frozen=True)
class Part:
    """One problem of several, in the words that tell of it."""

    category: str
    words: str


def spans_of(rows: Sequence[Sequence[Any]]) -> tuple[Span, ...]:
    return tuple(Span(*row) for row in rows)


def check_spans(text: str, spans: Sequence[Span]) -> None:
    """Raises InvalidInput for marks that do not stand in the text, or stand over one another."""
    last = 0
    for span in sorted(spans, key=lambda one: one.start):
        if span.entity not in ENTITY_NAMES:
            raise InvalidInput("没有这一种标记。")
        if span.of and span.entity not in OF_ENTITY:
            raise InvalidInput("只有小区和活动有别的叫法。")
        if span.start < last or span.end <= span.start:
            raise InvalidInput("两处标记叠在一起了，去掉一处。")
        if text[span.start : span.end] != span.words or not span.words.strip():
            raise InvalidInput("这句话和标记对不上，请关掉重新标。")
        last = span.end


def check_parts(text: str, parts: Sequence[Part], categories: frozenset[str]) -> None:
    """Raises InvalidInput for what is not 2 to 4 problems that make up the text."""
    if not 2 <= len(parts) <= MOST_PARTS:
        raise InvalidInput(f"分成2到{MOST_PARTS}件事。")
    if "".join(part.words for part in parts) != text:
        raise InvalidInput("分开的几段和原话对不上，请重新分。")
    for part in parts:
        if part.category not in categories:
            raise InvalidInput(f"“{part.words[:12]}”还没选类别。")
        if len(re.sub(r"[^\w]", "", part.words)) < SHORTEST_PART:
            raise InvalidInput(f"“{part.words}”太短，每件事至少{SHORTEST_PART}个字。")
    if len({part.category for part in parts}) < 2:
        raise InvalidInput("几段都是同一类，就当一件事来标。")


class WordKind(StrEnum):
    """WORD: cut as one word. The others: another name of an estate, of an activity."""

    WORD = "word"
    ESTATE = "estate"
    ACTIVITY = "activity"


WORD_KIND_NAMES = {WordKind.WORD: "新词", WordKind.ESTATE: "小区的叫法", WordKind.ACTIVITY: "活动的叫法"}
OF_ENTITY = {"place": WordKind.ESTATE, "activity": WordKind.ACTIVITY}
"""Marks that may be another name of something the lexicon knows."""
_WORD = re.compile(r"[一-鿿A-Za-z0-9]{2,12}")
TOO_COMMON = frozenset({
    "小区", "社区", "公寓", "花园", "新村", "家里", "我家", "楼上", "楼下", "门口", "单元", "小区里", "我们小区", "你们小区",
    "志愿", "志愿者", "志愿活动", "活动", "报名", "垃圾分类",
})  # fmt: skip
"""As another name each of these would be heard in half of all messages."""


def check_word(word: str, kind: WordKind, of: str) -> None:
    """Raises InvalidInput for what can be no line of the lexicon."""
    if not _WORD.fullmatch(word):
        raise InvalidInput("词要2到12个字，只用汉字、字母和数字。")
    if re.fullmatch(r"[0-9]+", word) or word.endswith("某"):
        raise InvalidInput("数字和人名不能加进词库。")
    if kind is WordKind.WORD and of:
        raise InvalidInput("新词不用选是谁的叫法。")
    if kind is not WordKind.WORD and not of:
        raise InvalidInput("请选它是哪一个的叫法。")
    if kind is not WordKind.WORD and word in TOO_COMMON:
        raise InvalidInput(f"“{word}”人人都说，当叫法会处处认错。")


@dataclass(eq=False)
class LexiconWord:
    """A word on its way into the lexicon, or out of it again. `of` is the estate or activity it names. Aware UTC."""

    id: int
    kind: WordKind
    word: str
    of: str
    by_id: int
    at: datetime
    why: str = ""
    state: LabelState = LabelState.READY
    change: str = ""
    file: str = ""

    def undo(self) -> None:
        self.state = taken_back(self.state)


@dataclass(eq=False)
class TalkCase:
    """A conversation that is to go on as it did. `turns` are rows of {"say", "answer": [words], "buttons": [titles]}; `home`: whether
    the resident had one. `passed` is what the latest run found, None while none has; `missing` what was not said or offered any more.
    Aware UTC."""

    id: int
    key: str
    turns: list[dict[str, Any]]
    home: bool
    by_id: int
    at: datetime
    why: str = ""
    state: LabelState = LabelState.READY
    passed: bool | None = None
    ran_at: datetime | None = None
    missing: str = ""
    sources: list[int] = field(default_factory=list)
    change: str = ""
    file: str = ""

    def undo(self) -> None:
        self.state = taken_back(self.state)


def taken_back(state: LabelState) -> LabelState:
    """What is not in the data yet is gone at once, what is goes with the next training. Raises Conflict twice."""
    if state in (LabelState.UNDONE, LabelState.REMOVED):
        raise Conflict("这一条已经撤回了。")
    return LabelState.UNDONE if state is LabelState.TAUGHT else LabelState.REMOVED


def written_as(state: LabelState, *, gone: bool) -> LabelState:
    """After a training wrote it in (or took it out): what was taken back meanwhile has to go with the next one."""
    if gone:
        return LabelState.REMOVED
    return LabelState.UNDONE if state is LabelState.REMOVED else LabelState.TAUGHT


class Taught(StrEnum):
    """What an event of the history is about, where it is no label."""

    WORD = "word"
    TALK = "talk"
    QUEUE = "queue"


@dataclass(eq=False)
class TaughtEvent:
    """Who did what to a word, a kept conversation, or a message of the queue. Never changed, never deleted. Aware UTC."""

    id: int
    kind: Taught
    of_id: int
    at: datetime
    staff_id: int
    staff_name: str
    did: str
    note: str = ""
