"""Points and hours: a ledger one only adds to, an account that is its sum, gifts and their stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    SERVED = "served"
    GIFT = "gift"
    CORRECTED = "corrected"


@dataclass(eq=False)
class Entry:
    """A line of the ledger; never changed. `who` is the person of the resident's party (空: the resident); `key` is unique."""

    id: int
    resident_id: int
    delta: int
    minutes: int
    why: Why
    what: str
    key: str
    at: datetime
    who: str = ""
    shift_id: int | None = None
    gift_id: int | None = None


@dataclass(eq=False)
class Account:
    """The sum of a resident's entries, never below zero; the row that is locked while it changes. `ranked`: shown in the ranking,
    by their own choice only."""

    resident_id: int
    points: int = 0
    minutes: int = 0
    ranked: bool = False


@dataclass(eq=False)
class Gift:
    """`stocked` is all that ever came in; `stock` what is left."""

    id: int
    title: str
    community_id: int
    points: int
    stocked: int
    stock: int


@dataclass(eq=False)
class GiftOrder:
    """One gift of one resident. `code` is shown when it is fetched."""

    id: int
    gift_id: int
    resident_id: int
    points: int
    code: str
    at: datetime
    handed_at: datetime | None = None


def hours_text(minutes: int) -> str:
    """2小时, 1.5小时, 45分钟."""
    return f"{minutes}分钟" if 0 < minutes < 60 else f"{minutes / 60:.4g}小时"
