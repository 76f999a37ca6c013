"""Staff put right what a ticket is about: its category, and with it the promise, what is told, and whose it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput
from community.model import promise
from community.model.calendar import day_text
from community.model.care import CareState
from community.model.category import RULES, Category, Urgency, category_name
from community.model.conversation import Topic
from community.model.danger import DangerRule
from community.model.people import Actor, Staff
from community.model.promise import RuleBook
from community.model.ticket import AGAIN, Move, Status, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import moves, rooms, staff_notify, understandings
from community.services.access import allowed_for, staff_of, ticket_for
from community.services.conversations import queue_up
from community.services.desk import colleagues
from community.services.inbound import danger_in
from community.services.notify import tell
from community.services.routing import duty_phone, first_holder, route_of
from community.services.tickets import announce, view_of
from community.services.views import TicketView

WHY_AT_MOST = 200
ANY_DANGER = "如果正有危险，请先到安全的地方，马上拨打110或119。"
_ORDER = (Urgency.NORMAL, Urgency.HIGH, Urgency.DANGER)
_UNDER_WAY = (CareState.ASKED, CareState.OFFERED, CareState.TAKEN)


@dataclass(frozen=True)
class Recategorised:
    """`told`: the resident reads that the time has moved. `elsewhere`: (staff id, 'name · role · place') of who would have got it under
    its new category, when that is not the team that has it; None when it is where it belongs or cannot be handed over from here."""

    ticket: TicketView
    told: bool
    elsewhere: tuple[int, str] | None


async def dangerous(c: Community) -> frozenset[Category]:
    """The categories under which danger is filed: of these staff may say that somebody is in danger now."""
    return frozenset(rule.category for rule in await c.danger_rules.in_force())


async def recategorise(
    c: Community,
    staff_id: int,
    number: str,
    category: Category,
    key: str,
    why: str = "",
    *,
    seen: Category | None = None,
    danger: bool = False,
) -> Recategorised:
    """Give a ticket the category it should have had. `seen`: what it was for who decides (Conflict when a colleague was quicker).
    `danger`: somebody is in danger now, with the number for the resident first, plain time, and a person asked for.

    Raises Forbidden for who may not handle it, IllegalMove for what has ended or is handled with others, InvalidInput for what changes
    nothing.
    """
    async with c.reading() as uow:
        said = (await ticket_for(uow, await staff_of(uow, staff_id), number)).words
    verdict = await danger_in(c, said) if danger else None
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        if (done := await _done(uow, c, key)) is not None:
            return done
        ticket = await ticket_for(uow, member, number, for_update=True)
        now = c.clock.now()
        if (done := await _done(uow, c, key)) is not None:
            return done  # the same press, delivered twice at once: the other one has just been made
        await _check(uow, c, member, ticket, category, seen, danger, now)
        before, due = ticket.category, ticket.resolve_by
        if danger and ticket.status is Status.PAUSED:
            # Nobody waits out a pause in danger: its clock runs from here on.
            back = ticket.apply(Move.RESUME, Actor.of_staff(member), now, "有危险，马上接着办")
            promise.resume(ticket, now, c.is_workday)
            await moves.keep(uow, c, ticket, back)
        first_before = (await moves.rule_for(uow, ticket, ticket.created_at)).first
        data = {"from": str(before), "to": str(category), "due_before": due.isoformat(), "why": why.strip()[:WHY_AT_MOST]}
        note = f"{category_name(before)}改为{category_name(category)}" if category is not before else category_name(category)
        note += ("，危急" if danger else "") + (f"：{data['why']}" if data["why"] else "")
        event = ticket.apply(Move.RECATEGORISE, Actor.of_staff(member), now, note, visible=False, data=data)
        ticket.category = category
        rule = RuleBook(await uow.promises.of_category(category)).at(category, ticket.created_at)
        ticket.urgency = _urgency(ticket.urgency, before, category, danger)
        events = await uow.tickets.events(ticket.id)
        if ticket.status is not Status.RESOLVED:
            start, urgency, pauses = _since(ticket, events)
            ticket.accept_by, ticket.resolve_by = promise.anew(ticket, rule, start, urgency, pauses, now, c.is_workday)
        event.data["due_after"] = ticket.resolve_by.isoformat()
        await moves.keep(uow, c, ticket, event)
        await understandings.put_right(uow, ticket, events, category)
        moved = ticket.resolve_by != due
        if danger:
            named = [verdict.alarm, verdict.care] if verdict is not None else []
            await _alarm(uow, ticket, await _rule_of(c, category, named), event, now)
            await rooms.in_danger(uow, c, ticket, now)
        elif moved:
            await _tell(uow, ticket, event, member)
        await staff_notify.settle(uow, ticket, now)
        if member.id != ticket.holder_id:
            said = f"{member.name}改了类别：{note}，{day_text(ticket.resolve_by, now)}前办结"
            await staff_notify.show(uow, ticket.holder_id, ticket, said, key=f"event-{event.id}:staff", now=now)
        elsewhere = await _elsewhere(uow, member, ticket, now) if rule.first is not first_before else None
        await uow.keys.put(key, ticket.number, now)
        announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return Recategorised(view, danger or moved, elsewhere)


async def _done(uow: UnitOfWork, c: Community, key: str) -> Recategorised | None:
    number = await uow.keys.ref(key)
    ticket = await uow.tickets.by_number(number) if number else None
    return Recategorised(await view_of(uow, ticket, c.clock.now()), False, None) if ticket is not None else None


async def _check(
    uow: UnitOfWork,
    c: Community,
    member: Staff,
    ticket: Ticket,
    category: Category,
    seen: Category | None,
    danger: bool,
    now: datetime,
) -> None:
    if seen is not None and ticket.category is not seen:
        raise Conflict(f"{await _who_changed(uow, ticket)}刚把类别改成了“{category_name(ticket.category)}”，请看一眼再改。")
    if Move.RECATEGORISE not in ticket.allowed():
        ticket.apply(Move.RECATEGORISE, Actor.of_staff(member), now)  # raises, with the state's name
    if Move.RECATEGORISE not in allowed_for(member, ticket):
        raise Forbidden("这件工单在别的同事手里，请先转给自己。")
    if ticket.incident_id is not None:
        raise IllegalMove(f"工单{ticket.number}并在事件里，和同类的一起办。类别不对请先移出事件，再改。")
    if await uow.mediations.of_ticket(ticket.id) is not None:
        raise IllegalMove(f"工单{ticket.number}在调解，类别不改。")
    task = await uow.care.of_ticket(ticket.id)
    if task is not None and task.state in _UNDER_WAY:
        raise IllegalMove(f"工单{ticket.number}正在请志愿者帮忙，有了结果再改类别。")
    if danger and category not in await dangerous(c):
        raise InvalidInput(f"“{category_name(category)}”没有危急一说，真有危险请选燃气、消防、电梯、治安这些类别。")
    if danger and ticket.status is Status.RESOLVED:
        raise IllegalMove(f"工单{ticket.number}已经办结，真有危险请另报一件。")
    if category is ticket.category and not (danger and ticket.urgency is not Urgency.DANGER):
        raise InvalidInput(f"现在就是“{category_name(category)}”，不用改。")


async def _who_changed(uow: UnitOfWork, ticket: Ticket) -> str:
    changes = [event for event in await uow.tickets.events(ticket.id) if event.move is Move.RECATEGORISE]
    return changes[-1].actor_name if changes else "同事"


def _urgency(now: Urgency, before: Category, after: Category, danger: bool) -> Urgency:
    """Danger stays danger; what was more urgent than its category asks for stays at least so."""
    if danger or now is Urgency.DANGER:
        return Urgency.DANGER
    own = RULES[after].urgency
    return own if now is RULES[before].urgency else max(now, own, key=_ORDER.index)


def _since(
    ticket: Ticket, events: Sequence[TicketEvent]
) -> tuple[datetime, Urgency, list[tuple[datetime, datetime]]]:
    """When the present promise began, how urgent it was then, and the pauses since: a reopened ticket has a promise of its own (HIGH)."""
    start, urgency = ticket.created_at, ticket.urgency
    pauses: list[tuple[datetime, datetime]] = []
    paused: datetime | None = None
    for event in events:
        if event.move in AGAIN:
            start, pauses, paused = event.at, [], None
            urgency = ticket.urgency if ticket.urgency is Urgency.DANGER else Urgency.HIGH
        elif event.move is Move.PAUSE:
            paused = event.at
        elif event.move is Move.RESUME and paused is not None:
            pauses.append((paused, event.at))
            paused = None
    if ticket.paused_at is not None and ticket.paused_until is not None:
        pauses.append((ticket.paused_at, ticket.paused_until))
    return start, urgency, pauses


async def _tell(uow: UnitOfWork, ticket: Ticket, event: TicketEvent, member: Staff) -> None:
    """The time has moved: who reported it reads the new one, and so do neighbours who wait for it."""
    by = day_text(ticket.resolve_by, event.at)
    name, topic = category_name(ticket.category), f"ticket:{ticket.number}"
    text = f"您报的“{ticket.title}”（工单{ticket.number}），{member.role_name}{member.name}看过，按“{name}”办，承诺改为{by}前办好。"
    await tell(uow, ticket.resident_id, text, key=f"event-{event.id}", now=event.at, author="system", topic=topic)
    for resident_id in await uow.tickets.followers(ticket.id):
        words = f"您也遇到的{name}问题（工单{ticket.number}），承诺改为{by}前办好。"
        await tell(uow, resident_id, words, key=f"follower-{event.id}-{resident_id}", now=event.at, author="system", topic=topic)


async def _rule_of(c: Community, category: Category, named: Sequence[DangerRule | None]) -> DangerRule | None:
    """What danger it is: what the words say, else the only one of the category."""
    for rule in named:
        if rule is not None and rule.category is category:
            return rule
    only = [rule for rule in await c.danger_rules.in_force() if rule.category is category]
    return only[0] if len(only) == 1 else None


async def _alarm(uow: UnitOfWork, ticket: Ticket, rule: DangerRule | None, event: TicketEvent, now: datetime) -> None:
    """As with any danger (services/danger.py): the number first, the duty phone, and a person asked for."""
    if ticket.resident_id is None or (resident := await uow.people.resident(ticket.resident_id)) is None:
        return
    first = rule.number_first if rule is not None else ANY_DANGER
    name, phone = await duty_phone(uow, await uow.places.get(ticket.place_id) if ticket.place_id else None)
    duty = f"社区值班（{name} {phone}）" if phone else "社区值班"
    text = f"{first}\n您报的“{ticket.title}”（工单{ticket.number}）已按危急处理，同时报给了{duty}。"
    await tell(uow, resident.id, text, key=f"event-{event.id}", now=now, author="system", topic=f"ticket:{ticket.number}")
    await queue_up(uow, resident, Topic.DANGER, f"危急：{rule.name if rule is not None else ticket.title}", now)


async def _elsewhere(uow: UnitOfWork, member: Staff, ticket: Ticket, now: datetime) -> tuple[int, str] | None:
    """Who gets such a ticket first, when it is another team than the one that has it."""
    if Move.TRANSFER not in ticket.allowed():
        return None
    rule = await moves.rule_for(uow, ticket, ticket.created_at)
    first, _ = await first_holder(uow, await route_of(uow, ticket), rule, now)
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    if first is None or (holder is not None and _team(first) == _team(holder)):
        return None
    label = dict(await colleagues(uow, member, ticket)).get(first.id)
    return (first.id, label) if label is not None else None


def _team(member: Staff) -> tuple[object, ...]:
    return member.role, member.company_id, member.place_id
