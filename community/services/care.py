"""A request for a hand 搭把手 becomes one volunteer's task: staff propose it, the resident agrees, volunteers nearby are asked, the first
has it.

Door and telephone are told to whoever took it and to nobody before, and only since the resident agreed to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import Conflict, Forbidden, InvalidInput, LinsheError, NotFound
from community.model.calendar import day_text
from community.model.care import CARE_KIND, CARE_NAMES, MOST_ASKED, CareState, CareTask
from community.model.message import Button
from community.model.people import Actor, Resident, Role, Staff
from community.model.ticket import Move, Outcome, Status, Ticket
from community.model.volunteer import Activity, Shift, Signup, SignupStatus
from community.ports import Community, UnitOfWork
from community.services import contacts, moves, staff_notify, tickets
from community.services.access import staff_of, ticket_for
from community.services.notify import tell
from community.services.sides import payload
from community.services.telling import tell_moved

SOONEST = timedelta(hours=1)
FARTHEST = timedelta(days=14)
LONGEST = timedelta(hours=8)
BEFORE = timedelta(hours=2)
"""Before it begins it must be known whether somebody comes: else who holds the ticket has no time left."""
ASK_AGAIN_WITHIN = timedelta(days=2)
UNDER_WAY = (CareState.ASKED, CareState.OFFERED, CareState.TAKEN)


@dataclass(frozen=True)
class CareView:
    """`may_make`: this member may make (another) task of it now."""

    what: str
    state: str
    starts_at: datetime | None
    take_by: datetime | None
    volunteer: str
    may_make: bool


@dataclass(frozen=True)
class Taken:
    """What the one who took it learns."""

    what: str
    when: str
    name: str
    address: str
    phone: str


async def look(c: Community, staff_id: int, number: str) -> CareView | None:
    """The ticket's task as staff see it; None where there is none and none may be made."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number)
        task = await uow.care.of_ticket(ticket.id)
        may = _may_make(member, ticket) and (task is None or task.state not in UNDER_WAY)
        if task is None:
            return CareView("", "", None, None, "", True) if may else None
        pair = await uow.volunteering.shift(task.shift_id)
        volunteer = await uow.people.resident(task.volunteer_id) if task.volunteer_id else None
        starts = pair[1].starts_at if pair else None
        return CareView(task.what, CARE_NAMES[task.state], starts, task.take_by, volunteer.name if volunteer else "", may)


def _may_make(member: Staff, ticket: Ticket) -> bool:
    mine = ticket.holder_id == member.id or member.role is Role.COMMUNITY_STAFF
    workable = ticket.status in (Status.DISPATCHED, Status.ACCEPTED, Status.IN_PROGRESS, Status.RETURNED)
    return mine and workable and member.role is not Role.PROPERTY and ticket.resident_id is not None


async def make(c: Community, staff_id: int, number: str, what: str, starts_at: datetime, ends_at: datetime) -> None:
    """Propose it to the resident. `what` is what volunteers read: no name, no door. Raises InvalidInput for a time that will not do."""
    what = what.strip()[:60]
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number, for_update=True)
        now = c.clock.now()
        if not _may_make(member, ticket):
            raise Forbidden("这件现在不能交给志愿者。")
        if len(what) < 2:
            raise InvalidInput("请写要帮什么忙，志愿者会看到。")
        if not now + SOONEST <= starts_at <= now + FARTHEST or not starts_at < ends_at <= starts_at + LONGEST:
            raise InvalidInput("时间要在一小时以后、两周以内，一次最多8小时；更急的请直接安排人。")
        resident = await uow.people.resident(ticket.resident_id or 0)
        if resident is None or await uow.people.identity_of(resident.id) is None:
            raise InvalidInput("这位居民不在聊天里，没法问是否同意，请打电话后直接安排人。")
        task = await uow.care.of_ticket(ticket.id)
        if task is not None and task.state in UNDER_WAY:
            raise Conflict("这件已经在找志愿者了。")
        if Move.ACCEPT in ticket.allowed():
            event = ticket.apply(Move.ACCEPT, Actor.of_staff(member), now)
            await moves.keep(uow, c, ticket, event)
            await staff_notify.moved(uow, ticket, event)
        shift = await _shift(uow, ticket, member, what, starts_at, ends_at)
        take_by = max(now + SOONEST / 2, starts_at - BEFORE)
        if task is None:
            await uow.care.add(CareTask(0, ticket.id, shift.id, what, CareState.ASKED, take_by, now))
        else:
            task.shift_id, task.what, task.take_by, task.volunteer_id = shift.id, what, take_by, None
            task.to(CareState.ASKED, now, only_from=(task.state,))
        await _mark(uow, c, ticket, f"请志愿者：{what}，{day_text(starts_at, now)}；等居民同意", now)
        text = (
            f"您报的“{ticket.title}”（工单{ticket.number}），社区想请一位志愿者来帮您：{what}，{day_text(starts_at, now)}。"
            "只有接下这件事的志愿者才会知道您的门牌和电话。您同意吗？\n1 同意\n2 不用了"
        )
        buttons = _choices(ticket, ("同意", "agree_yes"), ("不用了", "agree_no"))
        key, topic = f"care-shift-{shift.id}:ask", f"ticket:{ticket.number}"
        await tell(uow, resident.id, text, key=key, now=now, buttons=buttons, author="system", topic=topic)
        tickets.announce(uow, ticket)
        await uow.commit()


