"""What is done with an incident as a whole: accept it, say when it will be over, resolve it once.

Only by who may do it with each of its open tickets: all of them or none. `key` makes each once.
"""

from __future__ import annotations

from datetime import datetime

from community.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.category import category_name
from community.model.incident import LONGEST_EXPECTATION, MAX_WHY, Incident, Told
from community.model.people import Actor, Staff
from community.model.ticket import OPEN, Move, Outcome, Status, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import broadcasts, care_ends, gathering, incidents, moves, staff_notify
from community.services.access import may_see
from community.services.notify import tell
from community.services.telling import tell_moved, tell_together
from community.services.tickets import announce


async def accept(c: Community, staff_id: int, incident_id: int, key: str) -> int:
    """Accept every ticket of it that nobody has accepted; each resident is told as usual. Returns how many."""
    async with c.uow() as uow:
        member, incident, living, done = await _whole(uow, staff_id, incident_id, key)
        if done is not None:
            return int(done)
        now = c.clock.now()
        waiting = [ticket for ticket in living if ticket.status in incidents.TO_ACCEPT]
        for ticket in waiting:
            event = ticket.apply(Move.ACCEPT, Actor.of_staff(member), now)
            await moves.keep(uow, c, ticket, event)
            await tell_moved(uow, ticket, event, incidents.named(member))
            await staff_notify.moved(uow, ticket, event)
            announce(uow, ticket)
        if not waiting:
            raise IllegalMove("这个事件里没有等着接单的工单。")
        await incidents.noted(uow, incident, Told.ACCEPTED, member, f"{len(waiting)}件", now)
        await uow.keys.put(key, str(len(waiting)), now)
        await uow.commit()
        return len(waiting)


async def expect(c: Community, staff_id: int, incident_id: int, until: datetime, why: str, key: str) -> int:
    """Say when it will be over, and why then: every reporter and follower is told once, later callers read it before they report.
    The promise of each ticket stays as it was. Returns how many residents were told."""
    why = why.strip()[:MAX_WHY]
    if len(why) < 2:
        raise InvalidInput("请写一句是什么情况，居民会看到。")
    async with c.uow() as uow:
        member, incident, living, done = await _whole(uow, staff_id, incident_id, key)
        if done is not None:
            return int(done)
        now = c.clock.now()
        if until <= now:
            raise InvalidInput("预计的时间要在现在以后。")
        if until - now > LONGEST_EXPECTATION:
            raise InvalidInput(f"预计的时间最多到{LONGEST_EXPECTATION.days}天以后。")
        # Later callers read it before they report.
        if private := await broadcasts.of_a_reporter(uow, incident, why, await gathering.reached_by(uow, living)):
            raise InvalidInput(private)
        incident.expected_at, incident.expected_why, incident.expected_by = until, why, incidents.named(member)
        said = f"预计{day_text(until, now)}前好：{why}"
        line = await incidents.noted(uow, incident, Told.EXPECTED, member, said, now)
        told: set[int] = set()
        for ticket in living:
            event = ticket.apply(Move.NOTE, Actor.of_staff(member), now, said)
            await moves.keep(uow, c, ticket, event)
            announce(uow, ticket)
            for resident_id in (ticket.resident_id, *await uow.tickets.followers(ticket.id)):
                if resident_id is None or resident_id in told:
                    continue
                told.add(resident_id)
                what = f"您{'报' if resident_id == ticket.resident_id else '也遇到'}的{category_name(ticket.category)}问题"
                text = f"{what}（工单{ticket.number}），{incidents.named(member)}说{said}。承诺的时间不变，办好了告诉您。"
                about = f"ticket:{ticket.number}"
                await tell(uow, resident_id, text, key=f"incident-{line.id}-{resident_id}", now=now, author="system", topic=about)
        await uow.keys.put(key, str(len(told)), now)
        await uow.commit()
        return len(told)


