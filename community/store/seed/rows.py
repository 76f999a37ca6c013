"""Many rows at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

Row = dict[str, Any]


async def insert_rows(session: AsyncSession, table: Table, rows: list[Row]) -> list[Row]:
    """Insert, and put the id the database chose into every row. All rows must have the same keys.

    Ids are never chosen here, so that PostgreSQL's counters stay right.
    """
    if rows:
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        ids = await session.scalars(statement, rows)
        for row, new_id in zip(rows, ids, strict=True):
            row["id"] = new_id
    return rows
