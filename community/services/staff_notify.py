"""Telling a member of staff something in WeCom: always a row of staff_outbox, in the same transaction as what it tells.

Who is not in WeCom is told nothing here and sees it in the console.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from community.model.calendar import day_text, local
from community.model.category import Urgency
from community.model.message import OutboxStatus
from community.model.people import Staff
from community.model.splitting import split_text
from community.model.staffing import MAX_BYTES, StaffLetter, Told
from community.model.ticket import MOVE_NAMES, URGE_EVERY, Move, Ticket, TicketEvent
from community.ports import UnitOfWork
from community.services.gathering import mark_of
from community.services.staff_cards import without_phones

NEWS = frozenset({Move.DISPATCH, Move.TRANSFER, Move.RETURN, Move.URGE, Move.REOPEN, Move.PARTLY, Move.NOTE, Move.WITHDRAW})
"""Moves of which the holder is told. Others only change the cards that stand."""
REPLACED = "已有新卡片"


def once(ticket: Ticket, what: str, whom: int | str, now: datetime) -> str:
    """The key under which a notice of this kind is written once for all tickets of an incident: a day, a level, a person. '' when each
    ticket has its own: those in no incident, and danger, which is never told together with anything."""
    if ticket.incident_id is None or ticket.urgency is Urgency.DANGER:
        return ""
    return f"incident-{ticket.incident_id}:{what}:{int(ticket.level)}:{ticket.reopen_count}:{whom}:{local(now):%Y%m%d}"


async def say(
    uow: UnitOfWork, member: Staff, text: str, *, key: str, now: datetime, ticket: Ticket | None = None
) -> bool:
    """Words to a member; `key` makes it once. False when it was there, or the member is not in WeCom."""
    if not _reachable(member):
        return False
    return await say_to(uow, str(member.wecom_id), without_phones(text), key=key, now=now, staff_id=member.id, ticket=ticket)


async def say_to(
    uow: UnitOfWork,
    wecom_id: str,
    text: str,
    *,
    key: str,
    now: datetime,
    staff_id: int | None = None,
    ticket: Ticket | None = None,
) -> bool:
    written = False
    # WeCom makes links of <a href>: what a resident wrote must not become one in a grid worker's hands.
    for index, part in enumerate(split_text(text.replace("<", "＜"), MAX_BYTES)):
        letter = StaffLetter(
            id=0,
            idempotency_key=key[:190] + (f":{index}" if index else ""),
            staff_id=staff_id,
            member=wecom_id,
            kind=Told.TEXT,
            text=part,
            created_at=now,
            ticket_id=ticket.id if ticket is not None else None,
        )
        written = await uow.staff_outbox.add(letter) or written
    if written:
        uow.announce("staff")
    return written


async def show(
    uow: UnitOfWork, staff_id: int | None, ticket: Ticket, why: str, *, key: str, now: datetime, escalated: bool = False
) -> bool:
    """A card of this ticket to a member, with the buttons that they may press by then. `why` it comes, in a line."""
    member = await uow.people.staff(staff_id) if staff_id else None
    if member is None or not _reachable(member):
        return False
    mark = await mark_of(uow, ticket)
    if mark is not None:
        why += f"（事件{mark.id}：{mark.waiting}户反映，{mark.open}件未办结，工作台里可一起办）"
    # A name of its own for each card of the app; who is told by escalation may press without holding the ticket.
    task = ("e" if escalated else "t") + hashlib.sha256(key.encode()).hexdigest()[:40]
    letter = StaffLetter(
        id=0,
        idempotency_key=key[:200],
        staff_id=member.id,
        member=str(member.wecom_id),
        kind=Told.CARD,
        text=why,
        created_at=now,
        ticket_id=ticket.id,
        task=task,
    )
    if await uow.staff_outbox.card(task) is not None:
        return False
    for older in await uow.staff_outbox.cards_of(ticket.id, member.id):
        # One card of a ticket to press: of two that stand, one would soon say what is not so any more.
        await renew(uow, older, now, grey=REPLACED)
    written = await uow.staff_outbox.add(letter)
    if written:
        uow.announce("staff")
    return written


async def moved(uow: UnitOfWork, ticket: Ticket, event: TicketEvent) -> None:
    """After an event was kept: the cards of the ticket show it, and the holder is told unless it was them. Needs the event's id."""
    if event.from_status is not event.to_status or event.move is Move.TRANSFER:
        await settle(uow, ticket, event.at)
    by_holder = event.actor_kind == "staff" and event.actor_id == ticket.holder_id
    if event.move not in NEWS or by_holder or not event.visible:
        return
    why = _why(ticket, event)
    key = _key(ticket, event)
    if event.move is Move.WITHDRAW:
        holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
        if holder is not None:
            await say(uow, holder, f"工单{ticket.number}（{ticket.title}）{why}，不用再办了。", key=key, now=event.at, ticket=ticket)
    else:
        await show(uow, ticket.holder_id, ticket, why, key=key, now=event.at)


