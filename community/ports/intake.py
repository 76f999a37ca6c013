"""Drafts of what was said in groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from community.model.intake import DraftState, GroupDraft, GroupDraftEvent
from community.ports.desk import Scope


@dataclass(frozen=True)
class DraftQuery:
    """Drafts that `scope` covers, or that this member passed on. `states` empty: any. The newest first."""

    scope: Scope
    staff_id: int
    states: frozenset[DraftState] = frozenset()
    limit: int = 50
    offset: int = 0


class GroupDrafts(Protocol):
    async def add(self, draft: GroupDraft) -> bool: ...
    async def by_key(self, key: str) -> GroupDraft | None: ...
    async def get(self, draft_id: int, *, for_update: bool = False) -> GroupDraft | None: ...
    async def marked_since(self, mark: str, since: datetime) -> GroupDraft | None: ...
    async def search(self, query: DraftQuery) -> list[GroupDraft]: ...
    async def count(self, query: DraftQuery) -> int: ...
    async def last_dropped(self, staff_id: int, since: datetime) -> GroupDraft | None: ...
    async def add_event(self, event: GroupDraftEvent) -> None: ...
    async def events(self, draft_id: int) -> list[GroupDraftEvent]: ...
