"""How fast one session may go."""

from __future__ import annotations

import pytest

from gateway.errors import Refusal
from gateway.limits import SWEEP_AT, Limits, Window


class Stopwatch:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_a_window_has_room_again_when_the_oldest_is_old_enough() -> None:
    watch = Stopwatch()
    window = Window(2, 10, watch)
    assert window.take("a") == 0
    watch.time += 4
    assert window.take("a") == 0
    assert window.take("a") == pytest.approx(6)
    watch.time += 6
    assert window.take("a") == 0


def test_one_session_does_not_slow_another_down() -> None:
    window = Window(1, 10, Stopwatch())
    assert window.take("a") == 0
    assert window.take("b") == 0


def test_what_is_refused_does_not_count() -> None:
    watch = Stopwatch()
    window = Window(1, 10, watch)
    window.take("a")
    for _ in range(50):
        assert window.take("a") > 0
    watch.time += 10
    assert window.take("a") == 0


def test_sessions_of_long_ago_are_forgotten() -> None:
    watch = Stopwatch()
    window = Window(1, 10, watch)
    for number in range(SWEEP_AT):
        window.take(str(number))
    watch.time += 11
    window.take("new")
    assert len(window._seen) == 1


def test_too_fast_is_a_sentence_and_a_time_to_wait() -> None:
    limits = Limits(Stopwatch())
    for _ in range(20):
        limits.check(limits.messages, "a", "慢一点")
    with pytest.raises(Refusal) as refused:
        limits.check(limits.messages, "a", "慢一点")
    assert (refused.value.status, refused.value.message) == (429, "慢一点")
    assert refused.value.headers == {"Retry-After": "10"}
