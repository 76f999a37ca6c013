"""The notice 通知: what the community tells the people of a building, an estate or a grid, from when until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from community.errors import Conflict, IllegalMove
from community.model.calendar import local
from community.model.category import Category

QUIET_FROM, QUIET_UNTIL = 22, 7
"""Hours of the city between which only what is urgent is sent. Ours: 22:00 to 6:00 is night by the noise law (噪声污染防治法第八十八条),
and who sleeps until seven need not be woken for a lift inspection."""
MAX_TITLE, MAX_TEXT = 30, 400
LONGEST = timedelta(days=60)
LATE = timedelta(hours=12)
"""So long after the end that was told, a report of the same is a sign that it has not ended."""
EARLY = timedelta(minutes=30)
"""Taps run dry somewhat before the hour that was told: from so long before it, a report is answered from the notice."""
AHEAD = timedelta(days=7)
"""What is told of when somebody asks what is coming."""
RESENDS = 2
BETWEEN = timedelta(hours=1)
"""A notice goes again to who did not read it at most so often, and not sooner than so long after."""


class Kind(StrEnum):
    WATER = "water"
    POWER = "power"
    GAS = "gas"
    HEAT = "heat"
    LIFT = "lift"
    PESTS = "pests"
    ROAD = "road"
    EVENT = "event"
    OTHER = "other"


KIND_NAMES = {
    Kind.WATER: "停水",
    Kind.POWER: "停电",
    Kind.GAS: "停气",
    Kind.HEAT: "停暖",
    Kind.LIFT: "电梯检修",
    Kind.PESTS: "消杀",
    Kind.ROAD: "道路、管道施工",
    Kind.EVENT: "活动",
    Kind.OTHER: "其他",
}
COVERS: dict[Kind, frozenset[Category]] = {
    Kind.WATER: frozenset({Category.WATER_SUPPLY}),
    Kind.POWER: frozenset({Category.POWER, Category.ELEVATOR, Category.LIGHTING, Category.DOOR_ACCESS}),
    Kind.GAS: frozenset({Category.GAS}),
    Kind.LIFT: frozenset({Category.ELEVATOR}),
    Kind.ROAD: frozenset({Category.ROAD, Category.NOISE}),
    Kind.PESTS: frozenset({Category.PESTS, Category.FUMES}),
}
"""Reports that such a notice may answer. Without power the lift stands, too, and the door's lock."""
TEMPLATES: dict[Kind, str] = {
    Kind.WATER: "因管网检修停水，请提前存好用水，关好水龙头。来水后先放一会儿再用。",
    Kind.POWER: "因线路检修停电，电梯也会停，请提前安排出门，关好电器。",
    Kind.GAS: "因燃气管道检修停气，请关好灶具和阀门。来气前请不要反复点火。",
    Kind.HEAT: "因管道检修停暖，请注意保暖，家里有老人小孩的请提前准备。",
    Kind.LIFT: "电梯做例行检修，期间停用，请走楼梯。要人搀扶的请跟我说一声，我们安排人。",
    Kind.PESTS: "小区做消杀，请关好门窗，看好宠物和小孩，晾晒的衣物收进屋。",
    Kind.ROAD: "小区道路施工，车辆请绕行，走路当心脚下。",
}


class NoticeState(StrEnum):
    """WAITING: written, and goes out at `send_at`. There are no drafts: what is being written stands on the page of who writes it."""

    WAITING = "waiting"
    SENT = "sent"
    RECALLED = "recalled"


@dataclass(eq=False)
class Notice:
    """Aware UTC. `begins_at` to `ends_at` is when what it tells of is; `send_at` when it goes. `why_urgent`: the reason to send in the
    quiet hours, '' otherwise. `late`: numbers of tickets that say it has not ended in time. `place_ids`: what it is about."""

    id: int
    kind: Kind
    title: str
    text: str
    begins_at: datetime
    ends_at: datetime
    community_id: int
    by_id: int
    by_name: str
    created_at: datetime
    send_at: datetime
    area: str
    state: NoticeState = NoticeState.WAITING
    why_urgent: str = ""
    sent_at: datetime | None = None
    place_ids: list[int] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    resends: int = 0
    resent_at: datetime | None = None
    correction: str = ""

    def stands(self, now: datetime) -> bool:
        """Whether what it tells of is going on or to come."""
        return self.state is NoticeState.SENT and now < self.ends_at

    def covers(self, category: Category, now: datetime) -> bool:
        """Whether a report of this category now may be what it tells of: while it lasts, and some hours after it should have ended."""
        return (
            self.state is NoticeState.SENT
            and category in COVERS.get(self.kind, ())
            and self.begins_at - EARLY <= now < self.ends_at + LATE
        )

    def resend(self, now: datetime) -> None:
        """Raises IllegalMove where it may not go again, with the reason."""
        if not self.stands(now):
            raise IllegalMove("这条通知已经过了时间，不用再发。")
        if self.resends >= RESENDS:
            raise IllegalMove(f"已经补发过{RESENDS}次，没回的请打电话或上门。")
        last = self.resent_at or self.sent_at
        if last is not None and now - last < BETWEEN:
            raise IllegalMove("刚发过，过一个小时再补发。")
        self.resends, self.resent_at = self.resends + 1, now

    def recall(self, text: str) -> None:
        """Raises Conflict the second time."""
        if self.state is NoticeState.RECALLED:
            raise Conflict("这条通知已经撤回了。")
        self.state, self.correction = NoticeState.RECALLED, text


@dataclass(eq=False)
class Receipt:
    """That a resident was told, and whether they said so. `how`: 'button' (知道了) or 'report' (they reported it and took the notice for
    the answer). What a phone showed nobody tells us: unread means not answered."""

    id: int
    notice_id: int
    resident_id: int
    sent_at: datetime
    read_at: datetime | None = None
    how: str = ""


@dataclass(eq=False)
class NoticeEvent:
    """What was done with a notice. Never changed."""

    id: int
    notice_id: int
    at: datetime
    who: str
    did: str


def goes_at(now: datetime, urgent: bool) -> datetime:
    """When a notice written now is sent: at once, or in the quiet hours when they end (unless it is urgent)."""
    here = local(now)
    if urgent or QUIET_UNTIL <= here.hour < QUIET_FROM:
        return now
    morning = here.replace(hour=QUIET_UNTIL, minute=0, second=0, microsecond=0)
    return morning if morning > here else morning + timedelta(days=1)


def when_text(begins: datetime, ends: datetime, now: datetime) -> str:
    """今天9:00到17:00; 11月30日13:30到12月1日8:00."""
    first, last = local(begins), local(ends)
    return f"{_day(first, now)}{first:%H:%M}到{'' if first.date() == last.date() else _day(last, now)}{last:%H:%M}"


def dated(begins: datetime, ends: datetime) -> str:
    """11月28日9:00到17:00: as it is sent. A message may be read days later, when 今天 is another day."""
    first, last = local(begins), local(ends)
    day = "" if first.date() == last.date() else f"{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日{first:%H:%M}到{day}{last:%H:%M}"


def _day(moment: datetime, now: datetime) -> str:
    apart = (moment.date() - local(now).date()).days
    return {0: "今天", 1: "明天", -1: "昨天"}.get(apart, f"{moment.month}月{moment.day}日")
