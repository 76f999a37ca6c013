"""What Rasa remembers of talks (its table `events`), as far as it must be forgotten. Rasa writes and reads it; see bot/tracker_store.py.

On PostgreSQL it is a schema of our database, else a SQLite file beside ours. Where neither is there (Rasa elsewhere), nothing is to be
forgotten here.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

SCHEMA = "rasa"
FILE = "rasa-tracker.db"


class RasaMemory:
    """Implements `community.ports.DialogueMemory`."""

    def __init__(self, engine: AsyncEngine, folder: Path) -> None:
        self._engine, self._file = engine, folder / FILE

    async def forget(self, key: str) -> int:
        return await self._delete("sender_id = :key", {"key": key})

    async def forget_before(self, moment: datetime) -> int:
        return await self._delete("timestamp < :at", {"at": moment.timestamp()})

    async def _delete(self, where: str, values: dict[str, str | float]) -> int:
        if self._engine.dialect.name == "postgresql":
            async with self._engine.begin() as connection:
                if await connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.events"}) is None:
                    return 0
                done = await connection.execute(text(f"DELETE FROM {SCHEMA}.events WHERE {where}"), values)  # noqa: S608 - ours
                return int(done.rowcount)
        return await asyncio.to_thread(self._delete_in_file, where, values)

    def _delete_in_file(self, where: str, values: dict[str, str | float]) -> int:
        if not self._file.exists():
            return 0
        with closing(sqlite3.connect(self._file, timeout=10)) as connection, connection:
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'").fetchone()
            return connection.execute(f"DELETE FROM events WHERE {where}", values).rowcount if known else 0  # noqa: S608 - ours
