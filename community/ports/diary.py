"""The diary of grid workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from community.model.diary import DiaryEntry
from community.model.people import Staff
from community.ports.desk import Scope


@dataclass(frozen=True)
class DiaryQuery:
    """A page of notes: of this writer, of these places, or of what `scope` covers (None: not asked). `due_by`: only those that somebody
    means to go to by that local day. What waits comes first, the nearest day at its head; then the newest."""

    staff_id: int | None = None
    scope: Scope | None = None
    place_ids: frozenset[int] | None = None
    waiting: bool = False
    due_by: date | None = None
    limit: int = 50
    offset: int = 0


class Diary(Protocol):
    async def add(self, entry: DiaryEntry) -> bool: ...
    async def by_key(self, key: str) -> DiaryEntry | None: ...
    async def get(self, entry_id: int, *, for_update: bool = False) -> DiaryEntry | None: ...
    async def of_staff(self, staff_id: int, limit: int = 50) -> list[DiaryEntry]: ...
    async def search(self, query: DiaryQuery) -> list[DiaryEntry]: ...
    async def count(self, query: DiaryQuery) -> int: ...
    async def writers(self, query: DiaryQuery) -> list[Staff]: ...
    async def to_remind(self, now: datetime, limit: int) -> list[int]: ...
    async def unsealed(self, limit: int) -> list[DiaryEntry]: ...
