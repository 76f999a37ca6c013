"""The ticket's state machine, walked at random and by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.errors import IllegalMove
from community.model.category import RULES, Category, Urgency
from community.model.people import Actor
from community.model.promise import built_in, promised
from community.model.ticket import (
    ENDED,
    OPEN,
    REOPEN_WITHIN,
    TRANSITIONS,
    ClosedBy,
    Move,
    Status,
    Ticket,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
ACTOR = Actor("staff", 7, "王强")


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def fresh(status: Status = Status.RECEIVED) -> Ticket:
    return Ticket(
        1, "100014", 1, Category.LIGHTING, Urgency.NORMAL, status, "路灯坏了", "剡溪花园3幢", None, None, None, None,
        NOW, NOW + timedelta(hours=2), NOW + timedelta(days=1),
    )  # fmt: skip


@given(st.lists(st.sampled_from(list(Move)), max_size=30))
def test_any_sequence_of_moves_follows_the_table_and_leaves_an_event_each(moves: list[Move]) -> None:
    ticket, now, events = fresh(), NOW, []
    for move in moves:
        now += timedelta(minutes=1)
        before = ticket.status
        if (before, move) in TRANSITIONS:
            event = ticket.apply(move, ACTOR, now)
            events.append(event)
            assert (event.from_status, event.to_status) == (before, ticket.status) == (before, TRANSITIONS[before, move])
        else:
            with pytest.raises(IllegalMove):
                ticket.apply(move, ACTOR, now)
            assert ticket.status is before
        assert (ticket.ended_at is not None) == (ticket.status in ENDED)
        assert ticket.is_open == (ticket.status in OPEN)
    status = Status.RECEIVED
    for event in events:
        assert event.from_status is status
        status = event.to_status
    assert status is ticket.status


def test_every_status_can_be_reached_and_every_open_one_can_end() -> None:
    reached, edge = {Status.RECEIVED}, {Status.RECEIVED}
    while edge:
        edge = {to for (start, _), to in TRANSITIONS.items() if start in edge} - reached
        reached |= edge
    assert reached == set(Status)
    for start in OPEN:
        seen = edge = {start}
        while edge:
            edge = {to for (at, _), to in TRANSITIONS.items() if at in edge} - seen
            seen = seen | edge
        assert seen & ENDED


def test_only_the_resident_or_silence_closes() -> None:
    ending = {move for (_, move), to in TRANSITIONS.items() if to in ENDED}
    assert ending == {Move.CONFIRM, Move.RATE, Move.SILENT_CLOSE, Move.WITHDRAW, Move.NOTE}
    # A note never changes the state: it only may be written on a confirmed ticket.
    assert all(start == to for (start, move), to in TRANSITIONS.items() if move is Move.NOTE)


def test_silence_and_the_residents_word_are_counted_apart() -> None:
    silent = fresh(Status.RESOLVED)
    silent.apply(Move.SILENT_CLOSE, Actor.system(), NOW)
    assert silent.closed_by is ClosedBy.SILENCE
    confirmed = fresh(Status.RESOLVED)
    confirmed.apply(Move.CONFIRM, ACTOR, NOW)
    confirmed.apply(Move.RATE, ACTOR, NOW)
    assert confirmed.closed_by is ClosedBy.RESIDENT
    assert confirmed.status is Status.CLOSED


def test_a_ticket_ended_long_ago_cannot_be_reopened() -> None:
    ticket = fresh(Status.RESOLVED)
    ticket.apply(Move.CONFIRM, ACTOR, NOW)
    with pytest.raises(IllegalMove, match="15天"):
        ticket.apply(Move.REOPEN, ACTOR, NOW + REOPEN_WITHIN + timedelta(seconds=1))
    ticket.apply(Move.REOPEN, ACTOR, NOW + REOPEN_WITHIN)
    assert (ticket.status, ticket.reopen_count, ticket.ended_at) == (Status.DISPATCHED, 1, None)


def test_a_promise_never_ends_before_it_begins_and_urgent_ones_are_never_later() -> None:
    for category in Category:
        accept, resolve = promised(built_in(category), Urgency.NORMAL, NOW, weekdays)
        assert NOW < accept <= resolve
        high = promised(built_in(category), Urgency.HIGH, NOW, weekdays)
        danger = promised(built_in(category), Urgency.DANGER, NOW, weekdays)
        assert high[1] <= resolve
        assert danger[0] == NOW + timedelta(minutes=15)


def test_every_category_has_a_rule_and_a_name() -> None:
    assert set(RULES) == set(Category)
    assert len({rule.name for rule in RULES.values()}) == len(Category)
