"""Days, weeks, months and years: 12月3日, 这周六, 月底, 去年, 正月初三, seen from a day. Longer stretches: stretches.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chinese.numerals import to_int
from chinese.times.lunar import Days, lunar_day
from chinese.times.mention import Prefer
from chinese.times.words import Word


@dataclass(frozen=True)
class When:
    """The day of a moment as far as it was said. `unit` is the smallest thing named: Y, M, W, D, or P for any other stretch.

    `days` is None as long as nothing names them, and stays so for a day that does not exist (`wrong`).
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    days: Days | None = None
    unit: str = ""
    timex: str = ""
    wrong: bool = False


DAY = timedelta(days=1)
_YEARS = {
    "大前年": -3,
    "前年": -2,
    "去年": -1,
    "旧年": -1,
    "上年": -1,
    "上一年": -1,
    "今年": 0,
    "本年": 0,
    "明年": 1,
    "后年": 2,
}
_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "同": 0, "明": 1, "后": 2, "大后": 3}
WEEKDAYS = "一二三四五六日"


def level(words: str) -> int:
    """上上 -2, 上 -1, 下 1, 下下 2; 这, 本 and nothing 0."""
    return words.count("下") - words.count("上")


def number(words: str | None) -> int:
    if words and words[0] == "廿":
        return 20 + (to_int(words[1:]) or 0)
    return to_int(words or "") or 0


