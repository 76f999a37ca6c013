"""The count, once the time is over: the urn is opened, what it means by the rule is written down and told, and nothing of the urn stays."""

from __future__ import annotations

from collections import Counter

from community.errors import IllegalMove, LinsheError, NotFound
from community.model.ballot import SCORES, SECRET_LEAST, Ballot, BallotStatus, Kind, Score, Turnout, average, judge
from community.model.calendar import local
from community.model.deliberation import OUTCOME_NAMES, Outcome, Status
from community.model.people import Actor
from community.ports import Community, UnitOfWork
from community.services import ballot_papers, proposal_desk
from community.services import deliberation as shared
from community.services.ballots import ballot_for


async def close(c: Community, staff_id: int, ballot_id: int) -> Ballot:
    """Count now what is over. Before its time nobody can: a count that may be taken at any moment can be taken at the right one."""
    async with c.reading() as uow:
        await ballot_for(uow, staff_id, ballot_id, lock=False)
    return await _count(c, ballot_id)


async def run(c: Community) -> int:
    """Count whatever is over, and forget papers nobody used. Returns how many ballots."""
    async with c.uow() as uow:
        now = c.clock.now()
        due = await uow.ballots.to_close(now)
        if await uow.ballots.drop_papers(now):
            await uow.commit()
    counted = 0
    for ballot_id in due:
        try:
            await _count(c, ballot_id)
            counted += 1
        except LinsheError:
            continue  # Another process was quicker.
    return counted


async def _count(c: Community, ballot_id: int) -> Ballot:
    async with c.uow() as uow:
        ballot = await uow.ballots.get(ballot_id, for_update=True)
        if ballot is None:
            raise NotFound("没有找到这次表决。")
        if ballot.status is BallotStatus.CLOSED:
            return ballot
        now = c.clock.now()
        if ballot.status is BallotStatus.OPEN and now < ballot.closes_at:
            raise IllegalMove("还没到截止的时间，不能提前开票。")
        ballot.become(BallotStatus.CLOSED)
        turnout, votes = await _votes(uow, c, ballot)
        await uow.ballots.put_votes(ballot.id, votes)
        await uow.ballots.drop_urn(ballot.id)
        await uow.ballots.drop_papers(now, ballot.id)
        judged = judge(ballot, votes, turnout)
        ballot.outcome, ballot.closed_at = judged.outcome, now
        words = judged.words
        if ballot.kind is Kind.SCORES and votes:
            words += "；" + "，".join(await _scores(uow, ballot, votes, c))
        ballot.result = {"roll": turnout.roll, "voted": turnout.voted, "words": words, "counted": bool(votes)}
        await _tell(uow, c, ballot)
        uow.announce("deliberation", community_id=ballot.community_id)
        await uow.commit()
        return ballot


async def _votes(uow: UnitOfWork, c: Community, ballot: Ballot) -> tuple[Turnout, dict[tuple[int, int], int]]:
    """Who took part, and the votes an option (every option, 0 too); none where so few voted that they would not be secret."""
    roll = await uow.ballots.roll(ballot.id)
    voted = set(await uow.ballots.turnout(ballot.id))
    votes: Counter[tuple[int, int]] = Counter(
        {(item, option): 0 for item, one in enumerate(ballot.items) for option in range(len(one["options"]))}
    )
    if ballot.secret:
        sealed = await uow.ballots.urn(ballot.id)
        if len(voted) < SECRET_LEAST or sealed is None:
            return Turnout(len(roll), len(voted)), {}
        votes.update(ballot_papers.opened(c, sealed))
        return Turnout(len(roll), len(voted)), dict(votes)
    named = await uow.ballots.named(ballot.id)
    votes.update((item, option) for _, item, option in named)
    areas = {one.household_id: one.area for one in roll}
    if any(area is None for area in areas.values()):
        return Turnout(len(roll), len(voted)), dict(votes)
    agreed = {household for household, item, option in named if (item, option) == (0, 0)}
    total, part, yes = (sum(areas[one] or 0 for one in whom) for whom in (areas, voted, agreed))
    return Turnout(len(roll), len(voted), total, part, yes), dict(votes)


async def _scores(uow: UnitOfWork, ballot: Ballot, votes: dict[tuple[int, int], int], c: Community) -> list[str]:
    """Write an item's sum into the ledger of 物业服务考核, and say it."""
    said, day = [], local(c.clock.now()).date()
    for item, one in enumerate(ballot.items):
        by_option = [votes.get((item, option), 0) for option in range(len(SCORES))]
        voters = sum(by_option)
        total = sum((len(SCORES) - option) * number for option, number in enumerate(by_option))
        if voters and ballot.company_id is not None:
            score = Score(ballot.company_id, ballot.community_id, ballot.id, item, str(one["title"]), total, voters, day)
            await uow.ballots.add_score(score)
            said.append(f"{one['title']}{average(votes, item):.2f}分")
    return said


def result_text(ballot: Ballot) -> str:
    """What everybody reads of a counted ballot."""
    words = ballot.result.get("words", "")
    if ballot.kind is Kind.SCORES:
        return f"【评议结果】{ballot.title}\n{words}。"
    name = OUTCOME_NAMES[ballot.outcome or Outcome.NO_QUORUM]
    return f"【表决结果】{ballot.title}：{name}\n{words}。\n（算法：{ballot.rule_text}）"


async def _tell(uow: UnitOfWork, c: Community, ballot: Ballot) -> None:
    """Everybody who could vote; and its proposal has its outcome, told to everybody who asked for it."""
    now = c.clock.now()
    rooms = [one.room_id for one in await uow.ballots.roll(ballot.id)]
    living = set(await shared.living_in(uow, rooms))
    await shared.tell_each(uow, living, result_text(ballot), f"ballot-{ballot.id}:result", now)
    proposal = await uow.proposals.get(ballot.proposal_id, for_update=True) if ballot.proposal_id is not None else None
    if proposal is not None and proposal.status is Status.VOTING and ballot.outcome is not None:
        outcome = ballot.outcome
        await proposal_desk.decided(uow, proposal, outcome, str(ballot.result["words"]), Actor.system("计票"), c, but=living)
