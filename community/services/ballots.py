"""What a community does with ballots: prepare, open on the roll of that moment, see how many have voted, call off.

They are counted in `ballot_count`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.errors import InvalidInput, NotFound
from community.model.ballot import (
    SCORES,
    SECRET_LEAST,
    YES_NO,
    Ballot,
    BallotStatus,
    Kind,
    Rule,
    Score,
    check_ballot,
)
from community.model.calendar import day_text
from community.model.deliberation import Move, Status
from community.model.message import Button
from community.model.people import Actor, Staff
from community.ports import Community, UnitOfWork, Voter
from community.services import deliberation as shared
from community.services.ballot_papers import sealed_empty


@dataclass(frozen=True)
class NewBallot:
    """`options` empty: 同意/反对/弃权. `items`: what a 民主评议 scores, empty for a choice. `areas`: address (剡溪花园/3/2/502) -> square
    metres, where they are known and the rule is one of owners. `key` makes it once."""

    place_id: int
    title: str
    opens_at: datetime
    closes_at: datetime
    key: str
    kind: Kind = Kind.CHOICE
    options: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    secret: bool = True
    rule: Rule = Rule.DOUBLE_HALF
    quorum_percent: int | None = None
    proposal_id: int | None = None
    company_id: int | None = None


@dataclass(frozen=True)
class BallotView:
    """`voted` of `roll` households. `votes` is None until it is counted, and while it is open of a secret ballot nobody has numbers."""

    ballot: Ballot
    voted: int
    households: int
    votes: Mapping[tuple[int, int], int] | None
    scores: tuple[Score, ...]
    notice: str
    company: str
    proposal_title: str


async def list_ballots(c: Community, staff_id: int) -> list[tuple[Ballot, int]]:
    """(ballot, households that voted), the latest first."""
    async with c.reading() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        found = await uow.ballots.of_communities(communities)
        voted = await uow.ballots.turnouts([one.id for one in found]) if found else {}
        return [(one, voted.get(one.id, 0)) for one in found]


async def companies(c: Community, staff_id: int) -> list[tuple[int, str]]:
    """Property companies of the member's communities: whom a 民主评议 may be of."""
    async with c.reading() as uow:
        _, communities = await shared.clerk_of(uow, staff_id)
        found: dict[int, str] = {}
        for community_id in sorted(communities):
            found |= dict(await uow.ballots.companies_in(community_id))
        return sorted(found.items())


async def prepare(c: Community, staff_id: int, new: NewBallot) -> Ballot:
    """A ballot, not open yet."""
    async with c.uow() as uow:
        now = c.clock.now()
        _, communities = await shared.clerk_of(uow, staff_id)
        ref = await uow.keys.ref(new.key)
        ballot = await uow.ballots.get(int(ref)) if ref else None
        if ballot is None:
            place = await shared.scope_place(uow, communities, new.place_id)
            community_id = place.community_id or place.id
            if new.kind is Kind.SCORES:
                items: list[dict[str, Any]] = [{"title": one.strip(), "options": list(SCORES)} for one in new.items if one.strip()]
                if new.company_id not in dict(await uow.ballots.companies_in(community_id)):
                    raise InvalidInput("请选为本社区服务的物业。")
            else:
                options = [one.strip() for one in new.options if one.strip()] or list(YES_NO)
                items = [{"title": new.title.strip(), "options": options}]
            ballot = Ballot(
                0, community_id, place.id, place.full_name or place.name, new.kind, new.title.strip(), items, new.secret,
                Rule.SCORE if new.kind is Kind.SCORES else new.rule, new.opens_at, new.closes_at, now, new.quorum_percent,
            )  # fmt: skip
            ballot.company_id = new.company_id if new.kind is Kind.SCORES else None
            check_ballot(ballot, now)
            if new.proposal_id is not None:
                _, proposal = await shared.proposal_for(uow, staff_id, new.proposal_id)
                if proposal.status is not Status.DISCUSSED or proposal.community_id != community_id:
                    raise InvalidInput("会上议过的议题才能表决。")
                if any(one.status in (BallotStatus.DRAFT, BallotStatus.OPEN) for one in await uow.ballots.of_proposal(proposal.id)):
                    raise InvalidInput("这个议题已经有一次表决了。")
                ballot.proposal_id, ballot.meeting_id = proposal.id, proposal.meeting_id
            await uow.ballots.add(ballot)
            await uow.keys.put(new.key, str(ballot.id), now)
            uow.announce("deliberation", community_id=community_id)
        await uow.commit()
        return ballot


async def open_ballot(
    c: Community, staff_id: int, ballot_id: int, key: str, areas: Mapping[str, float] | None = None
) -> int:
    """Take the roll as it is now, and tell the households. Returns how many residents were told."""
    async with c.uow() as uow:
        now = c.clock.now()
        member, ballot = await ballot_for(uow, staff_id, ballot_id)
        ref = await uow.keys.ref(key)
        if ref is not None:
            return int(ref)
        check_ballot(ballot, now)
        place = await uow.places.get(ballot.place_id)
        voters = await uow.ballots.households_in(place) if place is not None else []
        if not voters:
            raise InvalidInput("这个范围里名册上没有住户，不能开始表决。")
        if ballot.secret and len(voters) < SECRET_LEAST:
            raise InvalidInput(f"只有{len(voters)}户，无记名也猜得出谁投了什么。请用记名表决，或者扩大范围。")
        if areas:
            if ballot.secret:
                # A sum of areas is a fingerprint: with a list of rooms it says who is in it.
                raise InvalidInput("按面积算只能用记名表决。")
            voters = await _with_areas(uow, voters, areas)
        ballot.become(BallotStatus.OPEN)
        ballot.roll_size = len(voters)
        await uow.ballots.put_roll(ballot.id, voters)
        if ballot.secret:
            await uow.ballots.put_urn(ballot.id, sealed_empty(c))
        if ballot.proposal_id is not None:
            _, proposal = await shared.proposal_for(uow, staff_id, ballot.proposal_id)
            await shared.mark(uow, proposal, Move.VOTE, Actor.of_staff(member), now, ballot.rule_text)
        residents = await shared.living_in(uow, [one.room_id for one in voters])
        # Before its time there is nothing that a digit could do.
        vote = (Button("去投票", f'/vote{{"answer":"ballot:{ballot.id}"}}'),) if ballot.opens_at <= now else ()
        told = await shared.tell_each(uow, residents, notice_text(ballot, now), f"ballot-{ballot.id}:open", now, vote)
        await uow.keys.put(key, str(told), now)
        uow.announce("deliberation", community_id=ballot.community_id)
        await uow.commit()
        return told


