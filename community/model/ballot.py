"""表决: one ballot a household, what it takes to pass, and the paper on which choices stand in an order of their own.

Thresholds of 民法典第二百七十八条 are those of the statute's text: two thirds must take part by area and by number, then more than half
(or three quarters, for the matters it names) of those who take part must agree by area and by number.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from community.errors import Conflict, IllegalMove, InvalidInput
from community.model.calendar import day_text
from community.model.deliberation import Outcome

AGREE, AGAINST, ABSTAIN = "同意", "反对", "弃权"
YES_NO = (AGREE, AGAINST, ABSTAIN)
SCORES = ("5分 很满意", "4分 比较满意", "3分 一般", "2分 不太满意", "1分 很不满意")
"""Options of an item of 民主评议, best first: option 0 is worth 5."""
SECRET_LEAST = 5
"""Households below which nothing is secret: neither is a secret ballot opened for fewer, nor one counted in which fewer took part."""
MOST_OPTIONS, MOST_ITEMS = 9, 8
LONGEST_OPEN = timedelta(days=60)


class Kind(StrEnum):
    CHOICE = "choice"
    SCORES = "scores"


class BallotStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


BALLOT_NAMES = {
    BallotStatus.DRAFT: "还没开始", BallotStatus.OPEN: "投票中", BallotStatus.CLOSED: "已计票", BallotStatus.CANCELLED: "已取消",
}  # fmt: skip
BALLOT_MOVES: dict[BallotStatus, frozenset[BallotStatus]] = {
    BallotStatus.DRAFT: frozenset({BallotStatus.OPEN, BallotStatus.CANCELLED}),
    BallotStatus.OPEN: frozenset({BallotStatus.CLOSED, BallotStatus.CANCELLED}),
    BallotStatus.CLOSED: frozenset(),
    BallotStatus.CANCELLED: frozenset(),
}


class Rule(StrEnum):
    SIMPLE = "simple"
    DOUBLE_HALF = "double_half"
    OWNERS = "owners"
    OWNERS_SPECIAL = "owners_special"
    MOST = "most"
    SCORE = "score"


@dataclass(frozen=True)
class Terms:
    """`take_part`: share of the roll that must vote, `more`: or more than it; `agree`: share of those who vote that must agree."""

    name: str
    take_part: Fraction
    take_part_more: bool
    agree: Fraction
    agree_more: bool
    owners: bool = False

    def enough(self, part: Fraction, quorum: Fraction | None = None) -> bool:
        if quorum is not None:
            return part >= quorum
        return part > self.take_part if self.take_part_more else part >= self.take_part

    def agreed(self, part: Fraction) -> bool:
        return part > self.agree if self.agree_more else part >= self.agree


HALF, TWO_THIRDS, THREE_QUARTERS = Fraction(1, 2), Fraction(2, 3), Fraction(3, 4)
RULES: dict[Rule, Terms] = {
    Rule.SIMPLE: Terms("参加投票的过半数同意", Fraction(0), True, HALF, True),
    Rule.DOUBLE_HALF: Terms("双过半：过半数住户参加，参加的过半数同意", HALF, True, HALF, True),
    Rule.OWNERS: Terms("业主共同决定（一般事项）：三分之二以上参与，参与的过半数同意", TWO_THIRDS, False, HALF, True, True),
    Rule.OWNERS_SPECIAL: Terms(
        "业主共同决定（重大事项）：三分之二以上参与，参与的四分之三以上同意", TWO_THIRDS, False, THREE_QUARTERS, False, True
    ),
    Rule.MOST: Terms("得票最多的选项（并列不算）", HALF, True, Fraction(0), True),
    Rule.SCORE: Terms("评议打分，取平均分", Fraction(0), True, Fraction(0), True),
}  # fmt: skip


@dataclass(eq=False)
class Ballot:
    """One ballot. `place_id`: whose households vote; the roll is what it was at the opening. `items`: [{"title", "options": [...]}].
    `quorum_percent` None takes the rule's own share. `result` is written once, at the count: see `count`."""

    id: int
    community_id: int
    place_id: int
    place_name: str
    kind: Kind
    title: str
    items: list[dict[str, Any]]
    secret: bool
    rule: Rule
    opens_at: datetime
    closes_at: datetime
    created_at: datetime
    quorum_percent: int | None = None
    proposal_id: int | None = None
    meeting_id: int | None = None
    company_id: int | None = None
    status: BallotStatus = BallotStatus.DRAFT
    roll_size: int = 0
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    result: dict[str, Any] = field(default_factory=dict)

    def become(self, status: BallotStatus) -> None:
        if status not in BALLOT_MOVES[self.status]:
            raise IllegalMove(f"这次表决{BALLOT_NAMES[self.status]}，不能再改。")
        self.status = status

    def check_takes(self, now: datetime) -> None:
        """Raises IllegalMove with the reason when no vote is taken now."""
        if self.status is BallotStatus.CANCELLED:
            raise IllegalMove(f"“{self.title}”的表决取消了。")
        if self.status is BallotStatus.DRAFT or now < self.opens_at:
            raise IllegalMove(f"“{self.title}”还没开始投，{day_text(self.opens_at, now)}起可以投。")
        if self.status is BallotStatus.CLOSED or now >= self.closes_at:
            raise IllegalMove(f"“{self.title}”的投票已经截止了。")

    @property
    def rule_text(self) -> str:
        quorum = f"（至少{self.quorum_percent}%的住户参加）" if self.quorum_percent is not None else ""
        return RULES[self.rule].name + quorum