async def _shift(
    uow: UnitOfWork, ticket: Ticket, member: Staff, what: str, starts_at: datetime, ends_at: datetime
) -> Shift:
    """One place at a time and, until somebody has it, nowhere nearer than an estate."""
    estate = await uow.places.get(ticket.estate_id) if ticket.estate_id else None
    community = await uow.places.get(ticket.community_id) if ticket.community_id else None
    if community is None:
        raise InvalidInput("不知道是哪个社区的，没法找附近的志愿者。")
    near = (estate or community).name
    activity = Activity(0, what, CARE_KIND, "", near, community.id, member.name)
    await uow.volunteering.add_activity(activity)
    shift = Shift(0, activity.id, starts_at, ends_at, 1)
    await uow.volunteering.add_shift(shift)
    return shift


async def agree(c: Community, resident_id: int, number: str, yes: bool) -> int:
    """The resident's word. Yes: volunteers nearby are asked; returns how many. 0: nobody is (they did not want it, or there is nobody),
    and who holds the ticket arranges it. The same answer again changes nothing."""
    async with c.uow() as uow:
        ticket, task, activity, shift = await _task(uow, number)
        if ticket.resident_id != resident_id:
            raise NotFound("这件事已经不在了。")
        now = c.clock.now()
        if yes and task.state in (CareState.OFFERED, CareState.TAKEN):
            return 1
        task.to(CareState.OFFERED if yes else CareState.BACK, now, only_from=(CareState.ASKED,))
        asked: list[int] = []
        if yes and ticket.community_id:
            asked = await uow.care.volunteers(ticket.community_id, ticket.grid_id, resident_id, MOST_ASKED)
        for one in asked:
            await uow.volunteering.add_signup(Signup(0, shift.id, one, SignupStatus.OFFERED, now, now))
            text = (
                f"{activity.place_text}有位邻居想请人搭把手：{task.what}，{day_text(shift.starts_at, now)}，要一个人。"
                f"您方便吗？谁先接就是谁。\n1 我来\n2 这次不行"
            )
            buttons = _choices(ticket, ("我来", "take_yes"), ("这次不行", "take_no"))
            key = f"care-{task.id}-{shift.id}:offer-{one}"
            await tell(uow, one, text, key=key, now=now, buttons=buttons, author="system")
        if asked:
            await _mark(uow, c, ticket, f"居民同意，已问{len(asked)}位志愿者", now)
        else:
            task.state = CareState.BACK
            await _mark(uow, c, ticket, "附近没有可问的志愿者，请安排人" if yes else "居民不用志愿者，请另外安排", now, news=True)
        tickets.announce(uow, ticket)
        await uow.commit()
        return len(asked)


