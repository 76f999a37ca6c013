"""Mediation 调解 as a use case: a resident asks for a 老娘舅 or staff open it from a ticket; the other side is asked; both are written to;
both meet; the result goes to both. What each side may see is in `sides.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, NotFound
from community.model import promise
from community.model.calendar import day_text
from community.model.category import Category
from community.model.level import Level
from community.model.mediation import RESULT_NAMES, Mediation, Result, Second, Side
from community.model.message import Button
from community.model.people import Actor, Role, Staff
from community.model.ticket import Move, Outcome, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import moves, sides, staff_notify, tickets
from community.services.access import allowed_for, staff_of, ticket_for
from community.services.mediation_views import MediationView, may_mediate, view_for
from community.services.notify import tell
from community.services.places import resolve_in
from community.services.views import TicketDetail

ANSWERABLE = (Second.INVITED, Second.ACCEPTED, Second.DECLINED)


@dataclass(frozen=True)
class AskMediation:
    """`other` says where the other side lives, in the resident's words; '' when they do not know. `key` makes it once."""

    resident_id: int
    words: str
    other: str
    key: str


async def ask(c: Community, cmd: AskMediation) -> TicketDetail:
    """A resident asks for a mediator: a ticket of theirs, held by the community's mediator (its desk, where it has none)."""
    if not cmd.words.strip():
        raise InvalidInput("请用一句话说说是什么事。")
    async with c.uow() as uow:
        now = c.clock.now()
        resident = await uow.people.resident(cmd.resident_id)
        if resident is None:
            raise NotFound("没有找到您的信息，请重新进入。")
        ref = await uow.keys.ref(cmd.key)
        ticket = await uow.tickets.get(int(ref)) if ref else None
        if ticket is None:
            home = await uow.places.get(resident.room_id) if resident.room_id else None
            mediator = await _mediator_of(uow, home.community_id if home is not None else None)
            filing = tickets.FileTicket(
                cmd.resident_id, Category.DISPUTE, cmd.words, home.full_name if home else "", home.id if home else None, cmd.key
            )
            ticket = await tickets.file_in(uow, c, filing, resident, to=mediator)
            mediation = Mediation(0, ticket.id, now)
            await uow.mediations.add(mediation)
            if cmd.other.strip():
                await _name(uow, mediation, cmd.other, cmd.resident_id)
            await uow.keys.put(cmd.key, str(ticket.id), now)
        detail = await tickets.detail_of(uow, ticket, now, staff=False)
        await uow.commit()
        return detail


async def answer(c: Community, resident_id: int, number: str, accepts: bool, key: str) -> str:
    """The second side's answer to the invitation; returns the mediator, as one says it. NotFound for who was not asked.

    The first side hears of a refusal kindly, and never why.
    """
    async with c.uow() as uow:
        ticket = await uow.tickets.by_number(number.strip(), for_update=True)
        mediation = await uow.mediations.of_ticket(ticket.id) if ticket is not None else None
        if ticket is None or mediation is None or mediation.second_id != resident_id or mediation.second not in ANSWERABLE:
            raise NotFound("这次邀请已经不在了。")
        holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
        who = f"{holder.role_name}{holder.name}" if holder is not None else "社区"
        if not ticket.is_open and mediation.second is Second.INVITED:
            raise IllegalMove("这件事已经不用调解了，谢谢您。")
        now = c.clock.now()
        if mediation.answer(accepts, now):
            said = "另一方愿意调解" if accepts else "另一方说不方便来调解"
            event = await sides.mark(uow, c, ticket, said, now, news=said)
            text = f"{sides.what(ticket, mediation, Side.FIRST)}，"
            text += f"另一方愿意坐下来谈，{who}会约时间。" if accepts else f"这次约不到另一方一起谈。{who}会再和您说说别的办法。"
            await sides.tell_side(uow, ticket, mediation, Side.FIRST, text, key=f"event-{event.id}", now=now)
            if accepts and mediation.meet_at is not None:
                text = sides.meeting_text(ticket, mediation, Side.SECOND, now)
                await sides.tell_side(uow, ticket, mediation, Side.SECOND, text, key=f"event-{event.id}:meet", now=now)
            tickets.announce(uow, ticket)
            await uow.commit()
        return who


