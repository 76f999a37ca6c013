"""Promises: what is promised, when the clock acts, and that a pause stops it. Cases by hand, then at random."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.bootstrap import is_workday
from community.errors import InvalidInput
from community.model.calendar import SHANGHAI, add_working_time, working_time_between
from community.model.category import Category, Urgency
from community.model.level import Level
from community.model.people import Actor
from community.model.promise import Due, PromiseRule, RuleBook, built_in, due, pause, promised, resume, set_clock
from community.model.ticket import OPEN, Move, Status, Ticket

STAFF = Actor("staff", 7, "王强")


def at(text: str) -> datetime:
    """'09-30 17:00' in Shanghai, of 2026."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def ticket_at(filed: datetime, category: Category = Category.LIGHTING, urgency: Urgency = Urgency.NORMAL) -> Ticket:
    accept, resolve = promised(built_in(category), urgency, filed, is_workday)
    ticket = Ticket(
        1, "100014", 1, category, urgency, Status.DISPATCHED, "路灯坏了", "剡溪花园3幢", None, None, None, None, filed, accept, resolve
    )
    tick(ticket, filed)
    return ticket


def tick(ticket: Ticket, now: datetime) -> None:
    set_clock(ticket, built_in(ticket.category), now, is_workday)


def move(ticket: Ticket, what: Move, now: datetime) -> None:
    ticket.apply(what, STAFF, now)
    tick(ticket, now)


# Lighting: 2 working hours to accept, 24 (three days) to resolve. National Day 2026: 1 to 7 October off, 20 September and
# 10 October worked (State Council's notice, as the library chinesecalendar has it).
@pytest.mark.parametrize(
    ("filed", "accept", "resolve"),
    [
        ("11-24 10:00", "11-24 12:00", "11-27 10:00"),
        ("11-24 11:00", "11-24 14:30", "11-27 11:00"),  # over lunch
        ("11-24 17:00", "11-25 09:30", "11-27 17:00"),  # over night
        ("11-27 17:30", "11-30 10:00", "12-02 17:30"),  # over the weekend
        ("11-28 15:00", "11-30 10:30", "12-02 18:00"),  # filed on a Saturday
        ("09-30 17:00", "10-08 09:30", "10-10 17:00"),  # over National Day; Saturday 10 October is worked
        ("11-24 03:00", "11-24 10:30", "11-26 18:00"),  # before the office opens
    ],
)
def test_promises_end_when_somebody_counting_by_hand_says(filed: str, accept: str, resolve: str) -> None:
    ticket = ticket_at(at(filed))
    assert (ticket.accept_by, ticket.resolve_by) == (at(accept), at(resolve))


def test_danger_does_not_wait_for_the_office() -> None:
    ticket = ticket_at(at("10-03 02:00"), Category.GAS, Urgency.DANGER)
    assert (ticket.accept_by, ticket.resolve_by) == (at("10-03 02:15"), at("10-04 02:00"))


def test_the_holder_is_reminded_once_before_the_end_and_then_the_next_level_is_asked() -> None:
    ticket = ticket_at(at("11-24 08:30"))
    assert due(ticket, at("11-24 09:59")) is None
    assert due(ticket, at("11-24 10:00")) is Due.REMIND
    move(ticket, Move.REMIND, at("11-24 10:00"))
    assert due(ticket, at("11-24 10:29")) is None
    assert due(ticket, at("11-24 10:30")) is Due.ESCALATE
    assert ticket.look_at == at("11-24 10:30")


def test_the_clock_goes_up_one_level_a_working_day_and_stays_at_the_top() -> None:
    ticket = ticket_at(at("11-24 08:30"))
    now, levels = at("11-24 10:30"), []
    for _ in range(5):
        step = due(ticket, now)
        levels.append((now, step, ticket.level))
        move(ticket, Move.ESCALATE if step is Due.ESCALATE else Move.PRESS, now)
        assert due(ticket, now) is None
        assert ticket.look_at is not None
        now = ticket.look_at
    assert [(when, str(step)) for when, step, _ in levels] == [
        (at("11-24 10:30"), "escalate"),
        (at("11-25 10:30"), "escalate"),
        (at("11-26 10:30"), "escalate"),
        (at("11-27 10:30"), "press"),
        (at("11-30 10:30"), "press"),
    ]
    assert ticket.level is Level.CITY


def test_who_accepts_late_has_until_the_promise_to_resolve_and_the_level_above_its_day() -> None:
    ticket = ticket_at(at("11-24 08:30"))
    move(ticket, Move.ESCALATE, at("11-24 10:30"))
    move(ticket, Move.ACCEPT, at("11-24 11:00"))
    assert ticket.escalate_at == ticket.resolve_by == at("11-26 18:00")
    assert due(ticket, at("11-26 17:59")) is Due.REMIND


