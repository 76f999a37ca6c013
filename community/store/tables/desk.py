"""What staff keep for their own desk: saved lists, phrases, what is left for the next person."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, String, Table, Text, UniqueConstraint

from community.store.tables.base import fk, id_, metadata
from community.store.types import UtcDateTime

saved_filters = Table(
    "saved_filters",
    metadata,
    id_(),
    fk("staff_id", "staff", nullable=False),
    Column("name", String(40), nullable=False),
    Column("query", String(600), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("staff_id", "name"),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    id_(),
    Column("title", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    fk("staff_id", "staff", index=True),
    fk("community_id", "places", index=True),
    CheckConstraint("(staff_id IS NULL) <> (community_id IS NULL)", name="one_owner"),
)

handovers = Table(
    "handovers",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False),
    fk("staff_id", "staff", nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_handovers_resident_at", "resident_id", "at"),
)
