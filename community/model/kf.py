"""微信客服: one account, and how far what people wrote to it was fetched. A push says only that there is something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOKEN_LASTS = timedelta(minutes=9)
"""The token of a push is good for ten minutes [D]; ours ends early, for its clock is not ours."""

LONGEST_TOKEN = 512
"""Characters we keep one of. A longer one is left out: without it the messages come too, only more seldom."""


@dataclass(eq=False)
class KfAccount:
    """`noted` counts what said that there is something, `fetched` up to which of it everything was fetched: a push that comes while
    somebody fetches is not forgotten. `looked_at` is when the end was last reached. `worker` fetches until `lease_until`.
    """

    id: int
    open_kfid: str
    cursor: str = ""
    token: str = ""
    token_until: datetime | None = None
    noted: int = 0
    fetched: int = 0
    looked_at: datetime | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    error: str = ""

    def note(self, token: str, at: datetime) -> None:
        """There is something, says a push of `at`. The newest token is kept."""
        self.noted += 1
        until = at + TOKEN_LASTS
        if 0 < len(token) <= LONGEST_TOKEN and (self.token_until is None or until >= self.token_until):
            self.token, self.token_until = token, until
            # What was asked for too often without one may be asked for now.
            self.next_try_at = None

    def token_at(self, now: datetime) -> str:
        """The token that may still be used, or ''."""
        return self.token if self.token_until is not None and now < self.token_until else ""

    def reached_end(self, noted: int, now: datetime) -> None:
        """Everything that was there when `noted` was counted is kept."""
        self.fetched, self.looked_at, self.attempts, self.error = max(self.fetched, noted), now, 0, ""
        self.worker = self.lease_until = self.next_try_at = None
