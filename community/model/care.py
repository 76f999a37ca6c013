"""A request for a hand 搭把手 that one volunteer may take: asked of the resident first, then offered, then one has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from community.errors import IllegalMove

CARE_KIND = "邻里搭把手"
"""The kind of the activities made of requests: never listed, only offered."""
CARING = ("老", "助", "陪")
"""Kinds of activity with one of these in their name are signed up for by people one may ask."""
MOST_ASKED = 20


class CareState(StrEnum):
    ASKED = "asked"
    OFFERED = "offered"
    TAKEN = "taken"
    DONE = "done"
    BACK = "back"


CARE_NAMES = {
    CareState.ASKED: "等居民同意",
    CareState.OFFERED: "在找志愿者",
    CareState.TAKEN: "有人接了",
    CareState.DONE: "志愿者说帮好了",
    CareState.BACK: "已转回经办人",
}


@dataclass(eq=False)
class CareTask:
    """One ticket's task. `what` is what volunteers read (no name, no door); `take_by` when it goes back to who holds the ticket."""

    id: int
    ticket_id: int
    shift_id: int
    what: str
    state: CareState
    take_by: datetime
    changed_at: datetime
    volunteer_id: int | None = None

    def to(self, state: CareState, now: datetime, *, only_from: tuple[CareState, ...]) -> None:
        """Raises IllegalMove when it is not (any more) where this step begins."""
        if self.state not in only_from:
            raise IllegalMove(f"这件事现在是“{CARE_NAMES[self.state]}”。")
        self.state, self.changed_at = state, now
