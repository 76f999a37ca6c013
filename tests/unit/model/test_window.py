"""The ledger of what may be sent: never more than the platform counts, however it counts; never less than it must be."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.model.window import Opening, Window
from ops.wechat.quota import Policy, QuotaLedger, Touch

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=timezone.utc)


def window() -> Window:
    return Window(1, "wechat", "o1")


def later(**parts: float) -> datetime:
    return NOON + timedelta(**parts)


def said(w: Window, at: datetime = NOON) -> None:
    w.opened(Opening.SAID, at, at)


def test_who_never_wrote_is_sent_nothing() -> None:
    assert window().left(NOON) == 0


def test_a_message_lets_five_answers_out_for_two_days() -> None:
    w = window()
    said(w)
    w.take(4, NOON)
    assert w.left(later(hours=47, minutes=58)) == 1
    assert w.left(later(hours=48)) == 0


def test_a_click_lets_three_out_for_a_minute() -> None:
    w = window()
    w.opened(Opening.DONE, NOON, NOON)
    assert w.left(later(seconds=50)) == 3
    assert w.left(later(seconds=60)) == 0


def test_each_message_renews_the_five() -> None:
    w = window()
    said(w)
    w.take(5, NOON)
    w.land(5, NOON)
    said(w, later(seconds=20))
    assert w.left(later(seconds=20)) == 5


def test_an_answer_under_way_while_the_next_message_comes_counts_in_the_new_window() -> None:
    w = window()
    said(w)
    w.take(2, NOON)
    said(w, later(seconds=20))
    assert w.left(later(seconds=20)) == 3


def test_an_answer_sent_after_the_message_but_before_we_heard_of_it_counts_too() -> None:
    w = window()
    said(w)
    w.take(1, later(seconds=9))
    w.land(1, later(seconds=11))
    w.opened(Opening.SAID, later(seconds=10), later(seconds=15))
    assert w.left(later(seconds=15)) == 4


def test_who_writes_again_a_second_after_five_answers_gets_another_five() -> None:
    w = window()
    said(w)
    w.take(5, later(milliseconds=100))
    w.land(5, later(milliseconds=200))
    w.opened(Opening.SAID, later(seconds=1), later(seconds=1, milliseconds=900))
    assert w.left(later(seconds=2)) == 5


def test_a_message_delivered_late_does_not_renew_what_a_newer_one_opened() -> None:
    w = window()
    said(w, later(seconds=30))
    w.take(5, later(seconds=31))
    w.opened(Opening.SAID, later(seconds=10), later(seconds=32))
    assert w.left(later(seconds=32)) == 0


def test_what_the_platform_refused_may_be_used_again_and_what_it_may_have_taken_may_not() -> None:
    w = window()
    said(w)
    w.take(5, NOON)
    w.give_back(2)
    w.lose(NOON)
    assert (w.left(NOON), w.in_flight) == (2, 0)


def test_the_platform_knows_better_than_the_ledger() -> None:
    w = window()
    said(w)
    w.exhaust()
    assert w.left(NOON) == 0


def test_who_left_is_sent_nothing_until_they_come_back() -> None:
    w = window()
    said(w)
    w.follows(False, later(seconds=5))
    assert w.left(later(seconds=6)) == 0
    # The message from before they left is delivered again, late: they are still gone.
    w.opened(Opening.SAID, later(seconds=1), later(seconds=7))
    assert w.left(later(seconds=7)) == 0
    w.opened(Opening.DONE, later(seconds=60), later(seconds=60))
    assert w.left(later(seconds=61)) == 3


def test_more_than_is_left_cannot_be_planned() -> None:
    w = window()
    said(w)
    with pytest.raises(ValueError, match="more than"):
        w.take(6, NOON)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["said", "done", "send", "refused", "crash"]),
        st.floats(0, 90).map(lambda s: round(s, 1)),
        st.integers(1, 3),
        st.floats(0, 8).map(lambda s: round(s, 1)),
    ),
    max_size=40,
)


@pytest.mark.parametrize("policy", ["latest", "union"])
@settings(max_examples=500)
@given(steps=STEPS)
def test_the_platform_never_has_to_refuse_however_late_messages_reach_us(
    policy: Policy, steps: list[tuple[str, float, int, float]]
) -> None:
    platform, w = QuotaLedger(policy), window()
    time, unheard = 0.0, list[tuple[float, Opening, float]]()
    for what, wait, sends, delay in steps:
        time += wait
        for heard_at, kind, at in sorted(x for x in unheard if x[0] <= time):
            w.opened(kind, later(seconds=int(at)), later(seconds=heard_at))
        unheard = [x for x in unheard if x[0] > time]
        now = later(seconds=time)
        if what in ("said", "done"):
            platform.touched("o1", Touch.MESSAGE if what == "said" else Touch.CLICK, time)
            # A click makes the window smaller at once: what is sent before we hear of it nobody can know better.
            heard_at = time + (delay if what == "said" else 0)
            unheard.append((heard_at, Opening(what), time))
            if heard_at == time:
                w.opened(Opening(what), later(seconds=int(time)), now)
        elif (planned := min(sends, w.left(now))) > 0:
            w.take(planned, now)
            if what == "refused":
                w.give_back(planned)
                continue
            for _ in range(planned):
                assert platform.spend("o1", time) == 0
            if what == "crash":
                w.lose(now)
            else:
                w.land(planned, now)
    assert not platform.violations


def test_who_only_entered_is_sent_one_message_and_only_at_once() -> None:
    w = window()
    w.opened(Opening.ENTERED, NOON, NOON, "CODE")
    assert (w.left(NOON), w.code) == (1, "CODE")
    assert w.left(later(seconds=18)) == 0


def test_a_word_opens_the_window_of_who_just_entered_also_within_the_same_second() -> None:
    w = window()
    w.opened(Opening.ENTERED, NOON, NOON, "CODE")
    w.take(1, NOON)
    w.land(1, NOON)
    w.opened(Opening.SAID, NOON, later(seconds=0.5))
    assert (w.left(later(seconds=1)), w.code) == (4, "")


def test_entering_an_open_chat_changes_nothing() -> None:
    w = window()
    said(w)
    w.opened(Opening.ENTERED, later(seconds=5), later(seconds=5), "CODE")
    assert (w.left(later(seconds=5)), w.code) == (5, "")
