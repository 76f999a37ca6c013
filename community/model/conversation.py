"""Who holds a resident's conversation: the assistant, nobody yet (a person was asked for), or a member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.errors import IllegalMove

IDLE_RETURN = timedelta(minutes=20)
"""A held conversation in which neither side writes for this long goes back to the assistant, with a notice."""
WAIT_RETURN = timedelta(hours=24)
"""A request for a person that nobody took for this long (it survives a night, and is reported) is told to the resident."""


class Holder(StrEnum):
    BOT = "bot"
    WAITING = "waiting"
    STAFF = "staff"


class Topic(StrEnum):
    GENERAL = "general"
    LEGAL = "legal"
    DANGER = "danger"


@dataclass(eq=False)
class Conversation:
    """One per resident. While WAITING the assistant still answers; while STAFF holds it, it is silent."""

    id: int
    resident_id: int
    holder: Holder = Holder.BOT
    topic: Topic = Topic.GENERAL
    staff_id: int | None = None
    community_id: int | None = None
    grid_id: int | None = None
    reason: str = ""
    requested_at: datetime | None = None
    last_at: datetime | None = None
    version: int = 1

    def request(self, topic: Topic, reason: str, now: datetime) -> bool:
        """Ask for a person. Returns False when one was already asked for or is here."""
        if self.holder is not Holder.BOT:
            return False
        self.holder, self.topic, self.reason, self.requested_at = Holder.WAITING, topic, reason, now
        self.last_at = now
        return True

    def take(self, staff_id: int, now: datetime) -> None:
        """A member of staff takes it over. Raises IllegalMove when a colleague holds it."""
        if self.holder is Holder.STAFF and self.staff_id != staff_id:
            raise IllegalMove("这段对话已经有同事在接待了。")
        self.holder, self.staff_id, self.last_at = Holder.STAFF, staff_id, now

    def hand_back(self, now: datetime) -> None:
        if self.holder is Holder.BOT:
            raise IllegalMove("这段对话已经由小邻接待了。")
        self.holder, self.staff_id, self.last_at, self.requested_at = Holder.BOT, None, now, None
        self.topic, self.reason = Topic.GENERAL, ""

    def idle_since(self, now: datetime) -> bool:
        limit = IDLE_RETURN if self.holder is Holder.STAFF else WAIT_RETURN
        return self.holder is not Holder.BOT and self.last_at is not None and now - self.last_at >= limit