async def _with_areas(uow: UnitOfWork, voters: list[Voter], areas: Mapping[str, float]) -> list[Voter]:
    rooms: dict[int, int] = {}
    for address, metres in areas.items():
        room = await uow.places.by_address(address.strip())
        if room is None or not 0 < metres < 100_000:
            raise InvalidInput(f"面积表里“{address.strip()[:30]}”没有对上，请核对。")
        rooms[room.id] = round(metres * 100)
    missing = sum(1 for one in voters if one.room_id not in rooms)
    if missing:
        raise InvalidInput(f"还有{missing}户没有面积。要么都填，要么都不填（只按户数算）。")
    return [Voter(one.household_id, one.room_id, rooms[one.room_id]) for one in voters]


def notice_text(ballot: Ballot, now: datetime) -> str:
    """What the households read when it opens."""
    if ballot.kind is Kind.SCORES:
        what = "、".join(item["title"] for item in ballot.items)
        rows = [f"【民主评议】{ballot.title}", f"请您家给这几项打分：{what}。"]
    else:
        rows = [f"【表决】{ballot.title}", f"可以选：{'、'.join(ballot.items[0]['options'])}。"]
    how = "无记名，谁也看不到您投了什么" if ballot.secret else "记名，结果公布时不公布各户怎么投"
    starts = "现在起" if ballot.opens_at <= now else f"{day_text(ballot.opens_at, now)}起"
    rows.append(f"{starts}，{day_text(ballot.closes_at, now)}截止。一户一票，{how}。")
    rows.append(f"怎么算：{ballot.rule_text}。")
    rows.append("现在就投，回 1。" if ballot.opens_at <= now else "到时候跟我说“投票”。")
    return "\n".join(rows)


async def look(c: Community, staff_id: int, ballot_id: int) -> BallotView:
    """A ballot for staff. Of one that is not counted there are no numbers but the turnout."""
    async with c.reading() as uow:
        _, ballot = await ballot_for(uow, staff_id, ballot_id, lock=False)
        voted = (await uow.ballots.turnouts([ballot.id])).get(ballot.id, 0)
        households = ballot.roll_size
        if ballot.status is BallotStatus.DRAFT:
            place = await uow.places.get(ballot.place_id)
            households = len(await uow.ballots.households_in(place)) if place is not None else 0
        votes = await uow.ballots.votes(ballot.id) if ballot.status is BallotStatus.CLOSED else None
        scores = await uow.ballots.scores(ballot.company_id) if ballot.company_id is not None else []
        company = await uow.people.company(ballot.company_id) if ballot.company_id is not None else None
        proposal = await uow.proposals.get(ballot.proposal_id) if ballot.proposal_id is not None else None
        return BallotView(
            ballot, voted, households, votes, tuple(scores), notice_text(ballot, c.clock.now()), company.name if company else "",
            proposal.title if proposal else "",
        )  # fmt: skip


async def call_off(c: Community, staff_id: int, ballot_id: int, reason: str) -> int:
    """Nothing of it is counted. Who could vote is told. Returns how many were told."""
    if not 2 <= len(reason.strip()) <= 200:
        raise InvalidInput("请写一句为什么取消。")
    async with c.uow() as uow:
        now = c.clock.now()
        member, ballot = await ballot_for(uow, staff_id, ballot_id)
        was_open = ballot.status is BallotStatus.OPEN
        ballot.become(BallotStatus.CANCELLED)
        await uow.ballots.drop_urn(ballot.id)
        await uow.ballots.drop_papers(now, ballot.id)
        told = 0
        if was_open:
            if ballot.proposal_id is not None:
                _, proposal = await shared.proposal_for(uow, staff_id, ballot.proposal_id)
                await shared.mark(uow, proposal, Move.AGAIN, Actor.of_staff(member), now, reason.strip())
            rooms = [one.room_id for one in await uow.ballots.roll(ballot.id)]
            text = f"“{ballot.title}”的表决取消了：{reason.strip()}。已投的票不算。"
            told = await shared.tell_each(uow, await shared.living_in(uow, rooms), text, f"ballot-{ballot.id}:off", now)
        uow.announce("deliberation", community_id=ballot.community_id)
        await uow.commit()
        return told


async def ballot_for(uow: UnitOfWork, staff_id: int, ballot_id: int, *, lock: bool = True) -> tuple[Staff, Ballot]:
    member, communities = await shared.clerk_of(uow, staff_id)
    ballot = await uow.ballots.get(ballot_id, for_update=lock)
    if ballot is None or ballot.community_id not in communities:
        raise NotFound("没有找到这次表决。")
    return member, ballot