def month_days(year: int, month: int) -> Days:
    """Month may run over: 13 is January of the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def year_days(year: int) -> Days:
    return date(year, 1, 1), date(year + 1, 1, 1)


def monday(day: date, weeks: int = 0) -> date:
    return day - timedelta(days=day.weekday()) + timedelta(weeks=weeks)


def first_week(first: date) -> date:
    """The Monday of the first week that has its Thursday on or after `first`, as ISO counts weeks."""
    return monday(first + timedelta(days=(3 - first.weekday()) % 7))


def nearest(found: Callable[[int], Days | None], today: date, prefer: Prefer, reach: int = 4) -> Days | None:
    """Of the same days in several years, those that `prefer` asks for; `found` says them for a year."""
    years = range(today.year - reach, today.year + reach + 1)
    known = [days for days in map(found, years) if days is not None]
    if prefer == "future":
        known = [days for days in known if days[1] > today] or known
    elif prefer == "past":
        known = [days for days in known if days[0] <= today] or known
    return min(known, key=lambda days: abs((days[0] - today).days), default=None)


def one_day(year: int, month: int, day: int) -> Days | None:
    try:
        first = date(year, month, day)
        return first, first + DAY
    except (ValueError, OverflowError):
        return None


def read_year(when: When, word: Word, today: date, prefer: Prefer) -> When:
    if "year_rel" in word.said:
        year = today.year + _YEARS[word.said["year_rel"]]
    else:
        year = number(word.said["year_n"])
        if year < 100:
            year += 2000 if year < 60 else 1900
    if tail := word.said.get("year_tail"):
        return _year_part(year, tail, today)
    return When(year=year, days=year_days(year), unit="Y", timex=f"{year:04}")


def _year_part(year: int, part: str, today: date) -> When:
    first, past = {"初": (1, 3), "中": (6, 8)}.get(part, (11, 13))
    days = month_days(year, first)[0], month_days(year, past)[0]
    return When(year=year, days=days, unit="P", timex=f"({days[0]},{days[1]})")


def read_month(when: When, word: Word, today: date, prefer: Prefer) -> When:
    if "month_n" not in word.said:
        days = month_days(today.year, today.month + level(word.said["month"]))
        return When(year=days[0].year, month=days[0].month, days=days, unit="M", timex=f"{days[0]:%Y-%m}")
    month = number(word.said["month_n"])
    if not 1 <= month <= 12:
        return replace(when, wrong=True)
    if when.year:
        found: Days | None = month_days(when.year, month)
    else:
        found = nearest(lambda year: month_days(year, month), today, prefer)
    said = f"{when.year:04}" if when.year else "XXXX"
    when = When(year=when.year, month=month, days=found, unit="M", timex=f"{said}-{month:02}")
    tail = word.said.get("month_tail")
    return _part_of_month(when, tail, today) if tail else when


def _part_of_month(when: When, part: str, today: date) -> When:
    first, past = when.days if when.days and when.unit == "M" else month_days(today.year, today.month)
    if part in ("初", "上旬"):
        past = first + timedelta(days=10 if part == "上旬" else 5)
    elif part in ("中", "中旬"):
        first, past = first + timedelta(days=10), first + timedelta(days=20)
    else:
        first = first + timedelta(days=20) if part == "下旬" else past - timedelta(days=5)
    return When(days=(first, past), unit="P", timex=f"({first},{past})")


def read_month_part(when: When, word: Word, today: date, prefer: Prefer) -> When:
    if part := word.said.get("year_part_w"):
        return _year_part(when.year or today.year, part, today)
    return _part_of_month(when, word.said.get("month_part_w") or word.said["decade_part"], today)


def read_day(when: When, word: Word, today: date, prefer: Prefer) -> When:
    day = number(word.said.get("day_n") or word.said["day_b"])
    if when.unit == "L" and when.month:
        return lunar_date(when.year, when.month, day, today, prefer)
    year, month = when.year, when.month
    if year and month:
        days = one_day(year, month, day)
    elif month:
        days = nearest(lambda y: one_day(y, month or 1, day), today, prefer)
    else:
        days = _next_day(day, today, prefer)
    said = f"{year or 'XXXX'}-{month or 'XX'}-{day:02}" if not month else f"{year or 'XXXX'}-{month:02}-{day:02}"
    return When(year, month, day, days, "D", said, wrong=days is None)


def _next_day(day: int, today: date, prefer: Prefer) -> Days | None:
    """The 5th: of this month, unless that is behind us and the future is asked for, or the other way round."""
    turns = {"near": (0, 1, -1), "future": (0, 1, 2), "past": (0, -1, -2)}[prefer]
    for turn in turns:
        first = month_days(today.year, today.month + turn)[0]
        days = one_day(first.year, first.month, day)
        if days is None or prefer == "future" and days[0] < today or prefer == "past" and days[0] > today:
            continue
        return days
    return None


def read_ymd(when: When, word: Word, today: date, prefer: Prefer) -> When:
    kind = word.kind
    year, month, day = (int(word.said[f"{kind}_{part}"]) for part in "ymd")
    return When(year, month, day, one_day(year, month, day), "D", f"{year}-{month:02}-{day:02}")


def read_slash(when: When, word: Word, today: date, prefer: Prefer) -> When:
    month, day = int(word.said["slash_m"]), int(word.said["slash_d"])
    days = one_day(when.year, month, day) if when.year else nearest(lambda y: one_day(y, month, day), today, prefer)
    return When(when.year, month, day, days, "D", f"{when.year or 'XXXX'}-{month:02}-{day:02}", wrong=days is None)


def read_day_rel(when: When, word: Word, today: date, prefer: Prefer) -> When:
    said = word.said["day_rel"].rstrip("天日儿朝一")
    found = today + timedelta(days=_DAYS[said])
    return When(found.year, found.month, found.day, (found, found + DAY), "D", str(found))


def read_week(when: When, word: Word, today: date, prefer: Prefer) -> When:
    which = word.said.get("week_w", word.said.get("week_rel", ""))
    first = monday(today, level(which))
    weekday = word.said.get("week_day", "末" if "week_rel" not in word.said else "")
    iso = first.isocalendar()
    if not weekday:
        return When(days=(first, first + DAY * 7), unit="W", timex=f"{iso[0]}-W{iso[1]:02}")
    if weekday == "末":
        return When(days=(first + DAY * 5, first + DAY * 7), unit="P", timex=f"{iso[0]}-W{iso[1]:02}-WE")
    day = first + timedelta(days=WEEKDAYS.index(weekday.replace("天", "日")))
    if not which.strip("个"):
        if prefer == "future" and day < today:
            day += DAY * 7
        elif prefer == "past" and day > today:
            day -= DAY * 7
        return When(days=(day, day + DAY), unit="D", timex=f"XXXX-WXX-{day.isoweekday()}")
    return When(day.year, day.month, day.day, (day, day + DAY), "D", str(day))


def lunar_date(year: int | None, month: int, day: int, today: date, prefer: Prefer) -> When:
    def of(y: int) -> Days | None:
        found = lunar_day(y, month, day)
        return (found, found + DAY) if found else None

    days = of(year) if year else nearest(of, today, prefer)
    return When(days=days, unit="D", timex=f"{year or 'XXXX'}-{month:02}-{day:02}", wrong=days is None)