async def take(c: Community, resident_id: int, number: str, yes: bool) -> Taken | None:
    """A volunteer's answer. Exactly one gets it: the ticket's row is locked first. Conflict, kindly, for who comes second or is elsewhere
    at that time; None for a no. Who has it may ask again and reads the same."""
    async with c.uow() as uow:
        ticket, task, _, shift = await _task(uow, number)
        signup = await uow.volunteering.signup(shift.id, resident_id)
        if signup is None:
            raise NotFound("这件事已经不在了。")
        now = c.clock.now()
        if task.volunteer_id == resident_id and task.state is CareState.TAKEN:
            return await _taken(uow, c, ticket, task, shift) if yes else None
        if not yes:
            signup.status, signup.changed_at = SignupStatus.CANCELLED, now
            await uow.commit()
            return None
        if task.state is not CareState.OFFERED or not ticket.is_open or shift.starts_at <= now:
            raise Conflict("这件事已经有人接了，或者不用了，谢谢您的好意。")
        for activity, other, held in await uow.volunteering.of_resident(resident_id, now):
            if held.status is SignupStatus.SIGNED_UP and other.overlaps(shift):
                raise Conflict(f"您那时候已经报了“{activity.title}”，这件留给别的邻居，谢谢您。")
        task.to(CareState.TAKEN, now, only_from=(CareState.OFFERED,))
        task.volunteer_id, shift.taken = resident_id, 1
        signup.status, signup.changed_at = SignupStatus.SIGNED_UP, now
        volunteer = await _name(uow, resident_id)
        note = f"志愿者{volunteer}接了，{day_text(shift.starts_at, now)}来"
        move = Move.START if Move.START in ticket.allowed() else Move.NOTE
        event = ticket.apply(move, Actor.system("志愿者"), now, note)
        await moves.keep(uow, c, ticket, event)
        await staff_notify.moved(uow, ticket, event)
        text = f"您报的“{ticket.title}”（工单{ticket.number}），{note}，已把您的门牌和电话告诉这位志愿者。"
        await _tell_resident(uow, ticket, text, f"event-{event.id}", now)
        tickets.announce(uow, ticket)
        taken = await _taken(uow, c, ticket, task, shift)
        await uow.commit()
        return taken


async def done(c: Community, resident_id: int, number: str, yes: bool) -> None:
    """The volunteer says whether it is done. Yes: the resident is asked in turn. No: it goes back to who holds the ticket."""
    async with c.uow() as uow:
        ticket, task, _, shift = await _task(uow, number)
        if task.volunteer_id != resident_id:
            raise NotFound("这件事已经不在了。")
        now = c.clock.now()
        if task.state is CareState.DONE and yes:
            return
        task.to(CareState.DONE if yes else CareState.BACK, now, only_from=(CareState.TAKEN,))
        volunteer = await _name(uow, resident_id)
        if yes and Move.RESOLVE not in ticket.allowed():
            # It went up a level or to a colleague meanwhile: who has it now says so.
            await _mark(uow, c, ticket, f"志愿者{volunteer}说帮好了，请接单后办结", now, news=True)
        elif yes:
            ticket.outcome = Outcome.SOLVED
            event = ticket.apply(Move.RESOLVE, Actor.system("志愿者"), now, f"志愿者{volunteer}说帮好了")
            await moves.keep(uow, c, ticket, event)
            await staff_notify.moved(uow, ticket, event)
            await tell_moved(uow, ticket, event, f"志愿者{volunteer}")
        else:
            signup = await uow.volunteering.signup(shift.id, resident_id)
            if signup is not None:
                signup.status, signup.changed_at = SignupStatus.CANCELLED, now
            task.volunteer_id, shift.taken = None, 0
            await _back(uow, c, ticket, f"志愿者{volunteer}没能帮成，请安排人", "志愿者来不了了", now)
        tickets.announce(uow, ticket)
        await uow.commit()


async def run(c: Community) -> int:
    """What time does to tasks: nobody took it by its time, so it goes back; it is over, so the volunteer is asked. Safe in several
    processes at once. Returns how many went back."""
    async with c.reading() as uow:
        now = c.clock.now()
        late = await uow.care.not_taken(now)
        over = await uow.care.over(now, now - ASK_AGAIN_WITHIN)
    gone = 0
    for ticket_id in [*late, *over]:
        try:
            gone += await _look_at(c, ticket_id)
        except LinsheError:
            continue  # somebody was quicker
    return gone


