"""Sessions, what was done already, facts about the database itself."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from community.store.tables.base import Id, metadata
from community.store.types import UtcDateTime

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

done_keys = Table(
    "done_keys",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("ref", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
