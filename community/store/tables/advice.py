"""What was said to legal questions."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, String, Table, Text

from community.store.tables.base import fk, id_, metadata
from community.store.types import UtcDateTime

legal_advice = Table(
    "legal_advice",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("asked_at", UtcDateTime, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("chance", Float, nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("codes", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("useful", Boolean),
    Column("said_at", UtcDateTime),
)
