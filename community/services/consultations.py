"""The community's lawyer: free times, an appointment, a reminder the evening before, cancelling, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from chinese.masking import mask
from community.errors import Conflict, Forbidden, LinsheError, NotFound
from community.model.calendar import SHANGHAI, day_text, local
from community.model.consultation import (
    AHEAD,
    LONG,
    MOST_NOTE,
    MOST_QUESTION,
    OUTCOME_NAMES,
    STATUS_NAMES,
    Consultation,
    ConsultationStatus,
    Outcome,
    reminder_for,
    times,
)
from community.model.message import Button
from community.model.people import Leave, Role, Staff
from community.model.when import find_period
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, scope_of, staff_of
from community.services.contacts import masked_phone
from community.services.notify import tell

READS = frozenset({Role.LAWYER, Role.COMMUNITY_STAFF, Role.OPERATOR})
"""Lawyers see their own appointments whole; who works at the desk sees when and whether, not about what."""
MOST_SHOWN = 4


@dataclass(frozen=True)
class Slot:
    """A free half hour. `when` is as a neighbour would say it."""

    lawyer_id: int
    lawyer: str
    place: str
    starts_at: datetime
    when: str


@dataclass(frozen=True)
class Booking:
    """`reminded`: a reminder will come the evening before."""

    id: int
    lawyer: str
    place: str
    starts_at: datetime
    when: str
    reminded: bool = True


@dataclass(frozen=True)
class BookingView:
    """`question` and `note` are '' for who may not read them."""

    id: int
    lawyer_id: int
    lawyer: str
    starts_at: datetime
    ends_at: datetime
    resident: str
    phone: str
    question: str
    status: str
    status_name: str
    outcome_name: str
    note: str
    may_settle: bool
    may_cancel: bool


@dataclass(frozen=True)
class Offer:
    """`missed`: a day was named on which no time is free; then `slots` are the next ones."""

    slots: list[Slot]
    missed: bool = False


async def free(c: Community, resident_id: int, text: str = "") -> Offer:
    """The next free times of the lawyers of a resident's community, or those of the day that `text` names; at most MOST_SHOWN."""
    async with c.reading() as uow:
        slots = await _free(uow, c, await _lawyers(uow, resident_id))
    period = find_period(text, c.clock.now())
    meant = [slot for slot in slots if period is not None and period.holds(slot.starts_at)]
    return Offer(_spread(meant or slots), period is not None and not meant)


