"""The day or days that somebody speaks of: 周六上午, 明天, 这个周末, 12月3日, 月底, 元旦; and which one is meant: 下周三再去, 到12月5日."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chinese.times import TimeMention, find_times
from community.model.calendar import SHANGHAI, local

# Wider than the words' usual hours: an activity at seven is one of the morning.
_PARTS = (
    (re.compile(r"早上|上午|早晨|今早|明早|清早"), (time(5), time(12))),
    (re.compile(r"中午"), (time(11), time(14))),
    (re.compile(r"下午"), (time(12), time(18))),
    (re.compile(r"晚上|傍晚|今晚|明晚|夜里"), (time(17), time(23, 59))),
)
_NO_DAY = ("time", "timerange", "duration", "set")


@dataclass(frozen=True)
class Period:
    """Half-open [start, end), aware Asia/Shanghai."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def _span(first: date, past: date, text: str) -> Period:
    for pattern, (begin, end) in _PARTS:
        if past - first == timedelta(days=1) and pattern.search(text):
            return Period(datetime.combine(first, begin, SHANGHAI), datetime.combine(first, end, SHANGHAI))
    return Period(datetime.combine(first, time(0), SHANGHAI), datetime.combine(past, time(0), SHANGHAI))


def _days(mention: TimeMention, today: date) -> tuple[date, date]:
    """The days of a mention, half-open; what of it is already over is left out while some of it is not."""
    begin = mention.start_at or mention.end_at
    end = mention.end_at or mention.start_at
    if begin is None or end is None:
        return today, today
    first, past = begin.date(), end.date()
    if mention.start_at is None:
        first = today
    if past == first or end.time() > time(0):
        past += timedelta(days=1)
    if mention.kind in ("datetime", "datetimerange") and past - first == timedelta(days=2) and end.hour < 8:
        past -= timedelta(days=1)  # the night belongs to the day it began
    return (max(first, today) if past > today else first), past


def find_period(text: str, now: datetime) -> Period | None:
    """The day or days `text` speaks of, seen from `now` (aware), today or later; None when it names none.

    Addresses are masked first: 3号楼 is not the 3rd. A bare weekday means the coming one, today included.
    """
    today = local(now).date()
    for mention in find_times(
        text.replace("每周", "周").replace("每个周", "周").replace("每星期", "星期"), now, prefer="future"
    ):
        if mention.kind in _NO_DAY or mention.start_at is None and mention.end_at is None:
            continue
        if re.match(r"这[几两]天", mention.text):
            break
        if mention.timex in ("PRESENT_REF",) or mention.timex.startswith("P"):
            continue  # 现在, 最近: no day that could be looked up
        return _span(*_days(mention, today), text)
    if re.search(r"这[几两]天", text):
        return _span(today, today + timedelta(days=7 - today.weekday()), text)
    return None


@dataclass(frozen=True)
class DayFound:
    """A local day, and where the words for it begin and end."""

    day: date
    start: int
    end: int


_AHEAD = re.compile(r"(?:再?过|隔|等)\s*\Z")
_TOO_LONG_AGO = timedelta(days=400)


def find_day(text: str, now: datetime, *, last: bool = False) -> DayFound | None:
    """The first day from today on that `text` speaks of; None when it speaks of none. Of several days at once the first, or with `last`
    the last of them: somebody who goes there 下周 means its beginning, who waits 到月底 its end."""
    today = local(now).date()
    for mention in find_times(text, now, prefer="future"):
        if mention.kind == "duration" and (found := re.fullmatch(r"P(\d+)([DWM])", mention.timex)):
            ahead = _AHEAD.search(text, 0, mention.start)
            if ahead is None and not mention.text.startswith(("再过", "过")):
                continue
            begins = ahead.start() if ahead is not None else mention.start
            days = int(found[1]) * {"D": 1, "W": 7, "M": 30}[found[2]]
            if days <= _TOO_LONG_AGO.days:
                return DayFound(today + timedelta(days=days), begins, mention.end)
        vague = mention.timex.endswith("_REF") or mention.timex.startswith("P")  # 最近, 这几年
        if mention.kind in _NO_DAY or vague or mention.start_at is None and mention.end_at is None:
            continue
        first, past = _days(mention, today)
        day = past - timedelta(days=1) if last or mention.start_at is None else first
        if day >= today:
            return DayFound(day, mention.start, mention.end)
    return None
