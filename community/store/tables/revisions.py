"""Changes of the assistant's knowledge that staff made."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table

from community.model.people import Role
from community.model.revision import ItemKind, RevisionState
from community.store.tables.base import Id, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

revisions = Table(
    "revisions",
    metadata,
    id_(),
    Column("kind", StrEnumType(ItemKind), nullable=False),
    Column("code", String(80), nullable=False),
    Column("title", String(200), nullable=False),
    Column("body", JSON, nullable=False),
    Column("base", String(64), nullable=False),
    Column("state", StrEnumType(RevisionState), nullable=False, index=True),
    Column("by_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("by_name", String(64), nullable=False),
    Column("by_role", StrEnumType(Role), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(300), nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("look", JSON, nullable=False),
    Column("second_id", Id, ForeignKey("staff.id")),
    Column("second_name", String(64), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("said", String(300), nullable=False),
    Column("expires_on", Date),
    Column("change", String(64), nullable=False),
    Column("version", Integer, nullable=False, default=1),
    # Of one entry there is at most one proposed, and one that counts.
    Column("open_key", String(100), unique=True),
    Column("live_key", String(100), unique=True),
    Index("ix_revisions_kind_code", "kind", "code"),
)
