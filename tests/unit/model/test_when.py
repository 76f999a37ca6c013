"""The day that somebody asks activities for, seen from Tuesday 24 November 2026: what chinese.times reads, turned into days to look up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from community.model.calendar import SHANGHAI
from community.model.when import find_period

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "first", "days"),
    [
        ("今天有什么活动", (2026, 11, 24), 1),
        ("下个月的", (2026, 12, 1), 31),
        ("元旦有活动吗", (2027, 1, 1), 1),
        ("这周", (2026, 11, 24), 6),
        ("这几天", (2026, 11, 24), 6),
        ("下周", (2026, 11, 30), 7),
        ("月底", (2026, 11, 26), 5),
        ("每周六的那个", (2026, 11, 28), 1),
        ("礼拜天", (2026, 11, 29), 1),
        ("12月5日到7日", (2026, 12, 5), 3),
        ("1月3号", (2027, 1, 3), 1),
    ],
)
def test_activities_are_looked_up_on_the_days_that_were_meant(
    text: str, first: tuple[int, int, int], days: int
) -> None:
    period = find_period(text, TUESDAY)
    assert period is not None
    assert period.start == datetime(*first, tzinfo=SHANGHAI)
    assert period.end - period.start == timedelta(days=days)


@pytest.mark.parametrize("text", ["有什么活动", "3号楼有活动吗", "最近有活动吗", "现在能报吗", "要半天吗", "几点开始"])
def test_without_a_day_none_is_made_up(text: str) -> None:
    assert find_period(text, TUESDAY) is None


def test_the_weekend_asked_for_on_sunday_is_what_is_left_of_it() -> None:
    sunday = datetime(2026, 11, 29, 9, 0, tzinfo=SHANGHAI)
    period = find_period("这个周末", sunday)
    assert period is not None
    assert (period.start.date(), period.end.date()) == (sunday.date(), sunday.date() + timedelta(days=1))


def test_tonight_and_saturday_morning_are_parts_of_their_days() -> None:
    for text, hours in (("今晚", (17, 24)), ("周六早上", (5, 12)), ("明天下午3点", (12, 18))):
        period = find_period(text, TUESDAY)
        assert period is not None
        assert (period.start.hour, round((period.end - period.start).total_seconds() / 3600)) == (
            hours[0],
            hours[1] - hours[0],
        )
