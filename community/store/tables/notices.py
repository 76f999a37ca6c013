"""Notices of the community, and who has them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from community.model.notice import Kind, NoticeState
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

notices = Table(
    "notices",
    metadata,
    id_(),
    Column("kind", StrEnumType(Kind), nullable=False),
    Column("title", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    fk("community_id", "places", nullable=False),
    fk("by_id", "staff", nullable=False),
    Column("by_name", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("send_at", UtcDateTime, nullable=False),
    Column("area", String(300), nullable=False),
    Column("state", StrEnumType(NoticeState), nullable=False),
    Column("why_urgent", String(200), nullable=False),
    Column("sent_at", UtcDateTime),
    Column("place_ids", JSON, nullable=False),
    Column("late", JSON, nullable=False),
    Column("resends", Integer, nullable=False),
    Column("resent_at", UtcDateTime),
    Column("correction", Text, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_notices_community_ends", "community_id", "ends_at"),
    Index("ix_notices_state_send", "state", "send_at"),
)
notice_areas = Table(
    "notice_areas",
    metadata,
    Column("notice_id", Id, ForeignKey("notices.id"), primary_key=True),
    Column("place_id", Id, ForeignKey("places.id"), primary_key=True, index=True),
)
notice_receipts = Table(
    "notice_receipts",
    metadata,
    id_(),
    fk("notice_id", "notices", nullable=False),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("how", String(16), nullable=False),
    UniqueConstraint("notice_id", "resident_id"),
)
notice_events = Table(
    "notice_events",
    metadata,
    id_(),
    fk("notice_id", "notices", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("did", String(400), nullable=False),
)
