"""The incident 事件: several tickets of one trouble in one building, handled together. Each ticket keeps its holder, its promise and its
resident's last word; the incident is only what they have in common."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.model.category import Category
from community.model.place import Place, PlaceKind

REPORTS = 3
"""So many households within `WITHIN` are one trouble. Ours, not a statute: two neighbours may have two broken lamps, three in half an
hour of one building hardly have three troubles; and a wrong one is undone by a click (移出)."""
WITHIN = timedelta(minutes=30)

BY_BUILDING = frozenset({Category.WATER_SUPPLY, Category.POWER, Category.GAS})
"""What comes into a building as one. A whole estate without water is an incident in each building: who is told is who lives there, and
staff may make them one."""
BY_UNIT = frozenset({Category.ELEVATOR, Category.DOOR_ACCESS, Category.LIGHTING})
"""What each unit has of its own: the lift of the next unit is another lift."""
GATHERED = BY_BUILDING | BY_UNIT
"""The rest is gathered by hand alone: three rows about noise may be three noises, and a building is not told of one by a machine."""

LONGEST_EXPECTATION = timedelta(days=14)
MAX_WHY = 100
MAX_BROADCAST = 400
QUOTED = 7
"""Characters in a row, alike in a broadcast and in what a reporter said, that are a quotation. Category and place names do not count."""


class Told(StrEnum):
    """What an incident's own history says; what happened to a ticket stands in the ticket's."""

    GATHERED = "gathered"
    MERGED = "merged"
    TAKEN_OUT = "taken_out"
    ACCEPTED = "accepted"
    EXPECTED = "expected"
    BROADCAST = "broadcast"
    RESOLVED = "resolved"


TOLD_NAMES = {
    Told.GATHERED: "自动合成事件",
    Told.MERGED: "并入工单",
    Told.TAKEN_OUT: "移出工单",
    Told.ACCEPTED: "一起接单",
    Told.EXPECTED: "说了预计时间",
    Told.BROADCAST: "发了通知",
    Told.RESOLVED: "一次办结",
}


@dataclass(eq=False)
class Incident:
    """`name` says what and where, in words of the system's own: 停水水压 · 剡溪花园3幢. `expected_at` (aware UTC) is when a member of
    staff said it would be over, `expected_why` what they said of it, `expected_by` who: '社区工作者沈芳'. `staff_id` is who made it;
    None: it was gathered by itself."""

    id: int
    name: str
    community_id: int | None
    created_at: datetime
    staff_id: int | None = None
    expected_at: datetime | None = None
    expected_why: str = ""
    expected_by: str = ""


@dataclass(eq=False)
class IncidentEvent:
    """One append-only line of an incident's history."""

    id: int
    incident_id: int
    at: datetime
    what: Told
    who: str
    text: str = ""


def area_of(category: Category, chain: list[Place]) -> Place | None:
    """Where reports of this category are one trouble: the building, or the unit. None when the category is not gathered by itself, or the
    place is not known closely enough. `chain` is the place and what it lies in, innermost first."""
    if category not in GATHERED:
        return None
    wanted = PlaceKind.UNIT if category in BY_UNIT else PlaceKind.BUILDING
    return next((place for place in chain if place.kind is wanted), None)


def reach_of(category: Category, chain: list[Place]) -> Place | None:
    """Whose homes a broadcast about such a ticket goes to: its area, else the whole building. None when no building is known."""
    return area_of(category, chain) or next((place for place in chain if place.kind is PlaceKind.BUILDING), None)


_NOT_SAID = re.compile(r"[\W_]+")


def quotation(text: str, said: Collection[str], known: Collection[str] = ()) -> str:
    """The longest run that `text` has of what reporters said, when it is long enough to be theirs (`QUOTED`); '' otherwise. `known` are
    names of places and categories, which are everybody's."""
    mine = _plain(text, known)
    found = ""
    for words in said:
        theirs = _plain(words, known)
        for start in range(len(theirs) - QUOTED + 1):
            length = max(QUOTED, len(found) + 1)
            while start + length <= len(theirs) and theirs[start : start + length] in mine:
                found = theirs[start : start + length]
                length += 1
    return found


def _plain(text: str, known: Collection[str]) -> str:
    for name in sorted(known, key=len, reverse=True):
        # A mark that nobody writes: what stood around a name must not become one run.
        text = text.replace(name, "\0") if name else text
    return _NOT_SAID.sub(lambda gap: "\0" if "\0" in gap[0] else "", text)
