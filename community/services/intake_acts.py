"""What staff decide about a draft from a group: a ticket of it, into one that is there, not wanted, put right, whose it is; and back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import IllegalMove, InvalidInput, NotFound
from community.model.category import Category, Urgency, category_name
from community.model.intake import MAX_WORDS, SOURCE, DraftState, DraftStep, GroupDraft, ticket_words
from community.model.people import Actor, Resident, Staff
from community.model.ticket import OPEN, Move
from community.ports import Community, UnitOfWork
from community.services import gathering, moves
from community.services.access import communities_of, ticket_for
from community.services.intake import (
    DraftView,
    intake_member,
    match_of,
    note,
    own_draft,
    place_for,
    put_place,
    views_of,
    who_of,
    words_of,
)
from community.services.on_behalf import tell_filed
from community.services.tickets import FileTicket, announce, file_in

NOBODY = "群里的邻居"
"""What stands for who wrote in the group, while no member of staff has linked them: there is no resident of ours behind it."""
UNDO_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Change:
    """What of a draft is to be another. None stays."""

    place_text: str | None = None
    category: Category | None = None
    urgency: Urgency | None = None
    words: str | None = None


@dataclass(frozen=True)
class MaybeResident:
    """The one resident of that name who lives in the draft's grid."""

    resident_id: int
    name: str
    home: str


async def confirm(c: Community, staff_id: int, draft_id: int) -> DraftView:
    """A ticket of it, source `group`. Once: a second press, also a colleague's, finds it. Raises IllegalMove for what was dropped."""
    async with c.reading() as uow:
        draft = await own_draft(uow, await intake_member(uow, staff_id), draft_id)
        reports = [(draft.category, draft.place_id)]
    async with c.uow() as uow:
        await gathering.hold(uow, reports)
        member, draft = await _open(uow, staff_id, draft_id, DraftState.FILED)
        now = c.clock.now()
        if draft.state is DraftState.OPEN:
            resident = await _resident(uow, draft, now)
            who = who_of(c, draft)
            command = FileTicket(
                resident.id,
                draft.category,
                ticket_words(who, draft.said_at, words_of(c, draft), draft.also),
                draft.place_text,
                draft.place_id,
                f"group-{draft.id}:ticket",
                urgency=draft.urgency,
                source=SOURCE,
            )
            otherwise = await uow.places.get(draft.grid_id or draft.community_id or member.place_id or 0)
            ticket = await file_in(uow, c, command, resident, by=Actor.of_staff(member), otherwise=otherwise)
            draft.ticket_id = ticket.id
            await _decided(uow, draft, member, DraftState.FILED, DraftStep.FILED, now, f"工单{ticket.number}")
            if draft.resident_id is not None:
                await tell_filed(uow, member, resident, ticket, command.key, now)
        return await _done(uow, c, member, draft)


async def merge(c: Community, staff_id: int, draft_id: int, number: str = "") -> DraftView:
    """Into a ticket that is there, as a note for who handles it; without a number into the one it was shown with."""
    async with c.uow() as uow:
        member, draft = await _open(uow, staff_id, draft_id, DraftState.MERGED)
        now = c.clock.now()
        if draft.state is DraftState.OPEN:
            if not number.strip():
                found = await match_of(uow, c, member, draft)
                if found is None:
                    raise InvalidInput("没有看到同一件事的工单，请写上工单号。")
                number = found.number
            ticket = await ticket_for(uow, member, number, for_update=True)
            if ticket.status not in OPEN:
                raise IllegalMove(f"工单{ticket.number}已经办结或结束，请单独立单。")
            said = ticket_words(who_of(c, draft), draft.said_at, words_of(c, draft), draft.also)
            event = ticket.apply(Move.NOTE, Actor.of_staff(member), now, said[:1000], visible=False)
            await moves.keep(uow, c, ticket, event)
            announce(uow, ticket)
            draft.ticket_id = ticket.id
            await _decided(uow, draft, member, DraftState.MERGED, DraftStep.MERGED, now, f"工单{ticket.number}")
        return await _done(uow, c, member, draft)


async def drop(c: Community, staff_id: int, draft_id: int, reason: str) -> DraftView:
    """Not wanted, with a reason. It can be taken back for 30 days, then it is deleted."""
    if not reason.strip():
        raise InvalidInput("请写一句为什么不要。")
    async with c.uow() as uow:
        member, draft = await _open(uow, staff_id, draft_id, DraftState.DROPPED)
        if draft.state is DraftState.OPEN:
            draft.reason = reason.strip()[:200]
            await _decided(uow, draft, member, DraftState.DROPPED, DraftStep.DROPPED, c.clock.now(), draft.reason)
        return await _done(uow, c, member, draft)


async def undo(c: Community, staff_id: int, draft_id: int | None = None) -> DraftView:
    """Back among those that wait: what was dropped or merged; without an id what this member put away last. A note in a ticket stays, and
    says that it was taken back. A ticket that was filed is the desk's to end. Raises IllegalMove, NotFound."""
    async with c.uow() as uow:
        member = await intake_member(uow, staff_id)
        now = c.clock.now()
        if draft_id is None:
            last = await uow.group_drafts.last_dropped(member.id, now - UNDO_WITHIN)
            if last is None:
                raise NotFound("没有可以撤销的群消息草稿。")
            draft_id = last.id
        draft = await own_draft(uow, member, draft_id, for_update=True)
        if draft.state is DraftState.FILED:
            raise IllegalMove("已经立单了，请在工单里办：不用办的，写明原因办结。")
        if draft.state is not DraftState.OPEN:
            if draft.state is DraftState.MERGED and draft.ticket_id:
                ticket = await uow.tickets.get(draft.ticket_id)
                if ticket is not None and Move.NOTE in ticket.allowed():
                    words = "前面并入的群消息已撤回，不算这件工单的。"
                    event = ticket.apply(Move.NOTE, Actor.of_staff(member), now, words, visible=False)
                    await moves.keep(uow, c, ticket, event)
                    announce(uow, ticket)
            draft.state, draft.ticket_id, draft.reason = DraftState.OPEN, None, ""
            draft.decided_by = draft.decided_at = None
            await note(uow, draft, member, DraftStep.UNDONE, now)
        return await _done(uow, c, member, draft)


