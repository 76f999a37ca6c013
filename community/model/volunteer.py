"""Volunteering 邻舍+: activities, their shifts, signups and the waitlist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SignupStatus(StrEnum):
    SIGNED_UP = "signed_up"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"
    OFFERED = "offered"
    """Asked whether they would take it (`model/care.py`); no place is held."""


SIGNUP_NAMES = {
    SignupStatus.SIGNED_UP: "已报名",
    SignupStatus.WAITLISTED: "候补中",
    SignupStatus.CANCELLED: "已取消",
    SignupStatus.OFFERED: "等您答复",
}


@dataclass(eq=False)
class Activity:
    id: int
    title: str
    kind: str
    summary: str
    place_text: str
    community_id: int
    organiser: str
    minimum_age: int | None = None


@dataclass(eq=False)
class Shift:
    """A time one can sign up for. Aware UTC. `taken` is kept with the row so that a place is won in one statement."""

    id: int
    activity_id: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int = 0

    def overlaps(self, other: Shift) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(eq=False)
class Signup:
    """A resident's place in a shift, or in its waitlist (`queued_at`, then id, is the order). One row a resident and shift."""

    id: int
    shift_id: int
    resident_id: int
    status: SignupStatus
    queued_at: datetime
    changed_at: datetime
