"""Activities, their shifts, who signed up."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, String, Table, Text, UniqueConstraint, text

from community.model.volunteer import SignupStatus, Style
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

activities = Table(
    "activities",
    metadata,
    id_(),
    Column("title", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("summary", Text, nullable=False, default=""),
    Column("place_text", String(128), nullable=False, default=""),
    fk("community_id", "places", nullable=False, index=True),
    Column("organiser", String(64), nullable=False, default=""),
    Column("minimum_age", Integer),
    Column("skills", String(128), nullable=False, server_default=""),
    Column("style", StrEnumType(Style), nullable=False, server_default="activity"),
    Column("points", Integer, nullable=False, server_default="10"),
    Column("confirm_hours", Integer, nullable=False, server_default="12"),
    Column("series", String(64), nullable=False, server_default=""),
    Column("published", Boolean, nullable=False, server_default=text("true")),
)

shifts = Table(
    "shifts",
    metadata,
    id_(),
    fk("activity_id", "activities", nullable=False, index=True),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False, default=0),
    Column("reminded_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
)

signups = Table(
    "signups",
    metadata,
    id_(),
    fk("shift_id", "shifts", nullable=False),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("status", StrEnumType(SignupStatus), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("seats", Integer, nullable=False, server_default="1"),
    Column("party", Text, nullable=False, server_default=""),
    Column("confirm_by", UtcDateTime),
    Column("checked_in_at", UtcDateTime),
    Column("tries", Integer, nullable=False, server_default="0"),
    UniqueConstraint("shift_id", "resident_id"),
)
