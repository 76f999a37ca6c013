"""What residents do with proposals: raise one in a sentence, co-sign, take back, ask what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.ballot import Ballot, BallotStatus
from community.model.category import Category
from community.model.deliberation import (
    MAX_WORDS,
    OPEN,
    SIGNABLE,
    Meeting,
    MeetingStatus,
    Move,
    Proposal,
    Status,
    likeness,
    mention,
    title_of,
)
from community.model.people import Actor
from community.model.place import Place, PlaceKind
from community.ports import Community, UnitOfWork
from community.services import deliberation as shared
from community.services.deliberation import ProposalView
from community.services.places import resolve_in

ALIKE = 0.5
"""Share of a title's character pairs in a sentence from which on both mean the same."""
MEANT = 0.34
"""The same where a proposal is only asked about."""


@dataclass(frozen=True)
class RaiseProposal:
    """`key` makes it once."""

    resident_id: int
    words: str
    category: Category
    key: str


@dataclass(frozen=True)
class Draft:
    """What would be raised: shown before it is. `same` is one that says it already."""

    title: str
    place_text: str
    threshold: int
    same: ProposalView | None


@dataclass(frozen=True)
class Signed:
    """`counted` is False where the household had signed before."""

    proposal: ProposalView
    counted: bool
    ripe: bool


@dataclass(frozen=True)
class TaskView:
    id: int
    what: str
    owner: str
    due: date
    progress: str
    done: bool


@dataclass(frozen=True)
class ProposalNews:
    """All a resident may know of one: where it stands, its meeting, its ballots, what is being done of it."""

    proposal: ProposalView
    signed_by_us: bool
    meeting: Meeting | None
    ballots: tuple[Ballot, ...]
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True)
class Overview:
    """What is on in a resident's community. `community` is '' where their home is not known."""

    community: str
    proposals: tuple[ProposalView, ...]
    signed: frozenset[int]
    meeting: Meeting | None
    agenda: tuple[str, ...]
    last: Meeting | None
    voting: tuple[Ballot, ...]
    counted: tuple[Ballot, ...]


async def draft(c: Community, resident_id: int, words: str) -> Draft:
    """What the words would be raised as. Raises InvalidInput without a home."""
    async with c.reading() as uow:
        home = await shared.home_of(uow, await shared.resident_of(uow, resident_id))
        title = title_of(words)
        place = await _place_of(uow, words, resident_id, home)
        same = await _same(uow, home.community_id or 0, title)
        threshold = await shared.threshold_of(uow, home.community_id or 0)
        return Draft(title, place.full_name or place.name, threshold, same)


async def raise_one(c: Community, cmd: RaiseProposal) -> ProposalView:
    """Raise a proposal in the resident's community; their household is its first co-signer, once its home is verified."""
    words = cmd.words.strip()
    if len(words) < 4:
        raise InvalidInput("请用一句话说说您想提什么。")
    if len(words) > MAX_WORDS:
        raise InvalidInput(f"请控制在{MAX_WORDS}字以内，会上您还可以细说。")
    async with c.uow() as uow:
        now = c.clock.now()
        ref = await uow.keys.ref(cmd.key)
        proposal = await uow.proposals.get(int(ref)) if ref else None
        if proposal is None:
            resident = await shared.resident_of(uow, cmd.resident_id)
            home = await shared.home_of(uow, resident)
            if home.community_id is None:
                raise InvalidInput("还不知道您住的地方归哪个社区，请找工作人员登记一下。")
            place = await _place_of(uow, words, resident.id, home)
            threshold = await shared.threshold_of(uow, home.community_id)
            proposal = Proposal(0, home.community_id, title_of(words), words, cmd.category, now, now, threshold)
            proposal.place_id, proposal.place_text, proposal.proposer_id = place.id, place.full_name or place.name, resident.id
            await uow.proposals.add(proposal)
            actor = Actor.of_resident(resident)
            await shared.note_down(uow, proposal, Move.RAISE, actor, now)
            household = await uow.people.household_of_room(home.id) if resident.home_verified else None
            if household is not None:
                await _sign(uow, proposal, household.id, actor, c)
            await uow.keys.put(cmd.key, str(proposal.id), now)
        view = await shared.view_of(uow, proposal)
        await uow.commit()
        return view


