"""When a counter is open: make-up Saturdays, holidays, lunch, midnight, one date that is different."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.bootstrap import day_info
from community.errors import InvalidInput
from community.model.calendar import SHANGHAI
from community.model.contact_day import days, read_rule, rule_text
from community.model.opening import DayKind, Hours, OnHoliday, Opening, SpecialDay, read_spans, spans_text, week_text
from community.model.site import Site, SiteKind, kept
from community.services.site_hours import state_text

DAY = read_spans("8:30-12:00、13:30-17:30")
OFFICE = Hours((*[DAY] * 5, read_spans("9:00-12:00"), ()))
ROUND_THE_CLOCK = Hours(tuple([read_spans("全天")] * 7), OnHoliday.AS_USUAL)
LATE = Hours(tuple([read_spans("18:00-次日2:00")] * 7), OnHoliday.AS_USUAL)


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


def shown(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def test_at_lunch_it_is_closed_and_opens_again_the_same_day() -> None:
    office = Opening(OFFICE, day_info)
    assert not office.is_open(at("2026-11-24", "12:00"))
    assert shown(office.opens_at(at("2026-11-24", "12:00"))) == "11-24 13:30"
    assert shown(office.closes_at(at("2026-11-24", "11:59"))) == "11-24 12:00"


def test_a_make_up_saturday_is_worked_like_a_weekday_not_like_a_saturday() -> None:
    assert day_info(date(2026, 10, 10)).kind is DayKind.MAKE_UP
    office = Opening(OFFICE, day_info)
    assert office.is_open(at("2026-10-10", "16:00"))
    assert not office.is_open(at("2026-11-28", "16:00"))  # a Saturday as every other


def test_a_make_up_sunday_is_worked_too_by_who_never_opens_on_sundays() -> None:
    assert day_info(date(2026, 9, 20)).kind is DayKind.MAKE_UP
    assert Opening(OFFICE, day_info).is_open(at("2026-09-20", "10:00"))


def test_a_holiday_that_falls_on_a_saturday_is_no_saturday() -> None:
    office = Opening(OFFICE, day_info)
    assert not office.is_open(at("2026-10-03", "10:00"))
    assert shown(office.opens_at(at("2026-10-01", "10:00"))) == "10-08 08:30"
    assert Opening(ROUND_THE_CLOCK, day_info).is_open(at("2026-10-03", "03:00"))


def test_what_closes_after_midnight_is_still_open_then_and_belongs_to_the_day_before() -> None:
    late = Opening(LATE, day_info, {date(2026, 11, 25): SpecialDay((), "停电")})
    assert late.is_open(at("2026-11-25", "01:59"))
    assert not late.is_open(at("2026-11-25", "02:00"))
    assert not late.is_open(at("2026-11-25", "19:00"))
    assert not late.is_open(at("2026-11-26", "01:00"))
    assert spans_text(read_spans("18:00-次日2:00")) == "18:00–次日2:00"


def test_what_never_closes_does_not_close_at_midnight() -> None:
    moment = at("2026-11-24", "10:00")
    closes = Opening(ROUND_THE_CLOCK, day_info).closes_at(moment)
    assert closes is not None
    assert closes - moment > timedelta(days=1)
    assert state_text(Opening(ROUND_THE_CLOCK, day_info), moment) == "全天有人"
    assert state_text(Opening(LATE, day_info), at("2026-11-24", "19:00")) == "现在开着，明天2:00关门"
    assert state_text(Opening(OFFICE, day_info), at("2026-11-24", "14:00")) == "现在开着，17:30关门"


def test_one_date_says_otherwise_closed_or_open() -> None:
    office = Opening(OFFICE, day_info, {date(2026, 11, 24): SpecialDay((), "停电"), date(2026, 11, 29): SpecialDay(DAY, "集中办理")})
    assert shown(office.opens_at(at("2026-11-24", "07:00"))) == "11-25 08:30"
    assert office.is_open(at("2026-11-29", "09:00"))


def test_a_year_without_a_holiday_plan_says_so() -> None:
    assert not day_info(date(2031, 10, 1)).known
    assert day_info(date(2026, 10, 1)).name == "国庆节"


BAD = ["八点到十二点", "8:30", "25:00-26:00", "8:61-9:00", "8:00-8:00", "8:00-12:00、11:00-13:00", "8:00-次日9:00"]


@pytest.mark.parametrize("bad", BAD)
def test_hours_that_make_no_sense_are_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_spans(bad)
    assert refused.value.message.endswith("。")


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)))
def test_open_now_and_opens_next_never_contradict_each_other(naive: datetime) -> None:
    moment = naive.replace(tzinfo=SHANGHAI)
    for hours in (OFFICE, ROUND_THE_CLOCK, LATE):
        opening = Opening(hours, day_info)
        opens = opening.opens_at(moment)
        assert opens is not None
        assert opens > moment
        assert opening.is_open(opens)
        assert not opening.is_open(opens - timedelta(microseconds=1)) or hours is ROUND_THE_CLOCK


def test_the_week_reads_as_a_notice_at_the_door_and_is_kept_whole() -> None:
    assert week_text(OFFICE) == "周一至周五 8:30–12:00、13:30–17:30；周六 9:00–12:00"
    assert week_text(ROUND_THE_CLOCK) == "每天 全天"
    site = Site(0, 1, SiteKind.SERVICE, "", "", "", "", kept(OFFICE))
    assert site.opening_hours() == OFFICE


def test_contact_days_move_off_rest_days() -> None:
    fifteenth = days(read_rule("每月15日"), date(2026, 11, 1), day_info)
    assert next(fifteenth) == date(2026, 11, 16)  # the 15th is a Sunday
    second = days(read_rule("每月第二个周六"), date(2026, 11, 1), day_info)
    assert next(second) == date(2026, 11, 14)
    first_saturday = days(read_rule("每月第一个周六"), date(2026, 10, 1), day_info)
    assert next(first_saturday) == date(2026, 10, 10)  # the 3rd is a holiday
    assert date(2026, 11, 30) not in days(read_rule("每月31日"), date(2026, 11, 1), day_info)


def test_a_day_moved_into_the_asked_days_from_before_them_is_found() -> None:
    assert next(days(read_rule("每月15日"), date(2026, 11, 16), day_info)) == date(2026, 11, 16)


@pytest.mark.parametrize("text", ["每月15日", "每月第二个周六", "每周三"])
def test_a_rule_is_read_as_it_is_written(text: str) -> None:
    assert rule_text(read_rule(text)) == text


def test_a_rule_nobody_can_keep_is_refused() -> None:
    for bad in ("每月32日", "有空就来", "第六个周一"):
        with pytest.raises(InvalidInput):
            read_rule(bad)
