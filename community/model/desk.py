"""What staff keep for their own desk: lists they come back to, phrases they use often, what they leave for the next person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

MAX_FILTERS = 12
"""Saved lists of one member: each is counted whenever the inbox is looked at."""
MAX_NAME = 20
MAX_PHRASE = 600
PLACEHOLDERS = ("姓名", "工单号", "地点", "承诺时间")
_HOLE = re.compile(r"[{｛]\s*(姓名|工单号|地点|承诺时间)\s*[}｝]")


@dataclass(eq=False)
class SavedFilter:
    """A list of tickets under a name. `query` is its address's own words, like 'group=all&status=overdue'."""

    id: int
    staff_id: int
    name: str
    query: str
    created_at: datetime


@dataclass(eq=False)
class CannedReply:
    """常用语. Of a member's own (`staff_id`) or of a community's desk (`community_id`); one of the two is set."""

    id: int
    title: str
    text: str
    created_at: datetime
    staff_id: int | None = None
    community_id: int | None = None


@dataclass(eq=False)
class Handover:
    """What a member who had a resident's talk left for the next one. Staff read it; the resident never does."""

    id: int
    resident_id: int
    staff_id: int
    at: datetime
    text: str


@dataclass(frozen=True)
class Filled:
    """`missing` are the placeholders that nothing is known for; they stand in `text` as they were."""

    text: str
    missing: tuple[str, ...]


def fill(text: str, known: Mapping[str, str]) -> Filled:
    """Put what is known of a ticket into a phrase: {姓名}, {工单号}, {地点}, {承诺时间}, full-width braces too."""
    missing: list[str] = []

    def put(match: re.Match[str]) -> str:
        value = known.get(match[1], "")
        if not value and match[1] not in missing:
            missing.append(match[1])
        return value or match[0]

    return Filled(_HOLE.sub(put, text), tuple(missing))


def holes(text: str) -> tuple[str, ...]:
    """The placeholders that still stand in a text: sent as they are, a resident would read braces."""
    return tuple(dict.fromkeys(match[1] for match in _HOLE.finditer(text)))
