"""Sessions of residents with the assistant, and the forms that are open in them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from community.store.tables.base import fk, id_, metadata
from community.store.types import UtcDateTime

chat_sessions = Table(
    "chat_sessions",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("intent", String(48), nullable=False),
    Column("messages", Integer, nullable=False),
    Column("unclear", Integer, nullable=False),
    Column("handed", Boolean, nullable=False),
    Column("staff", Boolean, nullable=False),
    Index("ix_chat_sessions_resident_last", "resident_id", "last_at"),
    Index("ix_chat_sessions_counted", "began_at", "intent", "handed", "staff", "messages", "unclear"),
)
open_forms = Table(
    "open_forms",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False),
    Column("form", String(48), nullable=False),
    Column("key", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("answers", Integer, nullable=False),
    Index("uq_open_forms_resident", "resident_id", unique=True),
)
