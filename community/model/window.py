"""How much a platform lets us send to one person: the ledger of one address.

WeChat, official account: five messages within 48 hours of the person's last message, three within a minute of what they did
(a menu click, following, scanning). Each message of theirs renews the five.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Opening(StrEnum):
    """What opened a window: something said, or something done (a click, following, a scan)."""

    SAID = "said"
    DONE = "done"


SAID_SENDS = 5
SAID_FOR = timedelta(hours=48) - timedelta(minutes=1)
DONE_SENDS = 3
DONE_FOR = timedelta(seconds=55)
"""Both end a little early: the platform's clock is not ours, and what is refused as too late has cost the resident an answer."""


@dataclass(eq=False)
class Window:
    """`in_flight` are sends already taken from the ledger whose outcome is not known yet.

    The platform may count both kinds of window together or apart; nobody says. A send is taken from both, so that neither
    reading is overdrawn.
    """

    id: int
    channel: str
    external_id: str
    following: bool = True
    following_at: datetime | None = None
    said_at: datetime | None = None
    said_left: int = 0
    done_at: datetime | None = None
    done_left: int = 0
    in_flight: int = 0
    renewed_at: datetime | None = None

    def opened(self, kind: Opening, at: datetime, now: datetime) -> None:
        """A message or an act of the person at `at` (the platform's time of it), seen by us `now`.

        Older than what opened the window before, it renews nothing: deliveries overtake each other. What is in flight will
        be counted by the platform after the renewal, so it is taken from the new allowance too.
        """
        at = min(at, now)
        last = self.said_at if kind is Opening.SAID else self.done_at
        if last is None or at > last:
            if kind is Opening.SAID:
                self.said_at, self.said_left = at, SAID_SENDS - self.in_flight
            else:
                self.done_at, self.done_left = at, DONE_SENDS - self.in_flight
            self.renewed_at = now
        self.follows(True, at)

    def follows(self, following: bool, at: datetime) -> None:
        """Following began or ended at `at`. News older than what is known changes nothing."""
        if self.following_at is None or at >= self.following_at:
            self.following, self.following_at = following, at
            if not following:
                self.said_at = self.done_at = None

    def left(self, now: datetime) -> int:
        """How many messages may be sent now."""
        if not self.following:
            return 0
        said = self.said_left if self.said_at is not None and now < self.said_at + SAID_FOR else 0
        done = self.done_left if self.done_at is not None and now < self.done_at + DONE_FOR else 0
        return max(0, said, done)

    def take(self, sends: int, now: datetime) -> None:
        """Plan `sends` messages. Never more than `left` says."""
        if sends > self.left(now):
            raise ValueError("more than the window lets us send")
        # One of the two may go below zero: what is given back then brings it back to zero, and not above.
        self.said_left, self.done_left = self.said_left - sends, self.done_left - sends
        self.in_flight += sends

    def landed(self, sends: int = 1) -> None:
        """The platform took these: they stay counted."""
        self.in_flight = max(0, self.in_flight - sends)

    def give_back(self, sends: int) -> None:
        """The platform did not take these, and said so: they may be used again."""
        self.landed(sends)
        self.said_left = min(SAID_SENDS, self.said_left + sends)
        self.done_left = min(DONE_SENDS, self.done_left + sends)

    def lost(self) -> None:
        """Who sent what is in flight is gone: it counts as sent, for nobody knows better."""
        self.in_flight = 0

    def exhausted(self) -> None:
        """The platform says that nothing more may be sent. It knows better than our ledger."""
        self.said_left = self.done_left = self.in_flight = 0
