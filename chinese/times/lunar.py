"""The lunar calendar and the holidays that hang on it: 正月初三, 大年三十, 端午, 清明, 五一假期."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chinese.normalise import table

Days = tuple[date, date]
"""Half-open."""


@lru_cache(maxsize=1)
def _years() -> dict[int, tuple[date, int, str]]:
    found = {}
    for line in table("lunar"):
        year, first, leap, months = line.split(" ")
        found[int(year)] = (date(int(year), int(first[:2]), int(first[2:])), int(leap), months)
    return found


def lunar_month(year: int, month: int) -> Days | None:
    """The days of a month of the lunar year that begins in `year`; the leap month is not meant. None outside the table."""
    if year not in _years() or not 1 <= month <= 12:
        return None
    first, leap, months = _years()[year]
    before = month - 1 + (1 if leap and month > leap else 0)
    start = first + timedelta(days=sum(29 + int(m) for m in months[:before]))
    return start, start + timedelta(days=29 + int(months[before]))


def lunar_day(year: int, month: int, day: int) -> date | None:
    """None for a day that the month does not have."""
    if (days := lunar_month(year, month)) is None or day < 1:
        return None
    found = days[0] + timedelta(days=day - 1)
    return found if found < days[1] else None


def eve(year: int) -> date | None:
    """除夕 before the spring festival of `year`."""
    return _years()[year][0] - timedelta(days=1) if year in _years() else None


_FIXED = {
    "元旦": (1, 1, 1), "情人节": (2, 14, 1), "妇女节": (3, 8, 1), "三八节": (3, 8, 1), "植树节": (3, 12, 1), "劳动节": (5, 1, 1),
    "五一": (5, 1, 1), "青年节": (5, 4, 1), "儿童节": (6, 1, 1), "六一": (6, 1, 1), "建党节": (7, 1, 1), "建军节": (8, 1, 1),
    "教师节": (9, 10, 1), "国庆": (10, 1, 1), "十一": (10, 1, 1), "平安夜": (12, 24, 1), "圣诞": (12, 25, 1),
}  # fmt: skip
_LUNAR = {
    "元宵": (1, 15),
    "端午": (5, 5),
    "七夕": (7, 7),
    "中元": (7, 15),
    "中秋": (8, 15),
    "重阳": (9, 9),
    "腊八": (12, 8),
}
_LONG = {"元旦": 3, "春节": 8, "清明": 3, "五一": 5, "劳动节": 5, "端午": 3, "中秋": 3, "国庆": 7, "十一": 7}
"""Days off as they usually fall; the State Council says each autumn what the next year's really are."""


def holiday(name: str, year: int, whole: bool) -> Days | None:
    """The day of a holiday in `year`, or with `whole` the days off around it. None for a name or a year not known."""
    first: date | None
    if name in _FIXED:
        month, day, _ = _FIXED[name]
        first = date(year, month, day)
    elif name in ("春节", "过年", "大年初一"):
        first = lunar_day(year, 1, 1)
    elif name in ("除夕", "大年三十", "年三十"):
        first = eve(year)
    elif name == "清明":
        # The sun's, not the moon's: right for 1950 to 2079.
        first = date(year, 4, int((year % 100) * 0.2422 + (4.81 if year >= 2000 else 5.59)) - (year % 100) // 4)
    else:
        first = lunar_day(year, *_LUNAR[name]) if name in _LUNAR else None
    if first is None:
        return None
    if whole and name == "春节":
        first -= timedelta(days=1)
    return first, first + timedelta(days=_LONG.get(name, 1) if whole else 1)