def check_ballot(ballot: Ballot, now: datetime) -> None:
    """Raises InvalidInput with what does not fit."""
    if not 2 <= len(ballot.title.strip()) <= 60:
        raise InvalidInput("请写清楚表决什么（2到60字）。")
    if not 1 <= len(ballot.items) <= MOST_ITEMS:
        raise InvalidInput(f"要有1到{MOST_ITEMS}项。")
    for item in ballot.items:
        options = [str(option).strip() for option in item["options"]]
        if not 2 <= len(options) <= MOST_OPTIONS or len(set(options)) < len(options) or not all(options):
            raise InvalidInput(f"选项要有2到{MOST_OPTIONS}个，不能重复、不能空着。")
        if any(len(option) > 30 for option in options) or len(item["title"]) > 60:
            raise InvalidInput("每个选项最多30字，每一项的名字最多60字。")
    if ballot.closes_at <= max(ballot.opens_at, now) or ballot.closes_at - ballot.opens_at > LONGEST_OPEN:
        raise InvalidInput("截止时间要在开始之后，最长60天。")
    if ballot.quorum_percent is not None and not 1 <= ballot.quorum_percent <= 100:
        raise InvalidInput("参加户数的要求是1到100的百分数。")
    if ballot.kind is Kind.SCORES and (ballot.rule is not Rule.SCORE or ballot.company_id is None):
        raise InvalidInput("评议要选评的是哪家物业。")
    if ballot.kind is Kind.SCORES and any(len(item["title"]) > 20 for item in ballot.items):
        # All of them are read back in one message.
        raise InvalidInput("每一项的名字最多20字。")
    if ballot.kind is Kind.CHOICE and len(ballot.items) != 1:
        raise InvalidInput("一次表决只表决一件事。")
    if ballot.kind is Kind.CHOICE and ballot.rule not in (Rule.MOST, Rule.SCORE) and tuple(ballot.items[0]["options"]) != YES_NO:
        raise InvalidInput("几个方案里选一个，请用“得票最多的选项”。")
    if ballot.kind is Kind.CHOICE and ballot.rule is Rule.SCORE:
        raise InvalidInput("打分只用在民主评议。")
    statute = RULES[ballot.rule]
    if ballot.quorum_percent is not None and statute.owners and Fraction(ballot.quorum_percent, 100) < statute.take_part:
        # The statute's own share is the least there is: a community may ask for more, never for less.
        raise InvalidInput("法律规定业主共同决定要三分之二以上参与，不能定得比这低。")


# --- the count --------------------------------------------------------------------------------------------------------------

Tally = Mapping[tuple[int, int], int]
"""(item, option) -> votes."""


@dataclass(frozen=True)
class Turnout:
    """Households on the roll and those that voted; areas in hundredths of a square metre, None where a room's area is not known."""

    roll: int
    voted: int
    roll_area: int | None = None
    voted_area: int | None = None
    agreed_area: int | None = None


@dataclass(frozen=True)
class Judgement:
    outcome: Outcome
    words: str


