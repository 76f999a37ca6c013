"""Typical times are those of real tickets, however they are counted."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from community.model.figures import typical


def test_nobody_has_a_typical_time_of_no_tickets() -> None:
    assert typical({}) is None
    assert typical({5: 0}) is None


def test_half_and_nine_in_ten_of_four_tickets() -> None:
    assert typical({10: 2, 20: 1, 600: 1}) == (timedelta(minutes=15), timedelta(minutes=600))


@given(st.lists(st.integers(0, 50_000), min_size=1, max_size=60))
def test_counted_minutes_say_the_same_as_the_tickets_one_by_one(taken: list[int]) -> None:
    ordered = sorted(taken)
    half = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    found = typical(Counter(taken))
    assert found == (timedelta(minutes=half), timedelta(minutes=ordered[math.ceil(0.9 * len(ordered)) - 1]))
