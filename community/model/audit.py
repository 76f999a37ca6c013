"""What staff looked at of residents: one line a look, never changed. What was seen itself is not in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Viewed(StrEnum):
    PHONE = "phone"
    HOUSEHOLD = "household"
    EXPORT = "export"
    PHONE_SEARCH = "phone_search"
    LETTER = "letter"


VIEWED_NAMES = {
    Viewed.PHONE: "查看电话",
    Viewed.HOUSEHOLD: "查看住户",
    Viewed.EXPORT: "导出工单",
    Viewed.PHONE_SEARCH: "按电话查找",
    Viewed.LETTER: "打印住址信",
}

SAME_LOOK = timedelta(minutes=30)
"""An open page asks again and again by itself: the household of one ticket is one look for this long."""


@dataclass(eq=False)
class ViewLine:
    """Who saw what, when (aware UTC), of which ticket or resident, on which page (its path). `note` says of an export how many rows
    by which filter, and of a search by phone a part of the number's keyed fingerprint; nothing personal is written into it."""

    id: int
    at: datetime
    staff_id: int
    what: Viewed
    ticket_id: int | None = None
    resident_id: int | None = None
    page: str = ""
    note: str = ""