def judge(ballot: Ballot, tally: Tally, turnout: Turnout) -> Judgement:
    """What the votes mean by the ballot's rule, with the reason in a sentence."""
    terms = RULES[ballot.rule]
    quorum = Fraction(ballot.quorum_percent, 100) if ballot.quorum_percent is not None else None
    took_part = f"应到{turnout.roll}户，参加{turnout.voted}户"
    part = Fraction(turnout.voted, turnout.roll) if turnout.roll else Fraction(0)
    if ballot.secret and turnout.voted < SECRET_LEAST:
        return Judgement(Outcome.NO_QUORUM, f"{took_part}；不到{SECRET_LEAST}户，为了不让人猜出谁投了什么，不开票")
    if not turnout.voted or not terms.enough(part, quorum):
        return Judgement(Outcome.NO_QUORUM, f"{took_part}，没有达到要求的户数")
    by_area = terms.owners and turnout.roll_area and turnout.voted_area is not None and turnout.agreed_area is not None
    if by_area and not terms.enough(Fraction(turnout.voted_area or 0, turnout.roll_area or 1), quorum):
        return Judgement(Outcome.NO_QUORUM, f"{took_part}，参加的面积没有达到要求")
    if ballot.kind is Kind.SCORES:
        return Judgement(Outcome.PASSED, took_part)
    options: Sequence[str] = ballot.items[0]["options"]
    votes = [tally.get((0, option), 0) for option in range(len(options))]
    counted = "，".join(f"{option}{number}户" for option, number in zip(options, votes, strict=True))
    if ballot.rule is Rule.MOST:
        most = max(votes)
        if votes.count(most) > 1:
            return Judgement(Outcome.REFUSED, f"{took_part}；{counted}；最多的有并列，没有选出来")
        return Judgement(Outcome.PASSED, f"{took_part}；{counted}；选定“{options[votes.index(most)]}”")
    agreed = terms.agreed(Fraction(votes[0], turnout.voted))
    if by_area:
        agreed = agreed and bool(turnout.voted_area) and terms.agreed(Fraction(turnout.agreed_area or 0, turnout.voted_area or 1))
    return Judgement(Outcome.PASSED if agreed else Outcome.REFUSED, f"{took_part}；{counted}")


def average(tally: Tally, item: int, options: int = len(SCORES)) -> float | None:
    """The mean score of an item of 民主评议, 1 to 5; None without votes."""
    votes = [tally.get((item, option), 0) for option in range(options)]
    return sum((options - option) * number for option, number in enumerate(votes)) / sum(votes) if sum(votes) else None


# --- the paper ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """What one resident is shown of one ballot. `orders[item][digit - 1]` is the option that stands behind a digit.

    Of a secret ballot the order is drawn anew for every paper, so that a digit in the history says nothing without the paper, and the paper
    is gone once the vote is cast. An open ballot keeps the order of its options.
    """

    ballot_id: int
    resident_id: int
    orders: tuple[tuple[int, ...], ...]

    @classmethod
    def draw(cls, ballot: Ballot, resident_id: int, chance: random.Random) -> Paper:
        orders = []
        for item in ballot.items:
            order = list(range(len(item["options"])))
            if ballot.secret:
                chance.shuffle(order)
            orders.append(tuple(order))
        return cls(ballot.id, resident_id, tuple(orders))

    def option(self, item: int, digit: int) -> int:
        """Raises InvalidInput for what stands nowhere on it."""
        if not 0 <= item < len(self.orders) or not 1 <= digit <= len(self.orders[item]):
            raise InvalidInput("没有这个选项，请重新选。")
        return self.orders[item][digit - 1]

    def choices(self, marks: str) -> tuple[int, ...]:
        """The options that digits like '241' mean, one an item. Raises InvalidInput unless every item has one."""
        if len(marks) != len(self.orders) or not marks.isascii() or not marks.isdigit():
            raise InvalidInput("还有没选的项，请重新投。")
        return tuple(self.option(item, int(digit)) for item, digit in enumerate(marks))

    def as_data(self) -> dict[str, Any]:
        return {"b": self.ballot_id, "r": self.resident_id, "o": [list(order) for order in self.orders]}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Paper:
        return cls(int(data["b"]), int(data["r"]), tuple(tuple(int(x) for x in order) for order in data["o"]))


@dataclass(frozen=True)
class Score:
    """A line of the ledger of 物业服务考核, never changed: the sum of an item's scores in one ballot, and how many households gave them."""

    company_id: int
    community_id: int
    ballot_id: int
    item: int
    title: str
    total: int
    voters: int
    day: date

    @property
    def mean(self) -> float:
        return self.total / self.voters


def check_once(voted: bool) -> None:
    """Raises Conflict for a household that has voted."""
    if voted:
        raise Conflict("您家已经投过了。一户一票，投出就不能再改，也不能再投。")
