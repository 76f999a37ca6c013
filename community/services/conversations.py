"""A person in the conversation: asking for one, taking over, answering, handing back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.calendar import HOURS_TEXT, is_office_time, next_opening
from community.model.conversation import Conversation, Holder, Topic
from community.model.desk import Handover
from community.model.handover import MAX_HANDOVER
from community.model.message import MAX_TEXT, HistoryLine
from community.model.people import Resident, Staff
from community.model.understanding import Doubt
from community.ports import Community, UnitOfWork
from community.services import chats, understandings
from community.services.access import may_talk, staff_of
from community.services.ballot_papers import closed
from community.services.notify import tell
from community.services.tickets import view_of
from community.services.views import TicketView

TOPIC_NAMES = {Topic.GENERAL: "一般咨询", Topic.LEGAL: "法律咨询", Topic.DANGER: "危急"}


@dataclass(frozen=True)
class AskResult:
    """`first` is False when a person had been asked for already."""

    first: bool
    in_office: bool
    opens_at: datetime
    hours_text: str


@dataclass(frozen=True)
class ConversationView:
    resident_id: int
    resident_name: str
    home: str
    holder: Holder
    topic: Topic
    topic_name: str
    reason: str
    requested_at: datetime | None
    last_at: datetime | None
    staff_id: int | None
    staff_name: str
    last_text: str


@dataclass(frozen=True)
class ConversationDetail:
    view: ConversationView
    lines: list[HistoryLine]
    tickets: list[TicketView]


async def ask_person(c: Community, resident_id: int, topic: Topic, reason: str, key: str) -> AskResult:
    """Put the conversation into the queue of the people who may take it."""
    async with c.uow() as uow:
        now = c.clock.now()
        resident = await _resident(uow, resident_id)
        first = await queue_up(uow, resident, topic, reason, now)
        again = await uow.keys.ref(key) is not None
        if not again:
            await uow.keys.put(key, str(resident_id), now)
            await chats.handed(uow, resident_id, now)
            await understandings.doubt_latest(uow, resident_id, Doubt.HANDOFF, now, but=key.partition(":")[0])
        opens = now if is_office_time(now, c.is_workday) else next_opening(now, c.is_workday)
        await uow.commit()
        return AskResult(first or again, is_office_time(now, c.is_workday), opens, HOURS_TEXT)


async def queue_up(uow: UnitOfWork, resident: Resident, topic: Topic, reason: str, now: datetime) -> bool:
    """Ask for a person inside a running unit of work. False when one was asked for or is here already."""
    conversation = await conversation_of(uow, resident)
    first = conversation.request(topic, reason.strip()[:200], now)
    if not first and conversation.holder is Holder.WAITING and topic is not Topic.GENERAL:
        # A lawyer asked for after "a person": the more exact wish counts, so that the right people see it.
        conversation.topic, conversation.reason = topic, reason.strip()[:200]
    uow.announce("conversations", resident_id=resident.id)
    return first


async def conversation_of(uow: UnitOfWork, resident: Resident) -> Conversation:
    """The resident's conversation, locked, made on first use."""
    conversation = await uow.conversations.of_resident(resident.id, for_update=True)
    if conversation is None:
        room = await uow.places.get(resident.room_id) if resident.room_id else None
        conversation = Conversation(
            0,
            resident.id,
            community_id=room.community_id if room else None,
            grid_id=room.grid_id if room else None,
        )
        await uow.conversations.add(conversation)
    return conversation


async def queue(c: Community, staff_id: int) -> list[ConversationView]:
    """Conversations waiting for, or held by, a person that this member may see; waiting ones first, oldest first."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        found = [
            await conversation_view(uow, conversation)
            for conversation in await uow.conversations.waiting_or_held()
            if await may_talk(uow, member, conversation)
        ]
        return sorted(found, key=lambda v: v.holder is not Holder.WAITING)


async def open_conversation(c: Community, staff_id: int, resident_id: int) -> ConversationDetail:
    """Read a conversation that waits for or is held by a person. NotFound when it is not this member's to see."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        conversation = await _seen_by(uow, member, resident_id)
        tickets = [await view_of(uow, t, c.clock.now()) for t in await uow.tickets.of_resident(resident_id, 10)]
        lines = closed(await uow.conversations.history(resident_id, 100))
        return ConversationDetail(await conversation_view(uow, conversation), lines, tickets)


