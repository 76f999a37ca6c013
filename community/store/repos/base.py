"""What repositories share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from community.store.tables import places, residents
from community.store.types import UtcDateTime


class Repo:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def _add(self, thing: Any) -> None:
        """Insert and number it. Model objects carry id 0 until they are kept; the database gives the number."""
        if getattr(thing, "id", None) == 0:
            thing.id = None
        self.session.add(thing)
        await self.session.flush()


def takeable(queue: Table, waiting: str, held: str, *whose: str) -> ColumnElement[bool]:
    """What a worker may take from a queue: rows of the status `waiting` that need not wait longer, and rows `held` under a lease that
    ran out, of nobody (the columns `whose`) who has an earlier one of either status. `now` is a parameter of the statement.
    """
    earlier = queue.alias("earlier")
    open_ones, now = (waiting, held), bindparam("now", type_=UtcDateTime())
    free = or_(
        and_(queue.c.status == waiting, or_(queue.c.next_try_at.is_(None), queue.c.next_try_at <= now)),
        and_(queue.c.status == held, queue.c.lease_until < now),
    )
    same = [earlier.c[name] == queue.c[name] for name in whose]
    before = select(earlier.c.id).where(*same, earlier.c.id < queue.c.id, earlier.c.status.in_(open_ones))
    return and_(queue.c.status.in_(open_ones), free, ~before.exists())


class QueueRepo(Repo):
    def _insert(self, table: Any) -> Any:
        """An INSERT that may say ON CONFLICT, which both databases can and SQLAlchemy spells twice."""
        dialect = self.session.get_bind().dialect.name
        return pg_insert(table) if dialect == "postgresql" else sqlite_insert(table)

    async def _number(
        self, queue: Table, status: str, community_ids: Collection[int] | None, homeless: bool
    ) -> int:
        """Rows of this status of residents who live in these communities (None: anywhere); `homeless`: or nowhere we know."""
        query = select(func.count()).select_from(queue).where(queue.c.status == status)
        if community_ids is not None:
            home = residents.outerjoin(places, residents.c.room_id == places.c.id)
            theirs: ColumnElement[bool] = places.c.community_id.in_(community_ids)
            if homeless:
                theirs = or_(theirs, places.c.community_id.is_(None))
            query = query.where(queue.c.resident_id.in_(select(residents.c.id).select_from(home).where(theirs)))
        return int(await self.session.scalar(query) or 0)


def like(words: str) -> str:
    """`words` as a LIKE pattern, its own % and _ taken literally (escape character is backslash)."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
