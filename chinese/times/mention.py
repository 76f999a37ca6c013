"""What is handed out, and the one clock zone of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""No summer time since 1991: exact for all our dates."""

Kind = Literal["date", "time", "datetime", "daterange", "timerange", "datetimerange", "duration", "set"]
Prefer = Literal["near", "past", "future"]


@dataclass(frozen=True)
class TimeMention:
    """A time in a text; text[start:end] says it.

    `start_at` and `end_at` are half-open, aware, Asia/Shanghai; one of them is None for an open range (五点以后), both for
    a set, or for a day that does not exist (2月30日). A duration holds `value` in seconds, and since when (or until when)
    it lasts. `timex` follows TIMEX3.
    """

    start: int
    end: int
    text: str
    kind: Kind
    start_at: datetime | None
    end_at: datetime | None
    value: str
    timex: str


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI)


def here(moment: datetime) -> datetime:
    """`moment` in Shanghai; a naive one is taken as meant there."""
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
