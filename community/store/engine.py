"""Engines for both databases. SQLite: WAL, busy time-out, and writers that queue instead of failing."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

BUSY_MS = 20_000


def _tune_sqlite(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        # The driver's own transaction handling is switched off so that BEGIN below is the only one.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _queue_writers(engine: Engine) -> None:
    """Writers of this process queue for the one place there is, first come first served.

    Without it they queue inside SQLite, which lets them sleep and look again: whoever comes at the right moment overtakes, and
    under load a message waits for a second that could be written at once. Other processes still meet there.
    """
    turn = asyncio.Lock()
    holding: set[int] = set()

    async def come() -> None:
        # As long as SQLite itself would wait: a stuck writer is an error then, not a silence.
        async with asyncio.timeout(BUSY_MS / 1000):
            await turn.acquire()

    @event.listens_for(engine, "begin")
    def _wait(connection: Any) -> None:
        await_only(come())
        holding.add(id(connection.connection.dbapi_connection))

    def _leave(dbapi_connection: Any, *_: Any) -> None:
        if id(dbapi_connection) in holding:
            holding.discard(id(dbapi_connection))
            turn.release()

    event.listen(engine, "checkin", _leave)
    event.listen(engine, "invalidate", _leave)


def open_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """(for writing, for reading). One and the same on PostgreSQL. Errors hide parameters: they are what people wrote.

    On SQLite a writer says BEGIN IMMEDIATE: it waits its turn at once, where a deferred transaction that turns into a
    writer later fails with "database is locked" whenever another wrote in between.
    """
    if url.startswith("sqlite"):
        writing = create_async_engine(url, pool_size=5, max_overflow=10, hide_parameters=True)
        reading = create_async_engine(url, pool_size=5, max_overflow=10, hide_parameters=True)
        _queue_writers(writing.sync_engine)
        _tune_sqlite(writing.sync_engine, "BEGIN IMMEDIATE")
        _tune_sqlite(reading.sync_engine, "BEGIN")
        return writing, reading
    engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    return engine, engine
