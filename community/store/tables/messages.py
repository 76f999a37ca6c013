"""What residents say and are told, and what may be sent to them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from community.model.conversation import Holder, Topic
from community.model.message import InboxStatus, OutboxStatus
from community.model.window import Opening
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

conversations = Table(
    "conversations",
    metadata,
    id_(),
    Column("resident_id", Id, ForeignKey("residents.id"), nullable=False, unique=True),
    Column("holder", StrEnumType(Holder), nullable=False),
    Column("topic", StrEnumType(Topic), nullable=False),
    fk("staff_id", "staff"),
    Column("community_id", Id),
    Column("grid_id", Id),
    Column("reason", String(256), nullable=False, default=""),
    Column("requested_at", UtcDateTime),
    Column("last_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_conversations_holder", "holder", "last_at"),
)

inbox = Table(
    "inbox",
    metadata,
    id_(),
    Column("channel", String(16), nullable=False),
    Column("dedup_key", String(200), nullable=False),
    fk("resident_id", "residents", nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", Text),
    Column("photos", JSON, nullable=False, default=list),
    Column("attachments", JSON, nullable=False, default=list, server_default="[]"),
    Column("received_at", UtcDateTime, nullable=False),
    Column("said_at", UtcDateTime),
    Column("address", String(128), nullable=False, default="", server_default=""),
    Column("status", StrEnumType(InboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("handled_at", UtcDateTime),
    Column("notified_late", Boolean, nullable=False, default=False),
    Column("answer", Text),
    Column("error", Text, nullable=False, default=""),
    UniqueConstraint("channel", "dedup_key"),
    Index("ix_inbox_resident", "resident_id", "id"),
    Index("ix_inbox_resident_status", "resident_id", "status", "id"),
    Index("ix_inbox_status", "status", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    id_(),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    fk("resident_id", "residents", nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(128), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(16), nullable=False, default="bot"),
    Column("author_name", String(64), nullable=False, default=""),
    Column("buttons", JSON, nullable=False, default=list),
    Column("photos", JSON, nullable=False, default=list),
    Column("in_reply_to", Id),
    Column("topic", String(64), nullable=False, default="", server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(OutboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("progress", Integer, nullable=False, default=0, server_default="0"),
    Column("carried_by", Id),
    Column("begun", JSON(none_as_null=True)),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", Text, nullable=False, default=""),
    Index("ix_outbox_resident", "resident_id", "id"),
    Index("ix_outbox_resident_status", "resident_id", "status", "id"),
    Index("ix_outbox_status", "status", "id"),
)

channel_windows = Table(
    "channel_windows",
    metadata,
    id_(),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("following", Boolean, nullable=False, default=True),
    Column("following_at", UtcDateTime),
    Column("kind", StrEnumType(Opening)),
    Column("opened_at", UtcDateTime),
    Column("renewed_at", UtcDateTime),
    Column("room", Integer, nullable=False, default=0),
    Column("in_flight", Integer, nullable=False, default=0),
    Column("landed", JSON, nullable=False, default=list),
    Column("code", String(256), nullable=False, default="", server_default=""),
    UniqueConstraint("channel", "external_id"),
)

kf_accounts = Table(
    "kf_accounts",
    metadata,
    id_(),
    Column("open_kfid", String(64), nullable=False, unique=True),
    Column("cursor", String(512), nullable=False, default=""),
    Column("token", String(512), nullable=False, default=""),
    Column("token_until", UtcDateTime),
    Column("noted", Integer, nullable=False, default=0),
    Column("fetched", Integer, nullable=False, default=0),
    Column("looked_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("error", String(300), nullable=False, default=""),
)
