"""Sites and their hours, contact days, who changed them, and questions no guide met."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Index, Integer, String, Table, UniqueConstraint

from community.model.site import ContactRole, SiteKind
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

sites = Table(
    "sites",
    metadata,
    id_(),
    fk("community_id", "places", nullable=False, index=True),
    Column("kind", StrEnumType(SiteKind), nullable=False),
    Column("name", String(40), nullable=False),
    Column("address", String(120), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("serves", String(200), nullable=False),
    Column("hours", JSON, nullable=False),
    Column("note", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("community_id", "name"),
)
site_days = Table(
    "site_days",
    metadata,
    id_(),
    fk("site_id", "sites", nullable=False),
    Column("day", Date, nullable=False),
    Column("spans", JSON, nullable=False),
    Column("reason", String(60), nullable=False),
    fk("staff_id", "staff", nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("site_id", "day"),
)
contact_days = Table(
    "contact_days",
    metadata,
    id_(),
    fk("community_id", "places", nullable=False, index=True),
    Column("role", StrEnumType(ContactRole), nullable=False),
    Column("name", String(40), nullable=False),
    Column("title", String(60), nullable=False),
    Column("place", String(120), nullable=False),
    Column("rule", String(16), nullable=False),
    Column("starts", Integer, nullable=False),
    Column("ends", Integer, nullable=False),
    Column("note", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)
guide_events = Table(
    "guide_events",
    metadata,
    id_(),
    fk("community_id", "places", nullable=False),
    Column("what", String(16), nullable=False),
    Column("subject_id", Integer, nullable=False),
    fk("staff_id", "staff", nullable=False),
    Column("staff_name", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("did", String(300), nullable=False),
    Index("ix_guide_events_community_id_at", "community_id", "at"),
)
guide_misses = Table(
    "guide_misses",
    metadata,
    id_(),
    Column("text_key", String(64), nullable=False, unique=True),
    Column("text", String(200), nullable=False),
    fk("community_id", "places"),
    Column("times", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)
