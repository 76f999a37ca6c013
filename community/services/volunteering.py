"""邻舍+: what is on, and my activities. Signing up is in `signups.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from community.model.calendar import day_text, local
from community.model.party import without_party
from community.model.volunteer import STYLE_NAMES, Activity, Shift, Signup, SignupStatus, Style
from community.model.when import find_period
from community.ports import Community, UnitOfWork


@dataclass(frozen=True)
class ShiftView:
    shift_id: int
    title: str
    kind: str
    place_text: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    when_text: str
    minimum_age: int | None = None
    style: Style = Style.ACTIVITY

    @property
    def full(self) -> bool:
        return self.taken >= self.capacity


@dataclass(frozen=True)
class Listing:
    """`understood` says in Chinese what was looked for, like 周六上午的垃圾分类; empty when everything was."""

    shifts: list[ShiftView]
    understood: str


@dataclass(frozen=True)
class MySignup:
    shift: ShiftView
    status: SignupStatus
    position: int
    seats: int = 1


def shift_when(shift: Shift, now: datetime) -> str:
    end = local(shift.ends_at)
    return f"{day_text(shift.starts_at, now)}–{end.hour}:{end.minute:02d}"


def view_of(activity: Activity, shift: Shift, now: datetime) -> ShiftView:
    return ShiftView(
        shift.id,
        activity.title,
        activity.kind,
        activity.place_text,
        shift.starts_at,
        shift.ends_at,
        shift.capacity,
        shift.taken,
        shift_when(shift, now),
        activity.minimum_age,
        activity.style,
    )


_NOISE = re.compile(
    r"(?:下+个?|这个?|本)?(?:周|星期|礼拜)[一二三四五六日天末]|周末|上午|下午|晚上|早上|今天|明天|后天|这几天|最近|"
    r"志愿者?|活动|报名|参加|有什么|有哪些|我想|我要|帮我|去|的|吗|呢|可以|能|取消|不去了|班次|那个|这个"
)


_STYLES = {Style.ACTIVITY: "", Style.CLASS: "课程 兴趣班 暑假班 暑期班 假期班 培训班", Style.SERVICE: "菜单式服务 上门服务"}
"""What people call them."""


def _pairs(text: str) -> set[str]:
    flat = re.sub(r"\W+", "", _NOISE.sub(" ", text))
    return {flat[i : i + 2] for i in range(len(flat) - 1)}


def _narrow(text: str, found: list[tuple[Activity, Shift]], now: datetime) -> tuple[list[tuple[Activity, Shift]], str]:
    """Keep what fits the day and the words of `text`; words that fit nothing are ignored, a day never is."""
    understood = ""
    period = find_period(text, now)
    if period is not None:
        found = [(a, s) for a, s in found if period.holds(s.starts_at)]
        understood = f"{period.start.month}月{period.start.day}日"
        if (period.end - period.start).days > 1:
            understood += "起"
    words = _pairs(without_party(text))
    scores = [len(words & _pairs(f"{a.title} {a.kind} {a.skills} {_STYLES[a.style]}")) for a, _ in found]
    best = max(scores, default=0)
    if best:
        found = [pair for pair, score in zip(found, scores, strict=True) if score == best]
        kinds = {a.kind for a, _ in found}
        understood += found[0][0].kind if len(kinds) == 1 else STYLE_NAMES[found[0][0].style]
    return found, understood


async def upcoming(c: Community, resident_id: int, text: str = "") -> Listing:
    """Shifts to come, the resident's own community first, by time."""
    async with c.reading() as uow:
        now = c.clock.now()
        found, understood = _narrow(text, await uow.volunteering.upcoming(now), now)
        own = await community_of(uow, resident_id)
        found.sort(key=lambda pair: (pair[0].community_id != own, pair[1].starts_at))
        return Listing([view_of(a, s, now) for a, s in found], understood)


async def find_shift(c: Community, resident_id: int, text: str) -> list[ShiftView]:
    """The shifts `text` could mean for signing up; empty when it names neither a day nor an activity."""
    async with c.reading() as uow:
        now = c.clock.now()
        everything = await uow.volunteering.upcoming(now)
        found, understood = _narrow(text, everything, now)
        if not understood:
            return []
        own = await community_of(uow, resident_id)
        found.sort(key=lambda pair: (pair[0].community_id != own, pair[1].starts_at))
        return [view_of(a, s, now) for a, s in found]


async def mine(c: Community, resident_id: int) -> list[MySignup]:
    async with c.reading() as uow:
        now = c.clock.now()
        return [
            MySignup(view_of(activity, shift, now), signup.status, await _position(uow, signup), signup.seats)
            for activity, shift, signup in await uow.volunteering.of_resident(resident_id, now)
        ]


async def _position(uow: UnitOfWork, signup: Signup) -> int:
    return await uow.organising.ahead(signup) + 1 if signup.status is SignupStatus.WAITLISTED else 0


async def community_of(uow: UnitOfWork, resident_id: int) -> int | None:
    resident = await uow.people.resident(resident_id)
    room = await uow.places.get(resident.room_id) if resident and resident.room_id else None
    return room.community_id if room else None
