"""The period the statistics are about, and how that is written in a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from community.services.stats import LONGEST, last_days
from console.tickets_state import Days

SPANS = {7: "近7天", 30: "近30天", 90: "近90天"}
USUAL = 30


@dataclass(frozen=True)
class StatsState:
    """`days` counts back from today; `chosen` is a period of its own and goes before it."""

    days: int = USUAL
    chosen: Days | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> StatsState:
        """What is not understood, or is longer than a year, is left at its default."""
        days, chosen = query.get("days", ""), Days.read(f"{query.get('first', '')}..{query.get('last', '')}")
        if chosen is not None and (chosen.last - chosen.first).days >= LONGEST:
            chosen = None
        return cls(int(days) if days in {str(span) for span in SPANS} else USUAL, chosen)

    def url(self) -> str:
        query = {} if self.days == USUAL else {"days": str(self.days)}
        if self.chosen:
            query = {"first": str(self.chosen.first), "last": str(self.chosen.last)}
        return "/stats" + (f"?{urlencode(query)}" if query else "")

    def period(self, today: date) -> tuple[date, date]:
        return (self.chosen.first, self.chosen.last) if self.chosen else last_days(today, self.days)
