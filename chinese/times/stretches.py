"""Longer stretches than a day: 去年冬天, 上半年, 第二周, 最后4个月, 正月, 五一假期; and who reads which word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from chinese.times.days import (
    DAY,
    WEEKDAYS,
    When,
    first_week,
    level,
    lunar_date,
    monday,
    month_days,
    nearest,
    number,
    read_day,
    read_day_rel,
    read_month,
    read_month_part,
    read_slash,
    read_week,
    read_year,
    read_ymd,
)
from chinese.times.lunar import Days, holiday, lunar_month
from chinese.times.mention import Prefer
from chinese.times.words import Word

_SEASONS = {"春": (3, "SP"), "夏": (6, "SU"), "秋": (9, "FA"), "冬": (12, "WI")}
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_CODE = {"天": "D", "周": "W", "星": "W", "礼": "W", "月": "M", "年": "Y"}


def _years(when: When, word: Word, today: date, prefer: Prefer) -> When:
    first, last = int(word.said["years_a"]), int(word.said["years_b"])
    days = date(first, 1, 1), date(last + 1, 1, 1)
    return When(days=days, unit="P", timex=f"({days[0]},{last}-01-01,P{last - first}Y)")


def _century(when: When, word: Word, today: date, prefer: Prefer) -> When:
    first, years = (number(word.said["century_n"]) - 1) * 100, 100
    if said := word.said.get("decade_n"):
        decade = number(said)
        first, years = first + (decade if decade >= 10 else decade * 10), 10
    days = date(first, 1, 1), date(first + years, 1, 1)
    return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P{years}Y)")


def _month_half(when: When, word: Word, today: date, prefer: Prefer) -> When:
    first, past = when.days if when.days and when.unit == "M" else month_days(today.year, today.month)
    middle = first + timedelta(days=15)
    days = (first, middle) if word.said["month_half_w"] == "上" else (middle, past)
    return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P{(days[1] - days[0]).days}D)")


def _year_half(when: When, word: Word, today: date, prefer: Prefer) -> When:
    said = word.said["year_half_w"]
    if said.endswith("个"):
        half = (when.year or today.year) * 2 + (today.month > 6) + level(said)
    else:
        half = (when.year or today.year) * 2 + (said == "下")
    days = month_days(half // 2, half % 2 * 6 + 1)[0], month_days(half // 2, half % 2 * 6 + 7)[0]
    return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P6M)")


def _week_half(when: When, word: Word, today: date, prefer: Prefer) -> When:
    first = monday(today)
    days = (first, first + DAY * 3) if word.said["week_half_w"] == "上" else (first + DAY * 3, first + DAY * 7)
    return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P{(days[1] - days[0]).days}D)")


def _season(when: When, word: Word, today: date, prefer: Prefer) -> When:
    month, code = _SEASONS[word.said["season_w"]]

    def of(year: int) -> Days:
        return month_days(year, month)[0], month_days(year, month + 3)[0]

    days = of(when.year) if when.year else nearest(of, today, prefer)
    return When(year=when.year, days=days, unit="P", timex=f"{when.year or 'XXXX'}-{code}")


def _quarter(when: When, word: Word, today: date, prefer: Prefer) -> When:
    quarter = number(word.said.get("quarter_n")) or (today.month - 1) // 3 + 1 + level(word.said["quarter"])
    first = month_days(when.year or today.year, quarter * 3 - 2)[0]
    days = first, month_days(first.year, first.month + 3)[0]
    return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P3M)")


def _nth(when: When, word: Word, today: date, prefer: Prefer) -> When:
    """Of a year or a month only: alone, 第二周 is the second of something else."""
    if when.days is None:
        return replace(when, wrong=True)
    first, past = when.days
    n = number(word.said.get("nth_n"))
    if weekday := word.said.get("nth_day"):
        day = WEEKDAYS.index(weekday.replace("天", "日"))
        found = first + timedelta(days=(day - first.weekday()) % 7, weeks=n - 1)
        if "nth_last" in word.said:
            found = past - DAY - timedelta(days=((past - DAY).weekday() - day) % 7)
        return When(days=(found, found + DAY), unit="D", timex=str(found))
    if word.said["nth_unit"] == "月":
        days = month_days(past.year - 1, 12) if "nth_last" in word.said else month_days(first.year, n)
        return When(year=first.year, month=days[0].month, days=days, unit="M", timex=f"{days[0]:%Y-%m}")
    week = monday(past - DAY) if "nth_last" in word.said else first_week(first) + timedelta(weeks=n - 1)
    iso = week.isocalendar()
    return When(days=(week, week + DAY * 7), unit="W", timex=f"{iso[0]}-W{iso[1]:02}")


def _some(when: When, word: Word, today: date, prefer: Prefer) -> When:
    """2021年的前2周; without a year or month before it, counted from today: 前两天, 未来三天."""
    said = word.said["some_w"]
    n = 3 if word.said["some_n"] == "几" else number(word.said["some_n"])
    unit = word.said["some_unit"].lstrip("个")[0]
    last = said == "最后"
    if when.days is None:
        if last or said == "头":
            return replace(when, wrong=True)
        ahead = said in ("未来", "接下来", "今后")
        span = {"天": DAY, "周": DAY * 7, "星": DAY * 7, "礼": DAY * 7, "月": DAY * 30, "年": DAY * 365}[unit] * n
        days = (today, today + span) if ahead else (today - span, today)
        return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P{n}{_CODE[unit]})")
    first, past = when.days
    if unit == "年":
        return replace(when, wrong=True)
    if unit == "月":
        days = (
            (month_days(past.year, past.month - n)[0], past)
            if last
            else (first, month_days(first.year, first.month + n)[0])
        )
    elif unit == "天":
        days = (past - DAY * n, past) if last else (first, first + DAY * n)
    else:
        start = first_week(past) - timedelta(weeks=n) if last else first_week(first)
        days = start, start + timedelta(weeks=n)
    return When(days=days, unit="P", timex=f"({days[0]},{days[1]},P{n}{_CODE[unit]})")


def _holiday(when: When, word: Word, today: date, prefer: Prefer) -> When:
    name, whole = word.said["holiday_w"], "holiday_whole" in word.said
    if when.year:
        days = holiday(name, when.year, whole)
    else:
        days = nearest(lambda year: holiday(name, year, whole), today, prefer)
    if days is None:
        return replace(when, wrong=True)
    unit = "D" if days[1] - days[0] == DAY else "P"
    return When(when.year, days=days, unit=unit, timex=f"{days[0]}" if unit == "D" else f"({days[0]},{days[1]})")


def _lunar(when: When, word: Word, today: date, prefer: Prefer) -> When:
    month = number(word.said.get("lunar_n")) or _LUNAR_MONTHS.get(word.said["lunar"][0], 0)
    days = lunar_month(when.year, month) if when.year else nearest(lambda y: lunar_month(y, month), today, prefer)
    return When(when.year, month, days=days, unit="L", timex=f"{when.year or 'XXXX'}-{month:02}", wrong=days is None)


def _initial(when: When, word: Word, today: date, prefer: Prefer) -> When:
    month = when.month if when.unit == "L" and when.month else 1
    return lunar_date(when.year, month, number(word.said["initial_n"]), today, prefer)


_READERS: dict[str, Callable[[When, Word, date, Prefer], When]] = {
    "year": read_year, "years": _years, "century": _century, "month": read_month, "month_part": read_month_part, "month_half": _month_half,
    "year_half": _year_half, "week_half": _week_half, "season": _season, "quarter": _quarter, "nth": _nth, "some": _some,
    "day": read_day, "ymd": read_ymd, "dmy": read_ymd, "slash": read_slash, "day_rel": read_day_rel, "week": read_week, "holiday": _holiday,
    "lunar": _lunar, "initial": _initial,
}  # fmt: skip
RANKS = {
    "year": 1, "century": 1, "years": 3, "season": 2, "quarter": 2, "year_half": 2, "lunar": 2, "month": 2, "month_part": 3,
    "month_half": 3, "nth": 3, "some": 3, "day": 3, "ymd": 3, "dmy": 3, "slash": 3, "day_rel": 3, "week": 3, "week_half": 3,
    "holiday": 3, "initial": 3, "part": 5, "clock": 6, "clock_noon": 6,
}  # fmt: skip


def add(when: When, word: Word, today: date, prefer: Prefer) -> When:
    """`when` with what one more word says of it."""
    try:
        return _READERS[word.kind](when, word, today, prefer)
    except (ValueError, OverflowError):  # the year 0, or one beyond what a calendar holds
        return replace(when, days=None, wrong=True)
