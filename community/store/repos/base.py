"""What repositories share."""

from __future__ import annotations

from typing import Any

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


def like(words: str) -> str:
    """`words` as a LIKE pattern, its own % and _ taken literally (escape character is backslash)."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
