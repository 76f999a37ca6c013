from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from community.model.intake import DraftState, GroupDraft, GroupDraftEvent
from community.ports import DraftQuery
from community.store.repos.base import QueueRepo
from community.store.tables import group_draft_events, group_drafts

_C = group_drafts.c
_ENDED_BY_HAND = (DraftState.DROPPED, DraftState.MERGED)


class GroupDraftRepo(QueueRepo):
    async def add(self, draft: GroupDraft) -> bool:
        """Keep a draft once. False when its key is there already: somebody else passed the same on a moment ago."""
        row = {c.name: getattr(draft, c.name) for c in group_drafts.columns if c.name != "id"}
        statement = self._insert(group_drafts).values(**row)
        statement = statement.on_conflict_do_nothing(index_elements=["key"]).returning(_C.id)
        return await self.session.scalar(statement) is not None

    async def by_key(self, key: str) -> GroupDraft | None:
        return await self.session.scalar(select(GroupDraft).where(_C.key == key))

    async def get(self, draft_id: int, *, for_update: bool = False) -> GroupDraft | None:
        query = select(GroupDraft).where(_C.id == draft_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def marked_since(self, mark: str, since: datetime) -> GroupDraft | None:
        query = select(GroupDraft).where(_C.mark == mark, _C.at >= since).order_by(_C.id.desc())
        return await self.session.scalar(query.limit(1))

    async def search(self, query: DraftQuery) -> list[GroupDraft]:
        found = _narrowed(select(GroupDraft), query).order_by(_C.id.desc())
        return list(await self.session.scalars(found.limit(query.limit).offset(query.offset)))

    async def count(self, query: DraftQuery) -> int:
        return int(await self.session.scalar(_narrowed(select(func.count()).select_from(group_drafts), query)) or 0)

    async def last_dropped(self, staff_id: int, since: datetime) -> GroupDraft | None:
        """What this member put away last, by dropping or merging."""
        query = select(GroupDraft).where(_C.decided_by == staff_id, _C.state.in_(_ENDED_BY_HAND), _C.decided_at >= since)
        return await self.session.scalar(query.order_by(_C.decided_at.desc(), _C.id.desc()).limit(1))

    async def add_event(self, event: GroupDraftEvent) -> None:
        await self._add(event)

    async def events(self, draft_id: int) -> list[GroupDraftEvent]:
        query = select(GroupDraftEvent).where(group_draft_events.c.draft_id == draft_id)
        return list(await self.session.scalars(query.order_by(group_draft_events.c.id)))


def _narrowed(what: Select[Any], query: DraftQuery) -> Select[Any]:
    if query.states:
        what = what.where(_C.state.in_(sorted(query.states)))
    return what.where(_within(query))


def _within(query: DraftQuery) -> ColumnElement[bool]:
    scope = query.scope
    if scope.everything:
        return true()
    parts = [c.in_(sorted(ids)) for c, ids in ((_C.community_id, scope.community_ids), (_C.grid_id, scope.grid_ids)) if ids]
    return or_(_C.staff_id == query.staff_id, *parts)
