"""Migrations and models say the same, and every step can be undone, on both databases."""

from __future__ import annotations

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import create_async_engine

from community.store import migrate
from community.store.tables import COMPARED_BY_HAND, metadata


async def test_migrations_and_models_agree(database_url: str) -> None:
    opts = {
        "compare_type": True,
        "include_object": lambda _, name, kind, *__: kind != "index" or name not in COMPARED_BY_HAND,
    }
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c, opts=opts), metadata)
        )
    await engine.dispose()
    assert differences == []


async def test_everything_can_be_undone_and_made_again(database_url: str) -> None:
    async def tables() -> set[str]:
        engine = create_async_engine(database_url)
        async with engine.connect() as connection:
            found = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
        await engine.dispose()
        return found - {"alembic_version"}

    assert await tables() == set(metadata.tables)
    await asyncio.to_thread(migrate.downgrade, database_url, "base")
    assert await tables() == set()
    await asyncio.to_thread(migrate.upgrade, database_url)
    assert await tables() == set(metadata.tables)
    assert await asyncio.to_thread(migrate.current, database_url) == migrate.head()