async def look(c: Community, staff_id: int, number: str) -> MediationView | None:
    """Both sides as this member may see them; None where there is no mediation and they may not open one."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        return await view_for(uow, member, await ticket_for(uow, member, number), c.clock.now())


async def open_from(c: Community, staff_id: int, number: str) -> None:
    """Make a mediation of a ticket: the community's mediator has it from now on, the resident is told. Conflict when there is one."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number, for_update=True)
        if not ticket.is_open or Move.TRANSFER not in allowed_for(member, ticket):
            raise Forbidden("这件工单现在不能转成调解。")
        if await uow.mediations.of_ticket(ticket.id) is not None:
            raise Conflict("这件已经在调解了。")
        if await uow.tickets.followers(ticket.id):
            raise Conflict("这件有几户邻居一起在等，请为要调解的那一户另报一件。")
        if ticket.incident_id is not None:
            raise Conflict("这件在一个事件里，请先移出再转调解。")
        now = c.clock.now()
        await uow.mediations.add(Mediation(0, ticket.id, now))
        mediator = await _mediator_of(uow, ticket.community_id) or member
        note = f"转给{mediator.role_name}{mediator.name}：两家的事，请老娘舅来说和"
        if mediator.id != ticket.holder_id:
            data = {"to_level": int(Level.COMMUNITY)}
            event = ticket.apply(Move.TRANSFER, Actor.of_staff(member), now, note, data=data)
            ticket.holder_id = mediator.id
            promise.hand_over(ticket, Level.COMMUNITY, now)
            await moves.keep(uow, c, ticket, event)
            await staff_notify.moved(uow, ticket, event)
        event = await sides.mark(uow, c, ticket, "转为两方调解", now)
        text = (
            f"您报的“{ticket.title}”（工单{ticket.number}）是两家之间的事，社区请了{mediator.role_name}{mediator.name}来说和。"
            "您说的话、您的电话都不会给对方看。"
        )
        key, topic = f"event-{event.id}", f"ticket:{ticket.number}"
        await tell(uow, ticket.resident_id, text, key=key, now=now, author="system", topic=topic)
        tickets.announce(uow, ticket)
        await uow.commit()


async def name_other(c: Community, staff_id: int, number: str, text: str) -> None:
    """Say where the other side lives. Raises InvalidInput for the first side's own home."""
    async with c.uow() as uow:
        _, ticket, mediation = await _in_hand(uow, staff_id, number)
        if not text.strip():
            raise InvalidInput("请写对方的门牌，或者怎么找到对方。")
        await _name(uow, mediation, text, ticket.resident_id)
        tickets.announce(uow, ticket)
        await uow.commit()


async def invite(c: Community, staff_id: int, number: str, resident_id: int, subject: str) -> None:
    """Ask the second side, once and politely. `subject` is what they read it is about: no word of the first side's. Raises InvalidInput
    for somebody who does not live where the second side does."""
    subject = subject.strip()[:60]
    if len(subject) < 2:
        raise InvalidInput("请用几个字写明是什么事，对方会看到。")
    async with c.uow() as uow:
        member, ticket, mediation = await _in_hand(uow, staff_id, number)
        there = await uow.mediations.living_in(mediation.second_place_id) if mediation.second_place_id else []
        if resident_id not in {one.id for one in there} or resident_id == ticket.resident_id:
            raise InvalidInput("这位居民不住在对方的门牌，请先核对。")
        now = c.clock.now()
        mediation.invite(resident_id, subject, now)
        await sides.mark(uow, c, ticket, f"已邀请另一方，事由：{subject}", now)
        community = await uow.places.get(ticket.community_id) if ticket.community_id else None
        text = (
            f"您好，我是{community.name if community else '社区'}的{member.role_name}{member.name}。"
            f"有一件邻里间的事（{subject}），想请您一起坐下来谈谈。"
            "来不来由您定，不收钱；您说的话、您的电话都不会给对方看。\n1 愿意谈\n2 不方便"
        )
        buttons = tuple(
            Button(title, sides.payload(ticket, "answer_invitation", answer=answer))
            for title, answer in (("愿意谈", "mediate_yes"), ("不方便", "mediate_no"))
        )
        key = f"mediation-{mediation.id}:invite-{resident_id}"
        await tell(uow, resident_id, text, key=key, now=now, buttons=buttons, author="system")
        tickets.announce(uow, ticket)
        await uow.commit()


