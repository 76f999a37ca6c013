"""Homes and letters, carers, what residents set and agreed to, and what they asked to have deleted."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from community.model.household import CarerState, DeletionState, RequestState
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

resident_homes = Table(
    "resident_homes",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False),
    fk("room_id", "places", nullable=False, index=True),
    Column("verified", Boolean, nullable=False, default=False),
    Column("added_at", UtcDateTime, nullable=False),
    UniqueConstraint("resident_id", "room_id"),
)

home_letters = Table(
    "home_letters",
    metadata,
    id_(),
    fk("room_id", "places", nullable=False, index=True),
    Column("code_hash", String(64), nullable=False, index=True),
    fk("staff_id", "staff", nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("used_at", UtcDateTime),
    fk("used_by", "residents"),
    Column("void", Boolean, nullable=False, default=False),
)

home_requests = Table(
    "home_requests",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    fk("room_id", "places", nullable=False),
    fk("community_id", "places"),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", StrEnumType(RequestState), nullable=False),
    Column("decided_at", UtcDateTime),
    fk("staff_id", "staff"),
    Column("reason", String(200), nullable=False, default=""),
    Index("ix_home_requests_community_state", "community_id", "state", "id"),
)

carers = Table(
    "carers",
    metadata,
    id_(),
    fk("carer_id", "residents", nullable=False),
    fk("elder_id", "residents", nullable=False, index=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", StrEnumType(CarerState), nullable=False),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("carer_id", "elder_id"),
)

carer_uses = Table(
    "carer_uses",
    metadata,
    id_(),
    fk("carer_link_id", "carers", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(40), nullable=False),
    fk("ticket_id", "tickets"),
)

resident_settings = Table(
    "resident_settings",
    metadata,
    Column("resident_id", Id, ForeignKey("residents.id"), primary_key=True, autoincrement=False),
    Column("elder", Boolean, nullable=False, default=False),
    Column("notice", String(16), nullable=False, default=""),
    Column("notice_for", String(64), nullable=False, default=""),
    fk("acting_for", "carers"),
    Column("tries", Integer, nullable=False, default=0),
    Column("tries_day", String(10), nullable=False, default=""),
)

consents = Table(
    "consents",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("what", String(32), nullable=False),
    Column("version", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("how", String(40), nullable=False),
    Column("withdrawn_at", UtcDateTime),
)

deletions = Table(
    "deletions",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    fk("community_id", "places"),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", StrEnumType(DeletionState), nullable=False),
    Column("warned_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("report", JSON, nullable=False, default=dict),
    Index("ix_deletions_state_due", "state", "due_at"),
)

data_links = Table(
    "data_links",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("nonce", String(32), nullable=False, unique=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("fetched", Integer, nullable=False, default=0),
)
