"""邻舍+: what is on, signing up, the waitlist, cancelling, my activities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from community.errors import Conflict, IllegalMove, NotFound
from community.model.calendar import day_text, local
from community.model.care import CARE_KIND
from community.model.message import Button
from community.model.volunteer import Activity, Shift, Signup, SignupStatus
from community.model.when import find_period
from community.ports import Community, UnitOfWork
from community.services import care
from community.services.notify import tell


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

    @property
    def full(self) -> bool:
        return self.taken >= self.capacity


@dataclass(frozen=True)
class Listing:
    """`understood` says in Chinese what was looked for, like 周六上午的垃圾分类; empty when everything was."""

    shifts: list[ShiftView]
    understood: str


@dataclass(frozen=True)
class SignupResult:
    """`status`: 'signed_up', 'waitlisted' or 'already'; `position` is the place in the waitlist from 1, else 0."""

    status: str
    position: int
    shift: ShiftView


@dataclass(frozen=True)
class MySignup:
    shift: ShiftView
    status: SignupStatus
    position: int


def _when(shift: Shift, now: datetime) -> str:
    end = local(shift.ends_at)
    return f"{day_text(shift.starts_at, now)}–{end.hour}:{end.minute:02d}"


def _view(activity: Activity, shift: Shift, now: datetime) -> ShiftView:
    return ShiftView(
        shift.id,
        activity.title,
        activity.kind,
        activity.place_text,
        shift.starts_at,
        shift.ends_at,
        shift.capacity,
        shift.taken,
        _when(shift, now),
    )


_NOISE = re.compile(
    r"(?:下+个?|这个?|本)?(?:周|星期|礼拜)[一二三四五六日天末]|周末|上午|下午|晚上|早上|今天|明天|后天|这几天|最近|"
    r"志愿者?|活动|报名|参加|有什么|有哪些|我想|我要|帮我|去|的|吗|呢|可以|能|取消|不去了|班次|那个|这个"
)


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
    words = _pairs(text)
    scores = [len(words & _pairs(f"{a.title} {a.kind}")) for a, _ in found]
    best = max(scores, default=0)
    if best:
        found = [pair for pair, score in zip(found, scores, strict=True) if score == best]
        understood += found[0][0].kind
    return found, understood


async def upcoming(c: Community, resident_id: int, text: str = "") -> Listing:
    """Shifts to come, the resident's own community first, by time."""
    async with c.reading() as uow:
        now = c.clock.now()
        found, understood = _narrow(text, await uow.volunteering.upcoming(now), now)
        own = await _community_id(uow, resident_id)
        found.sort(key=lambda pair: (pair[0].community_id != own, pair[1].starts_at))
        return Listing([_view(a, s, now) for a, s in found], understood)


async def find_shift(c: Community, resident_id: int, text: str) -> list[ShiftView]:
    """The shifts `text` could mean for signing up; empty when it names neither a day nor an activity."""
    async with c.reading() as uow:
        now = c.clock.now()
        everything = await uow.volunteering.upcoming(now)
        found, understood = _narrow(text, everything, now)
        if not understood:
            return []
        own = await _community_id(uow, resident_id)
        found.sort(key=lambda pair: (pair[0].community_id != own, pair[1].starts_at))
        return [_view(a, s, now) for a, s in found]


async def sign_up(c: Community, resident_id: int, shift_id: int, key: str) -> SignupResult:
    """Sign up, or join the waitlist when it is full. Raises Conflict when it clashes with another signup.

    The shift's row is locked first, so places are given in the order of arrival and never one too many.
    """
    async with c.uow() as uow:
        pair = await uow.volunteering.shift(shift_id, for_update=True)
        now = c.clock.now()
        if pair is None or pair[1].starts_at <= now or pair[0].kind == CARE_KIND:
            raise NotFound("没有找到这场活动，可能已经开始或取消了。")
        activity, shift = pair
        view = _view(activity, shift, now)
        known = await uow.volunteering.signup(shift_id, resident_id)
        if known is not None and known.status is not SignupStatus.CANCELLED:
            first = await uow.keys.ref(key)
            position = await _position(uow, known)
            return SignupResult(str(known.status) if first else "already", position, view)
        for other_activity, other, signup in await uow.volunteering.of_resident(resident_id, now):
            if other.id != shift.id and other.overlaps(shift):
                waiting = "候补" if signup.status is SignupStatus.WAITLISTED else "报名"
                raise Conflict(f"时间冲突：您已{waiting}“{other_activity.title}”（{_when(other, now)}）。要换的话，先取消那一场。")
        status = SignupStatus.SIGNED_UP if shift.taken < shift.capacity else SignupStatus.WAITLISTED
        if status is SignupStatus.SIGNED_UP:
            shift.taken += 1
        if known is None:
            known = Signup(0, shift_id, resident_id, status, now, now)
            await uow.volunteering.add_signup(known)
        else:
            known.status, known.queued_at, known.changed_at = status, now, now
        await uow.flush()
        if await uow.keys.ref(key) is None:
            await uow.keys.put(key, str(shift_id), now)
        position = await _position(uow, known)
        view = _view(activity, shift, now)
        await uow.commit()
        return SignupResult(str(status), position, view)


