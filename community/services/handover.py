"""From one colleague to the next: a summary of a resident's talk, made by rules, mended by hand, kept when it is handed back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import NotFound
from community.model.conversation import Conversation, Holder
from community.model.handover import TicketLine, summarise
from community.model.people import Staff
from community.model.ticket import MOVE_NAMES, STATUS_NAMES, Move, Ticket
from community.ports import Community, UnitOfWork
from community.services.access import may_see, may_talk, staff_of
from community.services.ballot_papers import closed

SHOWN = 3
"""Tickets told of in a summary: the open ones, newest first."""
TELLS = frozenset({Move.NOTE, Move.URGE, Move.REOPEN, Move.PARTLY, Move.RETURN, Move.RESOLVE})


@dataclass(frozen=True)
class HandoverView:
    who: str
    at: datetime
    text: str


async def draft(c: Community, staff_id: int, resident_id: int) -> str:
    """A summary of the talk to begin from. NotFound when the talk is not this member's to read."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        conversation = await _readable(uow, member, resident_id)
        resident = await uow.people.resident(resident_id)
        if conversation is None or conversation.holder is Holder.BOT or resident is None:
            raise NotFound("没有找到这段对话，可能已经交还给小邻。")
        room = await uow.places.get(resident.room_id) if resident.room_id else None
        who = f"{resident.name or '未登记姓名'}，{room.full_name if room else '未绑定住址'}"
        open_ones = [t for t in await uow.tickets.of_resident(resident_id, 20) if t.is_open and await may_see(uow, member, t)]
        told = [await _line(uow, ticket) for ticket in open_ones[:SHOWN]]
        lines = closed(await uow.conversations.history(resident_id, 12))
        return summarise(who, conversation.reason, told, lines, c.clock.now())


async def latest(c: Community, staff_id: int, resident_id: int) -> HandoverView | None:
    """What the last colleague left about this resident; None when nothing, or when the talk is not this member's."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if await _readable(uow, member, resident_id) is None:
            return None
        kept = await uow.desk.last_handover(resident_id)
        if kept is None:
            return None
        writer = await uow.people.staff(kept.staff_id)
        return HandoverView(writer.name if writer else "", kept.at, kept.text)


async def _readable(uow: UnitOfWork, member: Staff, resident_id: int) -> Conversation | None:
    conversation = await uow.conversations.of_resident(resident_id)
    return conversation if conversation is not None and await may_talk(uow, member, conversation) else None


async def _line(uow: UnitOfWork, ticket: Ticket) -> TicketLine:
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    events = [event for event in await uow.tickets.events(ticket.id) if event.move in TELLS]
    last = f"{events[-1].actor_name}{MOVE_NAMES[events[-1].move]}：{events[-1].note}" if events else ""
    return TicketLine(
        ticket.number,
        ticket.title,
        STATUS_NAMES[ticket.status],
        f"{holder.role_name}{holder.name}" if holder else "还没有派给人",
        ticket.resolve_by if ticket.is_open else None,
        ticket.urge_count,
        last,
    )
