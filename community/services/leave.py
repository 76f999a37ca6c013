"""Who is away, until when, and who stands in. Routing (services/routing.py) goes by it; here it is entered, read and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.calendar import local
from community.model.people import Leave, Role, Staff
from community.model.place import PlaceKind
from community.model.ticket import OPEN
from community.ports import Community, Scope, TicketQuery, UnitOfWork
from community.services import bulk, staff_notify
from community.services.access import communities_of, scope_of, staff_of
from community.services.bulk import Went

FOR_OTHERS = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})
"""Who may enter and take back leaves of all who work in their communities."""
FRONT = frozenset({Role.GRID_WORKER, Role.COMMUNITY_STAFF})
"""These can stand in for each other; anybody else only for their own kind."""
LONGEST = timedelta(days=366)
MAX_REASON = 100


@dataclass(frozen=True)
class NewLeave:
    """From `starts` to `ends`, local days, both included."""

    who: int
    starts: date
    ends: date
    deputy_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class LeaveView:
    """`reason` is for who is away and for who may change it, '' for others; so is `open`, how many open tickets the absent holds (None).
    `deputy_away`: who stands in is away on some of these days too."""

    id: int
    staff_id: int
    name: str
    role: str
    place: str
    starts: date
    ends: date
    deputy_id: int | None
    deputy: str
    deputy_away: bool
    reason: str
    running: bool
    may_change: bool
    open: int | None


@dataclass(frozen=True)
class LeavePage:
    """`people` are (staff id, 'name · role · place') for whom the asker may enter a leave, themselves first."""

    running: list[LeaveView]
    coming: list[LeaveView]
    people: list[tuple[int, str]]


async def page(c: Community, staff_id: int) -> LeavePage:
    """Running and coming leaves of who works in the asker's communities."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        today = local(c.clock.now()).date()
        everybody = {person.id: person for person in await _around(uow, member)}
        found = await uow.leaves.not_over(everybody.keys(), today)
        views = [await _view(uow, member, everybody[leave.staff_id], leave, today) for leave in found]
        theirs = list(everybody.values()) if member.role in FOR_OTHERS else [member]
        theirs.sort(key=lambda person: (person.id != member.id, person.id))
        people = [(person.id, await _label(uow, person)) for person in theirs if person.active]
        return LeavePage([v for v in views if v.running], [v for v in views if not v.running], people)


async def deputies(c: Community, staff_id: int, who: int) -> list[tuple[int, str]]:
    """(staff id, 'name · role · place') of those who may stand in for `who`. NotFound for whom the asker may not enter a leave."""
    async with c.reading() as uow:
        person = await _for_whom(uow, await staff_of(uow, staff_id), who)
        return [(one.id, await _label(uow, one)) for one in await _can_stand_in(uow, person)]


async def enter(c: Community, staff_id: int, new: NewLeave) -> LeaveView:
    """Keep a leave; who stands in is told in WeCom. Raises InvalidInput for days that will not do, for a leave there is already on one of
    them, for a deputy who may not or is away as well; NotFound for whom the asker may not enter one."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        person = await _for_whom(uow, member, new.who)
        now = c.clock.now()
        today = local(now).date()
        _check_days(new, today)
        await uow.leaves.lock({new.who, *([new.deputy_id] if new.deputy_id else [])})
        for other in await uow.leaves.within([person.id], new.starts, new.ends):
            if other.staff_id == person.id:
                raise InvalidInput(f"{person.name}{span(other.starts, other.ends, today)}已经有假了，请先撤掉那一段。")
        if new.deputy_id is not None:
            await _check_deputy(uow, person, new, today)
        leave = Leave(0, person.id, new.starts, new.ends, new.deputy_id, new.reason.strip()[:MAX_REASON])
        await uow.leaves.add(leave)
        await _tell_deputy(uow, person, leave, now, "由您代班。新工单会派给您。", "entered")
        view = await _view(uow, member, person, leave, today)
        await uow.commit()
        return view


async def withdraw(c: Community, staff_id: int, leave_id: int) -> None:
    """Take a leave back: one that has begun ends with yesterday, one that has not never was. NotFound for one that may not be changed."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        leave, person = await _changeable(uow, member, leave_id)
        now = c.clock.now()
        today = local(now).date()
        if leave.ends < today:
            raise NotFound("这段假已经结束了。")
        await _tell_deputy(uow, person, leave, now, "取消了，不用代班了。", f"withdrawn:{today}")
        if leave.starts < today:
            leave.ends = today - timedelta(days=1)
        else:
            await uow.leaves.remove(leave)
        await uow.commit()


