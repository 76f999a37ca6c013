"""What the demo city's neighbours propose, when they meet, what they vote on and what was decided."""

from __future__ import annotations

import json
import random
from datetime import datetime, time, timedelta
from typing import Any

from community.model.ballot import SCORES, YES_NO, Ballot, BallotStatus, Kind, Rule, Score, Turnout, average, judge
from community.model.calendar import SHANGHAI, local
from community.model.category import Category
from community.model.deliberation import (
    FollowUp,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Move,
    Outcome,
    Proposal,
    ProposalEvent,
    Status,
)
from community.ports import Community
from community.store.seed.rows import Row
from community.store.seed.tickets import Cast
from community.store.uow import SqlUnitOfWork

URN_SIZE = 4096
PATH = {
    Status.CO_SIGNED: (Move.RIPEN,),
    Status.AGENDA: (Move.RIPEN, Move.SCHEDULE),
    Status.VOTING: (Move.RIPEN, Move.SCHEDULE, Move.DISCUSS, Move.VOTE),
    Status.DECIDED: (Move.RIPEN, Move.SCHEDULE, Move.DISCUSS, Move.DECIDE),
    Status.DONE: (Move.RIPEN, Move.SCHEDULE, Move.DISCUSS, Move.DECIDE, Move.FINISH),
    Status.REFUSED: (Move.REFUSE,),
}
"""How each came to where it is."""


async def add_deliberation(
    uow: SqlUnitOfWork, c: Community, cast: Cast, spec: dict[str, Any], draw: random.Random, midnight: datetime
) -> str:
    """All of it. Returns what there is, in a line. Nothing happened after `midnight`, but for what is to come."""
    community_id = cast.book.named[spec["community"]]["id"]
    await uow.facts.put(f"deliberation_threshold:{community_id}", str(spec["threshold"]))
    meetings = {row["key"]: await _meeting(uow, cast, row, community_id, midnight) for row in spec["meetings"]}
    known: dict[str, Proposal] = {}
    for row in sorted(spec["proposals"], key=lambda one: int(one["day"])):
        known[row.get("key", row["title"])] = await _proposal(uow, cast, row, spec, meetings, draw, midnight)
    for row in spec["ballots"]:
        await _ballot(uow, c, cast, row, community_id, known, draw, midnight)
    return f"{len(known)} proposals, {len(meetings)} meetings, {len(spec['ballots'])} ballots"


def _place(cast: Cast, name: str) -> Row:
    return cast.book.addressed[name] if name in cast.book.addressed else cast.book.named[name]


async def _meeting(uow: SqlUnitOfWork, cast: Cast, row: Row, community_id: int, midnight: datetime) -> Meeting:
    day = local(midnight).date() + timedelta(days=row["day"])
    starts = datetime.combine(day, time.fromisoformat(row["at"]), SHANGHAI)
    place = _place(cast, row["place"])
    meeting = Meeting(
        0, community_id, place["id"], row["place"], MeetingKind(row["kind"]), row["title"], starts, row["where"],
        min(starts, midnight) - timedelta(days=12), MeetingStatus(row["status"]), 1, row["told"],
    )  # fmt: skip
    if "minutes" in row:
        meeting.minutes, meeting.minutes_at = row["minutes"], starts + timedelta(hours=4)
    await uow.meetings.add(meeting)
    return meeting


async def _proposal(
    uow: SqlUnitOfWork, cast: Cast, row: Row, spec: Row, meetings: dict[str, Meeting], draw: random.Random, midnight: datetime
) -> Proposal:
    at = midnight + timedelta(days=row["day"], hours=draw.randrange(9, 20), minutes=draw.randrange(60))
    place, who = _place(cast, row["place"]), cast.residents[row["by"]]
    community_id, status = cast.book.named[spec["community"]]["id"], Status(row["status"])
    one = Proposal(0, community_id, row["title"], row["words"], Category(row["category"]), at, at, spec["threshold"])
    one.place_id, one.place_text, one.proposer_id = place["id"], place.get("full_name") or row["place"], who.id
    one.reason, one.outcome_words = row.get("reason", ""), row.get("decided", "")
    one.outcome = Outcome(row["outcome"]) if "outcome" in row else None
    meeting = meetings.get(row.get("meeting", ""))
    await uow.proposals.add(one)
    await _event(uow, one, Move.RAISE, at, "resident", who.id, who.name)
    own = await uow.people.household_of_room(who.room_id) if who.room_id else None
    scope = await uow.places.get(cast.book.named[spec["community"]]["id"])
    rooms = await uow.ballots.households_in(scope) if scope is not None else []
    # Who one can be in the chat signs first (R0001 only what is over the threshold: there is something left to sign); of the others'
    # households whoever raised it handed in a list.
    talkers = {r.room_id: r for code, r in cast.residents.items() if r is not who and (code != "R0001" or status is not Status.RAISED)}
    known = {voter.household_id: talkers[voter.room_id].id for voter in rooms if voter.room_id in talkers}
    free = [voter.household_id for voter in rooms if voter.household_id not in known and (own is None or voter.household_id != own.id)]
    signers = ([own.id] if own is not None else []) + draw.sample(sorted(known), min(len(known), 3)) + draw.sample(free, row["signed"])
    for n, household in enumerate(signers[: row["signed"]]):
        signed = min(at + timedelta(hours=3 * n, minutes=draw.randrange(60)), midnight - timedelta(hours=1))
        resident_id = known.get(household, who.id)
        await uow.proposals.sign(one.id, household, resident_id, signed)
        await _event(uow, one, Move.SIGN, signed, "resident", resident_id, "")
        one.changed_at = signed
    clerk = cast.staff["linxi1"]
    for step, move in enumerate(PATH.get(status, ()), 1):
        after = one.changed_at + timedelta(hours=20 * step)
        moment = meeting.starts_at if meeting and move in (Move.DISCUSS, Move.DECIDE) and meeting.starts_at < midnight else after
        moment = min(moment, midnight - timedelta(minutes=30 - step))
        note = {Move.REFUSE: one.reason, Move.DECIDE: one.outcome_words, Move.FINISH: row.get("finished", "")}.get(move, "")
        kind, name = ("system", "系统") if move is Move.RIPEN else ("staff", clerk.name)
        await _event(uow, one, move, moment, kind, clerk.id, name, note)
        one.changed_at = moment
    one.status = status
    if meeting is not None:
        one.meeting_id, one.agenda_order = meeting.id, len(await uow.proposals.of_meeting(meeting.id)) + 1
    for task in row.get("tasks", ()):
        due = local(midnight).date() + timedelta(days=task["due"])
        done = midnight + timedelta(days=task["done"], hours=15) if "done" in task else None
        await uow.proposals.add_task(FollowUp(0, one.id, task["what"], task["owner"], due, task.get("progress", ""), done))
    await uow.flush()
    return one


