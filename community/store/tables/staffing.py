"""What staff say, are told, and note."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from community.model.message import InboxStatus, OutboxStatus
from community.model.staffing import Heard, Told
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

room_notes = Table(
    "room_notes",
    metadata,
    id_(),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    fk("community_id", "places", nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(OutboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", String(300), nullable=False, default=""),
    Index("ix_room_notes_community", "community_id", "status", "id"),
)

staff_inbox = Table(
    "staff_inbox",
    metadata,
    id_(),
    Column("dedup_key", String(200), nullable=False, unique=True),
    fk("staff_id", "staff", nullable=False),
    Column("kind", StrEnumType(Heard), nullable=False),
    Column("text", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("task", String(128), nullable=False, default=""),
    Column("code", String(512), nullable=False, default=""),
    Column("media_id", String(512), nullable=False, default=""),
    Column("photo", String(64), nullable=False, default=""),
    Column("status", StrEnumType(InboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("handled_at", UtcDateTime),
    Column("error", String(300), nullable=False, default=""),
    Index("ix_staff_inbox_staff_status", "staff_id", "status", "id"),
    Index("ix_staff_inbox_status", "status", "id"),
)

staff_outbox = Table(
    "staff_outbox",
    metadata,
    id_(),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    fk("staff_id", "staff"),
    Column("member", String(64), nullable=False),
    Column("kind", StrEnumType(Told), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    fk("ticket_id", "tickets"),
    Column("task", String(128), nullable=False, default=""),
    Column("code", String(512), nullable=False, default=""),
    Column("code_until", UtcDateTime),
    Column("status", StrEnumType(OutboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("uses", Integer, nullable=False, default=0),
    Column("used_at", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", String(300), nullable=False, default=""),
    Index("ix_staff_outbox_member_status", "member", "status", "id"),
    Index("ix_staff_outbox_member_used", "member", "used_at"),
    Index("ix_staff_outbox_status", "status", "id"),
    Index("ix_staff_outbox_ticket", "ticket_id", "staff_id"),
    Index("ix_staff_outbox_task", "task"),
)

staff_talks = Table(
    "staff_talks",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("number", String(12), nullable=False, default=""),
    Column("spoken_at", UtcDateTime),
    Column("asking", String(16), nullable=False, default=""),
    Column("asked_at", UtcDateTime),
    Column("options", JSON, nullable=False, default=list),
    Column("words", Text, nullable=False, default=""),
    Column("photos", JSON, nullable=False, default=list),
)

staff_diary = Table(
    "staff_diary",
    metadata,
    id_(),
    Column("key", String(200), nullable=False, unique=True),
    fk("staff_id", "staff", nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    fk("place_id", "places", index=True),
    Column("place_text", String(256), nullable=False, default=""),
    fk("grid_id", "places"),
    fk("community_id", "places"),
    Column("need", Text, nullable=False, default=""),
    Column("follow_up", Date),
    Column("followed_at", UtcDateTime),
    Column("remind_at", UtcDateTime, index=True),
    fk("ticket_id", "tickets"),
    Column("sealed", Boolean, nullable=False, default=False),
    Index("ix_staff_diary_staff_at", "staff_id", "at"),
    Index("ix_staff_diary_grid_at", "grid_id", "at"),
    Index("ix_staff_diary_community_at", "community_id", "at"),
)
