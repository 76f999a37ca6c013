"""Photos, kept once by their content."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from community.store.tables.base import Id, metadata
from community.store.types import UtcDateTime

media = Table(
    "media",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("mime", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

media_grants = Table(
    "media_grants",
    metadata,
    Column("hash", String(64), ForeignKey("media.hash"), primary_key=True),
    Column("resident_id", Id, ForeignKey("residents.id"), primary_key=True),
)
