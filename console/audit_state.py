"""What the lines of 查阅记录 are filtered by, and how that is written in a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from community.model.audit import Viewed
from community.services.audit import AuditFilter
from console.tickets_state import Days

PAGE_SIZE = 50


@dataclass(frozen=True)
class AuditState:
    """The defaults are what the bare address shows, so they are left out of links."""

    what: str = ""
    who: str = ""
    number: str = ""
    days: Days | None = None
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> AuditState:
        """What is not understood is left at its default: an old or mistyped link still opens the list."""
        who, page = query.get("who", ""), query.get("page", "1")
        return cls(
            what=query["what"] if query.get("what") in set(Viewed) else "",
            who=who if who.isascii() and who.isdigit() and len(who) < 16 else "",
            number=query.get("number", "").strip()[:12],
            days=Days.read(query.get("days", "")),
            page=min(max(int(page), 1), 100_000) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    def changed(self, **changes: Any) -> AuditState:
        """The same list with another filter; it starts again at the first page unless a page is given."""
        return replace(self, **{"page": 1, **changes})

    def url(self) -> str:
        plain, query = AuditState(), {}
        for name in ("what", "who", "number", "days", "page"):
            value = getattr(self, name)
            if value != getattr(plain, name):
                query[name] = str(value)
        return "/audit" + (f"?{urlencode(query)}" if query else "")

    def to_filter(self) -> AuditFilter:
        return AuditFilter(
            who=int(self.who) if self.who else None,
            what=Viewed(self.what) if self.what else None,
            days=(self.days.first, self.days.last) if self.days else None,
            number=self.number,
            limit=PAGE_SIZE,
            offset=(self.page - 1) * PAGE_SIZE,
        )