async def sign(c: Community, resident_id: int, proposal_id: int, key: str) -> Signed:
    """Co-sign for one's household; a household counts once. At the threshold everybody who signed is told."""
    async with c.uow() as uow:
        resident = await shared.resident_of(uow, resident_id)
        proposal = await _theirs(uow, resident_id, proposal_id, for_update=True)
        if proposal.status not in SIGNABLE:
            raise Conflict(f"“{proposal.title}”{shared.proposal_view(proposal, 0).state}，不用再附议了。")
        household, _ = await shared.household_of(uow, resident)
        counted = await _sign(uow, proposal, household, Actor.of_resident(resident), c)
        again = await uow.keys.ref(key) is not None
        if not again:
            await uow.keys.put(key, str(proposal.id), c.clock.now())
        view = await shared.view_of(uow, proposal)
        await uow.commit()
        return Signed(view, counted or again, view.signed >= view.threshold)


async def _sign(uow: UnitOfWork, proposal: Proposal, household_id: int, actor: Actor, c: Community) -> bool:
    """The proposal's row is locked (or not yet anybody else's): the count that ripens it is right."""
    now = c.clock.now()
    if not await uow.proposals.sign(proposal.id, household_id, actor.id, now):
        return False
    await shared.mark(uow, proposal, Move.SIGN, actor, now)
    signed = (await uow.proposals.signed([proposal.id])).get(proposal.id, 0)
    if proposal.status is Status.RAISED and signed >= proposal.threshold:
        await shared.mark(uow, proposal, Move.RIPEN, Actor.system(), now, f"{signed}户附议")
        text = f"议题“{proposal.title}”有{signed}户附议了，社区会把它排进议事会，定了日子告诉您。"
        await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:ripe", now, but=actor.id)
    return True


async def withdraw(c: Community, resident_id: int, proposal_id: int) -> ProposalView:
    """Take back one's own proposal before it is on an agenda."""
    async with c.uow() as uow:
        proposal = await _theirs(uow, resident_id, proposal_id, for_update=True)
        if proposal.proposer_id != resident_id:
            raise Forbidden("只有提议题的人能撤回。")
        if proposal.status is not Status.WITHDRAWN:
            now = c.clock.now()
            await shared.mark(uow, proposal, Move.WITHDRAW, Actor.of_resident(await shared.resident_of(uow, resident_id)), now)
            text = f"您附议的“{proposal.title}”，提出的邻居撤回了。"
            await shared.tell_concerned(uow, proposal, text, f"proposal-{proposal.id}:withdrawn", now, but=resident_id)
        view = await shared.view_of(uow, proposal)
        await uow.commit()
        return view


async def news(c: Community, resident_id: int, proposal_id: int) -> ProposalNews:
    """What became of one proposal of the resident's community (or their own)."""
    async with c.reading() as uow:
        proposal = await _theirs(uow, resident_id, proposal_id)
        resident = await shared.resident_of(uow, resident_id)
        household = await uow.people.household_of_room(resident.room_id) if resident.room_id else None
        signed = await uow.proposals.signed_by(household.id) if household and resident.home_verified else set()
        meeting = await uow.meetings.get(proposal.meeting_id) if proposal.meeting_id else None
        if meeting is not None and meeting.status in (MeetingStatus.PLANNED, MeetingStatus.CANCELLED):
            meeting = None
        ballots = await uow.ballots.of_proposal(proposal.id)
        shown = tuple(one for one in ballots if one.status in (BallotStatus.OPEN, BallotStatus.CLOSED))
        tasks = tuple(
            TaskView(t.id, t.what, t.owner, t.due, t.progress, t.done_at is not None) for t in await uow.proposals.tasks(proposal.id)
        )
        return ProposalNews(await shared.view_of(uow, proposal), proposal.id in signed, meeting, shown, tasks)


