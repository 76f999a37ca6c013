"""Where a proposal may go, and what is read out of a resident's sentence."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.errors import IllegalMove
from community.model.category import Category
from community.model.deliberation import (
    MAX_TITLE,
    MOVES,
    Move,
    Outcome,
    Proposal,
    Status,
    likeness,
    says_what,
    title_of,
)

NOW = datetime(2026, 11, 24, 2, tzinfo=timezone.utc)


def proposal(status: Status, outcome: Outcome | None = None) -> Proposal:
    made = Proposal(1, 1, "装车棚", "装车棚", Category.EBIKE, NOW, NOW, 5, status=status)
    made.outcome = outcome
    return made


def test_only_what_passed_is_carried_out_and_only_what_did_not_is_talked_about_again() -> None:
    assert proposal(Status.DECIDED, Outcome.PASSED).allowed() == {Move.PROGRESS, Move.FINISH}
    for lost in (Outcome.REFUSED, Outcome.NO_QUORUM):
        assert proposal(Status.DECIDED, lost).allowed() == {Move.AGAIN}
    assert proposal(Status.DONE, Outcome.PASSED).allowed() == frozenset()


@pytest.mark.parametrize("status", [Status.VOTING, Status.DECIDED, Status.DONE, Status.REFUSED])
def test_what_is_being_voted_on_or_over_is_neither_refused_nor_withdrawn(status: Status) -> None:
    for move in (Move.REFUSE, Move.WITHDRAW, Move.SIGN):
        with pytest.raises(IllegalMove, match="不能"):
            proposal(status).apply(move, NOW)


@given(st.lists(st.sampled_from(list(Move)), max_size=30))
def test_no_row_of_moves_leads_outside_the_table(moves: list[Move]) -> None:
    made = proposal(Status.RAISED)
    for move in moves:
        before = made.status
        try:
            made.apply(move, NOW)
        except IllegalMove:
            assert made.status is before
            continue
        assert MOVES[before, move] is made.status
        if made.status is Status.DECIDED and before is not Status.DECIDED:
            made.outcome = Outcome.PASSED


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("我想提个议题，3幢楼下装电瓶车棚，雨天没地方充电", "3幢楼下装电瓶车棚"),
        ("建议在广场装几张长凳。老人走累了能坐", "在广场装几张长凳"),
        ("能不能把遛狗时间定一下", "遛狗时间定一下"),
        ("装电梯", "装电梯"),
    ],
)
def test_a_heading_is_the_matter_without_the_wish_to_say_it(said: str, title: str) -> None:
    assert title_of(said) == title


@given(st.text(min_size=1, max_size=300))
def test_a_heading_is_never_longer_than_a_line(said: str) -> None:
    assert len(title_of(said)) <= max(MAX_TITLE, 4)


@pytest.mark.parametrize("said", ["我想提个议题，开会商量一下", "我有个主意", "怎么提议题", "提个小建议"])
def test_a_wish_without_a_matter_is_asked_for_one(said: str) -> None:
    assert not says_what(said)


@pytest.mark.parametrize("said", ["装个雨棚呗", "篮球场加两盏灯", "我想提议楼下装电瓶车棚"])
def test_a_matter_in_few_words_is_one(said: str) -> None:
    assert says_what(said)


def test_a_proposal_is_recognised_by_its_words() -> None:
    assert likeness("电瓶车棚的事怎么样了", "3幢楼下装电瓶车棚") > 0.34
    assert likeness("议事会什么时候开", "3幢楼下装电瓶车棚") == 0
