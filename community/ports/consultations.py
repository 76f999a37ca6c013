"""Appointments with lawyers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from community.model.consultation import Consultation


class Consultations(Protocol):
    async def add(self, booking: Consultation) -> None:
        """Raises Conflict when somebody has this time."""
        ...

    async def get(self, consultation_id: int, *, for_update: bool = False) -> Consultation | None: ...
    async def by_key(self, key: str) -> Consultation | None: ...
    async def of_resident(self, resident_id: int, now: datetime) -> list[Consultation]:
        """Booked and to come, the next first."""
        ...

    async def of_lawyers(self, lawyer_ids: Collection[int], first: datetime, past: datetime) -> list[Consultation]:
        """Beginning in [first, past), by time, also what was cancelled."""
        ...

    async def to_remind(self, now: datetime, limit: int) -> list[int]: ...
