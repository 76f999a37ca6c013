"""Places, and the people who live and work there."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
)

from community.model.people import Role
from community.model.place import PlaceKind
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

places = Table(
    "places",
    metadata,
    id_(),
    fk("parent_id", "places"),
    Column("kind", StrEnumType(PlaceKind), nullable=False),
    Column("key", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("full_name", String(256), nullable=False, default=""),
    Column("address", String(128), unique=True),
    Column("aliases", String(256), nullable=False, default=""),
    Column("city_id", Id),
    Column("street_id", Id),
    Column("community_id", Id, index=True),
    Column("grid_id", Id, index=True),
    Column("microgrid_id", Id),
    Column("estate_id", Id),
    UniqueConstraint("parent_id", "kind", "key"),
    Index("ix_places_kind_name", "kind", "name"),
)

households = Table(
    "households",
    metadata,
    id_(),
    fk("room_id", "places", nullable=False, index=True),
    Column("head_name", String(64), nullable=False),
    Column("members", Integer, nullable=False, default=1),
    Column("elderly_alone", Boolean, nullable=False, default=False),
)

residents = Table(
    "residents",
    metadata,
    id_(),
    Column("key", String(40), nullable=False, unique=True),
    Column("name", String(64), nullable=False, default=""),
    fk("household_id", "households"),
    fk("room_id", "places", index=True),
    Column("home_verified", Boolean, nullable=False, default=False),
    Column("phone_cipher", Text),
    Column("phone_hash", String(64), index=True),
    Column("demo", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime),
)

channel_identities = Table(
    "channel_identities",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    UniqueConstraint("channel", "external_id"),
)

property_companies = Table(
    "property_companies",
    metadata,
    id_(),
    Column("name", String(128), nullable=False, unique=True),
    Column("phone", String(32), nullable=False, default=""),
)

company_estates = Table(
    "company_estates",
    metadata,
    Column("company_id", Id, ForeignKey("property_companies.id"), primary_key=True),
    Column("estate_id", Id, ForeignKey("places.id"), primary_key=True),
)

staff = Table(
    "staff",
    metadata,
    id_(),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", StrEnumType(Role), nullable=False),
    fk("place_id", "places", index=True),
    fk("company_id", "property_companies"),
    Column("phone", String(32), nullable=False, default=""),
    Column("password_hash", String(256), nullable=False, default=""),
    Column("active", Boolean, nullable=False, default=True),
    Column("failed_logins", Integer, nullable=False, default=0),
    Column("locked_until", UtcDateTime),
    Column("wecom_id", String(64), unique=True),
)

leaves = Table(
    "leaves",
    metadata,
    id_(),
    fk("staff_id", "staff", nullable=False, index=True),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    fk("deputy_id", "staff"),
    Column("reason", String(200), nullable=False, default=""),
    CheckConstraint("ends >= starts", name="ends_after_start"),
)

duties = Table(
    "duties",
    metadata,
    id_(),
    fk("staff_id", "staff", nullable=False, index=True),
    Column("weekday", Integer, nullable=False),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
)
