"""A day that comes back every month or week: 每月15日, 每月第二个周六, 每周三."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from community.errors import InvalidInput
from community.model.opening import WEEKDAYS, Calendar, DayKind

AHEAD = 100
"""Days that are looked ahead."""
_RULE = re.compile(r"(?:day:([1-9]|[12]\d|3[01])|nth:([1-5]):([0-6])|week:([0-6]))")
_DAY = re.compile(r"每?月?的?(\d{1,2})[日号]")
_NTH = re.compile(r"每?月?的?第?([一二三四五1-5])个?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEK = re.compile(r"每个?(?:周|星期|礼拜)([一二三四五六日天])")


def check_rule(rule: str) -> str:
    """'day:15', 'nth:2:5' (second Saturday), 'week:2' (every Wednesday). Raises InvalidInput."""
    if not _RULE.fullmatch(rule):
        raise InvalidInput("日子请写成：每月15日、每月第二个周六、每周三。")
    return rule


def read_rule(text: str) -> str:
    """The rule that words say. Raises InvalidInput."""
    said = text.replace(" ", "")
    if found := _NTH.fullmatch(said):
        nth = int(found[1]) if found[1].isdigit() else "一二三四五".index(found[1]) + 1
        return f"nth:{nth}:{_weekday(found[2])}"
    if found := _WEEK.fullmatch(said):
        return f"week:{_weekday(found[1])}"
    if (found := _DAY.fullmatch(said)) and 1 <= int(found[1]) <= 31:
        return f"day:{int(found[1])}"
    raise InvalidInput("日子请写成：每月15日、每月第二个周六、每周三。")


def rule_text(rule: str) -> str:
    found = _RULE.fullmatch(rule)
    if found is None:
        return rule
    if found[1]:
        return f"每月{found[1]}日"
    if found[2]:
        return f"每月第{'一二三四五'[int(found[2]) - 1]}个周{WEEKDAYS[int(found[3])]}"
    return f"每周{WEEKDAYS[int(found[4])]}"


def days(rule: str, first: date, calendar: Calendar) -> Iterator[date]:
    """The dates from `first` on, AHEAD days. A day of the month on a rest day moves to the next working day; the nth weekday and a weekly
    day on a statutory holiday move a week. A month without a 31st has none."""
    check_rule(rule)
    last = first + timedelta(days=AHEAD)
    # A moved day may come from before `first`: nine days of holidays at most.
    day, found = first - timedelta(days=14), set()
    while day <= last:
        if _falls(rule, day):
            found.add(_moved(rule, day, calendar))
        day += timedelta(days=1)
    yield from sorted(one for one in found if first <= one <= last)


def _falls(rule: str, day: date) -> bool:
    kind, *rest = rule.split(":")
    if kind == "day":
        return day.day == int(rest[0])
    if kind == "nth":
        return day.weekday() == int(rest[1]) and (day.day - 1) // 7 + 1 == int(rest[0])
    return day.weekday() == int(rest[0])


def _moved(rule: str, day: date, calendar: Calendar) -> date:
    if rule.startswith("day:"):
        while calendar(day).kind in (DayKind.HOLIDAY, DayKind.WEEKEND):
            day += timedelta(days=1)
    else:
        while calendar(day).kind is DayKind.HOLIDAY:
            day += timedelta(days=7)
    return day


def _weekday(word: str) -> int:
    return 6 if word == "天" else WEEKDAYS.index(word)
