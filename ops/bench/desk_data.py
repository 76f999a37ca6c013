"""Writes the big city into a database in bulk, indexes last; and says how large what is written became."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from community.ports import Vault
from community.store import tables as t
from ops.bench import big_city
from ops.bench.big_city import City, Tickets

CHUNK = 20_000
MARK = "bench_desk"
_INDEXES = {
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'tickets' AND indexname LIKE 'ix%' ORDER BY 1",
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'tickets' AND name LIKE 'ix%' ORDER BY 1",
}
"""What makes each index of the tickets but those of its keys."""


async def fill(
    engine: AsyncEngine, vault: Vault, tickets: int, seed: int, tell: Callable[[str], None]
) -> tuple[City, dict[str, float]]:
    """The city as it is in the database, and seconds of each step. What this bench wrote with the same numbers before is
    taken as it is. Raises RuntimeError for a database that has tickets of somebody else.
    """
    random, took = Random(seed), dict[str, float]()  # noqa: S311 - no secret
    began = time.monotonic()
    city = big_city.build(random, vault, tell)
    took["build_s"] = time.monotonic() - began
    # Fingerprints are the secret's: with another one, nobody would be found by phone.
    mark = f"{tickets} {seed} {vault.fingerprint('')[:16]} {big_city.NOW:%F}"
    async with engine.connect() as connection:
        there = await connection.scalar(select(t.facts.c.value).where(t.facts.c.name == MARK))
        if there == mark:
            tell("the database has this city already")
            return city, took
        if there is not None or await connection.scalar(select(func.count()).select_from(t.residents)):
            raise RuntimeError("the database is not empty: give one that is")
    for table, columns, rows in (
        (t.places, big_city.PLACE_COLUMNS, city.places),
        (t.property_companies, ["id", "name", "phone"], city.companies),
        (t.company_estates, ["company_id", "estate_id"], city.company_estates),
        (t.staff, big_city.STAFF_COLUMNS, city.staff),
        (t.residents, big_city.RESIDENT_COLUMNS, city.residents),
    ):
        await _copy(engine, table, columns, rows, len(rows), tell)
    began = time.monotonic()
    async with engine.begin() as connection:
        # As the migrations made them, word for word.
        indexes = {str(name): str(made) for name, made in await connection.execute(text(_INDEXES[engine.dialect.name]))}
        for name in indexes:
            await connection.execute(text(f"DROP INDEX {name}"))
    reports = Tickets(random, city, tickets).rows()
    await _copy(engine, t.tickets, big_city.TICKET_COLUMNS, reports, tickets, tell)
    took["tickets_s"] = time.monotonic() - began
    began = time.monotonic()
    for name, made in indexes.items():
        tell(f"index {name}")
        async with engine.begin() as connection:
            await connection.exec_driver_sql(made)
    took["indexes_s"] = time.monotonic() - began
    tell("statistics")
    await _settle(engine)
    async with engine.begin() as connection:
        await connection.execute(insert(t.facts).values(name=MARK, value=mark))
    return city, {name: round(seconds, 1) for name, seconds in took.items()}


async def _copy(
    engine: AsyncEngine, table: Table, columns: Sequence[str], rows: Iterable[Any], total: int, tell: Callable[[str], None]
) -> None:
    began, done, source = time.monotonic(), 0, iter(rows)
    async with engine.begin() as connection:
        while chunk := list(itertools.islice(source, CHUNK)):
            await _put(connection, table, columns, chunk)
            done += len(chunk)
            if total > CHUNK:
                tell(f"{table.name}: {done:,} of {total:,} ({done / (time.monotonic() - began):,.0f}/s)")
        if engine.dialect.name == "postgresql" and "id" in table.c:
            counter = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"  # noqa: S608
            await connection.execute(text(counter))


async def _put(connection: AsyncConnection, table: Table, columns: Sequence[str], chunk: list[Any]) -> None:
    if connection.dialect.name == "postgresql":
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.copy_records_to_table(table.name, records=chunk, columns=list(columns))
    else:
        await connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in chunk])


async def _settle(engine: AsyncEngine) -> None:
    """What autovacuum does within the hour: statistics, and the map of what everybody may see."""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text("VACUUM (ANALYZE)"))
    else:
        async with engine.begin() as connection:
            await connection.execute(text("ANALYZE"))


async def sizes(engine: AsyncEngine) -> dict[str, float]:
    """Megabytes of the tickets' table and of each of its indexes; empty where the database does not say."""
    if engine.dialect.name != "postgresql":
        return {}
    query = text(
        "SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes WHERE relname = 'tickets' "
        "UNION ALL SELECT 'tickets', pg_table_size('tickets') ORDER BY 2 DESC"
    )
    async with engine.connect() as connection:
        return {str(name): round(size / 2**20, 1) for name, size in await connection.execute(query)}


async def version(engine: AsyncEngine) -> str:
    query = "SHOW server_version" if engine.dialect.name == "postgresql" else "SELECT sqlite_version()"
    async with engine.connect() as connection:
        return f"{engine.dialect.name} {await connection.scalar(text(query))}"
