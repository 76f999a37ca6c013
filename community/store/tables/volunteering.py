"""Activities, their shifts, who signed up."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, Text, UniqueConstraint

from community.model.volunteer import SignupStatus
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
    UniqueConstraint("shift_id", "resident_id"),
)
