"""What was passed on from groups: drafts, and what was done with each."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from community.model.category import Category, Urgency
from community.model.intake import DraftState, DraftStep
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

group_drafts = Table(
    "group_drafts",
    metadata,
    id_(),
    Column("key", String(120), nullable=False, unique=True),
    Column("mark", String(80), nullable=False, index=True),
    fk("staff_id", "staff", nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("said_at", String(8), nullable=False, default=""),
    Column("also", Integer, nullable=False, default=0),
    Column("state", StrEnumType(DraftState), nullable=False),
    Column("category", StrEnumType(Category), nullable=False),
    Column("urgency", StrEnumType(Urgency), nullable=False),
    Column("danger", String(32), nullable=False, default=""),
    fk("place_id", "places"),
    Column("place_text", String(256), nullable=False, default=""),
    fk("grid_id", "places"),
    fk("community_id", "places"),
    fk("resident_id", "residents", index=True),
    fk("ticket_id", "tickets"),
    Column("reason", String(200), nullable=False, default=""),
    fk("decided_by", "staff"),
    Column("decided_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_group_drafts_state_grid", "state", "grid_id", "id"),
    Index("ix_group_drafts_state_community", "state", "community_id", "id"),
)

group_draft_events = Table(
    "group_draft_events",
    metadata,
    id_(),
    fk("draft_id", "group_drafts", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    fk("staff_id", "staff", nullable=False),
    Column("what", StrEnumType(DraftStep), nullable=False),
    Column("note", String(300), nullable=False, default=""),
)
