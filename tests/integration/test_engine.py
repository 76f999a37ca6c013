"""How writers share SQLite, and how a connection that went away is found out, before somebody's message meets either."""

from __future__ import annotations

import asyncio
import fcntl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from community.store import engine as engines
from community.store.engine import FileQueue, open_engines
from tests.conftest import create_database

HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process, in the middle of writing."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


async def test_a_writer_waits_for_another_process_without_stopping_everything_else(tmp_path: Path) -> None:
    holder = hold(tmp_path / "city.db-queue", 0.6)
    writing, reading = open_engines(f"sqlite+aiosqlite:///{tmp_path / 'city.db'}")
    ticks = 0

    async def write() -> None:
        async with writing.begin() as connection:
            await connection.execute(text("CREATE TABLE kept (word TEXT)"))

    task = asyncio.create_task(write())
    while not task.done():
        await asyncio.sleep(0.01)
        ticks += 1
    await task
    assert ticks > 20
    assert holder.wait(5) == 0
    await writing.dispose()
    await reading.dispose()


async def test_who_gives_up_waiting_leaves_the_place_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    holder = hold(Path(f"{path}-queue"), 0.4)
    writing, reading = open_engines(f"sqlite+aiosqlite:///{path}")

    async def write(word: str) -> None:
        async with writing.begin() as connection:
            await connection.execute(text("CREATE TABLE IF NOT EXISTS kept (word TEXT)"))
            await connection.execute(text("INSERT INTO kept VALUES (:word)"), {"word": word})

    impatient = asyncio.create_task(write("一"))
    await asyncio.sleep(0.1)
    patient = asyncio.create_task(write("二"))
    impatient.cancel()
    await asyncio.wait([impatient])
    assert impatient.cancelled()
    await asyncio.wait_for(patient, 10)
    async with reading.connect() as connection:
        assert list(await connection.scalars(text("SELECT word FROM kept"))) == ["二"]
    assert holder.wait(5) == 0
    await writing.dispose()
    await reading.dispose()


async def test_two_queues_on_one_file_never_hold_it_at_once(tmp_path: Path) -> None:
    """As two processes would: each has its own place at the file."""
    holding: list[str] = []
    together = 0

    async def turns(name: str) -> None:
        nonlocal together
        queue = FileQueue(str(tmp_path / "city.db"))
        for _ in range(50):
            await queue.acquire()
            holding.append(name)
            together = max(together, len(holding))
            await asyncio.sleep(0)
            holding.remove(name)
            queue.release()

    await asyncio.gather(turns("a"), turns("b"), turns("c"))
    assert together == 1


async def until_somebody_waits(gate: Path) -> None:
    """Who waits for a turn holds the gate meanwhile."""
    with gate.open("w") as probe:
        while True:
            try:
                fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            fcntl.flock(probe, fcntl.LOCK_UN)
            await asyncio.sleep(0.001)


async def test_who_waits_comes_before_one_that_has_just_had_its_turn(tmp_path: Path) -> None:
    """A worker with much to write must not keep the door from the database. With one lock it did in every seventh round."""
    path = tmp_path / "city.db"
    greedy, waiting = (FileQueue(str(path)) for _ in range(2))

    async def take_once(queue: FileQueue, order: list[str], name: str) -> None:
        await queue.acquire()
        order.append(name)
        queue.release()

    overtaken = 0
    for _ in range(200):
        order: list[str] = []
        await greedy.acquire()
        task = asyncio.create_task(take_once(waiting, order, "waiting"))
        await until_somebody_waits(Path(f"{path}-queue-gate"))
        greedy.release()
        await take_once(greedy, order, "greedy")
        await task
        overtaken += order[0] == "greedy"
    assert overtaken == 0


async def test_a_write_that_fails_leaves_nothing_behind_and_nobody_waiting(tmp_path: Path) -> None:
    writing, reading = open_engines(f"sqlite+aiosqlite:///{tmp_path / 'city.db'}")
    async with writing.begin() as connection:
        await connection.execute(text("CREATE TABLE kept (word TEXT NOT NULL)"))

    async def half() -> None:
        async with writing.begin() as connection:
            await connection.execute(text("INSERT INTO kept VALUES ('一')"))
            await connection.execute(text("INSERT INTO kept VALUES (NULL)"))

    with pytest.raises(IntegrityError):
        await half()
    async with asyncio.timeout(5), writing.begin() as connection:
        await connection.execute(text("INSERT INTO kept VALUES ('二')"))
    async with reading.connect() as connection:
        assert list(await connection.scalars(text("SELECT word FROM kept"))) == ["二"]
    await writing.dispose()
    await reading.dispose()


async def test_an_idle_connection_that_the_server_closed_is_replaced_before_it_is_used(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "IDLE", 0.0)
    url = await create_database(postgres, f"t{time.time_ns()}")
    engine, _ = open_engines(url)
    async with engine.connect() as connection:
        number = await connection.scalar(text("SELECT pg_backend_pid()"))
    other, _ = open_engines(url)
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    await asyncio.sleep(0.2)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != number
    await engine.dispose()
    await other.dispose()
