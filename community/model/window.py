"""How much a platform lets us send to one person: the ledger of one address.

WeChat, official account: five messages within 48 hours of the person's last message, three within a minute of what they did
(a menu click, following, scanning). 微信客服: five within 48 hours; and one within 20 seconds of opening the chat, with the code
that came with it. How the two go together is not documented. Here the newest replaces the one before: the
stricter reading, which is right under every other one too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Opening(StrEnum):
    """What opened a window: something said, something done (a click, following, a scan), or the chat, entered with a code."""

    SAID = "said"
    DONE = "done"
    ENTERED = "entered"


SENDS = {Opening.SAID: 5, Opening.DONE: 3, Opening.ENTERED: 1}
# All end a little early: the platform's clock is not ours, and what it refuses as too late somebody waits for in vain.
LASTS = {
    Opening.SAID: timedelta(hours=48) - timedelta(minutes=1),
    Opening.DONE: timedelta(seconds=55),
    Opening.ENTERED: timedelta(seconds=18),
}


@dataclass(eq=False)
class Window:
    """`room` is what may still be sent, `in_flight` what was taken from it and has no outcome yet, `landed` when (in seconds) the
    last few were taken by the platform. `code` is what the one message of an entered chat must be sent with, '' in any other window.
    """

    id: int
    channel: str
    external_id: str
    following: bool = True
    following_at: datetime | None = None
    kind: Opening | None = None
    opened_at: datetime | None = None
    renewed_at: datetime | None = None
    room: int = 0
    in_flight: int = 0
    landed: list[float] = field(default_factory=list)
    code: str = ""

    def opened(self, kind: Opening, at: datetime, now: datetime, code: str = "") -> None:
        """A message or an act of the person at `at` (the platform's time of it), which we learn of `now`.

        Older than what opened the window before, it renews nothing: deliveries overtake each other. What landed since `at`, or may
        still land, was counted by the platform after the renewal. `at` has whole seconds and so is never later than the truth;
        a further margin would keep answers from people who write fast.
        """
        at = min(at, now)
        if kind is Opening.ENTERED and self.left(now):
            # Looking into a chat that is open anyway must not make five messages one.
            return
        if (
            self.opened_at is None
            or at > self.opened_at
            or (at == self.opened_at and kind is Opening.DONE and self.kind is Opening.SAID)
            # Nobody writes before the chat is open, also within one second.
            or (at == self.opened_at and kind is Opening.SAID and self.kind is Opening.ENTERED)
        ):
            used = self.in_flight + sum(1 for moment in self.landed if moment >= at.timestamp())
            self.kind, self.opened_at, self.renewed_at, self.room = kind, at, now, SENDS[kind] - used
            self.code = code
        self.follows(True, at)

    def follows(self, following: bool, at: datetime) -> None:
        """Following began or ended at `at`. News older than what is known changes nothing."""
        if self.following_at is None or at >= self.following_at:
            self.following, self.following_at = following, at

    def left(self, now: datetime) -> int:
        """How many messages may be sent now."""
        if not self.following or self.kind is None or self.opened_at is None:
            return 0
        return max(0, self.room) if now < self.opened_at + LASTS[self.kind] else 0

    def take(self, sends: int, now: datetime) -> None:
        """Plan `sends` messages. Never more than `left` says."""
        if sends > self.left(now):
            raise ValueError("more than the window lets us send")
        self.room -= sends
        self.in_flight += sends

    def land(self, sends: int, now: datetime) -> None:
        """The platform took these, or may have."""
        self.in_flight = max(0, self.in_flight - sends)
        self.landed = [*self.landed, *[now.timestamp()] * sends][-max(SENDS.values()) :]

    def give_back(self, sends: int) -> None:
        """The platform did not take these, and said so: they may be used again."""
        self.in_flight = max(0, self.in_flight - sends)
        if self.kind is not None:
            self.room = min(SENDS[self.kind], self.room + sends)

    def lose(self, now: datetime) -> None:
        """Who sent what is in flight is gone: it counts as landed, for nobody knows better."""
        self.land(self.in_flight, now)

    def exhaust(self) -> None:
        """The platform says that nothing more may be sent. It knows better than our ledger."""
        self.room = self.in_flight = 0
