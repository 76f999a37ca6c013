"""Working time. Asia/Shanghai has had no summer time since 1991, so a fixed +08:00 is exact for all our dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
SPANS = ((time(8, 30), time(12, 0)), (time(13, 30), time(18, 0)))
"""Office hours of a community, local time: 8 working hours a day with a lunch break."""
HOURS_TEXT = "工作日 8:30–12:00、13:30–18:00"

IsWorkday = Callable[[date], bool]


def local(moment: datetime) -> datetime:
    """`moment` (aware) in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI)


def is_office_time(moment: datetime, is_workday: IsWorkday) -> bool:
    here = local(moment)
    return is_workday(here.date()) and any(start <= here.time() < end for start, end in SPANS)


def add_working_time(start: datetime, amount: timedelta, is_workday: IsWorkday) -> datetime:
    """The moment (UTC) when `amount` of working time has passed since `start` (aware).

    Raises ValueError for a naive start or a negative amount.
    """
    if start.tzinfo is None or amount < timedelta(0):
        raise ValueError("start must be aware and amount not negative")
    here = local(start)
    day, left = here.date(), amount
    for _ in range(3660):
        if is_workday(day):
            for begin, end in SPANS:
                opens = datetime.combine(day, begin, SHANGHAI)
                closes = datetime.combine(day, end, SHANGHAI)
                opens = max(opens, here)
                if opens >= closes:
                    continue
                if left <= closes - opens:
                    return (opens + left).astimezone(timezone.utc)
                left -= closes - opens
        day += timedelta(days=1)
    raise ValueError("no working time within ten years")


def working_time_between(start: datetime, end: datetime, is_workday: IsWorkday) -> timedelta:
    """How much working time passes from `start` to `end` (aware); nothing when `end` is not later. Raises ValueError for naive times."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("start and end must be aware")
    first, last, passed = local(start), local(end), timedelta(0)
    day = first.date()
    while day <= last.date():
        if is_workday(day):
            for begin, close in SPANS:
                opens = max(datetime.combine(day, begin, SHANGHAI), first)
                closes = min(datetime.combine(day, close, SHANGHAI), last)
                passed += max(closes - opens, timedelta(0))
        day += timedelta(days=1)
    return passed


def next_opening(moment: datetime, is_workday: IsWorkday) -> datetime:
    """When the office is next open at or after `moment` (UTC)."""
    return add_working_time(moment, timedelta(microseconds=1), is_workday)


def day_text(moment: datetime, now: datetime) -> str:
    """今天 17:30, 明天 9:00, 11月26日（周四）10:00 — local time, as a neighbour would say it."""
    here, today = local(moment), local(now).date()
    clock = f"{here.hour}:{here.minute:02d}"
    days = (here.date() - today).days
    if days == 0:
        return f"今天{clock}"
    if days == 1:
        return f"明天{clock}"
    if days == -1:
        return f"昨天{clock}"
    year = "" if here.year == today.year else f"{here.year}年"
    return f"{year}{here.month}月{here.day}日（周{'一二三四五六日'[here.weekday()]}）{clock}"
