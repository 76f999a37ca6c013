"""Answers of staff to a resident about a ticket: what was said so far, a look before sending, and the sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.conversation import Conversation, Holder
from community.model.desk import fill
from community.model.message import MAX_TEXT, HistoryLine
from community.model.people import Actor, Resident, Role, Staff
from community.model.reply_check import Remark, check_reply
from community.model.splitting import split_text
from community.model.ticket import MOVE_NAMES, Move, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import chats, contacts, moves, staff_notify
from community.services.access import may_see, may_talk, staff_of, ticket_for
from community.services.ballot_papers import closed
from community.services.conversations import ConversationView, conversation_view
from community.services.homes import clean_phone
from community.services.notify import tell
from community.services.tickets import announce, view_of
from community.services.views import TicketView

CHANNELS = {"webchat": "网页聊天", "wechat": "微信公众号", "wecom_kf": "微信客服"}
SAYS = frozenset({Move.FILE, Move.NOTE, Move.REOPEN, Move.PARTLY, Move.WITHDRAW})
"""Moves of a resident whose note is something they said."""


@dataclass(frozen=True)
class Talk:
    """`whole`: the resident's talk is with people, and this member may read all of it. Else only what concerns the ticket:
    the rest is between the resident and the assistant. `conversation` is None while the assistant has it. `reachable`: the
    resident is in a channel at all; who is not (a caller, a walk-in) has to be telephoned.
    """

    lines: tuple[HistoryLine, ...]
    whole: bool
    conversation: ConversationView | None
    may_write: bool
    reachable: bool


@dataclass(frozen=True)
class Preview:
    """`text` with what is known filled in; `parts` are the messages it arrives as. `author` is whose name stands over them: ''
    in WeChat, which shows the account's own. `where` is the channel as staff call it.
    """

    text: str
    parts: tuple[str, ...]
    author: str
    where: str
    remarks: tuple[Remark, ...]


async def talk(c: Community, staff_id: int, number: str) -> Talk:
    """The talk beside a ticket. NotFound when the ticket is not this member's to see."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number)
        reachable = ticket.resident_id is not None and await uow.people.identity_of(ticket.resident_id) is not None
        may_write = reachable and _may_reply(member, ticket) and Move.NOTE in ticket.allowed()
        if ticket.resident_id is None:
            return Talk((), False, None, False, False)
        conversation = await _conversation(uow, member, ticket.resident_id)
        if conversation is not None:
            lines = closed(await uow.conversations.history(ticket.resident_id, 100))
            return Talk(tuple(lines), True, await conversation_view(uow, conversation), may_write, reachable)
        lines = await uow.conversations.told_about(ticket.resident_id, f"ticket:{ticket.number}", 50)
        events = await uow.tickets.events(ticket.id)
        lines += [
            HistoryLine(f"event-{event.id}", "in", event.note, event.at)
            for event in events
            if event.actor_kind == "resident" and event.move in SAYS and event.note
        ]
        lines.sort(key=lambda line: line.at)
        return Talk(tuple(lines), False, None, may_write, reachable)


async def preview(c: Community, staff_id: int, number: str, text: str) -> Preview:
    """How `text` would arrive, and what to think of first. Changes nothing; warns, never refuses."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number)
        events = await uow.tickets.events(ticket.id)
        resident = await uow.people.resident(ticket.resident_id) if ticket.resident_id else None
        return await _look(uow, c, member, resident, ticket, _unanswered(ticket, events), text)


async def preview_talk(c: Community, staff_id: int, resident_id: int, text: str) -> Preview:
    """The same for a talk that is with people. Placeholders are of the newest open ticket that this member may see.

    NotFound when the talk is not this member's to read.
    """
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        resident = await uow.people.resident(resident_id)
        if resident is None or await _conversation(uow, member, resident_id) is None:
            raise NotFound("没有找到这段对话，可能已经交还给小邻。")
        asked: list[str] = []
        for line in await uow.conversations.history(resident_id, 30):
            if line.direction == "staff":
                asked = []
            elif line.direction == "in":
                asked.append(line.text)
        theirs = [t for t in await uow.tickets.of_resident(resident_id, 20) if t.is_open and await may_see(uow, member, t)]
        return await _look(uow, c, member, resident, theirs[0] if theirs else None, asked, text)


async def _look(
    uow: UnitOfWork,
    c: Community,
    member: Staff,
    resident: Resident | None,
    ticket: Ticket | None,
    asked: Sequence[str],
    text: str,
) -> Preview:
    now = c.clock.now()
    known = {"姓名": resident.name if resident else ""}
    if ticket is not None:
        known |= {"工单号": ticket.number, "地点": ticket.place_text}
        if ticket.is_open and now < ticket.resolve_by:
            known["承诺时间"] = f"{day_text(ticket.resolve_by, now)}前"
    filled = fill(text.strip(), known).text
    phones = await _known_phones(uow, c, ticket, resident)
    remarks = check_reply(filled, asked=asked, now=now, known_phones=phones)
    identity = await uow.people.identity_of(resident.id) if resident is not None else None
    in_web_chat = identity is None or identity.channel == "webchat"
    parts = [filled] if in_web_chat and filled else split_text(filled)
    where = CHANNELS.get(identity.channel, "聊天") if identity else ""
    return Preview(filled, tuple(parts), _author(member) if in_web_chat else "", where, remarks)


async def changed_since(c: Community, staff_id: int, number: str, seen: int) -> str:
    """A sentence about what others did to the ticket after the first `seen` events; empty when nothing."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number)
        return _meanwhile(member, (await uow.tickets.events(ticket.id))[seen:])