def _spread(slots: Sequence[Slot]) -> list[Slot]:
    """Not the four half hours of one afternoon when there are other days: the first two of each day, then the rest."""
    seen: dict[date, int] = {}
    early: list[Slot] = []
    late: list[Slot] = []
    for slot in slots:
        day = local(slot.starts_at).date()
        seen[day] = seen.get(day, 0) + 1
        (early if seen[day] <= MOST_SHOWN // 2 else late).append(slot)
    return sorted([*early, *late][:MOST_SHOWN], key=lambda slot: slot.starts_at)


async def book(c: Community, resident_id: int, lawyer_id: int, starts_at: datetime, question: str, key: str) -> Booking:
    """Take a free time. What the resident had booked before is given back: one appointment each.

    The same `key` again changes nothing. Raises Conflict when the time has gone, NotFound for a lawyer who is not theirs.
    """
    async with c.uow() as uow:
        now = c.clock.now()
        known = await uow.consultations.by_key(key)
        lawyers = await _lawyers(uow, resident_id)
        lawyer = next((one for one in lawyers if one.id == lawyer_id), None)
        if lawyer is None:
            raise NotFound("没有找到这位律师。")
        if known is not None:
            return await _booking(uow, known, now)
        await uow.leaves.lock({lawyer_id})
        for own in await uow.consultations.of_resident(resident_id, now):
            if (own.lawyer_id, own.starts_at) == (lawyer_id, starts_at):
                return await _booking(uow, own, now)  # the button was pressed twice
        if all(slot.starts_at != starts_at for slot in await _free(uow, c, [lawyer])):
            raise Conflict("这个时间刚刚被约走了。")
        for other in await uow.consultations.of_resident(resident_id, now):
            if other.starts_at > now:
                other.cancel(now)
        await uow.flush()
        made = Consultation(
            0, lawyer_id, resident_id, starts_at, starts_at + LONG, c.vault.encrypt(question.strip()[:MOST_QUESTION]), key, now,
            remind_at=reminder_for(starts_at, now),
        )  # fmt: skip
        await uow.consultations.add(made)
        await uow.flush()
        booking = await _booking(uow, made, now)
        await uow.commit()
        return booking


async def mine(c: Community, resident_id: int) -> Booking | None:
    async with c.reading() as uow:
        now = c.clock.now()
        found = await uow.consultations.of_resident(resident_id, now)
        return await _booking(uow, found[0], now) if found else None


async def cancel(c: Community, resident_id: int, number: int | None = None) -> Booking:
    """Give the next appointment back, or that of this id. Raises NotFound when there is none or it is another one by now, IllegalMove when
    it has begun."""
    async with c.uow() as uow:
        now = c.clock.now()
        found = await uow.consultations.of_resident(resident_id, now)
        booked = await uow.consultations.get(found[0].id, for_update=True) if found else None
        if booked is None or number not in (None, booked.id) or booked.status is not ConsultationStatus.BOOKED:
            raise NotFound("您现在没有约律师。")
        booking = await _booking(uow, booked, now)
        booked.cancel(now)
        await uow.commit()
        return booking


async def remind(c: Community) -> int:
    """Tell those whose appointment is tomorrow; how many. Several processes may run this at once."""
    async with c.reading() as uow:
        due = await uow.consultations.to_remind(c.clock.now(), 200)
    done = 0
    for number in due:
        try:
            async with c.uow() as uow:
                booked = await uow.consultations.get(number, for_update=True)
                now = c.clock.now()
                if booked is None or booked.remind_at is None or booked.remind_at > now:
                    continue
                booked.remind_at = None
                if booked.status is ConsultationStatus.BOOKED and booked.starts_at > now:
                    view = await _booking(uow, booked, now)
                    said = f"提醒您：{view.when}约了{view.lawyer}，在{view.place}。带上合同、聊天记录这些材料。去不了请回1，让给邻居。"
                    buttons = (Button("去不了，取消", f'/ask_lawyer{{"answer":"ask_cancel:{booked.id}"}}'),)
                    await tell(uow, booked.resident_id, said, key=f"consultation-{booked.id}", now=now, buttons=buttons, author="system")
                    done += 1
                await uow.commit()
        except LinsheError:
            continue  # another process was quicker
    return done


async def day(c: Community, staff_id: int, first: date, days: int = 7) -> list[BookingView]:
    """The appointments of these local days that a member of staff may see, by time. Raises Forbidden."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        lawyers = await _seen_by(uow, member)
        begins = datetime.combine(first, time(0), SHANGHAI).astimezone(timezone.utc)
        found = await uow.consultations.of_lawyers([one.id for one in lawyers], begins, begins + timedelta(days=days))
        names = {one.id: one for one in lawyers}
        return [await _view(uow, c, member, booked, names[booked.lawyer_id]) for booked in found]


async def settle(
    c: Community, staff_id: int, consultation_id: int, status: ConsultationStatus, outcome: Outcome | None = None, note: str = ""
) -> None:
    """Whether they came, and what the lawyer advised. Raises NotFound for another lawyer's, IllegalMove before its time."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        booked = await uow.consultations.get(consultation_id, for_update=True)
        if booked is None or booked.lawyer_id != member.id:
            raise NotFound("没有找到这次预约。")
        booked.settle(status, outcome, c.clock.now())
        booked.note = c.vault.encrypt(note.strip()[:MOST_NOTE]) if note.strip() else ""
        await uow.commit()


async def call_off(c: Community, staff_id: int, lawyer_id: int, day_: date, why: str) -> int:
    """A lawyer cannot come on a day: no time of it is offered any more (a leave is entered), and everybody who had one is told, with the
    way to another. How many. Raises Forbidden, NotFound for a lawyer who is not theirs."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        lawyers = [one for one in await _seen_by(uow, member) if one.id == lawyer_id]
        if not lawyers:
            raise NotFound("没有找到这位律师。")
        now = c.clock.now()
        await uow.leaves.lock({lawyer_id})
        if not await uow.leaves.within([lawyer_id], day_, day_):
            await uow.leaves.add(Leave(0, lawyer_id, day_, day_, None, why.strip()[:60]))
        begins = datetime.combine(day_, time(0), SHANGHAI).astimezone(timezone.utc)
        found = await uow.consultations.of_lawyers([one.id for one in lawyers], begins, begins + timedelta(days=1))
        done = 0
        for one in found:
            booked = await uow.consultations.get(one.id, for_update=True)
            if booked is None or booked.status is not ConsultationStatus.BOOKED or booked.starts_at <= now:
                continue
            view = await _booking(uow, booked, now)
            booked.cancel(now)
            said = f"对不起，{view.when}的律师来不了了{f'（{why.strip()[:60]}）' if why.strip() else ''}。回1另约一个时间。"
            buttons = (Button("另约时间", "/ask_lawyer"),)
            await tell(uow, booked.resident_id, said, key=f"consultation-{booked.id}-off", now=now, buttons=buttons, author="system")
            done += 1
        await uow.commit()
        return done


async def _lawyers(uow: UnitOfWork, resident_id: int) -> list[Staff]:
    """Those of the resident's community; of the whole city for who has no home with us."""
    resident = await uow.people.resident(resident_id)
    room = await uow.places.get(resident.room_id) if resident and resident.room_id else None
    everybody = [one for one in await uow.people.all_staff() if one.role is Role.LAWYER and one.active]
    if room is None or room.community_id is None:
        return everybody
    return [one for one in everybody if room.community_id in await communities_of(uow, one)]


async def _free(uow: UnitOfWork, c: Community, lawyers: Sequence[Staff]) -> list[Slot]:
    now = c.clock.now()
    today = local(now).date()
    taken = {
        (one.lawyer_id, one.starts_at)
        for one in await uow.consultations.of_lawyers([one.id for one in lawyers], now, now + AHEAD + timedelta(days=1))
        if one.holds
    }
    duties = await uow.people.duties([one.id for one in lawyers])
    leaves = await uow.leaves.not_over([one.id for one in lawyers], today)
    slots = []
    for lawyer in lawyers:
        away = [(leave.starts, leave.ends) for leave in leaves if leave.staff_id == lawyer.id]
        place = await _place(uow, lawyer)
        theirs = [duty for duty in duties if duty.staff_id == lawyer.id]
        slots += [
            Slot(lawyer.id, called(lawyer), place, begins, day_text(begins, now))
            for begins in times(theirs, now, c.is_workday, away)
            if (lawyer.id, begins) not in taken
        ]
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.lawyer_id))


