"""What comes in and what goes out: rows of the inbox and the outbox, and the replies they carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_TEXT = 2000
"""Longest text taken whole, in characters; a longer one is refused with a kind sentence (a WeChat text is at most 2,048 bytes)."""


class InboxStatus(StrEnum):
    NEW = "new"
    WORKING = "working"
    DONE = "done"
    DEAD = "dead"


class OutboxStatus(StrEnum):
    """WAITING: the platform lets nothing be sent until the resident says something. SENDING: a worker has it under a lease."""

    PENDING = "pending"
    SENDING = "sending"
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


UNSENT = (OutboxStatus.PENDING, OutboxStatus.SENDING, OutboxStatus.WAITING)


@dataclass(frozen=True)
class Button:
    """A choice under a message. `payload` is what the assistant gets; it never leaves the server."""

    title: str
    payload: str

    def as_row(self) -> dict[str, str]:
        return {"title": self.title, "payload": self.payload}


@dataclass(frozen=True)
class Reply:
    """One message to a person: text, numbered choices, photo hashes."""

    text: str
    buttons: tuple[Button, ...] = ()
    photos: tuple[str, ...] = ()


@dataclass(eq=False)
class InboxMessage:
    """One message of a resident. (channel, dedup_key) is unique: a repeated delivery changes nothing.

    `payload` is what Rasa is sent instead of `text` when a button or a number was chosen (never typed by a resident).
    `attachments` are what came with it and is not text: {"kind": "image" or "voice", "media_id"} to be fetched from the platform
    (then "done": true), {"kind": "location", "latitude", "longitude"}, {"kind": "welcome"}. `answer` is what its callback was
    answered with, where answers ride on callbacks: a repeated delivery gets the same. `said_at` is the platform's time of it while
    the window it opens for its `address` is still to be opened; None once it is, or where a message opens none.
    """

    id: int
    channel: str
    dedup_key: str
    resident_id: int
    text: str
    received_at: datetime
    payload: str | None = None
    photos: list[str] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    status: InboxStatus = InboxStatus.NEW
    attempts: int = 0
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    handled_at: datetime | None = None
    said_at: datetime | None = None
    address: str = ""
    notified_late: bool = False
    answer: str | None = None
    error: str = ""

    def to_fetch(self) -> list[dict[str, Any]]:
        """Attachments that still lie at the platform."""
        return [a for a in self.attachments if a.get("media_id") and not a.get("done")]


@dataclass(eq=False)
class OutboxMessage:
    """One message to a resident (or later a staff member). `idempotency_key` is unique: written twice, sent once.

    `author` is 'bot', 'system' or 'staff'; `in_reply_to` the inbox id it answers; `topic` names a ticket ('ticket:…'), whose news
    may leave as a template message. `attempts` counts tries, `failures` those that failed for a reason of its own. `progress`
    counts the platform messages of it that are out (a long text is several); `carried_by` is the inbox message whose callback
    was answered with it. `begun` is the mark of a message that may be on its way with it (`community.model.fate`).
    """

    id: int
    idempotency_key: str
    resident_id: int
    channel: str
    address: str
    text: str
    created_at: datetime
    author: str = "bot"
    author_name: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    in_reply_to: int | None = None
    topic: str = ""
    status: OutboxStatus = OutboxStatus.PENDING
    attempts: int = 0
    failures: int = 0
    progress: int = 0
    carried_by: int | None = None
    begun: dict[str, Any] | None = None
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    sent_at: datetime | None = None
    error: str = ""

    def choice(self, text: str) -> dict[str, str] | None:
        """The button meant by `text`; see `chosen`."""
        return chosen(self.buttons, text)


@dataclass(frozen=True)
class Asked:
    """Of a message to a resident, what matters to whoever answers it with a number."""

    buttons: Sequence[dict[str, str]]
    author: str
    in_reply_to: int | None

    def choice(self, text: str) -> dict[str, str] | None:
        """The button meant by `text`; see `chosen`."""
        return chosen(self.buttons, text)


def chosen(buttons: Sequence[dict[str, str]], text: str) -> dict[str, str] | None:
    """The button meant by `text`: its number (1-based, also full-width or Chinese) or its exact title."""
    from chinese.numerals import to_int

    cleaned = text.strip().strip("。.！!、,，号个第选项 ")
    if not cleaned:
        return None
    for button in buttons:
        if cleaned == button["title"]:
            return button
    number = to_int(cleaned)
    if number is None:
        return None
    for button in buttons:
        if button.get("digit") == str(number):
            return button
    if 1 <= number <= len(buttons) and not any("digit" in b for b in buttons):
        return buttons[number - 1]
    return None


@dataclass(frozen=True)
class HistoryLine:
    """A line of a conversation as both sides see it. `direction` is 'in', 'out' or 'staff'."""

    key: str
    direction: str
    text: str
    at: datetime
    buttons: tuple[dict[str, str], ...] = ()
    photos: tuple[str, ...] = ()
    author_name: str = ""
    in_reply_to: int | None = None