async def resolve(
    c: Community,
    staff_id: int,
    incident_id: int,
    note: str,
    key: str,
    photos: tuple[str, ...] = (),
    outcome: Outcome = Outcome.SOLVED,
) -> tuple[int, int]:
    """Resolve all its open tickets with one sentence: all of them or none. Each reporter is asked for their own ticket, in one message;
    who has joined is told. Returns (tickets, residents told)."""
    if len(note.strip()) < 2:
        raise InvalidInput("请写一句办结说明，居民会看到。")
    async with c.uow() as uow:
        member, incident, living, done = await _whole(uow, staff_id, incident_id, key)
        if done is not None:
            tickets, told = done.split(",")
            return int(tickets), int(told)
        now = c.clock.now()
        for photo in photos:
            if await uow.media.get(photo) is None:
                raise InvalidInput("照片没有上传成功，请重新上传。")
            for ticket in living:
                await uow.tickets.add_photo(ticket.id, photo, "after", now)
                if ticket.resident_id:
                    await uow.media.grant(photo, ticket.resident_id)
        if outcome is Outcome.SOLVED:
            await moves.check_photos(uow, living)
        resolved = [(ticket, await _resolve_one(uow, c, ticket, member, note, outcome, now)) for ticket in living]
        told_number = await tell_together(uow, resolved, incidents.named(member), photos)
        for ticket, event in resolved:
            await staff_notify.moved(uow, ticket, event)
            announce(uow, ticket)
        text = f"{len(resolved)}件，通知{told_number}人确认：{note.strip()[:200]}"
        await incidents.noted(uow, incident, Told.RESOLVED, member, text, now)
        await uow.keys.put(key, f"{len(resolved)},{told_number}", now)
        await uow.commit()
        return len(resolved), told_number


async def _resolve_one(
    uow: UnitOfWork, c: Community, ticket: Ticket, member: Staff, note: str, outcome: Outcome, now: datetime
) -> TicketEvent:
    """One ticket on its way to the end: what nobody has taken is taken first, so that its history tells who did it."""
    actor, together = Actor.of_staff(member), {"together": ticket.incident_id}
    if ticket.status is Status.RECEIVED:
        ticket.holder_id = member.id
        name = f"派给{incidents.named(member)}"
        await moves.keep(uow, c, ticket, ticket.apply(Move.DISPATCH, Actor.system(), now, name, data={"to_level": int(ticket.level)}))
    if ticket.status in incidents.TO_ACCEPT:
        await moves.keep(uow, c, ticket, ticket.apply(Move.ACCEPT, actor, now, data=together))
    ticket.outcome = outcome
    await care_ends.ended(uow, ticket, "已经由社区办好", now)
    event = ticket.apply(Move.RESOLVE, actor, now, note.strip()[:1000], data=together)
    await moves.keep(uow, c, ticket, event)
    return event


async def _whole(
    uow: UnitOfWork, staff_id: int, incident_id: int, key: str
) -> tuple[Staff, Incident, list[Ticket], str | None]:
    """(member, incident, its open tickets, what this key did before). Locked and as they are now. Forbidden when a part is another's."""
    member = await incidents.handler(uow, staff_id)
    if (done := await uow.keys.ref(key)) is not None:
        return member, Incident(0, "", None, datetime.min), [], done
    incident = await uow.incidents.get(incident_id, for_update=True)
    locked = await uow.incidents.lock_tickets(await uow.incidents.ticket_ids(incident_id))
    mine = [ticket for ticket in locked if ticket.incident_id == incident_id]
    if incident is None or not any([await may_see(uow, member, ticket) for ticket in mine]):
        raise NotFound("没有找到这个事件。")
    living = [ticket for ticket in mine if ticket.status in OPEN]
    if not living:
        raise IllegalMove("这个事件里的工单都已办结。")
    if why := await incidents.reason(uow, member, living):
        raise Forbidden(why)
    return member, incident, living, None
