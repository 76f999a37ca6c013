"""What was said to legal questions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from community.model.advice import AdviceGiven


class AdviceLog(Protocol):
    async def add(self, given: AdviceGiven) -> int:
        """Keep it once: the same key again gives the id of the first."""
        ...

    async def get(self, advice_id: int) -> AdviceGiven | None: ...
    async def wanting(self, since: datetime, limit: int, offset: int) -> list[AdviceGiven]:
        """What no curated answer met (nothing, or articles alone), or was said to be of no use; the newest first."""
        ...

    async def counts(self, since: datetime) -> dict[str, int]:
        """By kind, and 'useful' and 'useless'."""
        ...
