"""Appointments with lawyers."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from community.model.consultation import ConsultationStatus, Outcome
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

consultations = Table(
    "consultations",
    metadata,
    id_(),
    fk("lawyer_id", "staff", nullable=False),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("question", Text, nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("booked_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(ConsultationStatus), nullable=False),
    Column("holds", Integer),
    Column("remind_at", UtcDateTime, index=True),
    Column("outcome", StrEnumType(Outcome)),
    Column("note", Text, nullable=False, default=""),
    # NULLs are distinct on both databases: a time that was given back may be taken again.
    UniqueConstraint("lawyer_id", "starts_at", "holds"),
)
