"""What a member of staff sends us in WeCom and what they are told there, as rows; and what was last spoken of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from community.model.message import InboxStatus, OutboxStatus

TALK_LASTS = timedelta(minutes=10)
"""How long a ticket counts as spoken of, and a question as asked."""
CODE_LASTS = timedelta(hours=71)
"""The platform takes a response code for 72 h [D]; the last hour is left for slow clocks and queues."""
A_MINUTE, AN_HOUR = 25, 950
"""Messages of one app to one member; beyond 30 and 1000 the platform drops them without a word [D/I]."""
SLACK = timedelta(seconds=10)
"""A message that was long on its way is counted by the platform later than by us: each span is that much longer here."""
SAME_AGAIN = timedelta(minutes=30)
"""For how long the platform, asked to look for duplicates, takes the same text for the same message [D]."""
MAX_TRIES = 8
"""After this many failures of its own a row is put aside."""
MAX_BYTES = 2048
"""Of a text; the rest is cut off [D]."""


class Heard(StrEnum):
    TEXT = "text"
    CLICK = "click"
    PHOTO = "photo"
    OTHER = "other"


class Told(StrEnum):
    TEXT = "text"
    CARD = "card"
    UPDATE = "card_update"


@dataclass(eq=False)
class StaffMessage:
    """What a member sent. `dedup_key` is unique: a repeated delivery changes nothing.

    Of a click: `task` the card, `text` the button's key, `code` what updates the card once. Of a photo: `media_id`, and `photo`
    once it was fetched.
    """

    id: int
    dedup_key: str
    staff_id: int
    kind: Heard
    text: str
    received_at: datetime
    task: str = ""
    code: str = ""
    media_id: str = ""
    photo: str = ""
    status: InboxStatus = InboxStatus.NEW
    attempts: int = 0
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    handled_at: datetime | None = None
    error: str = ""


@dataclass(eq=False)
class StaffLetter:
    """What a member is told. `idempotency_key` is unique: written twice, sent once. `staff_id` None is a stranger to us.

    A card is drawn when it is sent, from what the ticket is then; `text` says why it comes. `task` is its name at the platform, `code`
    updates it once until `code_until`: given when it was sent, and anew with each click. Of an update `task` names the card.
    `uses` counts tries, each of which may have used the budget at `used_at`; 0 for a text that left within another.
    """

    id: int
    idempotency_key: str
    staff_id: int | None
    member: str
    kind: Told
    text: str
    created_at: datetime
    ticket_id: int | None = None
    task: str = ""
    code: str = ""
    code_until: datetime | None = None
    status: OutboxStatus = OutboxStatus.PENDING
    attempts: int = 0
    failures: int = 0
    uses: int = 0
    used_at: datetime | None = None
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    sent_at: datetime | None = None
    error: str = ""


@dataclass(eq=False)
class StaffTalk:
    """Where the talk with a member stands: the ticket last spoken of, the photos sent to it, and what was asked.

    `asking` is '' or what the next text or digit means; `options` are what a digit chooses from; `words` what was said already.
    """

    staff_id: int
    number: str = ""
    spoken_at: datetime | None = None
    asking: str = ""
    asked_at: datetime | None = None
    options: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""
    photos: list[str] = field(default_factory=list)

    def ticket(self, now: datetime) -> str:
        """The number of the ticket last spoken of, while that is not long ago."""
        return self.number if self.spoken_at is not None and now - self.spoken_at <= TALK_LASTS else ""

    def question(self, now: datetime) -> str:
        return self.asking if self.asked_at is not None and now - self.asked_at <= TALK_LASTS else ""

    def speak_of(self, number: str, now: datetime) -> None:
        if number != self.ticket(now):
            self.photos = []
        self.number, self.spoken_at = number, now

    def ask(self, what: str, now: datetime, options: list[dict[str, Any]] | None = None, words: str = "") -> None:
        self.asking, self.asked_at, self.options, self.words = what, now, options or [], words

    def answered(self) -> None:
        self.asking, self.asked_at, self.options, self.words = "", None, [], ""


@dataclass(frozen=True)
class CardFace:
    """A card as a member reads it. `buttons` are (key, words); without any it can only be read. `plain` is the same as a text."""

    title: str
    desc: str
    rows: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, str], ...]
    plain: str
    done: str = ""
    """The words on a button that nobody can press any more."""
