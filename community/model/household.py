"""Homes, who follows for whom, and what a resident has set or agreed to. No I/O; times are aware UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LETTER_LIFE = timedelta(days=30)
"""A letter lies in a box for a while; the code on it is worth nothing after this."""
LETTER_TRIES = 5
"""Wrong codes for one room before its letter is worth nothing."""
TRIES_A_DAY = 10
"""Wrong codes of one resident in a day, whatever room they meant."""
COOLING_OFF = timedelta(days=7)
"""From 删除 until it is done, unless a setting says otherwise."""
WARN_BEFORE = timedelta(days=1)
LINK_LIFE = timedelta(hours=24)
LINK_TIMES = 3
"""How often one link to a copy of one's data may be opened: a phone that asks twice is no thief, a forwarded one soon is."""
CONSENT_VERSION = "2026-11"
SERVICE = "办事所需的个人信息"
"""What the consent text is about."""
CONSENT_TEXT = "为了帮您办事，我会记下您说的话、地点和电话，只给办这件事的人看。想知道存了什么，说“我的资料”；不同意，说“撤回同意”。"

_CODE = re.compile(r"(?<![0-9])([0-9]{4})[ -－—]?([0-9]{4})(?![0-9])")


def code_in(text: str) -> str | None:
    """The code of a letter in `text`: eight digits, with or without a gap in the middle. A phone number has more, a ticket's fewer."""
    found = _CODE.search(text)
    return found.group(1) + found.group(2) if found else None


class RequestState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CarerState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    ENDED = "ended"


class DeletionState(StrEnum):
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    DONE = "done"


@dataclass(eq=False)
class ResidentHome:
    """One of several homes; the one meant by 我家 also stands with the resident."""

    id: int
    resident_id: int
    room_id: int
    verified: bool
    added_at: datetime


@dataclass(eq=False)
class HomeLetter:
    """A letter for a room. Only a keyed hash of its code is kept."""

    id: int
    room_id: int
    code_hash: str
    staff_id: int
    made_at: datetime
    expires_at: datetime
    attempts: int = 0
    used_at: datetime | None = None
    used_by: int | None = None
    void: bool = False

    def good(self, now: datetime) -> bool:
        return not self.void and self.used_at is None and now < self.expires_at and self.attempts < LETTER_TRIES


@dataclass(eq=False)
class HomeRequest:
    id: int
    resident_id: int
    room_id: int
    community_id: int | None
    asked_at: datetime
    state: RequestState = RequestState.ASKED
    decided_at: datetime | None = None
    staff_id: int | None = None
    reason: str = ""


@dataclass(eq=False)
class Carer:
    """`carer_id` follows and reports for `elder_id`, once the elder has agreed in their own chat."""

    id: int
    carer_id: int
    elder_id: int
    asked_at: datetime
    state: CarerState = CarerState.ASKED
    answered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(eq=False)
class CarerUse:
    """One look or act of a carer for an elder: never changed."""

    id: int
    carer_link_id: int
    at: datetime
    what: str
    ticket_id: int | None = None


@dataclass(eq=False)
class ResidentSettings:
    """`acting_for`: whose the next report is (the link's id). `notice`: version of the consent text that was
    shown, `notice_for`: under the answer to which message (a turn that is done again says the same again). `tries`: wrong
    codes on `tries_day` (ISO, local)."""

    resident_id: int
    elder: bool = False
    notice: str = ""
    notice_for: str = ""
    acting_for: int | None = None
    tries: int = 0
    tries_day: str = ""


@dataclass(eq=False)
class Consent:
    """What was agreed to, which text, when and how; withdrawn or not. Rows are added, only `withdrawn_at` is ever set."""

    id: int
    resident_id: int
    what: str
    version: str
    at: datetime
    how: str
    withdrawn_at: datetime | None = None


@dataclass(eq=False)
class Deletion:
    id: int
    resident_id: int
    community_id: int | None
    asked_at: datetime
    due_at: datetime
    state: DeletionState = DeletionState.WAITING
    warned_at: datetime | None = None
    ended_at: datetime | None = None
    report: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class DataLink:
    """A copy of one's own data, to be fetched by a signed link."""

    id: int
    resident_id: int
    nonce: str
    made_at: datetime
    expires_at: datetime
    fetched: int = 0
