"""The inbox by promise, and buttons that come from what the heart allows."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from community.model.calendar import SHANGHAI
from community.model.category import Urgency
from community.model.desk import fill, holes
from community.model.ticket import MOVE_NAMES, Move, Status
from community.services import desk
from console.inbox_list import entries
from console.live import PRESENCE, Hub
from console.ticket_moves import Asks, arguments, asks, in_order, use_case, words
from console.words import countdown, due_group
from tests.unit.console.test_live import watch, woken
from tests.unit.console.test_words import NOW, ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STARTED = {"status": Status.IN_PROGRESS, "accepted_at": NOW - DAY}


@pytest.mark.parametrize(
    ("changes", "group", "said", "tone"),
    [
        ({"accept_by": NOW + 2 * HOUR}, "today", "接单 还有2小时", "soon"),
        ({"accept_by": NOW - HOUR}, "late", "接单 超时1小时", "late"),
        ({**STARTED, "resolve_by": NOW + 3 * DAY}, "later", "办结 还有3天", "calm"),
        ({**STARTED, "resolve_by": NOW + 14 * HOUR - timedelta(minutes=1)}, "today", "办结 还有13小时", "calm"),
        ({**STARTED, "resolve_by": NOW + 14 * HOUR}, "later", "办结 还有14小时", "calm"),
        ({**STARTED, "resolve_by": NOW - 2 * DAY}, "late", "办结 超时2天", "late"),
        ({"accept_by": NOW - 3 * DAY, "resolve_by": NOW - DAY}, "late", "办结 超时24小时", "late"),
        ({"status": Status.RESOLVED, "resolve_by": NOW - DAY}, "none", "", "none"),
        ({"status": Status.CLOSED}, "none", "", "none"),
        ({**STARTED, "status": Status.PAUSED, "paused_until": NOW + 7 * DAY}, "paused", "暂缓到 12-01 10:00", "calm"),
    ],
)
def test_what_is_left_of_a_promise_is_said_plainly(changes: dict[str, Any], group: str, said: str, tone: str) -> None:
    one = ticket(**changes)
    due = countdown(one, NOW)
    assert (due_group(one, NOW), due.text, due.tone) == (group, said, tone)


def test_what_is_due_first_stands_on_top_whatever_the_database_said() -> None:
    shown = entries(
        [
            ticket(number="1", **STARTED, resolve_by=NOW + 5 * DAY),
            ticket(number="2", accept_by=NOW + 3 * HOUR),
            ticket(number="3", status=Status.CLOSED),
            ticket(number="4", **STARTED, resolve_by=NOW - DAY),
            ticket(number="5", accept_by=NOW + HOUR),
            ticket(number="6", accept_by=NOW - 2 * DAY, resolve_by=NOW + DAY),
        ],
        NOW,
        chosen="2",
        picked=["5"],
    )
    assert [one.heading or one.key for one in shown] == [
        "已超时 2", "6", "4", "今天到期 2", "5", "2", "之后 1", "1", "不用再办 1", "3",
    ]  # fmt: skip
    (page,) = [one.heading for one in entries([ticket(number="1")], NOW, whole=False) if one.heading]
    assert page == "今天到期"
    assert [one.key for one in shown if one.chosen] == ["2"]
    assert [one.key for one in shown if one.picked] == ["5"]


def test_a_row_says_who_has_it_how_urgent_it_is_and_cuts_long_words() -> None:
    (_, row) = entries([ticket(urgency=Urgency.HIGH, urgency_name="较急", words="很" * 90, holder_name="", place_text="")], NOW)
    assert (row.urgency, row.holder, row.place, len(row.title)) == ("较急", "未派", "地点没有说清", 60)


# Moves


async def pause(c: object, staff_id: int, number: str, reason: str, until: datetime, key: str = "") -> None: ...


async def visit(c: object, staff_id: int, number: str, on: date) -> None: ...


def test_every_move_that_staff_make_today_has_its_use_case() -> None:
    for move in (Move.ACCEPT, Move.START, Move.RESOLVE, Move.RETURN, Move.TRANSFER, Move.NOTE):
        assert use_case(move) is not None, move
    assert use_case(Move.URGE) is None
    assert asks(desk.accept).nothing
    assert asks(desk.start).nothing
    assert asks(desk.resolve) == Asks(text="note", photos="photos", outcome="outcome")
    assert asks(desk.pause) == Asks(text="reason", day="until", day_is_moment=True)
    assert asks(desk.resume).nothing
    assert asks(desk.transfer) == Asks(text="reason", colleague="to_staff_id")


def test_a_new_move_of_the_heart_gets_a_button_and_a_form_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    # CHECK_PLACE stands for a move that this page has never heard of.
    monkeypatch.setattr(desk, "check_place", pause, raising=False)
    main, others = in_order({Move.ACCEPT, Move.NOTE, Move.CHECK_PLACE, Move.TRANSFER, Move.URGE})
    assert (main, others) == ([Move.ACCEPT], [Move.TRANSFER, Move.CHECK_PLACE, Move.NOTE])
    asked = asks(pause)
    assert asked == Asks(text="reason", day="until", day_is_moment=True)
    assert arguments(asked, "等配件", date(2026, 12, 1), None, ()) == {
        "reason": "等配件",
        "until": datetime(2026, 12, 1, 18, tzinfo=SHANGHAI),
    }
    assert arguments(asks(visit), "", date(2026, 12, 1), None, ()) == {"on": date(2026, 12, 1)}
    assert MOVE_NAMES[Move.CHECK_PLACE] in words(Move.CHECK_PLACE).label


# Phrases and colleagues


def test_placeholders_are_filled_with_what_is_known_and_the_rest_is_named() -> None:
    filled = fill("{姓名}您好，｛工单号｝在{地点}，{承诺时间}前，{别的}", {"姓名": "李秀英", "工单号": "100014"})
    assert filled.text == "李秀英您好，100014在{地点}，{承诺时间}前，{别的}"
    assert filled.missing == ("地点", "承诺时间") == holes(filled.text)


def test_what_is_known_of_a_resident_is_never_read_as_a_placeholder() -> None:
    assert fill("{姓名}{姓名}", {"姓名": "{工单号}", "工单号": "1"}).text == "{工单号}{工单号}"


async def test_a_colleague_who_opens_a_ticket_wakes_only_the_pages_that_show_it() -> None:
    hub = Hub()
    a_list, same, other = watch(hub), watch(hub), watch(hub)
    same.number, other.number = "100014", "100021"
    hub.wake(PRESENCE, {"number": "100014"})
    assert (woken(a_list), woken(same), woken(other)) == (False, True, False)


def test_the_day_is_shanghais() -> None:
    late_evening = datetime(2026, 11, 24, 15, 30, tzinfo=timezone.utc)
    assert due_group(ticket(**STARTED, resolve_by=late_evening + HOUR), late_evening) == "later"
