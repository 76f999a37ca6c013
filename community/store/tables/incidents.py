"""Incidents, and what was done with each as a whole. Which tickets one has stands with the tickets."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from community.model.incident import Told
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

incidents = Table(
    "incidents",
    metadata,
    id_(),
    Column("name", String(160), nullable=False),
    fk("community_id", "places", index=True),
    Column("created_at", UtcDateTime, nullable=False),
    fk("staff_id", "staff"),
    Column("expected_at", UtcDateTime),
    Column("expected_why", String(200), nullable=False, default=""),
    Column("expected_by", String(96), nullable=False, default=""),
)

incident_events = Table(
    "incident_events",
    metadata,
    id_(),
    fk("incident_id", "incidents", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", StrEnumType(Told), nullable=False),
    Column("who", String(96), nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
)
