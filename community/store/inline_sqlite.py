"""SQLite without a thread between: for short transactions, run right where they are asked for.

aiosqlite hands every statement to a thread and waits for it in the event loop; whatever else is ready runs in between, while the
transaction holds the only place there is to write. A write of a few rows takes SQLite 0.1 ms and took 20 ms that way under load
(docs/reliability.md, "Under load"). This speaks as much of aiosqlite as SQLAlchemy's dialect for it asks for, and never suspends.
Long reads belong to an engine with threads.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Self


class Cursor:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.arraysize = cursor.arraysize

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        self._cursor.execute(operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> Self:
        self._cursor.executemany(operation, parameters)
        return self

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._cursor.fetchmany(size or self.arraysize)

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class _Now:
    """Where the dialect puts what it wants done in the connection's thread: there is none, so it is done."""

    def put_nowait(self, wanted: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, function = wanted
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)


class Connection:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._conn = self._connection = connection
        self._tx = _Now()

    @property
    def isolation_level(self) -> str | None:
        return self._conn.isolation_level

    def cursor(self) -> Cursor:
        return Cursor(self._conn.cursor())

    async def create_function(self, *arguments: Any, **more: Any) -> None:
        self._conn.create_function(*arguments, **more)

    async def commit(self) -> None:
        self._conn.commit()

    async def rollback(self) -> None:
        self._conn.rollback()

    async def close(self) -> None:
        self._conn.close()

    def stop(self) -> None:
        self._conn.close()


async def connect(database: str, **more: Any) -> Connection:
    """In the place of `aiosqlite.connect`; of one event loop."""
    return Connection(sqlite3.connect(database, **{**more, "check_same_thread": False}))
