"""What a community does with proposals: raise one from repeated complaints, refuse, note what the meeting said, follow up what was
decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from community.errors import InvalidInput, NotFound
from community.model.ballot import Ballot
from community.model.calendar import local
from community.model.category import Category, category_name
from community.model.deliberation import (
    MAX_TITLE,
    MAX_WORDS,
    OUTCOME_NAMES,
    FollowUp,
    Meeting,
    Move,
    Outcome,
    Proposal,
    ProposalEvent,
    Status,
)
from community.model.people import Actor
from community.ports import Community, UnitOfWork
from community.services import deliberation as shared
from community.services.deliberation import ProposalView
from community.services.proposals import TaskView

LOOKED_AT = 400
REPEATED = 3
"""Open tickets of one category in one estate that are worth a proposal."""


@dataclass(frozen=True)
class Repeated:
    """Open tickets of one kind in one place: what a proposal could be raised from."""

    category: Category
    category_name: str
    place_id: int
    place: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class DeskList:
    """`thresholds`: (community id, its name, households)."""

    proposals: tuple[ProposalView, ...]
    repeated: tuple[Repeated, ...]
    thresholds: tuple[tuple[int, str, int], ...]


@dataclass(frozen=True)
class DeskProposal:
    """All of one, for staff. `concerned` is how many residents are told of each step."""

    proposal: ProposalView
    proposer: str
    allowed: frozenset[Move]
    events: tuple[ProposalEvent, ...]
    tickets: tuple[tuple[str, str], ...]
    concerned: int
    meeting: Meeting | None
    ballots: tuple[Ballot, ...]
    tasks: tuple[TaskView, ...]


async def list_proposals(c: Community, staff_id: int) -> DeskList:
    async with c.reading() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        proposals = await shared.views_of(uow, await uow.proposals.of_communities(communities))
        thresholds = []
        for community_id in sorted(communities):
            place = await uow.places.get(community_id)
            if place is not None:
                thresholds.append((community_id, place.name, await shared.threshold_of(uow, community_id)))
        return DeskList(tuple(proposals), tuple(await _repeated(uow, communities)), tuple(thresholds))


async def _repeated(uow: UnitOfWork, communities: frozenset[int]) -> list[Repeated]:
    groups: dict[tuple[Category, int], list[str]] = defaultdict(list)
    for ticket in await uow.proposals.repeated(communities, None, LOOKED_AT):
        if ticket.estate_id is not None:
            groups[ticket.category, ticket.estate_id].append(ticket.number)
    found = []
    for (category, estate_id), numbers in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        estate = await uow.places.get(estate_id) if len(numbers) >= REPEATED else None
        if estate is not None:
            found.append(Repeated(category, category_name(category), estate.id, estate.name, tuple(numbers)))
    return found[:6]


async def open_proposal(c: Community, staff_id: int, proposal_id: int) -> DeskProposal:
    async with c.reading() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        proposal = await uow.proposals.get(proposal_id)
        if proposal is None or proposal.community_id not in communities:
            raise NotFound("没有找到这个议题。")
        who = "社区提出"
        if proposal.proposer_id is not None:
            resident = await uow.people.resident(proposal.proposer_id)
            who = resident.name or "居民" if resident is not None else "居民"
        tickets = await uow.proposals.tickets(proposal.id)
        tasks = await uow.proposals.tasks(proposal.id)
        return DeskProposal(
            await shared.view_of(uow, proposal),
            who,
            proposal.allowed(),
            tuple(e for e in await uow.proposals.events(proposal.id)),
            tuple((ticket.number, ticket.title) for ticket in tickets),
            len(await uow.proposals.concerned(proposal.id)),
            await uow.meetings.get(proposal.meeting_id) if proposal.meeting_id else None,
            tuple(await uow.ballots.of_proposal(proposal.id)),
            tuple(TaskView(t.id, t.what, t.owner, t.due, t.progress, t.done_at is not None) for t in tasks),
        )


async def set_threshold(c: Community, staff_id: int, community_id: int, households: int) -> None:
    """How many households must co-sign what is raised from now on in this community."""
    async with c.uow() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        if community_id not in communities:
            raise NotFound("没有找到这个社区。")
        await shared.keep_threshold(uow, community_id, households)
        await uow.commit()


@dataclass(frozen=True)
class FromTickets:
    """A proposal of the community's own, raised from complaints. Every reporter hears what becomes of it."""

    title: str
    words: str
    numbers: Sequence[str]
    key: str