async def write(c: Community, staff_id: int, number: str, to: tuple[Side, ...], text: str, key: str) -> None:
    """Words of the mediator to one side or to both, once for `key`. IllegalMove for a second side that does not take part."""
    text = text.strip()[:1000]
    if not text or not to:
        raise InvalidInput("还没有写内容。")
    async with c.uow() as uow:
        member, ticket, mediation = await _in_hand(uow, staff_id, number)
        now, actor = c.clock.now(), Actor.of_staff(member)
        if await uow.keys.ref(key) is not None:
            return
        if Side.SECOND in to and not mediation.both:
            raise IllegalMove("对方还没有答应调解，现在只能写给申请的一方。")
        if Move.NOTE not in ticket.allowed():
            raise IllegalMove("这件已经结束了。")
        for side in to:
            if side is Side.FIRST:
                event = ticket.apply(Move.NOTE, actor, now, text, data={"reply": True})
                await moves.keep(uow, c, ticket, event)
            else:
                await sides.add_line(uow, mediation, actor, text, now)
            said = f"{sides.what(ticket, mediation, side)}，{member.role_name}{member.name}说：{text}\n1 回复"
            buttons = (Button("回复", sides.payload(ticket, "add_note")),)
            await sides.tell_side(uow, ticket, mediation, side, said, key=key, now=now, buttons=buttons)
        await uow.keys.put(key, ticket.number, now)
        tickets.announce(uow, ticket)
        await uow.commit()


async def meet(c: Community, staff_id: int, number: str, at: datetime, place: str) -> None:
    """When and where both are to come. Told to both; who accepts later is told then."""
    if len(place.strip()) < 2:
        raise InvalidInput("请写在哪里见面。")
    async with c.uow() as uow:
        member, ticket, mediation = await _in_hand(uow, staff_id, number)
        now, actor = c.clock.now(), Actor.of_staff(member)
        mediation.meet(at, place.strip()[:100], now)
        note = f"约在{day_text(at, now)}，{mediation.meet_place}"
        event = ticket.apply(Move.NOTE, actor, now, note)
        await moves.keep(uow, c, ticket, event)
        if mediation.both:
            await sides.add_line(uow, mediation, actor, note, now)
        for side in Side:
            text = sides.meeting_text(ticket, mediation, side, now)
            await sides.tell_side(uow, ticket, mediation, side, text, key=f"event-{event.id}", now=now)
        tickets.announce(uow, ticket)
        await uow.commit()


async def conclude(c: Community, staff_id: int, number: str, result: Result, words: str) -> None:
    """The result in the mediator's words, told to both, who are both asked whether it is so. Not reached: with what one can do next."""
    if len(words.strip()) < 2:
        raise InvalidInput("请写明谈的结果，两方都会看到。")
    async with c.uow() as uow:
        member, ticket, mediation = await _in_hand(uow, staff_id, number)
        now = c.clock.now()
        ticket.outcome = Outcome.SOLVED if result is Result.REACHED else Outcome.EXPLAINED
        note = f"{RESULT_NAMES[result]}：{words.strip()[:1000]}"
        event: TicketEvent = ticket.apply(Move.RESOLVE, Actor.of_staff(member), now, note)
        mediation.conclude(result, words.strip()[:1000])
        await moves.keep(uow, c, ticket, event)
        await staff_notify.moved(uow, ticket, event)
        for side in Side:
            text, buttons = sides.result_text(ticket, mediation, side, f"{member.role_name}{member.name}")
            await sides.tell_side(uow, ticket, mediation, side, text, key=f"event-{event.id}", now=now, buttons=buttons)
        tickets.announce(uow, ticket)
        await uow.commit()


async def _in_hand(uow: UnitOfWork, staff_id: int, number: str) -> tuple[Staff, Ticket, Mediation]:
    """The ticket, locked, and its mediation, for who may lead it. NotFound or Forbidden for others."""
    member = await staff_of(uow, staff_id)
    ticket = await ticket_for(uow, member, number, for_update=True)
    mediation = await uow.mediations.of_ticket(ticket.id)
    if mediation is None:
        raise NotFound("这件没有在调解。")
    if not may_mediate(member, ticket):
        raise Forbidden("两方的话只有调解员和社区看得到。")
    return member, ticket, mediation


async def _name(uow: UnitOfWork, mediation: Mediation, text: str, first_id: int | None) -> None:
    """Keep where the other side lives. 3幢502 without an estate is meant in the first side's."""
    text = text.strip()[:200]
    guess = await resolve_in(uow, text, first_id)
    place_id = guess.place_id if guess.precise == "room" and not guess.from_home else None
    first = await uow.people.resident(first_id) if first_id else None
    if place_id is not None and first is not None and first.room_id == place_id:
        raise InvalidInput("这是您自己家的门牌，请说对方的。")
    mediation.name(text, place_id)


async def _mediator_of(uow: UnitOfWork, community_id: int | None) -> Staff | None:
    found = await uow.people.staff_of_place(community_id, Role.MEDIATOR) if community_id else []
    return found[0] if found else None