async def reply(
    c: Community, staff_id: int, number: str, text: str, client_id: str, seen: int | None = None
) -> TicketView:
    """Write to the resident about their ticket; it stands in the ticket's history too. Once for `client_id`.

    `seen` is how many events the writer had before them: Conflict when others did something since, and nothing is sent.
    Forbidden for a grid worker whose ticket it is not; IllegalMove when the ticket is closed.
    """
    text = text.strip()
    if not text:
        raise InvalidInput("还没有写内容。")
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"一条消息最多{MAX_TEXT}字，请分开发。")
    key = f"reply-{staff_id}-{client_id[:64]}"
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number, for_update=True)
        now = c.clock.now()
        if await uow.keys.ref(key) is not None:
            return await view_of(uow, ticket, now)
        if ticket.resident_id is None or await uow.people.identity_of(ticket.resident_id) is None:
            raise InvalidInput("这位居民不在聊天里，发不到，请打电话。")
        if not _may_reply(member, ticket):
            raise Forbidden("这件工单在别的同事手里，请先转给自己。")
        changed = _meanwhile(member, (await uow.tickets.events(ticket.id))[seen:]) if seen is not None else ""
        if changed:
            raise Conflict(f"{changed}您写的还在，看一眼再发。")
        event = ticket.apply(Move.NOTE, Actor.of_staff(member), now, text, data={"reply": True})
        await moves.keep(uow, c, ticket, event)
        await tell(
            uow,
            ticket.resident_id,
            text,
            key=key,
            now=now,
            author="staff",
            author_name=_author(member),
            topic=f"ticket:{ticket.number}",
        )
        await chats.wrote(uow, ticket.resident_id, now)
        conversation = await uow.conversations.of_resident(ticket.resident_id, for_update=True)
        if conversation is not None and conversation.staff_id == member.id:
            # Whoever holds the talk and answers here has not fallen silent.
            conversation.last_at = now
        await staff_notify.moved(uow, ticket, event)
        await uow.keys.put(key, ticket.number, now)
        announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return view


def _may_reply(member: Staff, ticket: Ticket) -> bool:
    """As with the other moves: a grid worker answers for what is theirs, the desk for all of its community."""
    return member.role is not Role.GRID_WORKER or ticket.holder_id == member.id


def _author(member: Staff) -> str:
    return f"{member.name}（{member.role_name}）"


async def _conversation(uow: UnitOfWork, member: Staff, resident_id: int) -> Conversation | None:
    """The talk, when it is with people or waits for one, and this member may read it."""
    conversation = await uow.conversations.of_resident(resident_id)
    if conversation is None or conversation.holder is Holder.BOT or not await may_talk(uow, member, conversation):
        return None
    return conversation


def _meanwhile(member: Staff, events: Sequence[TicketEvent]) -> str:
    others = [e for e in events if not (e.actor_kind == "staff" and e.actor_id == member.id)]
    if not others:
        return ""
    last = others[-1]
    who = {"resident": "居民", "system": "系统"}.get(last.actor_kind, last.actor_name)
    return f"{who}刚刚{MOVE_NAMES[last.move]}了这件工单。"


def _unanswered(ticket: Ticket, events: Sequence[TicketEvent]) -> list[str]:
    """What the resident said since staff last answered; all of it when nobody has."""
    words = [ticket.words]
    for event in events:
        if event.actor_kind == "staff" and event.data.get("reply"):
            words = []
        elif event.actor_kind == "resident" and event.move in SAYS - {Move.FILE} and event.note:
            words.append(event.note)
    return words


async def _known_phones(
    uow: UnitOfWork, c: Community, ticket: Ticket | None, resident: Resident | None
) -> frozenset[str]:
    """Digits that may be said to this resident: their own, and those of staff."""
    numbers = contacts.own_numbers(c, ticket, resident)
    numbers += [person.phone for person in await uow.people.all_staff() if person.phone]
    return frozenset(digits for number in numbers if (digits := clean_phone(number)))
