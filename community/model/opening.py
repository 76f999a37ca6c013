"""When a counter is open: weekly hours with breaks, statutory holidays and make-up working days, and what one date says otherwise.

All hours are local (Asia/Shanghai). Pure: what kind of day a date is comes from outside (`DayInfo`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

from community.errors import InvalidInput
from community.model.calendar import SHANGHAI, local

DAY = 24 * 60
LOOK_AHEAD = 40
"""Days. The longest holiday is nine; what stays closed for longer has no next opening worth saying."""
MOST_ON_END = 3
"""Spans without a gap that are followed: what is open for longer is open all the time."""
WEEKDAYS = "一二三四五六日"

Span = tuple[int, int]
"""Minutes after midnight, half-open. The end may lie past midnight (up to 48:00): 18:00–02:00 is (1080, 1560)."""
Spans = tuple[Span, ...]


class DayKind(StrEnum):
    WORKDAY = "workday"
    MAKE_UP = "make_up"
    """A Saturday or Sunday worked in exchange for a holiday."""
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True)
class DayInfo:
    """`name` is the holiday's (also of the day worked in exchange for it); `known` is False in a year without an announced plan."""

    kind: DayKind
    name: str = ""
    known: bool = True


Calendar = Callable[[date], DayInfo]


def plain_calendar(day: date) -> DayInfo:
    """Monday to Friday, where nothing is known of holidays."""
    return DayInfo(DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND, known=False)


class OnHoliday(StrEnum):
    CLOSED = "closed"
    AS_USUAL = "as_usual"
    """A police office, a property desk: the weekday's hours, whatever the calendar says."""


@dataclass(frozen=True)
class Hours:
    """`week` has the spans of Monday to Sunday."""

    week: tuple[Spans, ...]
    on_holiday: OnHoliday = OnHoliday.CLOSED

    def usual(self, day: date, info: DayInfo) -> Spans:
        """The spans of a date, were there no exception."""
        own = self.week[day.weekday()]
        if self.on_holiday is OnHoliday.AS_USUAL:
            return own
        if info.kind is DayKind.HOLIDAY:
            return ()
        if info.kind is DayKind.MAKE_UP:
            # Worked like the weekday it stands for; which one that is nobody says to residents. A counter closed on Mondays works too.
            return max(self.week[:5], key=lambda spans: sum(end - start for start, end in spans))
        return own


@dataclass(frozen=True)
class SpecialDay:
    """What one date says otherwise: no spans is closed."""

    spans: Spans
    reason: str = ""


@dataclass(frozen=True)
class DayHours:
    day: date
    spans: Spans
    info: DayInfo
    exception: SpecialDay | None = None


class Opening:
    """One counter's times."""

    def __init__(self, hours: Hours, calendar: Calendar, exceptions: Mapping[date, SpecialDay] | None = None) -> None:
        self._hours, self._calendar, self._exceptions = hours, calendar, exceptions or {}

    def on(self, day: date) -> DayHours:
        info = self._calendar(day)
        special = self._exceptions.get(day)
        return DayHours(day, special.spans if special is not None else self._hours.usual(day, info), info, special)

    def closes_at(self, moment: datetime) -> datetime | None:
        """When what is open at `moment` (aware) closes (UTC), breaks counted; None when it is closed. Round the clock: days ahead."""
        end = self._end(moment)
        # 全天, or two spans that touch: what goes on at its end does not close.
        for _ in range(MOST_ON_END):
            if end is None or (further := self._end(end)) is None:
                break
            end = further
        return end

    def _end(self, moment: datetime) -> datetime | None:
        here = local(moment)
        for back in (0, 1):
            day = here.date() - timedelta(days=back)
            for start, end in self.on(day).spans:
                begins, ends = _at(day, start), _at(day, end)
                if begins <= here < ends:
                    return ends.astimezone(timezone.utc)
        return None

    def is_open(self, moment: datetime) -> bool:
        return self.closes_at(moment) is not None

    def opens_at(self, moment: datetime) -> datetime | None:
        """When it opens next after `moment` (UTC); None when it does not within LOOK_AHEAD days."""
        here = local(moment)
        for ahead in range(LOOK_AHEAD):
            day = here.date() + timedelta(days=ahead)
            for start, _ in sorted(self.on(day).spans):
                if _at(day, start) > here:
                    return _at(day, start).astimezone(timezone.utc)
        return None


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI) + timedelta(minutes=minutes)


def clock_text(minutes: int) -> str:
    over = "次日" if minutes > DAY else ""
    minutes -= DAY if over else 0
    return f"{over}{minutes // 60}:{minutes % 60:02d}"


def spans_text(spans: Sequence[Span]) -> str:
    """8:30–12:00、13:30–17:30; 全天; 不开."""
    if not spans:
        return "不开"
    if tuple(spans) == ((0, DAY),):
        return "全天"
    return "、".join(f"{clock_text(start)}–{clock_text(end)}" for start, end in spans)


def week_text(hours: Hours) -> str:
    """周一至周五 8:30–12:00、13:30–17:30；周六 9:00–12:00. Closed days are left out."""
    parts: list[str] = []
    first = 0
    while first < 7:
        last = first
        while last < 6 and hours.week[last + 1] == hours.week[first]:
            last += 1
        if hours.week[first]:
            days = "每天" if (first, last) == (0, 6) else f"周{WEEKDAYS[first]}"
            if 0 < last - first < 6:
                days += f"{'至' if last - first > 1 else '、'}周{WEEKDAYS[last]}"
            parts.append(f"{days} {spans_text(hours.week[first])}")
        first = last + 1
    return "；".join(parts) or "暂不对外开放"


_SPAN = re.compile(r"\s*(\d{1,2})[:：.点](\d{2})?\s*(?:[-–—~～至到]+)\s*(次日)?(\d{1,2})[:：.点](\d{2})?\s*")


def read_spans(text: str) -> Spans:
    """8:30-12:00、13:30-17:30; 全天; 不开 or nothing is closed. Raises InvalidInput that says how it is written."""
    cleaned = text.strip()
    if cleaned in ("", "不开", "休息", "关门", "-"):
        return ()
    if cleaned in ("全天", "24小时"):
        return ((0, DAY),)
    spans: list[Span] = []
    for part in re.split(r"[、,，;；]", cleaned):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise InvalidInput(f"“{part.strip()[:20]}”没看懂，时间请写成 8:30-12:00、13:30-17:30，不开就写 不开。")
        start = int(found[1]) * 60 + int(found[2] or 0)
        end = int(found[4]) * 60 + int(found[5] or 0)
        if int(found[2] or 0) > 59 or int(found[5] or 0) > 59 or start >= DAY or end > DAY or (found[3] and end == DAY):
            raise InvalidInput(f"“{part.strip()[:20]}”不是一天里的时间。")
        if found[3] or end < start:
            end += DAY
        if end == start:
            raise InvalidInput(f"“{part.strip()[:20]}”开始和结束是同一刻。")
        spans.append((start, end))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in zip(spans, spans[1:], strict=False)):
        raise InvalidInput("几段时间叠在一起了，请再看一下。")
    if spans[-1][1] - DAY > spans[0][0]:
        raise InvalidInput("过了半夜的那段和第二天早上叠在一起了。")
    return tuple(spans)
