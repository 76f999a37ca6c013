"""Alembic's environment: the URL comes from the caller, batch mode lets SQLite alter tables."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from community.store.tables import COMPARED_BY_HAND, metadata
from community.store.types import StrEnumType, UtcDateTime


def _render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    """Migrations say plain SQLAlchemy types: they must still run when our own types have moved on."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, StrEnumType):
        return "sa.String(length=32)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_render,
        include_object=lambda _, name, kind, *__: kind != "index" or name not in COMPARED_BY_HAND,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = create_async_engine(context.config.attributes["url"])
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
            await connection.commit()
    finally:
        await engine.dispose()


def run() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(_online())
        return
    # Called from inside a running loop (a test, a tool): give Alembic a thread with a loop of its own.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_online())).result()


run()