def called(lawyer: Staff) -> str:
    """顾明理律师."""
    return lawyer.name if lawyer.name.endswith("律师") else f"{lawyer.name}律师"


async def _place(uow: UnitOfWork, lawyer: Staff) -> str:
    place = await uow.places.get(lawyer.place_id) if lawyer.place_id else None
    return f"{place.name}公共法律服务站" if place is not None else "社区公共法律服务站"


async def _booking(uow: UnitOfWork, booked: Consultation, now: datetime) -> Booking:
    lawyer = await uow.people.staff(booked.lawyer_id)
    place = await _place(uow, lawyer) if lawyer is not None else ""
    who = called(lawyer) if lawyer else ""
    return Booking(booked.id, who, place, booked.starts_at, day_text(booked.starts_at, now), booked.remind_at is not None)


async def _seen_by(uow: UnitOfWork, member: Staff) -> list[Staff]:
    if member.role not in READS:
        raise Forbidden("您没有查看律师预约的权限。")
    if member.role is Role.LAWYER:
        return [member]
    everybody = [one for one in await uow.people.all_staff() if one.role is Role.LAWYER]
    if (await scope_of(uow, member)).everything:
        return everybody
    theirs = await communities_of(uow, member)
    return [one for one in everybody if theirs & await communities_of(uow, one)]


async def _view(uow: UnitOfWork, c: Community, member: Staff, booked: Consultation, lawyer: Staff) -> BookingView:
    whole = member.id == booked.lawyer_id
    resident = await uow.people.resident(booked.resident_id)
    name = resident.name if resident and resident.name else "居民"
    now = c.clock.now()
    booked_for_now = booked.status is ConsultationStatus.BOOKED
    question = c.vault.decrypt(booked.question) if whole and booked.question else ""
    return BookingView(
        id=booked.id,
        lawyer_id=lawyer.id,
        lawyer=called(lawyer),
        starts_at=booked.starts_at,
        ends_at=booked.ends_at,
        resident=name if whole else f"{name[:1]}**",
        phone=masked_phone(c, resident) if resident and resident.phone_cipher else "",
        question=mask(question),
        status=str(booked.status),
        status_name=STATUS_NAMES[booked.status],
        outcome_name=OUTCOME_NAMES[booked.outcome] if booked.outcome else "",
        note=c.vault.decrypt(booked.note) if whole and booked.note else "",
        may_settle=whole and booked.status is not ConsultationStatus.CANCELLED and booked.starts_at <= now,
        may_cancel=booked_for_now and booked.starts_at > now,
    )
