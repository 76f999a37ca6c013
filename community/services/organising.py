"""What organisers do: publish activities and series, see who comes, check in, write to a shift, take the list along.

Community staff and operators publish; grid workers of the community help on the spot. Nobody sees another community's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import Forbidden, InvalidInput, NotFound
from community.model import party as parties
from community.model.audit import Viewed
from community.model.calendar import local
from community.model.care import CARE_KIND
from community.model.people import Role, Staff
from community.model.series import AHEAD, read_series
from community.model.volunteer import (
    CHECK_IN_BEFORE,
    HOLDING,
    SIGNUP_NAMES,
    STYLE_NAMES,
    Activity,
    Shift,
    SignupStatus,
    Style,
)
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, staff_of
from community.services.audit import looked
from community.services.checkin import code_of, mark_here
from community.services.notify import tell
from community.services.signups import party_of
from community.services.volunteering import shift_when

ORGANISES = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})
HELPS = ORGANISES | {Role.GRID_WORKER}
MOST_SHOWN = 200
BACK = timedelta(days=31)
MAX_MESSAGE = 300


@dataclass(frozen=True)
class Draft:
    """What the form says. `times`: (start, end) aware, of single shifts to add; `community_id` where a member has several."""

    title: str
    kind: str
    summary: str
    place_text: str
    capacity: int
    minimum_age: int | None = None
    skills: str = ""
    style: Style = Style.ACTIVITY
    points: int = 10
    confirm_hours: int = 12
    series: str = ""
    published: bool = True
    times: tuple[tuple[datetime, datetime], ...] = ()
    community_id: int | None = None


@dataclass(frozen=True)
class ShiftLine:
    id: int
    when: str
    starts_at: datetime
    capacity: int
    taken: int
    waiting: int
    attended: int
    no_shows: int
    over: bool


@dataclass(frozen=True)
class ActivityLine:
    id: int
    title: str
    kind: str
    style: str
    place_text: str
    community: str
    series: str
    published: bool
    minimum_age: int | None
    shifts: tuple[ShiftLine, ...]


@dataclass(frozen=True)
class PersonLine:
    """`people` is the party in words (empty: alone); `state` as staff read it; `may_mark`: being there can be said or taken back."""

    signup_id: int
    name: str
    people: str
    seats: int
    status: SignupStatus
    state: str
    here: bool
    may_mark: bool
    queued_at: datetime


@dataclass(frozen=True)
class ShiftPage:
    activity: ActivityLine
    shift: ShiftLine
    code: str
    link: str
    people: tuple[PersonLine, ...]
    may_edit: bool
    now: datetime


async def activities(c: Community, staff_id: int) -> tuple[list[ActivityLine], bool]:
    """(those of the member's communities with their shifts since a month, whether they may publish)."""
    async with c.reading() as uow:
        member = await _organiser(uow, staff_id, HELPS)
        now = c.clock.now()
        found = await uow.organising.activities(await _where(uow, member), MOST_SHOWN)
        lines = await _lines(uow, found, now)
        lines.sort(key=lambda a: (min((s.starts_at for s in a.shifts if not s.over), default=now + timedelta(days=9999)), -a.id))
        return lines, member.role in ORGANISES


async def open_activity(c: Community, staff_id: int, activity_id: int) -> tuple[Activity, ActivityLine]:
    async with c.reading() as uow:
        member = await _organiser(uow, staff_id, ORGANISES)
        activity = await _activity(uow, member, activity_id)
        return activity, (await _lines(uow, [activity], c.clock.now()))[0]


async def save(c: Community, staff_id: int, draft: Draft, activity_id: int | None = None) -> int:
    """Make an activity or change it; returns its id. Times are added to what is there; a new capacity holds for shifts to come,
    never below the seats taken. Raises InvalidInput, Forbidden."""
    _check(draft)
    rule = read_series(draft.series)
    async with c.uow() as uow:
        member = await _organiser(uow, staff_id, ORGANISES)
        now = c.clock.now()
        if activity_id is None:
            community = draft.community_id or next(iter(sorted(await communities_of(uow, member))), None)
            if community is None or community not in await communities_of(uow, member):
                raise Forbidden("请选您负责的社区。")
            place = await uow.places.get(community)
            activity = Activity(0, "", "", "", "", community, place.name if place is not None else "")
        else:
            activity = await _activity(uow, member, activity_id)
        activity.title, activity.kind = draft.title.strip(), draft.kind.strip()
        activity.summary, activity.place_text = draft.summary.strip(), draft.place_text.strip()
        activity.minimum_age, activity.skills = draft.minimum_age or None, draft.skills.strip()
        activity.style, activity.points, activity.confirm_hours = draft.style, draft.points, draft.confirm_hours
        activity.series, activity.published = str(rule or ""), draft.published
        if activity_id is None:
            await uow.volunteering.add_activity(activity)
        first = local(now).date() + timedelta(days=1)
        times = [*draft.times, *(rule.times(first, first + AHEAD) if rule is not None else [])]
        there = await uow.organising.starts(activity.id, now)
        coming = [s for s in await uow.organising.shifts([activity.id], now) if s.starts_at > now]
        for shift in coming:
            locked = await uow.volunteering.shift(shift.id, for_update=True)
            if locked is not None:
                locked[1].capacity = max(draft.capacity, locked[1].taken)
        if not times and not coming and activity_id is None:
            raise InvalidInput("请至少定一个时间。")
        for starts, ends in times:
            if starts <= now or ends <= starts:
                raise InvalidInput("时间要在以后，结束要晚于开始。")
            if starts not in there:
                await uow.volunteering.add_shift(Shift(0, activity.id, starts, ends, draft.capacity))
        await uow.commit()
        return activity.id


def _check(draft: Draft) -> None:
    for value, name, most in ((draft.title, "名称", 40), (draft.kind, "种类", 16), (draft.place_text, "地点", 60)):
        if not value.strip() or len(value.strip()) > most:
            raise InvalidInput(f"请填{name}，{most}个字以内。")
    if len(draft.summary) > 500 or len(draft.skills) > 60:
        raise InvalidInput("说明500字以内，技能60字以内。")
    if draft.kind.strip() == CARE_KIND:
        raise InvalidInput(f"“{CARE_KIND}”留给居民求助，请换一个种类。")
    limits = (
        (draft.capacity, 1, 2000, "名额"), (draft.points, 0, 100, "每小时积分"), (draft.confirm_hours, 1, 72, "确认时间"),
        (draft.minimum_age or 0, 0, 99, "最低年龄"),
    )  # fmt: skip
    for number, low, high, name in limits:
        if not low <= number <= high:
            raise InvalidInput(f"{name}请填{low}到{high}。")


async def shift_page(c: Community, staff_id: int, shift_id: int) -> ShiftPage:
    async with c.reading() as uow:
        member = await _organiser(uow, staff_id, HELPS)
        activity, shift = await _shift(uow, member, shift_id)
        now = c.clock.now()
        line = (await _lines(uow, [activity], now))[0]
        people = await _people(uow, c, shift, now)
        code = code_of(c, shift.id)
        link = f"{c.public_url}/chat?say=%E7%AD%BE%E5%88%B0{code}"
        own = next((one for one in line.shifts if one.id == shift.id), None) or _shift_line(shift, {}, now)
        return ShiftPage(line, own, code, link, people, member.role in ORGANISES, now)


async def mark(c: Community, staff_id: int, signup_id: int, here: bool) -> None:
    """The organiser says who is there."""
    async with c.uow() as uow:
        member = await _organiser(uow, staff_id, HELPS)
        signup = await uow.organising.signup_by_id(signup_id)
        if signup is None:
            raise NotFound("没有这条报名。")
        activity, shift = await _shift(uow, member, signup.shift_id, for_update=True)
        await mark_here(uow, c, activity, shift, signup, here)
        await uow.commit()


async def message(c: Community, staff_id: int, shift_id: int, text: str, key: str) -> int:
    """Write to everybody who holds a place of a shift; returns how many were told. The same key tells nobody twice."""
    words = text.strip()
    if not words or len(words) > MAX_MESSAGE:
        raise InvalidInput(f"请写要通知的话，{MAX_MESSAGE}个字以内。")
    async with c.uow() as uow:
        member = await _organiser(uow, staff_id, ORGANISES)
        activity, shift = await _shift(uow, member, shift_id)
        now, told = c.clock.now(), 0
        said = f"【{activity.title} {shift_when(shift, now)}】{words}"
        for signup in await uow.organising.signups(shift.id):
            if signup.status in HOLDING:
                one = f"shift-{shift.id}:{key}:{signup.resident_id}"
                told += await tell(uow, signup.resident_id, said, key=one, now=now, author="staff", author_name=member.name)
        await uow.commit()
        return told


HEADINGS = ("姓名", "同行", "人数", "状态", "签到", "报名时间")
Row = tuple[str, str, int, str, datetime | None, datetime]


async def export_shift(c: Community, staff_id: int, shift_id: int) -> tuple[str, str, tuple[Row, ...]]:
    """(title, when, rows under HEADINGS; times are Asia/Shanghai without a zone). Written into 查阅记录 first; no phones."""
    async with c.uow() as uow:
        member = await _organiser(uow, staff_id, ORGANISES)
        activity, shift = await _shift(uow, member, shift_id)
        now = c.clock.now()
        people = await _people(uow, c, shift, now)
        here = {s.id: s.checked_in_at for s in await uow.organising.signups(shift.id)}
        note = f"{len(people)}条报名：{activity.title}"
        await looked(uow, member, Viewed.EXPORT, now, page=f"/shifts/{shift_id}", note=note[:200])
        await uow.commit()
        rows = tuple(
            (p.name, p.people, p.seats, p.state, _plain(here.get(p.signup_id)), _plain(p.queued_at) or now) for p in people
        )
        return activity.title, shift_when(shift, now), rows


def _plain(at: datetime | None) -> datetime | None:
    return local(at).replace(tzinfo=None, microsecond=0) if at is not None else None


async def _people(uow: UnitOfWork, c: Community, shift: Shift, now: datetime) -> tuple[PersonLine, ...]:
    lines, position = [], 0
    for signup in await uow.organising.signups(shift.id):
        resident = await uow.people.resident(signup.resident_id)
        party = party_of(c, signup)
        state = SIGNUP_NAMES[signup.status]
        if signup.status is SignupStatus.WAITLISTED:
            position += 1
            state = f"候补第{position}位"
        here = signup.checked_in_at is not None or signup.status is SignupStatus.ATTENDED
        may = signup.status in (SignupStatus.SIGNED_UP, SignupStatus.CONFIRMING, SignupStatus.NO_SHOW)
        people = parties.say(party).replace("您", "本人") if signup.party else ""
        lines.append(
            PersonLine(
                signup.id, resident.name if resident is not None else "", people, signup.seats, signup.status,
                "已签到" if here and signup.status is SignupStatus.SIGNED_UP else state, here,
                may and now >= shift.starts_at - CHECK_IN_BEFORE, signup.queued_at,
            )
        )  # fmt: skip
    order = {SignupStatus.WAITLISTED: 1, SignupStatus.CANCELLED: 2}
    return tuple(sorted(lines, key=lambda line: order.get(line.status, 0)))


async def _lines(uow: UnitOfWork, found: list[Activity], now: datetime) -> list[ActivityLine]:
    shifts: dict[int, list[Shift]] = {}
    for shift in await uow.organising.shifts([a.id for a in found], now - BACK):
        shifts.setdefault(shift.activity_id, []).append(shift)
    counts = await uow.organising.counts([s.id for several in shifts.values() for s in several])
    names = await uow.figures.place_names({a.community_id for a in found})
    lines = []
    for a in found:
        rule = read_series(a.series)
        own = tuple(_shift_line(s, counts.get(s.id, {}), now) for s in shifts.get(a.id, []))
        lines.append(
            ActivityLine(
                a.id, a.title, a.kind, STYLE_NAMES[a.style], a.place_text, names.get(a.community_id, ""),
                rule.said if rule is not None else "", a.published, a.minimum_age, own,
            )
        )  # fmt: skip
    return lines


def _shift_line(shift: Shift, seats: dict[SignupStatus, int], now: datetime) -> ShiftLine:
    return ShiftLine(
        shift.id, shift_when(shift, now), shift.starts_at, shift.capacity, shift.taken, seats.get(SignupStatus.WAITLISTED, 0),
        seats.get(SignupStatus.ATTENDED, 0), seats.get(SignupStatus.NO_SHOW, 0), shift.ends_at <= now,
    )  # fmt: skip


async def _organiser(uow: UnitOfWork, staff_id: int, roles: frozenset[Role]) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in roles:
        raise Forbidden("活动由社区工作人员组织。")
    return member


async def _where(uow: UnitOfWork, member: Staff) -> frozenset[int] | None:
    if member.role is Role.OPERATOR and member.place_id is None:
        return None
    return await communities_of(uow, member)


async def _activity(uow: UnitOfWork, member: Staff, activity_id: int) -> Activity:
    activity = await uow.organising.activity(activity_id)
    where = await _where(uow, member)
    if activity is None or activity.kind == CARE_KIND or where is not None and activity.community_id not in where:
        raise NotFound("没有找到这个活动。")
    return activity


async def _shift(uow: UnitOfWork, member: Staff, shift_id: int, *, for_update: bool = False) -> tuple[Activity, Shift]:
    pair = await uow.volunteering.shift(shift_id, for_update=for_update)
    if pair is None:
        raise NotFound("没有找到这场活动。")
    await _activity(uow, member, pair[0].id)
    return pair