async def amend(c: Community, staff_id: int, draft_id: int, change: Change) -> DraftView:
    """Put a draft right. Raises InvalidInput for a place that is not known here, or no words; danger is only taken away by its urgency."""
    async with c.uow() as uow:
        member, draft = await _open(uow, staff_id, draft_id, DraftState.OPEN)
        said: list[str] = []
        if change.place_text is not None and change.place_text.strip() != draft.place_text:
            place, text = await place_for(uow, member, change.place_text)
            if place is None and change.place_text.strip():
                raise InvalidInput(f"“{change.place_text.strip()[:30]}”没有对上您这里的地点，请带上小区名，比如：剡溪花园3幢2单元。")
            if place is None:
                draft.place_id, draft.place_text = None, ""
            else:
                put_place(draft, place, text)
            said.append(f"地点{draft.place_text or '不明'}")
        if change.category is not None and change.category is not draft.category:
            draft.category = change.category
            said.append(f"类别{category_name(change.category)}")
        if change.urgency is not None and change.urgency is not draft.urgency:
            draft.urgency = change.urgency
            said.append("紧急程度")
        if change.words is not None and change.words.strip() != words_of(c, draft):
            if len(change.words.strip()) < 2:
                raise InvalidInput("请写一句是什么事。")
            draft.words = c.vault.encrypt(change.words.strip()[:MAX_WORDS])
            said.append("内容")
        if said:
            await note(uow, draft, member, DraftStep.CHANGED, c.clock.now(), "、".join(said))
        return await _done(uow, c, member, draft)


async def who_may_it_be(c: Community, staff_id: int, draft_id: int) -> MaybeResident | None:
    """The resident of exactly that name in the draft's grid, when there is exactly one: a suggestion, never a link by itself."""
    async with c.reading() as uow:
        member = await intake_member(uow, staff_id)
        return await _maybe(uow, c, member, await own_draft(uow, member, draft_id))


async def link(c: Community, staff_id: int, draft_id: int, resident_id: int | None) -> DraftView:
    """Say that it was this resident: the ticket will be theirs, and they are told. None takes it back. NotFound for anybody but whom
    `who_may_it_be` names."""
    async with c.uow() as uow:
        member, draft = await _open(uow, staff_id, draft_id, DraftState.OPEN)
        if resident_id is not None:
            found = await _maybe(uow, c, member, draft)
            if found is None or found.resident_id != resident_id:
                raise NotFound("对不上唯一的一位居民，不能关联。")
        if draft.resident_id != resident_id:
            draft.resident_id = resident_id
            await note(uow, draft, member, DraftStep.LINKED, c.clock.now(), "" if resident_id else "取消")
        return await _done(uow, c, member, draft)


# --- what they share ------------------------------------------------------------------------------------------------------


async def _open(uow: UnitOfWork, staff_id: int, draft_id: int, wanted: DraftState) -> tuple[Staff, GroupDraft]:
    """Locked, and still to be decided, or decided so already."""
    member = await intake_member(uow, staff_id)
    draft = await own_draft(uow, member, draft_id, for_update=True)
    if draft.state not in (DraftState.OPEN, wanted):
        already = {DraftState.FILED: "已经立单", DraftState.MERGED: "已经并入工单", DraftState.DROPPED: "已经不要了"}[draft.state]
        raise IllegalMove(f"这条群消息{already}。" + ("要用它，先撤销。" if draft.state is DraftState.DROPPED else ""))
    return member, draft


async def _decided(
    uow: UnitOfWork, draft: GroupDraft, member: Staff, state: DraftState, step: DraftStep, now: datetime, words: str
) -> None:
    draft.state, draft.decided_by, draft.decided_at = state, member.id, now
    await note(uow, draft, member, step, now, words)


async def _done(uow: UnitOfWork, c: Community, member: Staff, draft: GroupDraft) -> DraftView:
    (view,) = await views_of(uow, c, member, [draft])
    uow.announce("drafts", community_id=draft.community_id)
    await uow.commit()
    return view


async def _resident(uow: UnitOfWork, draft: GroupDraft, now: datetime) -> Resident:
    linked = await uow.people.resident(draft.resident_id) if draft.resident_id else None
    if linked is not None:
        return linked
    nobody = Resident(0, "r" + secrets.token_hex(12), NOBODY, created_at=now)
    await uow.people.add_resident(nobody)
    return nobody


async def _maybe(uow: UnitOfWork, c: Community, member: Staff, draft: GroupDraft) -> MaybeResident | None:
    name = who_of(c, draft)
    if len(name) < 2 or draft.grid_id is None:
        return None
    there = []
    for person in await uow.desk.residents_named(name, await communities_of(uow, member)):
        room = await uow.places.get(person.room_id) if person.room_id else None
        if room is not None and room.grid_id == draft.grid_id:
            there.append(MaybeResident(person.id, person.name, room.full_name))
    return there[0] if len(there) == 1 else None