async def take(c: Community, staff_id: int, resident_id: int) -> ConversationView:
    """Take a conversation over; the resident is told who is here now."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        conversation = await _seen_by(uow, member, resident_id, for_update=True)
        now = c.clock.now()
        if conversation.holder is Holder.BOT:
            raise IllegalMove("这段对话已经交还给小邻了。")
        mine = conversation.holder is Holder.STAFF and conversation.staff_id == member.id
        conversation.take(member.id, now)
        if not mine:
            await tell(
                uow,
                resident_id,
                f"{member.role_name}{member.name}来接待您了，请直接说。",
                key=f"take-{conversation.id}-{conversation.version}",
                now=now,
                author="system",
            )
        uow.announce("conversations", resident_id=resident_id)
        view = await conversation_view(uow, conversation)
        await uow.commit()
        return view


async def say(c: Community, staff_id: int, resident_id: int, text: str, client_id: str) -> None:
    """Write to the resident as a person. `client_id` (made by the page) makes a double click one message."""
    text = text.strip()
    if not text:
        raise InvalidInput("还没有写内容。")
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"一条消息最多{MAX_TEXT}字，请分开发。")
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        conversation = await _seen_by(uow, member, resident_id, for_update=True)
        if conversation.holder is not Holder.STAFF or conversation.staff_id != member.id:
            raise Forbidden("请先接管这段对话。")
        now = c.clock.now()
        conversation.last_at = now
        await tell(
            uow,
            resident_id,
            text,
            key=f"staff-{member.id}-{client_id[:64]}",
            now=now,
            author="staff",
            author_name=f"{member.name}（{member.role_name}）",
        )
        await chats.wrote(uow, resident_id, now)
        uow.announce("conversations", resident_id=resident_id)
        await uow.commit()


async def hand_back(c: Community, staff_id: int, resident_id: int, summary: str = "") -> None:
    """Give the conversation back to the assistant, and say so. `summary` is kept for the next colleague, not told."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        conversation = await _seen_by(uow, member, resident_id, for_update=True)
        if conversation.holder is Holder.STAFF and conversation.staff_id != member.id:
            raise Forbidden("这段对话在别的同事手里。")
        now = c.clock.now()
        key = f"back-{conversation.id}-{conversation.version}"
        conversation.hand_back(now)
        text = f"{member.role_name}{member.name}已接待完，接下来还是小邻陪您。需要找人随时说“转人工”。"
        await tell(uow, resident_id, text, key=key, now=now, author="system")
        if summary.strip():
            await uow.desk.add_handover(Handover(0, resident_id, member.id, now, summary.strip()[:MAX_HANDOVER]))
        uow.announce("conversations", resident_id=resident_id)
        await uow.commit()


async def return_idle(uow: UnitOfWork, conversation: Conversation, now: datetime) -> None:
    """Give an idle conversation back by itself, with a notice (called by the clock)."""
    waited = conversation.holder is Holder.WAITING
    key = f"idle-{conversation.id}-{conversation.version}"
    conversation.hand_back(now)
    text = (
        f"很抱歉，一直没有等到工作人员接待。您的留言已记下；{HOURS_TEXT}再说“转人工”，会优先接待您。"
        if waited
        else "有一会儿没有新消息了，接下来还是小邻陪您。需要找人随时说“转人工”。"
    )
    await tell(uow, conversation.resident_id, text, key=key, now=now, author="system")
    uow.announce("conversations", resident_id=conversation.resident_id)


async def _seen_by(uow: UnitOfWork, member: Staff, resident_id: int, *, for_update: bool = False) -> Conversation:
    conversation = await uow.conversations.of_resident(resident_id, for_update=for_update)
    hidden = conversation is None or not await may_talk(uow, member, conversation)
    # With the assistant the talk is between it and the resident; staff read it only once a person is asked for.
    if conversation is None or hidden or conversation.holder is Holder.BOT:
        raise NotFound("没有找到这段对话，可能已经交还给小邻。")
    return conversation


async def _resident(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident


async def conversation_view(uow: UnitOfWork, conversation: Conversation) -> ConversationView:
    resident = await _resident(uow, conversation.resident_id)
    room = await uow.places.get(resident.room_id) if resident.room_id else None
    member = await uow.people.staff(conversation.staff_id) if conversation.staff_id else None
    last = closed(await uow.conversations.history(resident.id, 1))
    return ConversationView(
        resident_id=resident.id,
        resident_name=resident.name or "未登记姓名",
        home=room.full_name if room else "未绑定住址",
        holder=conversation.holder,
        topic=conversation.topic,
        topic_name=TOPIC_NAMES[conversation.topic],
        reason=conversation.reason,
        requested_at=conversation.requested_at,
        last_at=conversation.last_at,
        staff_id=conversation.staff_id,
        staff_name=member.name if member else "",
        last_text=last[-1].text if last else "",
    )
