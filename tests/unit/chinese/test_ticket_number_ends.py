"""The end of a number is enough to find it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chinese.ticket_numbers import ids_ending, ticket_number


@given(st.integers(1, 3_000_000), st.integers(4, 9))
def test_every_ticket_is_among_those_that_end_like_it(ticket_id: int, digits: int) -> None:
    tail = ticket_number(ticket_id)[-digits:]
    found = ids_ending(tail, ticket_id + 500)
    assert ticket_id in found
    assert all(ticket_number(other).endswith(tail) and 1 <= other <= ticket_id + 500 for other in found)


def test_none_is_left_out() -> None:
    whole = {ticket_number(i): i for i in range(1, 30_000)}
    for tail in ("0000", "2345", "55"):
        expected = sorted(i for number, i in whole.items() if number.endswith(tail))
        assert ids_ending(tail, 29_999) == expected, tail


def test_four_digits_leave_a_hundred_of_a_million() -> None:
    assert len(ids_ending("2345", 1_000_000)) == 100
