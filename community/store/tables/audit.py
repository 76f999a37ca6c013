"""Who looked at what of residents. Only ever added to."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from community.model.audit import Viewed
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

view_log = Table(
    "view_log",
    metadata,
    id_(),
    Column("at", UtcDateTime, nullable=False),
    fk("staff_id", "staff", nullable=False),
    Column("what", StrEnumType(Viewed), nullable=False),
    fk("ticket_id", "tickets", index=True),
    fk("resident_id", "residents", index=True),
    Column("page", String(120), nullable=False, default=""),
    Column("note", String(200), nullable=False, default=""),
    Index("ix_view_log_at", "at"),
    Index("ix_view_log_staff_at", "staff_id", "at"),
)
