"""What is asked back when a message may mean one of two things."""

from __future__ import annotations

import pytest

from actions.fallback import OFFERS, SAME_AS, two_close


def test_two_things_as_likely_as_each_other_are_offered_by_name() -> None:
    assert two_close((("report", 0.4), ("ask_legal", 0.35))) == (OFFERS["report"], OFFERS["ask_legal"])


@pytest.mark.parametrize(
    "ranking",
    [
        (),
        (("report", 0.9),),
        (("report", 0.7), ("ask_legal", 0.2)),  # the first is far ahead
        (("report", 0.15), ("ask_legal", 0.14)),  # neither is likely
        (("report", 0.4), ("out_of_scope", 0.38)),  # the second is nothing one could choose
        (("report", 0.4), ("inform", 0.39)),  # both are the same thing to do
    ],
)
def test_nobody_is_made_to_choose_between_what_is_not_there(ranking: tuple[tuple[str, float], ...]) -> None:
    assert two_close(ranking) is None


def test_every_stand_in_can_be_offered() -> None:
    assert set(SAME_AS.values()) <= set(OFFERS)
