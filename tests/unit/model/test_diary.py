"""What a visit note and a pause say, seen from Tuesday 24 November 2026, ten in the morning."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from chinese.address import parse_address
from community.model.calendar import SHANGHAI
from community.model.category import RULES, Category
from community.model.diary import apart, category_said, morning_for, names_only_a_place, only_says, read_note
from community.model.pausing import read_pause
from community.model.when import find_day

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
ESTATES = (("剡溪花园", "剡溪花园"),)


def workday(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("走访3幢李奶奶，下周三再去", (12, 2)),
        ("12月1号复查", (12, 1)),
        ("回访十二月二号", (12, 2)),
        ("三天后再去看看", (11, 27)),
        ("过两天再去", (11, 26)),
        ("再过一周回访", (12, 1)),
        ("下周去送药", (11, 30)),
        ("明天下午陪张大爷去医院", (11, 25)),
    ],
)
def test_when_somebody_goes_again_is_read(text: str, day: tuple[int, int]) -> None:
    assert read_note(text, NOW).follow_up == date(2026, *day)


@pytest.mark.parametrize(
    "text",
    ["李奶奶12月5日生日", "今天上午走访，都好", "昨天又去了一趟，没人", "最近再去看看", "儿子周末来", "3号楼再去看看", "上午再去了一趟"],
)
def test_a_day_on_which_nobody_goes_there_is_no_visit(text: str) -> None:
    assert read_note(text, NOW).follow_up is None


def test_what_is_wanted_is_read_and_what_is_not_wanted_is_not() -> None:
    assert read_note("3幢李奶奶想装扶手，血压高", NOW).need == "想装扶手"
    assert read_note("都好，她希望社区帮忙申请助餐", NOW).need == "希望社区帮忙申请助餐"
    assert read_note("都好，没有需要帮忙的", NOW).need == ""
    assert read_note("3幢李奶奶想装扶手", NOW).who == "李奶奶"


def test_a_correction_of_only_a_day_or_only_a_place_is_told_from_a_new_text() -> None:
    assert only_says("12月1日", NOW) == date(2026, 12, 1)
    assert only_says("改到下周三", NOW) == date(2026, 12, 2)
    assert only_says("12月1日李奶奶生日", NOW) is None
    assert names_only_a_place("剡溪花园3幢2单元502", ESTATES)
    assert names_only_a_place("地点是3幢1单元101张阿姨家", ESTATES)
    assert not names_only_a_place("3幢李奶奶身体不好", ESTATES)
    assert not names_only_a_place("身体不好", ESTATES)


def test_a_room_and_a_surname_are_not_a_number_of_sheets() -> None:
    assert parse_address(apart("3幢1单元101张阿姨"), ESTATES).room == "101"
    assert parse_address(apart("3幢1单元101张建国，都好"), ESTATES).room == "101"
    assert apart("收到101张传单") == "收到101张传单"


@pytest.mark.parametrize(
    ("day", "now", "told"),
    [
        (date(2026, 12, 2), NOW, datetime(2026, 12, 2, 8, 30)),
        (date(2026, 11, 28), NOW, datetime(2026, 11, 27, 8, 30)),  # a Saturday
        (date(2026, 11, 24), NOW, datetime(2026, 11, 25, 8, 30)),  # today, and the morning is over
        (date(2026, 11, 24), NOW.replace(hour=7), datetime(2026, 11, 24, 8, 30)),
        (date(2026, 11, 29), NOW.replace(day=27, hour=15), datetime(2026, 11, 30, 8, 30)),  # said on Friday afternoon
        (date(2026, 11, 29), NOW.replace(day=28), datetime(2026, 11, 30, 8, 30)),
    ],
)
def test_a_reminder_comes_on_a_working_morning_and_in_time_where_there_is_one(day: date, now: datetime, told: datetime) -> None:
    assert morning_for(day, now, workday) == told.replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "reason", "day"),
    [
        ("等配件 到12月5日", "等配件", (12, 5)),
        ("等配件到十二月五号", "等配件", (12, 5)),
        ("到12月5日，等配件", "等配件", (12, 5)),
        ("等配件，暂缓到12月5日", "等配件", (12, 5)),
        ("等配件，12月5日", "等配件", (12, 5)),
        ("等厂家发货，到月底", "等厂家发货", (11, 30)),
        ("等配件到下周一再办", "等配件", (11, 30)),
        ("等配件12月5日到货", "等配件12月5日到货", (12, 5)),
        ("12月5日", "", (12, 5)),
        ("等配件", "等配件", None),
        ("", "", None),
    ],
)
def test_a_pause_says_why_and_until_when(text: str, reason: str, day: tuple[int, int] | None) -> None:
    until = datetime(2026, *day, 18, 0, tzinfo=SHANGHAI) if day else None
    assert read_pause(text, NOW) == (reason, until)


def test_a_day_far_beyond_the_calendar_is_no_day() -> None:
    assert find_day("过99999999天", NOW) is None
    assert find_day("2月30日", NOW) is None
    assert find_day("", NOW) is None


def test_every_category_is_said_by_its_own_name_and_two_are_none() -> None:
    assert {category_said(rule.name) for rule in RULES.values()} == set(Category)
    assert category_said("楼道灯不亮") is Category.LIGHTING
    assert category_said("想装扶手") is Category.ELDERLY_CARE
    assert category_said("电梯和门禁都坏了") is None
    assert category_said("想在卫生间装个扶手") is Category.ELDERLY_CARE
    assert category_said("说了会儿话") is None


def test_the_day_before_is_soon_enough() -> None:
    assert morning_for(NOW.date() + timedelta(days=1), NOW, workday) > NOW
