"""Promises act by themselves: remind before one ends, go up a level when it is broken, go on when a pause is over.

Each ticket is a transaction of its own, looked at again under its lock: several processes may run this at once, and every step is made
once.
"""

from __future__ import annotations

from datetime import datetime

from community.errors import LinsheError
from community.model import promise
from community.model.calendar import day_text
from community.model.level import LEVEL_NAMES
from community.model.people import Actor, Staff
from community.model.promise import Due
from community.model.ticket import Move, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import moves, rooms, staff_notify
from community.services.routing import next_holder, route_of
from community.services.telling import tell_moved
from community.services.tickets import announce

MOST = 500
"""Tickets in one run: the rest is due again a moment later."""


async def run(c: Community) -> int:
    """Do what is due by now, and return how many tickets it was done for."""
    async with c.reading() as uow:
        waiting = await uow.tickets.to_look_at(c.clock.now(), MOST)
    done = 0
    for ticket_id in waiting:
        try:
            async with c.uow() as uow:
                ticket = await uow.tickets.get(ticket_id, for_update=True)
                if ticket is not None and await _look(uow, c, ticket, c.clock.now()):
                    await uow.commit()
                    done += 1
        except LinsheError:
            # A colleague or another process was quicker: it is looked at again.
            continue
    return done


async def _look(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> bool:
    """One step of one ticket. False when another process has made it already."""
    if ticket.look_at is None or ticket.look_at > now:
        return False
    match promise.due(ticket, now):
        case Due.RESUME:
            await _resume(uow, c, ticket, now)
        case Due.REMIND:
            await _remind(uow, c, ticket, now)
        case Due.ESCALATE:
            await _escalate(uow, c, ticket, now)
        case Due.PRESS:
            await _press(uow, c, ticket, now)
        case None:
            await moves.set_clock(uow, c, ticket, now)
    announce(uow, ticket)
    return True


async def _resume(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    event = ticket.apply(Move.RESUME, Actor.system(), now, "约定的时间到了，接着办")
    promise.resume(ticket, now, c.is_workday)
    await moves.keep(uow, c, ticket, event)
    holder = await _holder(uow, ticket)
    await tell_moved(uow, ticket, event, _named(holder))
    why = f"暂缓到期，请接着办，{day_text(ticket.resolve_by, now)}前办好"
    await staff_notify.show(uow, ticket.holder_id, ticket, why, key=_key(ticket, event), now=now)


async def _remind(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    what = "接单" if ticket.accepted_at is None else "办结"
    by = day_text(ticket.deadline, now)
    event = ticket.apply(Move.REMIND, Actor.system(), now, f"提醒：{by}前要{what}", visible=False)
    await moves.keep(uow, c, ticket, event)
    key = _key(ticket, event, "accept" if ticket.accepted_at is None else "resolve")
    await staff_notify.show(uow, ticket.holder_id, ticket, event.note, key=key, now=now)


async def _escalate(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    """One level up, whoever answers for it there. Who had it is told, and the resident in one sentence."""
    found = await next_holder(uow, await route_of(uow, ticket), ticket.level, now)
    if found is None:
        await _press(uow, c, ticket, now)
        return
    new, level = found
    before, broken = await _holder(uow, ticket), "接单" if ticket.accepted_at is None else "办结"
    by = day_text(ticket.deadline, now)
    name = LEVEL_NAMES[level]
    note = f"没有在{by}前{broken}，升到{name}，由{new.role_name}{new.name}督办"
    data = {"from_level": int(ticket.level), "to_level": int(level), "from_holder": ticket.holder_id, "to_holder": new.id}
    event = ticket.apply(Move.ESCALATE, Actor.system(), now, note, data=data)
    ticket.level, ticket.holder_id = level, new.id
    await moves.keep(uow, c, ticket, event)
    await tell_moved(uow, ticket, event, _named(new))
    await _tell_staff(uow, ticket, event, before, new, name)
    await rooms.escalated(uow, c, ticket, name, staff_notify.once(ticket, "room", "all", now) or f"event-{event.id}", now)


async def _tell_staff(
    uow: UnitOfWork, ticket: Ticket, event: TicketEvent, before: Staff | None, new: Staff, level: str
) -> None:
    await staff_notify.settle(uow, ticket, event.at)
    await staff_notify.escalated(uow, ticket, new.id, level, key=_key(ticket, event), now=event.at)
    if before is not None and before.id != new.id:
        words = f"工单{ticket.number}（{ticket.title}）{event.note}。请把情况告诉{new.name}。"
        key = staff_notify.once(ticket, "before", before.id, event.at) or f"event-{event.id}:before"
        await staff_notify.say(uow, before, words, key=key, now=event.at, ticket=ticket)


async def _press(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    """There is nobody above: who holds it is pressed again, once a period."""
    event = ticket.apply(Move.PRESS, Actor.system(), now, f"仍未办好，请{_named(await _holder(uow, ticket))}督办", visible=False)
    await moves.keep(uow, c, ticket, event)
    await staff_notify.show(uow, ticket.holder_id, ticket, "已超过承诺时间，请督办", key=_key(ticket, event), now=now)


def _key(ticket: Ticket, event: TicketEvent, what: str = "") -> str:
    """Staff are told once for all tickets of an incident, whose clocks run minutes apart; residents each of their own."""
    return staff_notify.once(ticket, event.move.value + what, ticket.holder_id or 0, event.at) or f"event-{event.id}:staff"


async def _holder(uow: UnitOfWork, ticket: Ticket) -> Staff | None:
    return await uow.people.staff(ticket.holder_id) if ticket.holder_id else None


def _named(member: Staff | None) -> str:
    return f"{member.role_name}{member.name}" if member is not None else "社区"