async def overview(c: Community, resident_id: int) -> Overview:
    async with c.reading() as uow:
        resident = await shared.resident_of(uow, resident_id)
        room = await uow.places.get(resident.room_id) if resident.room_id else None
        community = await uow.places.get(room.community_id) if room is not None and room.community_id else None
        if room is None or community is None:
            return Overview("", (), frozenset(), None, (), None, (), ())
        now = c.clock.now()
        proposals = await uow.proposals.of_communities([community.id], limit=60)
        household = await uow.people.household_of_room(room.id) if resident.home_verified else None
        signed = await uow.proposals.signed_by(household.id) if household else set()
        meetings = await uow.meetings.of_communities([community.id])
        coming = [one for one in meetings if one.status is MeetingStatus.NOTICED and one.starts_at >= now]
        held = [one for one in meetings if one.status is MeetingStatus.HELD]
        meeting = min(coming, key=lambda one: one.starts_at, default=None)
        agenda = [one.title for one in await uow.proposals.of_meeting(meeting.id)] if meeting else []
        voting = [one for one in await uow.ballots.open_for(room.id) if one.opens_at <= now < one.closes_at]
        counted = [one for one in await uow.ballots.of_communities([community.id], 30) if one.status is BallotStatus.CLOSED]
        return Overview(
            community.name, tuple(await shared.views_of(uow, proposals)), frozenset(signed), meeting, tuple(agenda),
            held[0] if held else None, tuple(voting), tuple(counted),
        )  # fmt: skip


async def signable(c: Community, resident_id: int) -> list[ProposalView]:
    """What the resident's household may still co-sign, what lacks least first."""
    seen = await overview(c, resident_id)
    found = [one for one in seen.proposals if one.status in SIGNABLE and one.id not in seen.signed]
    return sorted(found, key=lambda one: (one.status is not Status.RAISED, one.threshold - one.signed, -one.id))


async def find(c: Community, resident_id: int, text: str) -> list[ProposalView]:
    """The proposals that the words could mean: by likeness to their titles, or 我提的."""
    async with c.reading() as uow:
        resident = await shared.resident_of(uow, resident_id)
        own = await uow.proposals.of_resident(resident_id)
        if own and ("我提" in text or "我发起" in text or "我那" in text):
            return await shared.views_of(uow, own[:4])
        room = await uow.places.get(resident.room_id) if resident.room_id else None
        if room is None or room.community_id is None:
            return []
        known = await uow.proposals.of_communities([room.community_id], limit=60)
        marks = [(mention(text, one.title), one) for one in known if one.status is not Status.WITHDRAWN]
        best = max((mark for mark, _ in marks), default=0.0)
        if best < MEANT:
            return []
        return await shared.views_of(uow, [one for mark, one in marks if mark >= max(MEANT, best * 0.8)][:4])


async def _theirs(uow: UnitOfWork, resident_id: int, proposal_id: int, *, for_update: bool = False) -> Proposal:
    """A proposal of the resident's community, or their own. NotFound for others'."""
    resident = await shared.resident_of(uow, resident_id)
    proposal = await uow.proposals.get(proposal_id, for_update=for_update)
    room = await uow.places.get(resident.room_id) if resident.room_id else None
    ours = proposal is not None and room is not None and room.community_id == proposal.community_id
    if proposal is None or not (ours or proposal.proposer_id == resident_id):
        raise NotFound("没有找到这个议题。")
    return proposal


async def _same(uow: UnitOfWork, community_id: int, title: str) -> ProposalView | None:
    known = await uow.proposals.of_communities([community_id], OPEN)
    marks = [(min(likeness(title, one.title), likeness(one.title, title)), one) for one in known]
    best, one = max(marks, key=lambda pair: pair[0], default=(0.0, None))
    return await shared.view_of(uow, one) if one is not None and best >= ALIKE else None


async def _place_of(uow: UnitOfWork, words: str, resident_id: int, home: Place) -> Place:
    """Where it is about: a place within the same community that the words name, else the resident's estate."""
    guess = await resolve_in(uow, words, resident_id)
    named = await uow.places.get(guess.place_id) if guess.place_id and not guess.from_home else None
    if guess.place_id and guess.from_home and guess.precise in ("building", "unit"):
        named = await uow.places.get(guess.place_id)
    if named is not None and named.community_id == home.community_id and named.kind is not PlaceKind.ROOM:
        return named
    estate = await uow.places.get(home.estate_id) if home.estate_id else None
    community = await uow.places.get(home.community_id) if home.community_id else None
    return estate or community or home