async def hand_over(c: Community, staff_id: int, leave_id: int, key: str) -> list[Went]:
    """Pass the open tickets of who is away on to who stands in, each as if it were done alone. `key` makes each once."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        leave, person = await _changeable(uow, member, leave_id)
        deputy = await uow.people.staff(leave.deputy_id) if leave.deputy_id else None
        if deputy is None:
            raise InvalidInput("还没有定代班的人，请先选一位。")
        query = TicketQuery(Scope(everything=True), statuses=OPEN, holder_id=person.id, limit=bulk.MOST)
        numbers = [ticket.number for ticket in (await uow.tickets.search(query)).items]
    if not numbers:
        return []
    return await bulk.assign(c, staff_id, numbers, deputy.id, f"{person.name}请假，由{deputy.name}接着办", key)


def span(starts: date, ends: date, today: date) -> str:
    """12月1日至3日, 12月30日至2027年1月2日."""
    year = "" if starts.year == today.year else f"{starts.year}年"
    first = f"{year}{starts.month}月{starts.day}日"
    if starts == ends:
        return first
    if starts.year != ends.year:
        return f"{first}至{ends.year}年{ends.month}月{ends.day}日"
    return f"{first}至" + (f"{ends.month}月" if ends.month != starts.month else "") + f"{ends.day}日"


# --- rights and checks ----------------------------------------------------------------------------------------------------


async def _around(uow: UnitOfWork, member: Staff) -> list[Staff]:
    """Who works in the member's communities, and the member."""
    scope = await scope_of(uow, member)
    whole = scope.everything or (member.role is Role.OPERATOR and member.place_id is None)
    people = await uow.view_log.people_of(None if whole else await communities_of(uow, member), member.place_id or 0)
    found = {person.id: person for person in people if person.active}
    found.setdefault(member.id, member)
    return list(found.values())


async def _for_whom(uow: UnitOfWork, member: Staff, who: int) -> Staff:
    if who == member.id:
        return member
    if member.role not in FOR_OTHERS:
        raise Forbidden("只能登记自己的假，别人的请社区来登记。")
    person = next((one for one in await _around(uow, member) if one.id == who), None)
    if person is None:
        raise NotFound("没有这位同事，或者不在您的社区。")
    return person


async def _changeable(uow: UnitOfWork, member: Staff, leave_id: int) -> tuple[Leave, Staff]:
    leave = await uow.leaves.get(leave_id, for_update=True)
    if leave is None:
        raise NotFound("没有这段假，可能已经撤掉了。")
    try:
        return leave, await _for_whom(uow, member, leave.staff_id)
    except Forbidden as error:
        raise NotFound("没有这段假，可能已经撤掉了。") from error


def _check_days(new: NewLeave, today: date) -> None:
    if new.ends < new.starts:
        raise InvalidInput("结束的日子在开始之前，请再看一下。")
    if new.ends < today:
        raise InvalidInput("这几天已经过去了。")
    if new.ends - new.starts > LONGEST:
        raise InvalidInput("一段假最长一年。")


async def _check_deputy(uow: UnitOfWork, person: Staff, new: NewLeave, today: date) -> None:
    deputy = next((one for one in await _can_stand_in(uow, person) if one.id == new.deputy_id), None)
    if deputy is None:
        raise InvalidInput("请在名单里选一位代班的同事。")
    for other in await uow.leaves.within([deputy.id], new.starts, new.ends):
        if other.staff_id == deputy.id:
            raise InvalidInput(f"{deputy.name}{span(other.starts, other.ends, today)}也请假，请换一位代班。")


async def _can_stand_in(uow: UnitOfWork, person: Staff) -> list[Staff]:
    """Of the same level: people of a community for each other, a street's for each other, a company's for each other."""
    if person.role is Role.PROPERTY:
        pool: Sequence[Staff] = await uow.people.staff_of_company(person.company_id) if person.company_id else []
    else:
        place = await uow.places.get(person.place_id) if person.place_id else None
        if place is None:
            return []
        if place.kind in (PlaceKind.CITY, PlaceKind.STREET):
            pool = await uow.people.staff_of_place(place.id)
        else:
            pool = await uow.view_log.people_of(await communities_of(uow, person), person.place_id or 0)
    kin = FRONT if person.role in FRONT else frozenset({person.role})
    return [one for one in pool if one.active and one.id != person.id and one.role in kin]


async def _tell_deputy(uow: UnitOfWork, person: Staff, leave: Leave, now: datetime, what: str, key: str) -> None:
    deputy = await uow.people.staff(leave.deputy_id) if leave.deputy_id else None
    if deputy is not None:
        days = span(leave.starts, leave.ends, local(now).date())
        await staff_notify.say(uow, deputy, f"{person.role_name}{person.name}{days}请假，{what}", key=f"leave-{leave.id}:{key}", now=now)


async def _label(uow: UnitOfWork, person: Staff) -> str:
    place = await uow.places.get(person.place_id) if person.place_id else None
    return " · ".join(part for part in (person.name, person.role_name, place.name if place else "") if part)


async def _view(uow: UnitOfWork, member: Staff, person: Staff, leave: Leave, today: date) -> LeaveView:
    deputy = await uow.people.staff(leave.deputy_id) if leave.deputy_id else None
    place = await uow.places.get(person.place_id) if person.place_id else None
    away = await uow.leaves.within([deputy.id], leave.starts, leave.ends) if deputy else []
    mine = person.id == member.id or member.role in FOR_OTHERS
    return LeaveView(
        id=leave.id,
        staff_id=person.id,
        name=person.name,
        role=person.role_name,
        place=place.name if place else "",
        starts=leave.starts,
        ends=leave.ends,
        deputy_id=leave.deputy_id,
        deputy=deputy.name if deputy else "",
        deputy_away=deputy is not None and any(one.staff_id == deputy.id for one in away),
        reason=leave.reason if mine else "",
        running=leave.starts <= today,
        may_change=mine,
        open=await uow.tickets.number_open(person.id) if mine else None,
    )
