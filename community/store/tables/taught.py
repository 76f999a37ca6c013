"""Words for the lexicon, conversations kept as tests, and who did what to them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from community.model.taught import Taught, WordKind
from community.model.teaching import LabelState
from community.store.tables.base import Id, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

lexicon_words = Table(
    "lexicon_words",
    metadata,
    id_(),
    Column("kind", StrEnumType(WordKind), nullable=False),
    Column("word", String(24), nullable=False),
    Column("of", String(64), nullable=False),
    Column("by_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(200), nullable=False),
    Column("state", StrEnumType(LabelState), nullable=False, index=True),
    Column("change", String(64), nullable=False),
    Column("file", String(64), nullable=False),
    Column("version", Integer, nullable=False, default=1),
    UniqueConstraint("kind", "word"),
)
talk_cases = Table(
    "talk_cases",
    metadata,
    id_(),
    Column("key", String(96), nullable=False, unique=True),
    Column("turns", JSON, nullable=False),
    Column("home", Boolean, nullable=False),
    Column("by_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", String(200), nullable=False),
    Column("state", StrEnumType(LabelState), nullable=False, index=True),
    Column("passed", Boolean),
    Column("ran_at", UtcDateTime),
    Column("missing", String(200), nullable=False),
    Column("sources", JSON, nullable=False),
    Column("change", String(64), nullable=False),
    Column("file", String(64), nullable=False),
    Column("version", Integer, nullable=False, default=1),
)
taught_events = Table(
    "taught_events",
    metadata,
    id_(),
    Column("kind", StrEnumType(Taught), nullable=False),
    Column("of_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("staff_name", String(64), nullable=False),
    Column("did", String(64), nullable=False),
    Column("note", String(300), nullable=False),
)
