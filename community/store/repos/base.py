"""What repositories share."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession


class Repo:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def _add(self, thing: Any) -> None:
        """Insert and number it. Model objects carry id 0 until they are kept; the database gives the number."""
        if getattr(thing, "id", None) == 0:
            thing.id = None
        self.session.add(thing)
        await self.session.flush()


class QueueRepo(Repo):
    def _insert(self, table: Any) -> Any:
        """An INSERT that may say ON CONFLICT, which both databases can and SQLAlchemy spells twice."""
        dialect = self.session.get_bind().dialect.name
        return pg_insert(table) if dialect == "postgresql" else sqlite_insert(table)


def like(words: str) -> str:
    """`words` as a LIKE pattern, its own % and _ taken literally (escape character is backslash)."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
