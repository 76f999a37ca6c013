"""The meetings of a community: planned, put an agenda on, told to the households concerned, held, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.errors import InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.deliberation import (
    MEETING_NAMES,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Move,
    Status,
    check_meeting,
    notice_text,
)
from community.model.people import Actor, Staff
from community.ports import Community, UnitOfWork
from community.services import deliberation as shared
from community.services.deliberation import ProposalView

MAX_MINUTES = 3000


@dataclass(frozen=True)
class NewMeeting:
    """`starts_at` aware. `key` makes it once."""

    place_id: int
    kind: MeetingKind
    title: str
    starts_at: datetime
    where_text: str
    key: str


@dataclass(frozen=True)
class MeetingView:
    """`waiting`: proposals that could be put on its agenda. `notice` is exactly what the households would read now; `reach` how many
    residents (of how many households) it goes to."""

    meeting: Meeting
    agenda: tuple[ProposalView, ...]
    waiting: tuple[ProposalView, ...]
    notice: str
    households: int
    reach: int


async def list_meetings(c: Community, staff_id: int) -> list[Meeting]:
    async with c.reading() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        return await uow.meetings.of_communities(communities)


async def scopes(c: Community, staff_id: int) -> list[tuple[int, str]]:
    """(place id, name) of all that a meeting or a ballot of this member may be of."""
    async with c.reading() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        return [one for community_id in sorted(communities) for one in await shared.scopes(uow, community_id)]


async def plan(c: Community, staff_id: int, new: NewMeeting) -> Meeting:
    async with c.uow() as uow:
        now = c.clock.now()
        _, communities = await shared.clerk_of(uow, staff_id)
        ref = await uow.keys.ref(new.key)
        meeting = await uow.meetings.get(int(ref)) if ref else None
        if meeting is None:
            place = await shared.scope_place(uow, communities, new.place_id)
            check_meeting(new.title, new.where_text, new.starts_at, now)
            meeting = Meeting(
                0, place.community_id or place.id, place.id, place.full_name or place.name, new.kind, new.title.strip(), new.starts_at,
                new.where_text.strip(), now,
            )  # fmt: skip
            await uow.meetings.add(meeting)
            await uow.keys.put(new.key, str(meeting.id), now)
            uow.announce("deliberation", community_id=meeting.community_id)
        await uow.commit()
        return meeting


async def change(c: Community, staff_id: int, meeting_id: int, title: str, starts_at: datetime, where: str) -> None:
    """Another time or place. Households that were told hear of it with the next notice."""
    async with c.uow() as uow:
        _, meeting = await _meeting_for(uow, staff_id, meeting_id)
        _still(meeting)
        check_meeting(title, where, starts_at, c.clock.now())
        meeting.title, meeting.starts_at, meeting.where_text = title.strip(), starts_at, where.strip()
        await uow.commit()


async def open_meeting(c: Community, staff_id: int, meeting_id: int) -> MeetingView:
    async with c.reading() as uow:
        _, meeting = await _meeting_for(uow, staff_id, meeting_id, lock=False)
        agenda = await shared.views_of(uow, await uow.proposals.of_meeting(meeting.id))
        ready = await uow.proposals.of_communities([meeting.community_id], (Status.CO_SIGNED, Status.RAISED))
        waiting = await shared.views_of(uow, ready)
        waiting.sort(key=lambda one: (one.status is not Status.CO_SIGNED, -one.signed))
        rooms, residents = await _reach(uow, meeting)
        text = notice_text(meeting, [one.title for one in agenda], c.clock.now())
        return MeetingView(meeting, tuple(agenda), tuple(waiting), text, rooms, len(residents))


async def set_agenda(c: Community, staff_id: int, meeting_id: int, proposal_ids: Sequence[int]) -> None:
    """The agenda is these proposals in this order; what was on it and is not any more waits again. Who asked for them is told."""
    async with c.uow() as uow:
        now = c.clock.now()
        member, meeting = await _meeting_for(uow, staff_id, meeting_id)
        _still(meeting)
        before = {one.id: one for one in await uow.proposals.of_meeting(meeting.id)}
        for gone in set(before) - set(proposal_ids):
            await shared.mark(uow, before[gone], Move.UNSCHEDULE, Actor.of_staff(member), now)
        for order, proposal_id in enumerate(dict.fromkeys(proposal_ids), 1):
            proposal = await uow.proposals.get(proposal_id, for_update=True)
            if proposal is None or proposal.community_id != meeting.community_id:
                raise NotFound("没有找到这个议题。")
            if proposal_id not in before:
                await shared.mark(uow, proposal, Move.SCHEDULE, Actor.of_staff(member), now, meeting.title)
                proposal.meeting_id = meeting.id
                when = day_text(meeting.starts_at, now)
                text = f"您关心的议题“{proposal.title}”排上了{MEETING_NAMES[meeting.kind]}，{when}在{meeting.where_text}议，欢迎来说说。"
                await shared.tell_concerned(uow, proposal, text, f"meeting-{meeting.id}:agenda:{proposal.id}", now)
            proposal.agenda_order = order
        await uow.commit()


async def send_notice(c: Community, staff_id: int, meeting_id: int, seen: str, key: str) -> int:
    """Tell the households concerned. `seen` is the text that was shown: it is refused when that has changed since.
    Returns how many residents were told."""
    async with c.uow() as uow:
        now = c.clock.now()
        _, meeting = await _meeting_for(uow, staff_id, meeting_id)
        ref = await uow.keys.ref(key)
        if ref is not None:
            return int(ref)
        agenda = [one.title for one in await uow.proposals.of_meeting(meeting.id)]
        text = notice_text(meeting, agenda, now)
        if seen != text:
            raise InvalidInput("通知的内容刚才变了，请再看一遍再发。")
        if meeting.starts_at <= now:
            raise InvalidInput("开会的时间已经过去了，先改时间再通知。")
        meeting.become(MeetingStatus.NOTICED)
        meeting.notices += 1
        _, residents = await _reach(uow, meeting)
        told = await shared.tell_each(uow, residents, text, f"meeting-{meeting.id}:notice-{meeting.notices}", now)
        meeting.told = told
        await uow.keys.put(key, str(told), now)
        await uow.commit()
        return told


async def held(c: Community, staff_id: int, meeting_id: int, minutes: str, key: str) -> int:
    """The meeting was held: its minutes go to everybody who asked for what was on its agenda. Returns how many were told."""
    minutes = minutes.strip()
    if not 10 <= len(minutes) <= MAX_MINUTES:
        raise InvalidInput(f"请写会议纪要（10到{MAX_MINUTES}字），关心这些议题的居民会收到。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, meeting = await _meeting_for(uow, staff_id, meeting_id)
        ref = await uow.keys.ref(key)
        if ref is not None:
            return int(ref)
        if meeting.starts_at > now:
            raise InvalidInput("会还没有开。")
        meeting.become(MeetingStatus.HELD)
        meeting.minutes, meeting.minutes_at = minutes, now
        concerned: set[int] = set()
        for proposal in await uow.proposals.of_meeting(meeting.id):
            concerned |= set(await uow.proposals.concerned(proposal.id))
            if proposal.status is Status.AGENDA:
                await shared.mark(uow, proposal, Move.DISCUSS, Actor.of_staff(member), now, meeting.title)
        text = minutes_text(meeting)
        told = await shared.tell_each(uow, concerned, text, f"meeting-{meeting.id}:minutes", now)
        await uow.keys.put(key, str(told), now)
        await uow.commit()
        return told


def minutes_text(meeting: Meeting) -> str:
    return f"【会议纪要】{meeting.title}\n{meeting.minutes}"


async def cancel(c: Community, staff_id: int, meeting_id: int, reason: str) -> int:
    """Called off: who was told of it is told, and what was on its agenda waits for another."""
    if not 2 <= len(reason.strip()) <= 200:
        raise InvalidInput("请写一句为什么不开了。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, meeting = await _meeting_for(uow, staff_id, meeting_id)
        was_told = meeting.status is MeetingStatus.NOTICED
        meeting.become(MeetingStatus.CANCELLED)
        for proposal in await uow.proposals.of_meeting(meeting.id):
            await shared.mark(uow, proposal, Move.UNSCHEDULE, Actor.of_staff(member), now, reason.strip())
        told = 0
        if was_told:
            _, residents = await _reach(uow, meeting)
            text = f"【取消】{meeting.title}（原定{day_text(meeting.starts_at, now)}）不开了：{reason.strip()}"
            told = await shared.tell_each(uow, residents, text, f"meeting-{meeting.id}:cancelled", now)
        await uow.commit()
        return told


def _still(meeting: Meeting) -> None:
    if meeting.status not in (MeetingStatus.PLANNED, MeetingStatus.NOTICED):
        raise InvalidInput("这个会已经开过或者取消了，不能再改。")


async def _meeting_for(uow: UnitOfWork, staff_id: int, meeting_id: int, *, lock: bool = True) -> tuple[Staff, Meeting]:
    member, communities = await shared.clerk_of(uow, staff_id)
    meeting = await uow.meetings.get(meeting_id, for_update=lock)
    if meeting is None or meeting.community_id not in communities:
        raise NotFound("没有找到这个会。")
    return member, meeting


async def _reach(uow: UnitOfWork, meeting: Meeting) -> tuple[int, list[int]]:
    """(households of its place, residents of them whom we can write to)."""
    place = await uow.places.get(meeting.place_id)
    rooms = [one.room_id for one in await uow.ballots.households_in(place)] if place is not None else []
    return len(rooms), await shared.living_in(uow, rooms)
