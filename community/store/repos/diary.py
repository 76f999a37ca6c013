from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true

from community.model.diary import DiaryEntry
from community.model.people import Staff
from community.ports import DiaryQuery, Scope
from community.store.repos.base import QueueRepo
from community.store.tables import staff, staff_diary

_C = staff_diary.c
_WAITS = and_(_C.follow_up.is_not(None), _C.followed_at.is_(None))


class DiaryRepo(QueueRepo):
    async def add(self, entry: DiaryEntry) -> bool:
        """Keep an entry once. False when its key is there already."""
        row = {c.name: getattr(entry, c.name) for c in staff_diary.columns if c.name != "id"}
        statement = self._insert(staff_diary).values(**row)
        statement = statement.on_conflict_do_nothing(index_elements=["key"]).returning(_C.id)
        return await self.session.scalar(statement) is not None

    async def by_key(self, key: str) -> DiaryEntry | None:
        return await self.session.scalar(select(DiaryEntry).where(_C.key == key))

    async def get(self, entry_id: int, *, for_update: bool = False) -> DiaryEntry | None:
        query = select(DiaryEntry).where(_C.id == entry_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def of_staff(self, staff_id: int, limit: int = 50) -> list[DiaryEntry]:
        """The newest first."""
        query = select(DiaryEntry).where(_C.staff_id == staff_id).order_by(_C.id.desc())
        return list(await self.session.scalars(query.limit(limit)))

    async def search(self, query: DiaryQuery) -> list[DiaryEntry]:
        # Of what does not wait any more, the day that was meant is of no interest.
        day = case((_WAITS, _C.follow_up), else_=None)
        found = _narrowed(select(DiaryEntry), query).order_by(case((_WAITS, 0), else_=1), day, _C.at.desc(), _C.id.desc())
        return list(await self.session.scalars(found.limit(query.limit).offset(query.offset)))

    async def count(self, query: DiaryQuery) -> int:
        return int(await self.session.scalar(_narrowed(select(func.count()).select_from(staff_diary), query)) or 0)

    async def writers(self, query: DiaryQuery) -> list[Staff]:
        """Whose notes there are."""
        theirs = _narrowed(select(_C.staff_id), query)
        return list(await self.session.scalars(select(Staff).where(staff.c.id.in_(theirs)).order_by(staff.c.id)))

    async def to_remind(self, now: datetime, limit: int) -> list[int]:
        query = select(_C.id).where(_C.remind_at <= now).order_by(_C.remind_at, _C.id)
        return list(await self.session.scalars(query.limit(limit)))

    async def unsealed(self, limit: int) -> list[DiaryEntry]:
        """Written before their words were kept secret."""
        query = select(DiaryEntry).where(_C.sealed.is_(False)).order_by(_C.id).limit(limit)
        return list(await self.session.scalars(query))


def _narrowed(what: Select[Any], query: DiaryQuery) -> Select[Any]:
    if query.staff_id is not None:
        what = what.where(_C.staff_id == query.staff_id)
    if query.scope is not None:
        what = what.where(_within(query.scope))
    if query.place_ids is not None:
        what = what.where(_C.place_id.in_(sorted(query.place_ids)))
    if query.waiting or query.due_by is not None:
        what = what.where(_WAITS)
    if query.due_by is not None:
        what = what.where(_C.follow_up <= query.due_by)
    return what


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    parts = [c.in_(sorted(ids)) for c, ids in ((_C.community_id, scope.community_ids), (_C.grid_id, scope.grid_ids)) if ids]
    return or_(*parts) if parts else false()
