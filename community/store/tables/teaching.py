"""What was understood, what trainers say it meant, and the models that came of it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from community.model.teaching import JobKind, JobState, LabelState, ModelState
from community.model.understanding import Looked
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

understandings = Table(
    "understandings",
    metadata,
    id_(),
    Column("key", String(64), nullable=False, unique=True),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("intent", String(48), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("ranking", JSON, nullable=False),
    Column("category", String(32), nullable=False),
    Column("category_confidence", Float, nullable=False),
    Column("model", String(64), nullable=False),
    Column("doubts", JSON, nullable=False),
    Column("doubted", Boolean, nullable=False),
    Column("looked", StrEnumType(Looked), nullable=False),
    # Of chat_sessions; without a foreign key, because both go by age together and neither waits for the other.
    Column("session_id", Id, index=True),
    Column("staff_category", String(32), nullable=False, server_default=""),
    Column("vote", String(8), nullable=False, server_default=""),
    fk("assigned_to", "staff"),
    Index("ix_understandings_doubted", "doubted", "looked", "at"),
    # The figures are read off these alone: a city's messages of twelve weeks are not visited to be counted.
    Index("ix_understandings_counted", "at", "intent", "doubted"),
    Index("ix_understandings_doubted_at", "doubted", "at"),
    Index("ix_understandings_voted", "vote", "at", "intent"),
)
labels = Table(
    "labels",
    metadata,
    id_(),
    Column("text", Text, nullable=False),
    Column("text_key", String(320), nullable=False, unique=True),
    Column("intent", String(48), nullable=False),
    Column("category", String(32), nullable=False),
    Column("by_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(200), nullable=False),
    Column("held_out", Boolean, nullable=False),
    Column("state", StrEnumType(LabelState), nullable=False, index=True),
    Column("second_id", Id, ForeignKey("staff.id")),
    Column("second_intent", String(48), nullable=False),
    Column("second_category", String(32), nullable=False),
    Column("sources", JSON, nullable=False),
    Column("change", String(64), nullable=False),
    Column("file", String(64), nullable=False),
    Column("spans", JSON, nullable=False, server_default="[]"),
    Column("parts", JSON, nullable=False, server_default="[]"),
    Column("version", Integer, nullable=False, default=1),
)
label_events = Table(
    "label_events",
    metadata,
    id_(),
    Column("label_id", Id, ForeignKey("labels.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("staff_name", String(64), nullable=False),
    Column("did", String(32), nullable=False),
    Column("note", String(300), nullable=False),
)
model_jobs = Table(
    "model_jobs",
    metadata,
    id_(),
    Column("kind", StrEnumType(JobKind), nullable=False),
    Column("state", StrEnumType(JobState), nullable=False, index=True),
    Column("asked_by", Id, ForeignKey("staff.id"), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("model", String(64), nullable=False),
    Column("why", String(300), nullable=False),
    Column("began_at", UtcDateTime),
    Column("beat_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("worker", String(64), nullable=False),
    Column("stage", String(100), nullable=False),
    Column("share", Float, nullable=False),
    Column("log", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("cancel", Boolean, nullable=False),
)
models = Table(
    "models",
    metadata,
    id_(),
    Column("name", String(64), nullable=False, unique=True),
    Column("model_id", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("state", StrEnumType(ModelState), nullable=False, index=True),
    Column("figures", JSON, nullable=False),
    Column("blocked", JSON, nullable=False),
    Column("losses", JSON, nullable=False),
    Column("published_at", UtcDateTime),
    Column("published_by", Id, ForeignKey("staff.id")),
    Column("why", String(300), nullable=False),
    Column("fingerprint", String(64), nullable=False),
)
