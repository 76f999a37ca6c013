"""Engines for both databases. SQLite: WAL, busy time-out, and writers that queue instead of failing."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from community.store import inline_sqlite

BUSY_MS = 20_000
BUSY_INLINE_MS = 2_000
"""Of the writing engine, which waits for SQLite in the event loop itself: our own processes take turns before it comes to that
(FileQueue), so that only a foreign writer (a migration, a shell) can keep it waiting, and then an error is better than silence."""


def _tune_sqlite(engine: Engine, begin: str, busy_ms: int = BUSY_MS) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        # The driver's own transaction handling is switched off so that BEGIN below is the only one.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA busy_timeout={busy_ms}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _queue_writers(engine: Engine) -> None:
    """Writers queue for the one place there is, first come first served: those of this process at a lock of their own, the processes
    at a lock on a file beside the database.

    Without it they queue inside SQLite, which lets them sleep and look again, up to 100 ms later: whoever comes at the right moment
    overtakes, and under load a message waits for a second that could be written at once.
    """
    turn = asyncio.Lock()
    file = FileQueue(engine.url.database)
    holding: set[int] = set()

    async def come() -> None:
        # As long as SQLite itself would wait: a stuck writer is an error then, not a silence.
        async with asyncio.timeout(BUSY_MS / 1000):
            await turn.acquire()
            try:
                await file.acquire()
            except BaseException:
                file.give_up(turn.release)
                raise

    @event.listens_for(engine, "begin")
    def _wait(connection: Any) -> None:
        await_only(come())
        holding.add(id(connection.connection.dbapi_connection))

    def _leave(dbapi_connection: Any, *_: Any) -> None:
        if id(dbapi_connection) in holding:
            holding.discard(id(dbapi_connection))
            file.release()
            turn.release()

    event.listen(engine, "checkin", _leave)
    event.listen(engine, "invalidate", _leave)


IDLE = 1.0
"""Seconds after which a connection is asked whether it is still there before it is used. SQLAlchemy's own pre-ping asks each time, which
is one round trip of the six that keeping a message takes; a server that went away within the second costs one try, and then
all connections are made anew."""


def _ping_idle(engine: Engine) -> None:
    @event.listens_for(engine, "checkin")
    def _used(connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: Any, proxy: Any) -> None:
        if connection is None or time.monotonic() - record.info.get("used", time.monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError("the server went away") from error


class FileQueue:
    """A lock that the processes on one SQLite file take turns at. Of one event loop, taken by one task at a time.

    Two locks: whoever wants the second waits for it holding the first. With one alone a process that has much to write takes
    it again in the moment it lets go, before the kernel has woken the one that waits: the door then waited for a tenth of its pushes 12 ms
    and more (docs/reliability.md, "Under load").
    """

    def __init__(self, database: str | None) -> None:
        self._path = f"{database}-queue" if database and database != ":memory:" else ""
        self._gate = self._file = -1
        self._waiting: asyncio.Future[None] | None = None

    async def acquire(self) -> None:
        if not self._path:
            return
        if self._file < 0:
            self._gate, self._file = (_lock_file(self._path + end) for end in ("-gate", ""))
        if _try_lock(self._gate):
            if _try_lock(self._file):
                fcntl.flock(self._gate, fcntl.LOCK_UN)
                return
            wait = self._pass_gate
        else:
            wait = self._wait_all
        # The kernel wakes whoever waits longest; a thread does the waiting.
        self._waiting = asyncio.get_running_loop().run_in_executor(None, wait)
        await asyncio.shield(self._waiting)
        self._waiting = None

    def _wait_all(self) -> None:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        self._pass_gate()

    def _pass_gate(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)

    def give_up(self, then: Callable[[], None]) -> None:
        """Nobody waits for `acquire` any more: what its thread still gets is let go, and only then comes the next one's turn."""
        waiting, self._waiting = self._waiting, None

        def over(_: object) -> None:
            self.release()
            then()

        if waiting is None:
            then()
        else:
            waiting.add_done_callback(over)

    def release(self) -> None:
        if self._file >= 0:
            fcntl.flock(self._file, fcntl.LOCK_UN)


def _lock_file(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """(for writing, for reading). One and the same on PostgreSQL. Errors hide parameters: they are what people wrote.

    On SQLite a writer says BEGIN IMMEDIATE: it waits its turn at once, where a deferred transaction that turns into a
    writer later fails with "database is locked" whenever another wrote in between.
    """
    if url.startswith("sqlite"):
        # No overflow: a connection above the size is opened and closed at each use, a reading one with a thread.
        inline = {"async_creator_fn": inline_sqlite.connect}
        writing = create_async_engine(url, pool_size=16, max_overflow=0, hide_parameters=True, connect_args=inline)
        reading = create_async_engine(url, pool_size=16, max_overflow=0, hide_parameters=True)
        _queue_writers(writing.sync_engine)
        _tune_sqlite(writing.sync_engine, "BEGIN IMMEDIATE", BUSY_INLINE_MS)
        _tune_sqlite(reading.sync_engine, "BEGIN")
        return writing, reading
    engine = create_async_engine(url, pool_size=20, max_overflow=0, hide_parameters=True)
    _ping_idle(engine.sync_engine)
    return engine, engine
