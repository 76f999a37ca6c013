"""Whether the numbers of all ballots and scores agree: `./linshe check ledgers` asks."""

from __future__ import annotations

from collections import Counter

from community.model.ballot import SCORES, Ballot, BallotStatus, Kind
from community.ports import Community, UnitOfWork
from community.services import ballot_papers


async def differences(c: Community) -> list[str]:
    """What does not add up, a sentence each; empty when everything does.

    Of every ballot that is open or counted: each household that voted stands on the roll; the votes of each item are as many as the
    households that voted (in the urn, by name, and in the count); every line of the scores' ledger is the sum of its ballot's votes.
    """
    found: list[str] = []
    async with c.reading() as uow:
        scores = {(one.ballot_id, one.item): one for one in await uow.ballots.scores()}
        for ballot in await uow.ballots.all_counted():
            found += [f"表决{ballot.id}“{ballot.title}”：{said}" for said in await _of_ballot(uow, c, ballot)]
            votes = await uow.ballots.votes(ballot.id)
            for item, one in enumerate(ballot.items):
                line = scores.pop((ballot.id, item), None)
                if ballot.kind is not Kind.SCORES or not votes:
                    if line is not None:
                        found.append(f"评分账：表决{ballot.id}没有计分，账上却有第{item + 1}项")
                    continue
                by_option = [votes.get((item, option), 0) for option in range(len(SCORES))]
                total, voters = sum((len(SCORES) - n) * v for n, v in enumerate(by_option)), sum(by_option)
                if (line.total, line.voters) != (total, voters) if line else voters > 0:
                    kept = f"{line.total}分{line.voters}户" if line else "没有"
                    found.append(f"评分账：表决{ballot.id}“{one['title']}”应是{total}分{voters}户，账上{kept}")
        found += [f"评分账：表决{ballot_id}第{item + 1}项没有对应的表决" for ballot_id, item in scores]
    return found


async def _of_ballot(uow: UnitOfWork, c: Community, ballot: Ballot) -> list[str]:
    found = []
    roll = {one.household_id for one in await uow.ballots.roll(ballot.id)}
    voted = set(await uow.ballots.turnout(ballot.id))
    if len(roll) != ballot.roll_size:
        found.append(f"名册记着{ballot.roll_size}户，实有{len(roll)}户")
    if strangers := voted - roll:
        found.append(f"{len(strangers)}户投了票却不在名册里")
    closed = ballot.status is BallotStatus.CLOSED
    counts: list[tuple[str, dict[tuple[int, int], int]]] = []
    sealed = await uow.ballots.urn(ballot.id)
    if sealed is not None:
        if closed or not ballot.secret:
            found.append("不该再有票箱")
        else:
            counts.append(("票箱", ballot_papers.opened(c, sealed)))
    elif ballot.secret and not closed:
        found.append("票箱不见了")
    named = await uow.ballots.named(ballot.id)
    if ballot.secret and named:
        found.append("无记名表决里有记名的票")
    if not ballot.secret:
        counts.append(("记名票", dict(Counter((item, option) for _, item, option in named))))
        if {household for household, _, _ in named} != voted:
            found.append("记名票和投过票的住户对不上")
    if closed and ballot.result.get("counted"):
        counts.append(("计票", await uow.ballots.votes(ballot.id)))
    for name, votes in counts:
        for item in range(len(ballot.items)):
            number = sum(v for (one, _), v in votes.items() if one == item)
            if number != len(voted):
                found.append(f"{name}第{item + 1}项有{number}票，投过票的有{len(voted)}户")
    if closed and ballot.result.get("voted") != len(voted):
        found.append(f"公布的参加户数是{ballot.result.get('voted')}，实有{len(voted)}户")
    return found