async def _look_at(c: Community, ticket_id: int) -> int:
    async with c.uow() as uow:
        ticket = await uow.tickets.get(ticket_id, for_update=True)
        task = await uow.care.of_ticket(ticket_id)
        now = c.clock.now()
        if ticket is None or task is None:
            return 0
        if task.state is CareState.TAKEN:
            text = f"“{task.what}”这件事，帮好了吗？\n1 帮好了\n2 没帮成"
            buttons = _choices(ticket, ("帮好了", "done_yes"), ("没帮成", "done_no"))
            key = f"care-{task.id}-{task.shift_id}:over"
            await tell(uow, task.volunteer_id, text, key=key, now=now, buttons=buttons, author="system")
            await uow.commit()
            return 0
        if task.state not in (CareState.ASKED, CareState.OFFERED) or task.take_by > now:
            return 0
        task.to(CareState.BACK, now, only_from=(CareState.ASKED, CareState.OFFERED))
        if ticket.is_open:
            await _back(uow, c, ticket, "没有志愿者接，请安排人", "暂时没有志愿者接", now)
        tickets.announce(uow, ticket)
        await uow.commit()
        return 1


async def _back(uow: UnitOfWork, c: Community, ticket: Ticket, note: str, why: str, now: datetime) -> None:
    await _mark(uow, c, ticket, note, now, news=True)
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    who = f"{holder.role_name}{holder.name}" if holder is not None else "社区"
    text = f"您报的“{ticket.title}”（工单{ticket.number}），{why}，由{who}接着安排，您不用重报。"
    await _tell_resident(uow, ticket, text, f"care-back-{ticket.id}-{now.timestamp():.0f}", now)


async def _mark(uow: UnitOfWork, c: Community, ticket: Ticket, note: str, now: datetime, *, news: bool = False) -> None:
    """A line among colleagues; `news`: with a card to who holds the ticket."""
    event = ticket.apply(Move.NOTE, Actor.system("志愿者"), now, note, visible=False)
    await moves.keep(uow, c, ticket, event)
    if news:
        await staff_notify.show(uow, ticket.holder_id, ticket, note, key=f"event-{event.id}:staff", now=now)


async def _tell_resident(uow: UnitOfWork, ticket: Ticket, text: str, key: str, now: datetime) -> None:
    await tell(uow, ticket.resident_id, text, key=key, now=now, author="system", topic=f"ticket:{ticket.number}")


async def _task(uow: UnitOfWork, number: str) -> tuple[Ticket, CareTask, Activity, Shift]:
    """The ticket, locked, with its task. NotFound says nothing about whether the ticket exists."""
    ticket = await uow.tickets.by_number(number.strip(), for_update=True)
    task = await uow.care.of_ticket(ticket.id) if ticket is not None else None
    pair = await uow.volunteering.shift(task.shift_id) if task is not None else None
    if ticket is None or task is None or pair is None:
        raise NotFound("这件事已经不在了。")
    return ticket, task, *pair


async def _taken(uow: UnitOfWork, c: Community, ticket: Ticket, task: CareTask, shift: Shift) -> Taken:
    resident: Resident | None = await uow.people.resident(ticket.resident_id) if ticket.resident_id else None
    home = await uow.places.get(resident.room_id) if resident is not None and resident.room_id else None
    address = ticket.place_text or (home.full_name if home is not None else "")
    phone = contacts.phone_of(c, ticket, resident) or ""
    when = day_text(shift.starts_at, c.clock.now())
    return Taken(task.what, when, resident.name if resident is not None else "", address, phone)


async def _name(uow: UnitOfWork, resident_id: int) -> str:
    resident = await uow.people.resident(resident_id)
    return resident.name if resident is not None else ""


def _choices(ticket: Ticket, *choices: tuple[str, str]) -> tuple[Button, ...]:
    return tuple(Button(title, payload(ticket, "answer_invitation", answer=answer)) for title, answer in choices)
