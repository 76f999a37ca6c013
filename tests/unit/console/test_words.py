"""What pages say about times, promises and states."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from community.model.category import Category, Urgency
from community.model.ticket import STATUS_NAMES, Status
from community.services.views import TicketView
from console.table import row_of
from console.words import ago_text, promise_of, short_time, span_text, status_text, status_tone

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)  # a Tuesday, 10:00 in Shanghai


def ticket(status: Status = Status.DISPATCHED, **changes: object) -> TicketView:
    made = TicketView(
        id=1, number="100014", category=Category.LIGHTING, category_name="照明", urgency=Urgency.NORMAL,
        urgency_name="一般", status=status, status_name=STATUS_NAMES[status], title="灯坏了", words="灯坏了",
        detail="", place_text="剡溪花园3幢", holder_id=7, holder_name="王强", holder_role="网格员",
        holder_phone="", created_at=NOW, accept_by=NOW + timedelta(hours=5),
        resolve_by=NOW + timedelta(days=2), accepted_at=None, ended_at=None, overdue=False, rating=None,
        urge_count=0, resident_id=3, is_open=True,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOW, "今天 10:00"),
        (NOW - timedelta(hours=11), "昨天 23:00"),
        (NOW + timedelta(days=1), "明天 10:00"),
        (NOW - timedelta(days=4), "11-20 10:00"),
        (NOW - timedelta(days=400), "2025-10-20 10:00"),
    ],
)
def test_times_are_said_as_local_days(moment: datetime, said: str) -> None:
    assert short_time(moment, NOW) == said


def test_a_day_turns_at_midnight_in_shanghai_not_in_utc() -> None:
    before_midnight = datetime(2026, 11, 24, 15, 59, tzinfo=timezone.utc)
    assert short_time(before_midnight, before_midnight + timedelta(minutes=2)) == "昨天 23:59"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (timedelta(0), "1分钟"),
        (timedelta(minutes=59), "59分钟"),
        (timedelta(hours=47), "47小时"),
        (timedelta(days=3), "3天"),
    ],
)
def test_spans_have_one_unit(amount: timedelta, said: str) -> None:
    assert span_text(amount) == said


def test_what_just_happened_is_just_now() -> None:
    assert ago_text(NOW - timedelta(seconds=20), NOW) == "刚刚"
    assert ago_text(NOW - timedelta(minutes=20), NOW) == "20分钟前"


def test_before_it_is_accepted_the_promise_to_accept_runs() -> None:
    assert promise_of(ticket(), NOW).text == "接单 今天 15:00"


def test_after_it_is_accepted_the_promise_to_resolve_runs() -> None:
    promise = promise_of(ticket(Status.IN_PROGRESS, accepted_at=NOW), NOW)
    assert (promise.text, promise.tone) == ("办结 11-26 10:00", "calm")


@pytest.mark.parametrize(
    ("left", "tone"),
    [
        (timedelta(hours=5), "calm"),
        (timedelta(hours=4), "soon"),
        (timedelta(minutes=1), "soon"),
        (timedelta(0), "soon"),
    ],
)
def test_a_promise_within_four_hours_is_amber(left: timedelta, tone: str) -> None:
    assert promise_of(ticket(accept_by=NOW + left), NOW).tone == tone


def test_a_broken_promise_is_red_and_says_since_when() -> None:
    late = ticket(accept_by=NOW - timedelta(hours=3), overdue=True)
    assert promise_of(late, NOW) == promise_of(late, NOW)
    assert (promise_of(late, NOW).text, promise_of(late, NOW).tone) == ("接单超时 3小时", "late")


def test_when_both_promises_are_broken_the_one_to_resolve_counts() -> None:
    late = ticket(accept_by=NOW - timedelta(days=4), resolve_by=NOW - timedelta(days=3), overdue=True)
    assert promise_of(late, NOW).text == "办结超时 3天"


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CONFIRMED, Status.CLOSED, Status.WITHDRAWN])
def test_no_clock_runs_when_staff_have_nothing_to_do(status: Status) -> None:
    assert promise_of(ticket(status, resolve_by=NOW - timedelta(days=9)), NOW).tone == "none"


def test_every_status_has_a_name_for_staff_and_a_tone() -> None:
    for status in Status:
        assert status_text(status, STATUS_NAMES[status])
        assert status_tone(status) in {"todo", "work", "wait", "over"}
    assert status_text(Status.RESOLVED, STATUS_NAMES[Status.RESOLVED]) == "待居民确认"


def test_a_row_shows_urgency_only_when_it_is_not_ordinary() -> None:
    assert row_of(ticket(), NOW).urgency == ""
    danger = row_of(ticket(urgency=Urgency.DANGER, urgency_name="危急"), NOW)
    assert (danger.urgency, danger.urgency_tone) == ("危急", "u-danger")


def test_a_row_never_carries_a_wall_of_words() -> None:
    assert len(row_of(ticket(words="长" * 2000), NOW).title) == 60
