"""Engines for both databases. SQLite: WAL, busy time-out, and writers that queue instead of failing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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


def open_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """(for writing, for reading). One and the same on PostgreSQL. Errors hide parameters: they are what people wrote.

    On SQLite a writer says BEGIN IMMEDIATE: it waits its turn at once, where a deferred transaction that turns into a
    writer later fails with "database is locked" whenever another wrote in between.
    """
    if url.startswith("sqlite"):
        writing = create_async_engine(url, pool_size=5, max_overflow=10, hide_parameters=True)
        reading = create_async_engine(url, pool_size=5, max_overflow=10, hide_parameters=True)
        _tune_sqlite(writing.sync_engine, "BEGIN IMMEDIATE")
        _tune_sqlite(reading.sync_engine, "BEGIN")
        return writing, reading
    engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)
    return engine, engine
