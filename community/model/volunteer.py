"""Volunteering 邻舍+: activities, their shifts, signups and the waitlist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from community.model.calendar import SHANGHAI, local


class SignupStatus(StrEnum):
    SIGNED_UP = "signed_up"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"
    OFFERED = "offered"
    """Asked whether they would take it (`model/care.py`); no place is held."""
    CONFIRMING = "confirming"
    """A freed place is held for them until `confirm_by`."""
    ATTENDED = "attended"
    NO_SHOW = "no_show"


SIGNUP_NAMES = {
    SignupStatus.SIGNED_UP: "已报名",
    SignupStatus.WAITLISTED: "候补中",
    SignupStatus.CANCELLED: "已取消",
    SignupStatus.OFFERED: "等您答复",
    SignupStatus.CONFIRMING: "有名额，等您确认",
    SignupStatus.ATTENDED: "已参加",
    SignupStatus.NO_SHOW: "没有到",
}
HOLDING = (SignupStatus.SIGNED_UP, SignupStatus.CONFIRMING, SignupStatus.ATTENDED, SignupStatus.NO_SHOW)
"""What counts in a shift's `taken`, seat by seat."""
STANDING = (SignupStatus.SIGNED_UP, SignupStatus.CONFIRMING, SignupStatus.WAITLISTED)
"""What can still be given back."""


class Style(StrEnum):
    ACTIVITY = "activity"
    CLASS = "class"
    SERVICE = "service"


STYLE_NAMES = {Style.ACTIVITY: "志愿活动", Style.CLASS: "课程", Style.SERVICE: "菜单式服务"}


@dataclass(eq=False)
class Activity:
    """`points` for each hour of each person; `confirm_hours` is how long a freed place is kept for who is first in the waitlist;
    `series` is its rule (`model/series.py`), empty for single shifts; `published` False: only organisers see it."""

    id: int
    title: str
    kind: str
    summary: str
    place_text: str
    community_id: int
    organiser: str
    minimum_age: int | None = None
    skills: str = ""
    style: Style = Style.ACTIVITY
    points: int = 10
    confirm_hours: int = 12
    series: str = ""
    published: bool = True


@dataclass(eq=False)
class Shift:
    """A time one can sign up for. Aware UTC. `taken` (seats) is kept with the row so that a place is won in one statement.

    `reminded_at`: the day before was told; `settled_at`: it is over, and who came is in the ledger.
    """

    id: int
    activity_id: int
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int = 0
    reminded_at: datetime | None = None
    settled_at: datetime | None = None

    def overlaps(self, other: Shift) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def checks_in_at(self, now: datetime) -> bool:
        return self.starts_at - CHECK_IN_BEFORE <= now <= self.ends_at


@dataclass(eq=False)
class Signup:
    """A resident's seats in a shift, or in its waitlist (`queued_at`, then id, is the order). One row a resident and shift.

    `party`: who comes, encrypted (`model/party.py`); empty: the resident alone. `tries`: wrong code words so far.
    """

    id: int
    shift_id: int
    resident_id: int
    status: SignupStatus
    queued_at: datetime
    changed_at: datetime
    seats: int = 1
    party: str = ""
    confirm_by: datetime | None = None
    checked_in_at: datetime | None = None
    tries: int = 0


CHECK_IN_BEFORE = timedelta(minutes=30)
MOST_TRIES = 5
"""Wrong code words of one signup; after that the organiser checks in. A code has four digits."""
DAY_BEGINS, DAY_ENDS = time(8, 0), time(21, 0)
"""Decent hours: no place is offered outside, and none runs out."""
REMIND_AT = time(17, 0)


def decent(moment: datetime) -> bool:
    return DAY_BEGINS <= local(moment).time() < DAY_ENDS


def confirm_until(now: datetime, hours: int, starts_at: datetime) -> datetime:
    """Until when a freed place is kept: `hours` from now, moved to 9:00 when that is at night; an hour before the shift at the
    latest, unless less than half an hour would be left to answer."""
    until = now + timedelta(hours=hours)
    if not decent(until):
        here = local(until)
        day = here.date() + timedelta(days=1 if here.time() >= DAY_ENDS else 0)
        until = datetime.combine(day, time(9, 0), SHANGHAI).astimezone(now.tzinfo)
    latest = max(starts_at - timedelta(hours=1), now + timedelta(minutes=30))
    return min(until, latest, starts_at)


def reminds_from(starts_at: datetime) -> datetime:
    """Five in the afternoon of the day before."""
    day = local(starts_at).date() - timedelta(days=1)
    return datetime.combine(day, REMIND_AT, SHANGHAI)
