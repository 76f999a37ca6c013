"""Tickets and what happened to them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from community.model.category import Category, Urgency
from community.model.level import Level
from community.model.promise import First, Photos
from community.model.ticket import ClosedBy, Move, Outcome, Status
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import IntEnumType, StrEnumType, UtcDateTime

tickets = Table(
    "tickets",
    metadata,
    id_(),
    Column("number", String(12), nullable=False, unique=True),
    fk("resident_id", "residents", index=True),
    Column("category", StrEnumType(Category), nullable=False),
    Column("urgency", StrEnumType(Urgency), nullable=False),
    Column("status", StrEnumType(Status), nullable=False),
    Column("words", Text, nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("contact", Text, nullable=False, default=""),
    Column("place_text", String(256), nullable=False, default=""),
    fk("place_id", "places", index=True),
    Column("estate_id", Id),
    Column("grid_id", Id),
    Column("community_id", Id),
    fk("holder_id", "staff"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("accept_by", UtcDateTime, nullable=False),
    Column("resolve_by", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("last_urged_at", UtcDateTime),
    Column("urge_count", Integer, nullable=False, default=0),
    Column("reopen_count", Integer, nullable=False, default=0),
    Column("partly_count", Integer, nullable=False, default=0, server_default="0"),
    Column("rating", Integer),
    Column("closed_by", StrEnumType(ClosedBy)),
    Column("source", String(16), nullable=False, default="chat"),
    Column("level", IntEnumType(Level), nullable=False, default=Level.GRID, server_default="2"),
    Column("outcome", StrEnumType(Outcome)),
    Column("paused_at", UtcDateTime),
    Column("paused_until", UtcDateTime),
    Column("clock_from", UtcDateTime),
    Column("reminded_for", UtcDateTime),
    Column("remind_at", UtcDateTime),
    Column("escalated_at", UtcDateTime),
    Column("escalate_at", UtcDateTime),
    Column("look_at", UtcDateTime, index=True),
    Column("version", Integer, nullable=False, default=1),
    Column("contact_hash", String(64)),  # keyed (vault): whoever reads the table learns no number from it
    Column("incident_id", Id),  # of `incidents`; not a key to it, like the places above, so that the table can be changed in place
    Column("search_text", Text),  # model/search.py; NULL: a ticket from before the column, not looked at yet
    CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_1_to_5"),
    Index("ix_tickets_status_resolved", "status", "resolved_at"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    id_(),
    fk("ticket_id", "tickets", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("move", StrEnumType(Move), nullable=False),
    Column("from_status", StrEnumType(Status)),
    Column("to_status", StrEnumType(Status), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("actor_name", String(64), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("visible", Boolean, nullable=False, default=True),
    Column("data", JSON, nullable=False, default=dict),
)

ticket_photos = Table(
    "ticket_photos",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("hash", String(64), ForeignKey("media.hash"), primary_key=True),
    Column("kind", String(16), nullable=False, default="report"),
    Column("at", UtcDateTime, nullable=False),
)

ticket_followers = Table(
    "ticket_followers",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("resident_id", Id, ForeignKey("residents.id"), primary_key=True, index=True),
    Column("words", Text, nullable=False, default=""),
    Column("at", UtcDateTime, nullable=False),
)

promise_rules = Table(
    "promise_rules",
    metadata,
    id_(),
    Column("category", StrEnumType(Category), nullable=False, index=True),
    Column("effective_from", Date, nullable=False),
    Column("accept_minutes", Integer, nullable=False),
    Column("resolve_hours", Integer, nullable=False),
    Column("step_hours", Integer, nullable=False),
    Column("first", StrEnumType(First), nullable=False),
    Column("photos", StrEnumType(Photos), nullable=False),
    Column("department", String(128), nullable=False, default=""),
    Column("author", String(64), nullable=False, default=""),
    Column("set_at", UtcDateTime),
)
