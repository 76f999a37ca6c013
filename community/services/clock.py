"""What happens by itself as time goes by. Safe to run in several processes at once."""

from __future__ import annotations

from dataclasses import dataclass

from community.errors import LinsheError
from community.model.mediation import Side
from community.model.people import Actor
from community.model.ticket import SILENCE, Move, Status
from community.ports import Community
from community.services import (
    ballot_count,
    care,
    chats,
    consultations,
    diary_clock,
    due_news,
    flag_news,
    moves,
    notices,
    promise_clock,
    retention,
    sides,
    staff_notify,
    volunteer_clock,
)
from community.services.conversations import return_idle
from community.services.notify import tell
from community.services.tickets import announce


@dataclass(frozen=True)
class TickReport:
    handed_back: int
    closed_by_silence: int
    sessions_swept: int
    promises: int
    visits: int
    care: int
    consultations: int
    ballots: int
    activities: int
    erased: int
    notices: int
    flags: int
    forms: int
    due: int


async def tick(c: Community) -> TickReport:
    """Hand idle conversations back, close resolved tickets nobody answered for, drop expired sessions, let every promise act
    whose moment has come, remind of visits and of appointments with the lawyer, give back what no volunteer took, count the ballots
    that are over, send notices that waited for the morning, forget forms that nobody came back to,
    and tell who owns answers whose articles changed, or which want checking again."""
    return TickReport(
        handed_back=await _hand_back(c),
        closed_by_silence=await close_silent(c),
        sessions_swept=await _sweep(c),
        promises=await promise_clock.run(c),
        visits=await diary_clock.run(c),
        care=await care.run(c),
        consultations=await consultations.remind(c),
        ballots=await ballot_count.run(c),
        activities=await volunteer_clock.run(c),
        erased=await retention.daily(c),
        notices=await notices.send_due(c),
        flags=await flag_news.run(c),
        forms=await chats.forget_silent(c),
        due=await due_news.run(c),
    )


async def _hand_back(c: Community) -> int:
    async with c.reading() as uow:
        now = c.clock.now()
        idle = [x.resident_id for x in await uow.conversations.waiting_or_held() if x.idle_since(now)]
    done = 0
    for resident_id in idle:
        try:
            async with c.uow() as uow:
                conversation = await uow.conversations.of_resident(resident_id, for_update=True)
                if conversation is not None and conversation.idle_since(c.clock.now()):
                    await return_idle(uow, conversation, c.clock.now())
                    await uow.commit()
                    done += 1
        except LinsheError:
            # Another process or a colleague was quicker.
            continue
    return done


async def close_silent(c: Community) -> int:
    async with c.reading() as uow:
        waiting = await uow.tickets.silent_since(c.clock.now() - SILENCE)
    done = 0
    for ticket_id in waiting:
        try:
            async with c.uow() as uow:
                ticket = await uow.tickets.get(ticket_id, for_update=True)
                now = c.clock.now()
                if ticket is None or ticket.status is not Status.RESOLVED:
                    continue
                event = ticket.apply(Move.SILENT_CLOSE, Actor.system(), now, "三天没有收到居民答复，按约定自动结案")
                await moves.keep(uow, c, ticket, event)
                text = f"工单{ticket.number}三天没有收到您的答复，已按约定自动结案（不算您确认）。15天内说“还没好”，就重新打开。"
                key, topic = f"event-{event.id}", f"ticket:{ticket.number}"
                mediation = await uow.mediations.of_ticket(ticket.id)
                if mediation is not None:
                    text = f"调解（工单{ticket.number}）的结果三天里没有等到两方都答复，已按约定自动结案。15天内说“还没好”，就接着谈。"
                    await sides.tell_side(uow, ticket, mediation, Side.SECOND, text, key=key, now=now)
                await tell(uow, ticket.resident_id, text, key=key, now=now, author="system", topic=topic)
                await staff_notify.settle(uow, ticket, now)
                announce(uow, ticket)
                await uow.commit()
                done += 1
        except LinsheError:
            continue
    return done


async def _sweep(c: Community) -> int:
    async with c.uow() as uow:
        swept = await uow.sessions.sweep(c.clock.now())
        await uow.commit()
        return swept
