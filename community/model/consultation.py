"""An appointment with the community's lawyer: half an hour of their weekly duty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum

from community.errors import IllegalMove
from community.model.calendar import SHANGHAI, IsWorkday, local
from community.model.people import Duty

LONG = timedelta(minutes=30)
AHEAD = timedelta(days=14)
"""So far ahead one may book; further on nobody knows who is away."""
NOTICE = timedelta(hours=2)
"""A lawyer is told at least so long before."""
MOST_QUESTION, MOST_NOTE = 500, 1000
EVENING = time(18)


class ConsultationStatus(StrEnum):
    BOOKED = "booked"
    CANCELLED = "cancelled"
    CAME = "came"
    MISSED = "missed"


class Outcome(StrEnum):
    """What the lawyer advised."""

    EXPLAINED = "explained"
    MEDIATE = "mediate"
    LEGAL_AID = "legal_aid"
    SUE = "sue"


STATUS_NAMES = {
    ConsultationStatus.BOOKED: "已约", ConsultationStatus.CANCELLED: "已取消",
    ConsultationStatus.CAME: "来过了", ConsultationStatus.MISSED: "没来",
}  # fmt: skip
OUTCOME_NAMES = {
    Outcome.EXPLAINED: "当面解答", Outcome.MEDIATE: "建议调解", Outcome.LEGAL_AID: "建议申请法援", Outcome.SUE: "建议打官司",
}  # fmt: skip


@dataclass(eq=False)
class Consultation:
    """`starts_at`, `ends_at`, `booked_at`, `remind_at` are aware UTC; `question` and `note` are sealed. `holds` is 1 while the time is
    taken and None when it is free again: unique together with lawyer and beginning, so that a time is given once."""

    id: int
    lawyer_id: int
    resident_id: int
    starts_at: datetime
    ends_at: datetime
    question: str
    key: str
    booked_at: datetime
    status: ConsultationStatus = ConsultationStatus.BOOKED
    holds: int | None = 1
    remind_at: datetime | None = None
    outcome: Outcome | None = None
    note: str = ""

    def cancel(self, now: datetime) -> None:
        """Raises IllegalMove when it is over."""
        if self.status is not ConsultationStatus.BOOKED or self.starts_at <= now:
            raise IllegalMove("这次预约已经过了，不能再取消。")
        self.status, self.holds, self.remind_at = ConsultationStatus.CANCELLED, None, None

    def settle(self, status: ConsultationStatus, outcome: Outcome | None, now: datetime) -> None:
        """What became of it. Raises IllegalMove for what was cancelled or has not begun."""
        if self.status is ConsultationStatus.CANCELLED or status not in (ConsultationStatus.CAME, ConsultationStatus.MISSED):
            raise IllegalMove("这次预约已经取消了。")
        if now < self.starts_at:
            raise IllegalMove("还没到预约的时间。")
        self.status, self.outcome = status, outcome if status is ConsultationStatus.CAME else None


def reminder_for(starts_at: datetime, now: datetime) -> datetime | None:
    """Six in the evening of the day before (UTC); None when that has passed already."""
    evening = datetime.combine(local(starts_at).date() - timedelta(days=1), EVENING, SHANGHAI).astimezone(timezone.utc)
    return evening if evening > now else None


def times(duties: Sequence[Duty], now: datetime, is_workday: IsWorkday, away: Sequence[tuple[date, date]]) -> Iterator[datetime]:
    """Beginnings (UTC) of the half hours of these duties from NOTICE on, up to AHEAD, in order. `away`: local days, both included."""
    today = local(now).date()
    found: set[datetime] = set()
    for ahead in range(AHEAD.days + 1):
        day = today + timedelta(days=ahead)
        if not is_workday(day) or any(first <= day <= last for first, last in away):
            continue
        for duty in duties:
            if duty.weekday != day.weekday():
                continue
            begins, ends = (datetime.combine(day, clock, SHANGHAI) for clock in (duty.starts, duty.ends))
            while begins + LONG <= ends:
                if begins >= now + NOTICE:
                    found.add(begins.astimezone(timezone.utc))
                begins += LONG
    yield from sorted(found)
