"""How a household votes: what is on for it, a paper to vote on, what it is about to say, and the vote itself, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import InvalidInput, NotFound
from community.model.ballot import Ballot, BallotStatus, Paper, check_once
from community.model.calendar import local
from community.ports import Community, UnitOfWork
from community.services import ballot_papers
from community.services import deliberation as shared


@dataclass(frozen=True)
class OnFor:
    """A ballot of a household's roll: whether it takes votes now, and whether theirs is in."""

    ballot: Ballot
    takes: bool
    voted: bool


@dataclass(frozen=True)
class Question:
    """What is to be shown. `lines`: (digit, what stands for the option: a place-holder where it is secret). `said`: what was chosen of each
    item before, the same way; with `complete` all is chosen and is to be read back."""

    token: str
    marks: str
    title: str
    secret: bool
    closes_at: datetime
    item: str
    number: int
    items: int
    lines: tuple[tuple[int, str], ...]
    said: tuple[tuple[str, str], ...]
    complete: bool


@dataclass(frozen=True)
class Cast:
    title: str
    secret: bool
    closes_at: datetime


async def on_for(c: Community, resident_id: int) -> list[OnFor]:
    """Ballots under way for the resident's household. Raises InvalidInput that says what is missing for a vote."""
    async with c.reading() as uow:
        resident = await shared.resident_of(uow, resident_id)
        _, room = await shared.household_of(uow, resident)
        now, found = c.clock.now(), []
        for ballot in await uow.ballots.open_for(room.id):
            household = await uow.ballots.on_roll(ballot.id, room.id)
            voted = household is not None and await uow.ballots.has_voted(ballot.id, household)
            found.append(OnFor(ballot, ballot.opens_at <= now < ballot.closes_at, voted))
        return found


async def paper(c: Community, resident_id: int, ballot_id: int, choice: str = "") -> Question:
    """A new paper. `choice` is an option said in words: of an open ballot it is marked at once."""
    async with c.uow() as uow:
        now = c.clock.now()
        ballot, _, _ = await _voter(uow, resident_id, ballot_id, now)
        token, drawn = await ballot_papers.draw(uow, c, ballot, resident_id, now)
        marks = ""
        if choice and not ballot.secret and len(ballot.items) == 1 and choice in ballot.items[0]["options"]:
            option = ballot.items[0]["options"].index(choice)
            marks = str(drawn.orders[0].index(option) + 1)
        question = _question(ballot, token, drawn, marks)
        await uow.commit()
        return question


async def go_on(c: Community, resident_id: int, token: str, marks: str) -> Question:
    """The next item of a paper, or all that was chosen. NotFound for a paper that is over; InvalidInput for a digit that is not on it."""
    async with c.reading() as uow:
        drawn = await ballot_papers.read(uow, c, token)
        if drawn is None or drawn.resident_id != resident_id:
            raise NotFound("这张票已经用过或者过时了，要投请说“投票”。")
        ballot, _, _ = await _voter(uow, resident_id, drawn.ballot_id, c.clock.now(), lock=False)
        for item, digit in enumerate(marks):
            drawn.option(item, int(digit) if digit.isascii() and digit.isdigit() else 0)
        return _question(ballot, token, drawn, marks)


async def cast(c: Community, resident_id: int, token: str, marks: str, key: str) -> Cast:
    """The household's one vote. The same key again is the same vote; anything else of a household that voted raises Conflict.

    Whose vote and what vote are written apart: the turnout names the household and the day; the choice goes into the urn (or, of an open
    ballot, to the named votes). No receipt is given: nobody can be made to show one.
    """
    async with c.uow() as uow:
        now = c.clock.now()
        ref = await uow.keys.ref(key)
        if ref is not None:
            done = await uow.ballots.get(int(ref))
            if done is not None:
                return Cast(done.title, done.secret, done.closes_at)
        drawn = await ballot_papers.read(uow, c, token)
        if drawn is None or drawn.resident_id != resident_id:
            raise NotFound("这张票已经用过或者过时了，要投请说“投票”。")
        ballot, household, _ = await _voter(uow, resident_id, drawn.ballot_id, now)
        choices = drawn.choices(marks)
        await uow.ballots.turn_out(ballot.id, household, local(now).date())
        if ballot.secret:
            await ballot_papers.drop_in(uow, c, ballot.id, choices)
        else:
            await uow.ballots.name(ballot.id, household, choices)
        await uow.ballots.drop_paper(token)
        await uow.keys.put(key, str(ballot.id), now)
        uow.announce("deliberation", community_id=ballot.community_id)
        await uow.commit()
        return Cast(ballot.title, ballot.secret, ballot.closes_at)


async def _voter(
    uow: UnitOfWork, resident_id: int, ballot_id: int, now: datetime, *, lock: bool = True
) -> tuple[Ballot, int, int]:
    """(ballot, household, room) of a resident who may vote in it now. The ballot's row is locked: votes of one ballot go one by one."""
    resident = await shared.resident_of(uow, resident_id)
    ballot = await uow.ballots.get(ballot_id, for_update=lock)
    if ballot is None or ballot.status is BallotStatus.DRAFT:
        raise NotFound("没有找到这次表决。")
    _, room = await shared.household_of(uow, resident)
    household = await uow.ballots.on_roll(ballot.id, room.id)
    if household is None:
        raise InvalidInput(f"“{ballot.title}”的名册里没有您家（范围：{ballot.place_name}），有疑问请找工作人员。")
    check_once(await uow.ballots.has_voted(ballot.id, household))
    ballot.check_takes(now)
    return ballot, household, room.id


def _question(ballot: Ballot, token: str, drawn: Paper, marks: str) -> Question:
    def name(item: int, digit: int) -> str:
        if ballot.secret:
            return ballot_papers.hidden(token, item, digit)
        return str(ballot.items[item]["options"][drawn.option(item, digit)])

    said = tuple((str(ballot.items[item]["title"]), name(item, int(digit))) for item, digit in enumerate(marks))
    number, complete = len(marks), len(marks) >= len(ballot.items)
    lines = () if complete else tuple((digit, name(number, digit)) for digit in range(1, len(drawn.orders[number]) + 1))
    item = "" if complete else str(ballot.items[number]["title"])
    return Question(
        token, marks, ballot.title, ballot.secret, ballot.closes_at, item, number + 1, len(ballot.items), lines, said, complete
    )
