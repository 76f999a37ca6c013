"""What became of a send that had begun when its sender died, or whose answer never came: known by what it said.

A row that is being sent carries a mark of the one message that may be on its way with it. When nobody knows the outcome, the mark
tells what to look for in the platform's own record of what it took. Compared are counts, not presence: the same words may be said
twice in a row, and then finding them once proves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from community.model.delivery import Envelope, units_of
from community.model.message import OutboxMessage

IMAGE = "[image]"
"""How a photo stands in the record of the official account [D]."""
MARGIN = timedelta(seconds=5)
"""By so much at most the platform's time of a message and ours of its receipt differ; its record has whole seconds."""
REACH = timedelta(minutes=1)
"""How far back before it the record is read."""
LONGEST = timedelta(hours=23)
"""What began longer ago is not looked for: the record answers for 24 hours at most [D]."""


@dataclass(frozen=True)
class Begun:
    """`first` and `index` name the message by its first piece, `attempt` the try of that row; `upto` and `whole` say what of this
    row is out once the message is. `says` is the beginning of its text, as a digest: '=' where that is all of it.
    """

    at: datetime
    attempt: int
    first: int
    index: int
    upto: int
    whole: bool
    says: str

    def as_row(self) -> dict[str, Any]:
        return {
            "at": self.at.timestamp(),
            "try": self.attempt,
            "first": self.first,
            "index": self.index,
            "upto": self.upto,
            "whole": self.whole,
            "says": self.says,
        }

    @classmethod
    def of(cls, row: OutboxMessage) -> Begun | None:
        """The mark that this row carries."""
        kept: Mapping[str, Any] | None = row.begun
        if not kept:
            return None
        at = datetime.fromtimestamp(kept["at"], timezone.utc)
        return cls(at, kept["try"], kept["first"], kept["index"], kept["upto"], kept["whole"], kept["says"])

    @property
    def since(self) -> datetime:
        """From when on the record is read. It reaches back: what was said just before is told apart by it."""
        return self.at - REACH

    def is_first_of(self, envelope: Envelope, rows: Iterable[OutboxMessage]) -> bool:
        """Whether this message has the same pieces as the one that had begun. `rows` are those of the message that carry a mark."""
        marked = {row.id for row in rows if (mark := Begun.of(row)) and mark.first == self.first}
        unit = envelope.units[0]
        return (unit.row_id, unit.index) == (self.first, self.index) and set(envelope.row_ids) == marked


def mark(envelope: Envelope | None, rows: Sequence[OutboxMessage], now: datetime, again: int = 0) -> None:
    """These rows are under way with this message (None: with none), which repeats the try `again` or is a new one. A template carries
    a key of its own, by which it is not shown twice.
    """
    for row in rows:
        row.begun = None
    if envelope is None or envelope.template:
        return
    first = envelope.units[0]
    attempt = again or next((row.attempts for row in rows if row.id == first.row_id), 0)
    progress, says = envelope.progress(), _says(envelope)
    for row in rows:
        if row.id in progress:
            upto, whole = progress[row.id]
            row.begun = Begun(now, attempt, first.row_id, first.index, upto, whole, says).as_row()


def _says(envelope: Envelope) -> str:
    """Of what is joined, and of what has choices, only as far as the first words are known: how a menu stands in the record nobody
    says, and joined texts end differently when more comes to them. A coarse beginning is safe, since all that we know to have
    begun alike is counted against it.
    """
    if envelope.photo:
        return _digest("=", IMAGE)
    text = envelope.units[0].text
    if not envelope.buttons:
        return _digest("=" if envelope.text == text else "^", text)
    chosen = {f"{button.get('digit', str(n))} {button['title']}" for n, button in enumerate(envelope.buttons, 1)}
    lines = text.split("\n")
    upto = next((n for n, line in enumerate(lines) if line.strip() in chosen), len(lines))
    return _digest("^", "\n".join(lines[:upto]) or text)


def _flat(text: str) -> str:
    """White space at the ends and line breaks are what a record is likeliest to change."""
    return " ".join(text.split())


def _digest(kind: str, text: str) -> str:
    flat = _flat(text)
    return f"{kind}{len(flat)}:{hashlib.sha256(flat.encode('utf-8', 'replace')).hexdigest()[:24]}"


def says(begun: Begun, text: str) -> bool:
    """Whether this text may be the message that had begun."""
    kind, length = begun.says[0], int(begun.says[1:].partition(":")[0])
    flat = _flat(text)
    if kind == "=":
        return _digest("=", flat) == begun.says
    return _digest("^", flat[:length]) == begun.says


def was_taken(
    begun: Begun, rows: Iterable[OutboxMessage], record: Iterable[tuple[datetime, str]], limit_bytes: int
) -> bool:
    """Whether the platform's `record` (when it took a text for this person, since `begun.since`) has one like it that we do not know of.
    `rows`: whatever is out, whole or in part, since then. False also where it cannot be told.
    """
    known = _known(begun, rows, limit_bytes)
    since = _quiet_before(begun, known)
    if since is None:
        return False
    like_it = sum(at >= since and says(begun, text) for at, text in record)
    return like_it > sum(at >= since for at in known)


def _known(begun: Begun, rows: Iterable[OutboxMessage], limit_bytes: int) -> list[datetime]:
    """When messages like it were receipted. Rather too many than too few: what is not seen to be taken is sent again, and what is wrongly
    seen so would be lost.
    """
    known = []
    for row in rows:
        pieces = units_of(row, limit_bytes, since=0)
        out = pieces if row.sent_at is not None else pieces[: row.progress]
        like_it = sum(says(begun, IMAGE if piece.photo else piece.text) for piece in out)
        # What was tried several times may have been taken each time.
        known += [row.sent_at or begun.at] * like_it * max(1, row.attempts)
    return known


def _quiet_before(begun: Begun, known: Iterable[datetime]) -> datetime | None:
    """A moment at which nothing like it was being said, so that what comes after it is the same in the record and here. None when there
    is none in reach.
    """
    moment = begun.at - MARGIN
    for at in sorted(known, reverse=True):
        if moment - MARGIN <= at <= moment + MARGIN:
            moment = at - MARGIN - timedelta(seconds=1)
    return moment if moment - MARGIN >= begun.since else None