async def cancel(c: Community, resident_id: int, shift_id: int, key: str) -> ShiftView:
    """Give a place back. The first of the waitlist moves up and is told in the same transaction. What a neighbour asked for goes back
    to whom it was entrusted to."""
    async with c.reading() as uow:
        task = await uow.care.of_shift(shift_id)
        entrusted = await uow.tickets.get(task.ticket_id) if task is not None else None
        known = await uow.volunteering.shift(shift_id)
    if entrusted is not None and known is not None:
        await care.done(c, resident_id, entrusted.number, False)
        return _view(*known, c.clock.now())
    async with c.uow() as uow:
        pair = await uow.volunteering.shift(shift_id, for_update=True)
        signup = await uow.volunteering.signup(shift_id, resident_id)
        if pair is None or signup is None:
            raise NotFound("您没有报名这场活动。")
        activity, shift = pair
        now = c.clock.now()
        if signup.status is SignupStatus.CANCELLED:
            if await uow.keys.ref(key) is None:
                raise NotFound("您没有报名这场活动。")
            return _view(activity, shift, now)
        if shift.starts_at <= now:
            raise IllegalMove("活动已经开始，不能再取消了。")
        held_place = signup.status is SignupStatus.SIGNED_UP
        signup.status, signup.changed_at = SignupStatus.CANCELLED, now
        await uow.flush()
        if held_place:
            shift.taken -= 1
            await _move_up(uow, activity, shift, now)
        await uow.keys.put(key, str(shift_id), now)
        view = _view(activity, shift, now)
        await uow.commit()
        return view


async def _move_up(uow: UnitOfWork, activity: Activity, shift: Shift, now: datetime) -> None:
    """Give the freed place to the first in the waitlist who has no clash by now."""
    for waiting in await uow.volunteering.waitlist(shift.id):
        others = await uow.volunteering.of_resident(waiting.resident_id, now)
        if any(s.id != shift.id and u.status is SignupStatus.SIGNED_UP and s.overlaps(shift) for _, s, u in others):
            continue
        waiting.status, waiting.changed_at = SignupStatus.SIGNED_UP, now
        shift.taken += 1
        await tell(
            uow,
            waiting.resident_id,
            f"好消息：“{activity.title}”（{_when(shift, now)}，{activity.place_text}）空出名额，您已从候补转为报名成功。"
            "\n去不了请回 1，名额让给下一位邻居。",
            key=f"promoted-{waiting.id}-{int(now.timestamp() * 1_000_000)}",
            now=now,
            buttons=(Button("去不了，取消", f'/volunteer_cancel{{"shift_id":"{shift.id}"}}'),),
            author="system",
        )
        return


async def mine(c: Community, resident_id: int) -> list[MySignup]:
    async with c.reading() as uow:
        now = c.clock.now()
        return [
            MySignup(_view(activity, shift, now), signup.status, await _position(uow, signup))
            for activity, shift, signup in await uow.volunteering.of_resident(resident_id, now)
        ]


async def _position(uow: UnitOfWork, signup: Signup) -> int:
    if signup.status is not SignupStatus.WAITLISTED:
        return 0
    order = [s.id for s in await uow.volunteering.waitlist(signup.shift_id)]
    return order.index(signup.id) + 1 if signup.id in order else 0


async def _community_id(uow: UnitOfWork, resident_id: int) -> int | None:
    resident = await uow.people.resident(resident_id)
    room = await uow.places.get(resident.room_id) if resident and resident.room_id else None
    return room.community_id if room else None