def test_a_pause_keeps_what_was_left_of_the_promise() -> None:
    ticket = ticket_at(at("11-24 08:30"))
    move(ticket, Move.ACCEPT, at("11-24 09:00"))
    ticket.apply(Move.PAUSE, STAFF, at("11-25 08:30"))  # one of three days gone
    pause(ticket, at("12-01 08:30"), at("11-25 08:30"), is_workday)
    tick(ticket, at("11-25 08:30"))
    assert ticket.resolve_by == at("12-02 18:00")  # two working days after it
    assert due(ticket, at("11-30 12:00")) is None
    assert not ticket.is_overdue(at("11-30 12:00"))
    assert due(ticket, at("12-01 08:30")) is Due.RESUME


def test_going_on_before_the_pause_ends_gives_nothing_away_and_takes_nothing() -> None:
    ticket = ticket_at(at("11-24 08:30"))
    move(ticket, Move.ACCEPT, at("11-24 09:00"))
    ticket.apply(Move.PAUSE, STAFF, at("11-25 08:30"))
    pause(ticket, at("12-01 08:30"), at("11-25 08:30"), is_workday)
    ticket.apply(Move.RESUME, STAFF, at("11-26 08:30"))
    resume(ticket, at("11-26 08:30"), is_workday)
    tick(ticket, at("11-26 08:30"))
    assert ticket.resolve_by == at("11-27 18:00")


def test_a_promise_that_was_broken_before_the_pause_stays_broken() -> None:
    ticket = ticket_at(at("11-24 08:30"))
    move(ticket, Move.ACCEPT, at("11-24 09:00"))
    ticket.apply(Move.PAUSE, STAFF, at("11-27 09:00"))
    pause(ticket, at("12-01 08:30"), at("11-27 09:00"), is_workday)
    assert ticket.resolve_by == at("11-26 18:00")


@pytest.mark.parametrize("until", ["11-24 08:59", "02-20 09:00"])
def test_a_pause_needs_an_end_that_is_ahead_and_not_too_far(until: str) -> None:
    ticket = ticket_at(at("11-24 08:30"))
    move(ticket, Move.ACCEPT, at("11-24 09:00"))
    when = at(until)
    when = when.replace(year=2027) if when < at("11-01 00:00") else when
    with pytest.raises(InvalidInput):
        pause(ticket, when, at("11-24 09:00"), is_workday)


def test_a_rule_holds_from_its_day_and_the_later_of_two_wins() -> None:
    def rule(number: int, day: str, minutes: int) -> PromiseRule:
        return PromiseRule(number, Category.LIGHTING, date.fromisoformat(day), minutes, 24)

    book = RuleBook([rule(3, "2026-12-01", 60), rule(1, "2026-06-01", 90), rule(2, "2026-06-01", 100)])
    assert book.on(Category.LIGHTING, date(2026, 5, 31)).accept_minutes == 120  # built in
    assert book.on(Category.LIGHTING, date(2026, 6, 1)).accept_minutes == 100
    assert book.at(Category.LIGHTING, at("11-30 23:59")).accept_minutes == 100
    assert book.at(Category.LIGHTING, at("12-01 00:00")).accept_minutes == 60
    assert book.on(Category.GAS, date(2026, 12, 2)).accept_minutes == 30


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: moment.replace(tzinfo=SHANGHAI))
amounts = st.timedeltas(timedelta(0), timedelta(hours=80))


@given(moments, amounts)
def test_working_time_added_is_working_time_between(start: datetime, amount: timedelta) -> None:
    end = add_working_time(start, amount, is_workday)
    assert working_time_between(start, end, is_workday) == amount


@given(moments, amounts, amounts)
def test_working_time_adds_up(start: datetime, one: timedelta, other: timedelta) -> None:
    half = add_working_time(start, one, is_workday)
    assert add_working_time(half, other, is_workday) == add_working_time(start, one + other, is_workday)


@given(moments, st.lists(st.tuples(st.sampled_from(["accept", "pause", "resume", "wait"]), amounts), max_size=12))
def test_whatever_happens_an_open_ticket_has_a_next_look_and_makes_no_step_twice_in_a_moment(
    filed: datetime, steps: list[tuple[str, timedelta]]
) -> None:
    ticket, now = ticket_at(filed), filed
    for what, passed in steps:
        now += passed
        made = []
        while (step := due(ticket, now)) is not None:
            if step is Due.RESUME:
                ticket.apply(Move.RESUME, STAFF, now)
                resume(ticket, now, is_workday)
            else:
                ticket.apply(Move(step.value), STAFF, now)
            tick(ticket, now)
            made.append(step)
        assert len(made) == len(set(made))
        if what == "accept" and Move.ACCEPT in ticket.allowed():
            move(ticket, Move.ACCEPT, now)
        if what == "pause" and Move.PAUSE in ticket.allowed():
            ticket.apply(Move.PAUSE, STAFF, now)
            pause(ticket, now + timedelta(days=3), now, is_workday)
            tick(ticket, now)
        if what == "resume" and ticket.status is Status.PAUSED:
            ticket.apply(Move.RESUME, STAFF, now)
            resume(ticket, now, is_workday)
            tick(ticket, now)
        assert ticket.status in OPEN
        assert ticket.look_at is not None
        assert ticket.look_at >= now or due(ticket, now) is not None