async def _event(
    uow: SqlUnitOfWork, one: Proposal, move: Move, at: datetime, kind: str, actor: int, name: str, note: str = ""
) -> None:
    await uow.proposals.add_event(ProposalEvent(0, one.id, at, move, kind, actor, name, note))


def _share(weights: list[int], votes: int, draw: random.Random) -> dict[int, int]:
    drawn = draw.choices(range(len(weights)), weights, k=votes)
    return {option: drawn.count(option) for option in range(len(weights))}


async def _ballot(
    uow: SqlUnitOfWork, c: Community, cast: Cast, row: Row, community_id: int, known: dict[str, Proposal], draw: random.Random,
    midnight: datetime,
) -> None:  # fmt: skip
    today = local(midnight).date()
    opens = datetime.combine(today + timedelta(days=row["opens"]), time(9), SHANGHAI)
    closes = datetime.combine(today + timedelta(days=row["closes"]), time(20), SHANGHAI)
    place = await uow.places.get(_place(cast, row["place"])["id"])
    if place is None:
        raise ValueError(f"no such place: {row['place']}")
    review = "scores" in row
    if review:
        items = [{"title": title, "options": list(SCORES)} for title in row["scores"]]
        weights = list(row["scores"].values())
    else:
        items, weights = [{"title": row["title"], "options": list(YES_NO)}], [row["votes"]]
    kind, rule = (Kind.SCORES, Rule.SCORE) if review else (Kind.CHOICE, Rule(row["rule"]))
    ballot = Ballot(
        0, community_id, place.id, place.full_name or place.name, kind, row["title"], items, row["secret"], rule, opens, closes, opens
    )
    proposal = known[row["proposal"]] if "proposal" in row else None
    if proposal is not None:
        ballot.proposal_id, ballot.meeting_id = proposal.id, proposal.meeting_id
    if review:
        companies = await uow.ballots.companies_in(community_id)
        ballot.company_id = next(one for one, name in companies if name == row["company"])
    roll = await uow.ballots.households_in(place)
    ballot.status, ballot.roll_size = BallotStatus.OPEN, len(roll)
    await uow.ballots.add(ballot)
    await uow.ballots.put_roll(ballot.id, roll)
    # Who one can be in the demo has not voted yet.
    own = {resident.room_id for resident in cast.residents.values()}
    free = [voter.household_id for voter in roll if voter.room_id not in own]
    voters = draw.sample(free, round(len(free) * row["voted"]))
    span = max(1, min(row["closes"], 0) - row["opens"])
    for household in voters:
        await uow.ballots.turn_out(ballot.id, household, today + timedelta(days=row["opens"] + draw.randrange(span)))
    votes = {(n, option): v for n, w in enumerate(weights) for option, v in _share(w, len(voters), draw).items()}
    if closes > midnight:
        inside = json.dumps([[item, option, number] for (item, option), number in sorted(votes.items())])
        await uow.ballots.put_urn(ballot.id, c.vault.encrypt(inside.ljust(URN_SIZE)))
        return
    await uow.ballots.put_votes(ballot.id, votes)
    judged = judge(ballot, votes, Turnout(len(roll), len(voters)))
    ballot.status, ballot.outcome, ballot.closed_at = BallotStatus.CLOSED, judged.outcome, closes + timedelta(minutes=1)
    words = judged.words
    if ballot.company_id is not None:
        words += "；" + "，".join(f"{one['title']}{average(votes, n):.2f}分" for n, one in enumerate(items))
        for n, one in enumerate(items):
            total = sum((len(SCORES) - option) * votes[n, option] for option in range(len(SCORES)))
            day = local(closes).date()
            await uow.ballots.add_score(Score(ballot.company_id, community_id, ballot.id, n, str(one["title"]), total, len(voters), day))
    ballot.result = {"roll": len(roll), "voted": len(voters), "words": words, "counted": True}
    if proposal is not None:
        proposal.outcome, proposal.outcome_words = judged.outcome, judged.words
    await uow.flush()