async def raise_from_tickets(c: Community, staff_id: int, cmd: FromTickets) -> ProposalView:
    title, words = cmd.title.strip(), cmd.words.strip()
    if not 4 <= len(title) <= MAX_TITLE:
        raise InvalidInput(f"议题的名字要4到{MAX_TITLE}字。")
    if len(words) > MAX_WORDS:
        raise InvalidInput(f"说明请控制在{MAX_WORDS}字以内。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, communities = await shared.clerk_of(uow, staff_id)
        ref = await uow.keys.ref(cmd.key)
        proposal = await uow.proposals.get(int(ref)) if ref else None
        if proposal is None:
            tickets = [await uow.tickets.by_number(number.strip()) for number in cmd.numbers]
            found = [one for one in tickets if one is not None and one.community_id in communities]
            if not found or len(found) < len(tickets) or found[0].community_id is None:
                raise InvalidInput("有工单不在您的社区，或者没有选工单。")
            if len({one.community_id for one in found}) > 1:
                raise InvalidInput("请选同一个社区的工单。")
            # From complaints of many it goes to the agenda at once: they have said what co-signers would say.
            community_id = found[0].community_id
            proposal = Proposal(0, community_id, title, words or title, found[0].category, now, now, 0, status=Status.CO_SIGNED)
            estate = await uow.places.get(found[0].estate_id) if found[0].estate_id else None
            proposal.place_id, proposal.place_text = (estate.id, estate.name) if estate else (None, found[0].place_text)
            proposal.staff_id = member.id
            incidents = {one.incident_id for one in found}
            proposal.incident_id = incidents.pop() if len(incidents) == 1 else None
            await uow.proposals.add(proposal)
            await uow.proposals.link(proposal.id, [one.id for one in found])
            note = f"来自{len(found)}件{category_name(proposal.category)}工单"
            await shared.note_down(uow, proposal, Move.RAISE, Actor.of_staff(member), now, note)
            text = f"您反映的事和别家是一样的，社区提成了议题“{title}”，要请大家一起商量，有进展告诉您。您的工单照常办。"
            await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:raised", now)
            await uow.keys.put(cmd.key, str(proposal.id), now)
        view = await shared.view_of(uow, proposal)
        await uow.commit()
        return view


async def refuse(c: Community, staff_id: int, proposal_id: int, reason: str) -> int:
    """Refuse it, with a reason that everybody who asked for it reads. Returns how many were told."""
    reason = reason.strip()
    if len(reason) < 4 or len(reason) > 300:
        raise InvalidInput("请写清楚为什么不受理（4到300字），附议的人都会看到。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, proposal = await shared.proposal_for(uow, staff_id, proposal_id)
        await shared.mark(uow, proposal, Move.REFUSE, Actor.of_staff(member), now, reason)
        proposal.reason, proposal.meeting_id = reason, None
        text = f"议题“{proposal.title}”这次没有受理，原因：{reason}\n有不同意见，跟我说“找工作人员”。"
        told = await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:refused", now)
        await uow.commit()
        return told


async def discussed(c: Community, staff_id: int, proposal_id: int, words: str) -> None:
    """What the meeting said of it."""
    if not 2 <= len(words.strip()) <= MAX_WORDS:
        raise InvalidInput("请写会上是怎么说的。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, proposal = await shared.proposal_for(uow, staff_id, proposal_id)
        await shared.mark(uow, proposal, Move.DISCUSS, Actor.of_staff(member), now, words.strip())
        await uow.commit()


async def decide(c: Community, staff_id: int, proposal_id: int, passed: bool, words: str) -> int:
    """A decision that needed no ballot: everybody at the meeting agreed. Returns how many were told."""
    if not 2 <= len(words.strip()) <= MAX_WORDS:
        raise InvalidInput("请写定了什么，居民会看到。")
    async with c.uow() as uow:
        member, proposal = await shared.proposal_for(uow, staff_id, proposal_id)
        if proposal.status is Status.VOTING:
            raise InvalidInput("正在表决，由表决来定。")
        outcome = Outcome.PASSED if passed else Outcome.REFUSED
        told = await decided(uow, proposal, outcome, f"会上商定：{words.strip()}", Actor.of_staff(member), c)
        await uow.commit()
        return told


async def decided(
    uow: UnitOfWork, proposal: Proposal, outcome: Outcome, words: str, actor: Actor, c: Community, but: Collection[int] = ()
) -> int:
    """Inside a unit of work: it has its outcome, and everybody who asked for it hears of it, `but` those who have heard."""
    now = c.clock.now()
    await shared.mark(uow, proposal, Move.DECIDE, actor, now, words)
    proposal.outcome, proposal.outcome_words = outcome, words
    text = f"您关心的议题“{proposal.title}”有结果了：{OUTCOME_NAMES[outcome]}。\n{words}。"
    text = text.replace("。。", "。")
    if outcome is Outcome.PASSED:
        text += "\n接下来由社区盯着落实，有进展告诉您。"
    concerned = set(await uow.proposals.concerned(proposal.id)) - set(but)
    return await shared.tell_each(uow, concerned, text, f"proposal-{proposal.id}:decided:{proposal.meeting_id}", now)


async def again(c: Community, staff_id: int, proposal_id: int) -> None:
    """Back to where it waits for a meeting: no quorum, refused, or a meeting that came to nothing."""
    async with c.uow() as uow:
        member, proposal = await shared.proposal_for(uow, staff_id, proposal_id)
        if proposal.status is Status.VOTING:
            raise InvalidInput("正在表决，先取消表决。")
        await shared.mark(uow, proposal, Move.AGAIN, Actor.of_staff(member), c.clock.now())
        await uow.commit()


async def add_task(c: Community, staff_id: int, proposal_id: int, what: str, owner: str, due: date, key: str) -> None:
    what, owner = what.strip(), owner.strip()
    if not 2 <= len(what) <= 200 or not 1 <= len(owner) <= 64:
        raise InvalidInput("请写要做什么、由谁来做。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, proposal = await shared.proposal_for(uow, staff_id, proposal_id)
        if Move.PROGRESS not in proposal.allowed():
            raise InvalidInput("通过了的议题才有要落实的事。")
        if due < local(now).date():
            raise InvalidInput("完成的日子已经过去了。")
        if await uow.keys.ref(key) is None:
            await uow.proposals.add_task(FollowUp(0, proposal.id, what, owner, due))
            note = f"{what}，{owner}，{due.month}月{due.day}日前"
            await shared.mark(uow, proposal, Move.PROGRESS, Actor.of_staff(member), now, note)
            text = f"“{proposal.title}”开始落实：{what}，由{owner}负责，{due.month}月{due.day}日前完成。"
            await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:task:{key}", now)
            await uow.keys.put(key, str(proposal.id), now)
        await uow.commit()


async def progress(c: Community, staff_id: int, task_id: int, words: str, done: bool, key: str) -> int:
    """How far a task is, told to everybody who asked for the proposal. Returns how many were told."""
    words = words.strip()
    if len(words) < 2 or len(words) > 300:
        raise InvalidInput("请写一句到哪一步了，居民会看到。")
    async with c.uow() as uow:
        now = c.clock.now()
        task = await uow.proposals.task(task_id)
        member, proposal = await shared.proposal_for(uow, staff_id, task.proposal_id if task else 0)
        if task is None:
            raise NotFound("没有找到这一项。")
        if await uow.keys.ref(key) is not None:
            return 0
        if task.done_at is not None:
            raise InvalidInput("这一项已经完成了。")
        task.progress, task.done_at = words, now if done else None
        await shared.mark(uow, proposal, Move.PROGRESS, Actor.of_staff(member), now, f"{task.what}：{words}")
        state = "完成了" if done else "有进展"
        text = f"“{proposal.title}”的落实{state}：{task.what}——{words}"
        told = await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:progress:{key}", now)
        await uow.keys.put(key, str(proposal.id), now)
        await uow.commit()
        return told


async def finish(c: Community, staff_id: int, proposal_id: int, words: str) -> int:
    """All is done: told to everybody who asked for it. Raises InvalidInput while a task is open."""
    if not 2 <= len(words.strip()) <= 300:
        raise InvalidInput("请写一句落实的结果，居民会看到。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, proposal = await shared.proposal_for(uow, staff_id, proposal_id)
        if any(task.done_at is None for task in await uow.proposals.tasks(proposal.id)):
            raise InvalidInput("还有没完成的事项，先把它们办完。")
        await shared.mark(uow, proposal, Move.FINISH, Actor.of_staff(member), now, words.strip())
        text = f"“{proposal.title}”落实完了：{words.strip()}\n谢谢您一起商量。"
        told = await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:finished", now)
        await uow.commit()
        return told