def _key(ticket: Ticket, event: TicketEvent) -> str:
    """A new ticket of an incident and an urging are told once for all of them, an urging again when one counts again."""
    shared = ""
    if event.move is Move.DISPATCH:
        shared = once(ticket, "dispatch", ticket.holder_id or 0, event.at)
    elif event.move is Move.URGE:
        part = int(event.at.timestamp() // URGE_EVERY.total_seconds())
        shared = once(ticket, f"urge{part}", ticket.holder_id or 0, event.at)
    return shared or f"event-{event.id}:staff"


def _why(ticket: Ticket, event: TicketEvent) -> str:
    match event.move:
        case Move.DISPATCH:
            # What stands in brackets behind the name says that it is not the first time.
            _, bracket, again = event.note.partition("（")
            return f"新工单，请在{day_text(ticket.accept_by, event.at)}前接单" + bracket + again
        case Move.TRANSFER:
            # The note begins with who it goes to; what stands behind the colon is why.
            _, _, reason = event.note.partition("：")
            return f"{event.actor_name}转给您" + (f"：{reason}" if reason else "")
        case Move.RETURN:
            return f"{event.actor_name}退回：{event.note}"
        case Move.URGE:
            return f"居民{event.note}，请尽快处理"
        case Move.REOPEN:
            return "居民说还没好，重新打开" + (f"：{event.note}" if event.note else "")
        case Move.PARTLY:
            return "居民说办了一部分" + (f"，还差：{event.note}" if event.note else "，没说还差什么")
        case Move.NOTE if event.actor_kind == "system":
            return event.note
        case Move.NOTE:
            return f"居民补充：{event.note}"
        case _:
            return f"居民{MOVE_NAMES[event.move]}" + (f"：{event.note}" if event.note else "")


async def escalated(uow: UnitOfWork, ticket: Ticket, to_staff_id: int, level: str, *, key: str, now: datetime) -> bool:
    """A ticket went up to `level` (社区, 街道 …): who answers for it there gets a card they can act on, whoever holds it."""
    why = f"超过时限，升级到{level}，请督办"
    return await show(uow, to_staff_id, ticket, why, key=key, now=now, escalated=True)


async def settle(uow: UnitOfWork, ticket: Ticket, now: datetime) -> None:
    """Let every card of the ticket that can still be changed show what is so now."""
    for card in await uow.staff_outbox.cards_of(ticket.id):
        await renew(uow, card, now)


async def renew(uow: UnitOfWork, card: StaffLetter, now: datetime, grey: str = "") -> bool:
    """Write the change of one card, to what is so now or to nothing but `grey` words. Its code is used up by that; False when it has
    none that is good."""
    if card.status is not OutboxStatus.SENT or not card.code or card.code_until is None or card.code_until <= now:
        return False
    code, card.code, card.code_until = card.code, "", None
    update = StaffLetter(
        id=0,
        idempotency_key="update-" + hashlib.sha256(code.encode()).hexdigest(),
        staff_id=card.staff_id,
        member=card.member,
        kind=Told.UPDATE,
        text=grey,
        created_at=now,
        ticket_id=card.ticket_id,
        task=card.task,
        code=code,
    )
    written = await uow.staff_outbox.add(update)
    if written:
        uow.announce("staff")
    return written


def _reachable(member: Staff) -> bool:
    return member.active and bool(member.wecom_id)
