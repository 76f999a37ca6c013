"""What passes and what does not, and what a digit on a paper means."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.errors import IllegalMove, InvalidInput
from community.model.ballot import (
    SCORES,
    YES_NO,
    Ballot,
    BallotStatus,
    Kind,
    Paper,
    Rule,
    Turnout,
    average,
    check_ballot,
    judge,
)
from community.model.deliberation import Outcome

NOW = datetime(2026, 11, 24, 2, tzinfo=timezone.utc)


def ballot(rule: Rule = Rule.DOUBLE_HALF, options: tuple[str, ...] = YES_NO, secret: bool = False, quorum: int | None = None) -> Ballot:
    items = [{"title": "装车棚", "options": list(options)}]
    made = Ballot(1, 1, 1, "剡溪花园", Kind.CHOICE, "装车棚", items, secret, rule, NOW, NOW + timedelta(days=7), NOW, quorum)
    made.status = BallotStatus.OPEN
    return made


def outcome(made: Ballot, roll: int, *votes: int, areas: tuple[int, int, int] | None = None) -> Outcome:
    tally = {(0, option): number for option, number in enumerate(votes)}
    return judge(made, tally, Turnout(roll, sum(votes), *(areas or (None, None, None)))).outcome


@pytest.mark.parametrize(
    ("rule", "roll", "votes", "expected"),
    [
        # 双过半: more than half must come, more than half of those must agree; exactly half is not more than half.
        (Rule.DOUBLE_HALF, 10, (6, 0, 0), Outcome.PASSED),
        (Rule.DOUBLE_HALF, 10, (5, 0, 0), Outcome.NO_QUORUM),
        (Rule.DOUBLE_HALF, 10, (3, 3, 0), Outcome.REFUSED),
        (Rule.DOUBLE_HALF, 10, (4, 3, 1), Outcome.REFUSED),
        (Rule.DOUBLE_HALF, 10, (5, 3, 1), Outcome.PASSED),
        # 民法典 278: two thirds are enough to take part (三分之二以上 includes them).
        (Rule.OWNERS, 9, (4, 2, 0), Outcome.PASSED),
        (Rule.OWNERS, 9, (5, 0, 0), Outcome.NO_QUORUM),
        (Rule.OWNERS, 9, (3, 3, 0), Outcome.REFUSED),
        (Rule.OWNERS_SPECIAL, 12, (6, 2, 0), Outcome.PASSED),
        (Rule.OWNERS_SPECIAL, 12, (6, 3, 0), Outcome.REFUSED),
        (Rule.SIMPLE, 100, (2, 1, 0), Outcome.PASSED),
        (Rule.SIMPLE, 100, (0, 0, 0), Outcome.NO_QUORUM),
    ],
)
def test_each_rule_passes_exactly_where_it_says(rule: Rule, roll: int, votes: tuple[int, ...], expected: Outcome) -> None:
    assert outcome(ballot(rule), roll, *votes) is expected


def test_owners_must_also_agree_by_area_where_areas_are_known() -> None:
    made = ballot(Rule.OWNERS)
    assert outcome(made, 9, 5, 1, 0, areas=(900, 650, 400)) is Outcome.PASSED
    assert outcome(made, 9, 5, 1, 0, areas=(900, 650, 325)) is Outcome.REFUSED
    assert outcome(made, 9, 5, 1, 0, areas=(900, 599, 400)) is Outcome.NO_QUORUM


def test_a_tie_of_several_options_chooses_nothing() -> None:
    made = ballot(Rule.MOST, ("东边", "西边", "南门"))
    assert outcome(made, 10, 3, 3, 1) is Outcome.REFUSED
    assert outcome(made, 10, 4, 3, 1) is Outcome.PASSED


def test_a_secret_ballot_of_a_few_is_not_counted_since_everybody_could_guess() -> None:
    assert outcome(ballot(Rule.SIMPLE, secret=True), 20, 4, 0, 0) is Outcome.NO_QUORUM
    assert outcome(ballot(Rule.SIMPLE, secret=True), 20, 4, 1, 0) is Outcome.PASSED


def test_a_community_may_ask_for_more_than_the_statute_and_not_for_less() -> None:
    check_ballot(ballot(Rule.OWNERS, quorum=80), NOW)
    with pytest.raises(InvalidInput, match="三分之二"):
        check_ballot(ballot(Rule.OWNERS, quorum=50), NOW)


@pytest.mark.parametrize("options", [("同意",), ("甲", "甲"), ("甲", ""), tuple("一二三四五六七八九十")])
def test_options_that_cannot_be_chosen_from_are_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        check_ballot(ballot(Rule.MOST, options), NOW)


def test_no_vote_is_taken_before_it_opens_or_after_it_closes() -> None:
    made = ballot()
    made.opens_at = NOW + timedelta(hours=1)
    with pytest.raises(IllegalMove, match="还没开始"):
        made.check_takes(NOW)
    made.check_takes(NOW + timedelta(hours=1))
    with pytest.raises(IllegalMove, match="截止"):
        made.check_takes(made.closes_at)


@given(st.integers(), st.lists(st.integers(min_value=2, max_value=9), min_size=1, max_size=8), st.booleans())
def test_every_digit_of_a_paper_is_one_option_and_every_option_has_a_digit(seed: int, sizes: list[int], secret: bool) -> None:
    made = ballot(secret=secret)
    made.items = [{"title": str(n), "options": [str(k) for k in range(size)]} for n, size in enumerate(sizes)]
    paper = Paper.draw(made, 7, random.Random(seed))
    assert Paper.of_data(paper.as_data()) == paper
    for item, size in enumerate(sizes):
        meant = [paper.option(item, digit) for digit in range(1, size + 1)]
        assert sorted(meant) == list(range(size))
        if not secret:
            assert meant == list(range(size))
        with pytest.raises(InvalidInput):
            paper.option(item, size + 1)
        with pytest.raises(InvalidInput):
            paper.option(item, 0)
    with pytest.raises(InvalidInput):
        paper.choices("1" * (len(sizes) + 1))


def test_the_order_of_a_secret_paper_is_another_each_time() -> None:
    made, chance = ballot(secret=True), random.Random(1)
    assert len({Paper.draw(made, 1, chance).orders for _ in range(100)}) == 6


def test_scores_are_averaged_from_the_options() -> None:
    assert average({(0, 0): 1, (0, 4): 1}, 0) == 3.0
    assert average({(0, 0): 3, (0, 1): 1}, 0) == 4.75
    assert average({}, 0, len(SCORES)) is None
