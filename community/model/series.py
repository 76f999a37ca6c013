"""When a series takes place: 'weekly 5 07:00-09:00' (Monday is 0) or 'monthly 15 09:00-11:00'; the rest are times like single ones."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from community.errors import InvalidInput
from community.model.calendar import SHANGHAI

WEEKDAYS = "一二三四五六日"
AHEAD = timedelta(days=28)
"""How far ahead a series' shifts are made, by the clock."""


@dataclass(frozen=True)
class Series:
    """`every` 'weekly' or 'monthly'; `day` a weekday or a day of the month (the last one of a shorter month)."""

    every: str
    day: int
    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.every} {self.day} {self.begins:%H:%M}-{self.ends:%H:%M}"

    @property
    def said(self) -> str:
        when = f"每周{WEEKDAYS[self.day]}" if self.every == "weekly" else f"每月{self.day}日"
        return f"{when} {self.begins:%H:%M}–{self.ends:%H:%M}"

    def days(self, first: date, last: date) -> Iterator[date]:
        day = first
        while day <= last:
            month_day = min(self.day, calendar.monthrange(day.year, day.month)[1])
            if day.weekday() == self.day if self.every == "weekly" else day.day == month_day:
                yield day
            day += timedelta(days=1)

    def times(self, first: date, last: date) -> list[tuple[datetime, datetime]]:
        """(start, end) of each, both days included, aware Asia/Shanghai."""
        combine = datetime.combine
        return [(combine(day, self.begins, SHANGHAI), combine(day, self.ends, SHANGHAI)) for day in self.days(first, last)]


def read_series(text: str) -> Series | None:
    """None for the empty text. Raises InvalidInput for what is no rule."""
    if not text:
        return None
    found = re.fullmatch(r"(weekly|monthly) (\d{1,2}) (\d{2}:\d{2})-(\d{2}:\d{2})", text)
    try:
        if found is None:
            raise ValueError(text)
        series = Series(found[1], int(found[2]), time.fromisoformat(found[3]), time.fromisoformat(found[4]))
    except ValueError as error:
        raise InvalidInput("请选每周几或每月几日，时间写成 09:00。") from error
    allowed = range(7) if series.every == "weekly" else range(1, 32)
    if series.day not in allowed or series.begins >= series.ends:
        raise InvalidInput("请检查日子和时间：结束要晚于开始。")
    return series
