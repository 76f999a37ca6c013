"""How often a worker writes: after each time it rests in proportion to how long that took.

One message alone waits for nothing. Under load what comes meanwhile is written together: fewer and fuller transactions, which
cost less, and the door finds the database free (docs/reliability.md, "Under load").
"""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

SHARE = 8.0
LONGEST = 0.1
"""Seconds. Three steps of an answer rest (claim, finish, claim to send): under load it comes up to 0.3 s later."""


class Pace:
    """`async with pace:` around what takes its turn; entered by one task at a time. `share` 0 never rests."""

    def __init__(self, share: float = SHARE, longest: float = LONGEST) -> None:
        self._share, self._longest = share, longest
        self._not_before = self._began = 0.0

    async def __aenter__(self) -> Self:
        left = self._not_before - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
        self._began = time.monotonic()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        now = time.monotonic()
        self._not_before = now + min(self._longest, self._share * (now - self._began))
