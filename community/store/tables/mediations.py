"""Mediations with the second side's thread, and requests for a hand that became a volunteer's task."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text

from community.model.care import CareState
from community.model.mediation import Result, Second
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

mediations = Table(
    "mediations",
    metadata,
    id_(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("second", StrEnumType(Second), nullable=False),
    Column("second_text", String(256), nullable=False, default=""),
    fk("second_place_id", "places"),
    fk("second_id", "residents", index=True),
    Column("subject", String(100), nullable=False, default=""),
    Column("invited_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("meet_at", UtcDateTime),
    Column("meet_place", String(128), nullable=False, default=""),
    Column("result", StrEnumType(Result)),
    Column("result_words", Text, nullable=False, default=""),
    Column("first_agrees", Boolean),
    Column("second_agrees", Boolean),
)

mediation_lines = Table(
    "mediation_lines",
    metadata,
    id_(),
    fk("mediation_id", "mediations", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("actor_name", String(64), nullable=False),
    Column("text", Text, nullable=False),
)

care_tasks = Table(
    "care_tasks",
    metadata,
    id_(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False, unique=True),
    Column("shift_id", Id, ForeignKey("shifts.id"), nullable=False, unique=True),
    Column("what", String(100), nullable=False),
    Column("state", StrEnumType(CareState), nullable=False),
    Column("take_by", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    fk("volunteer_id", "residents"),
    Index("ix_care_tasks_state_take_by", "state", "take_by"),
)
