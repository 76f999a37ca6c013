"""All tables, and their mapping onto the classes of `community.model`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy.orm import registry

from community.model.category import Category, Urgency
from community.model.conversation import Conversation, Holder, Topic
from community.model.kf import KfAccount
from community.model.law import Article, CuratedAnswer, Statute
from community.model.media import Media
from community.model.message import InboxMessage, InboxStatus, OutboxMessage, OutboxStatus
from community.model.people import ChannelIdentity, Duty, Household, PropertyCompany, Resident, Role, Staff
from community.model.place import Place, PlaceKind
from community.model.room import RoomNote
from community.model.staffing import DiaryEntry, Heard, StaffLetter, StaffMessage, StaffTalk, Told
from community.model.ticket import ClosedBy, Move, Status, Ticket, TicketEvent
from community.model.volunteer import Activity, Shift, Signup, SignupStatus
from community.model.window import Opening, Window
from community.store.types import StrEnumType, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite only numbers INTEGER keys by itself, PostgreSQL wants room to grow.
Id = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _fk(name: str, target: str, *, nullable: bool = True, index: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


places = Table(
    "places",
    metadata,
    _id(),
    _fk("parent_id", "places"),
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
    _id(),
    _fk("room_id", "places", nullable=False, index=True),
    Column("head_name", String(64), nullable=False),
    Column("members", Integer, nullable=False, default=1),
    Column("elderly_alone", Boolean, nullable=False, default=False),
)

residents = Table(
    "residents",
    metadata,
    _id(),
    Column("key", String(40), nullable=False, unique=True),
    Column("name", String(64), nullable=False, default=""),
    _fk("household_id", "households"),
    _fk("room_id", "places", index=True),
    Column("home_verified", Boolean, nullable=False, default=False),
    Column("phone_cipher", Text),
    Column("phone_hash", String(64), index=True),
    Column("demo", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime),
)

channel_identities = Table(
    "channel_identities",
    metadata,
    _id(),
    _fk("resident_id", "residents", nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    UniqueConstraint("channel", "external_id"),
)

property_companies = Table(
    "property_companies",
    metadata,
    _id(),
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
    _id(),
    Column("login", String(64), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("role", StrEnumType(Role), nullable=False),
    _fk("place_id", "places", index=True),
    _fk("company_id", "property_companies"),
    Column("phone", String(32), nullable=False, default=""),
    Column("password_hash", String(256), nullable=False, default=""),
    Column("active", Boolean, nullable=False, default=True),
    Column("failed_logins", Integer, nullable=False, default=0),
    Column("locked_until", UtcDateTime),
    Column("wecom_id", String(64), unique=True),
)

duties = Table(
    "duties",
    metadata,
    _id(),
    _fk("staff_id", "staff", nullable=False, index=True),
    Column("weekday", Integer, nullable=False),
    Column("starts", Time, nullable=False),
    Column("ends", Time, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    _id(),
    Column("number", String(12), nullable=False, unique=True),
    _fk("resident_id", "residents", index=True),
    Column("category", StrEnumType(Category), nullable=False),
    Column("urgency", StrEnumType(Urgency), nullable=False),
    Column("status", StrEnumType(Status), nullable=False),
    Column("words", Text, nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Column("contact", Text, nullable=False, default=""),
    Column("place_text", String(256), nullable=False, default=""),
    _fk("place_id", "places", index=True),
    Column("estate_id", Id),
    Column("grid_id", Id),
    Column("community_id", Id),
    _fk("holder_id", "staff"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("accept_by", UtcDateTime, nullable=False),
    Column("resolve_by", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("last_urged_at", UtcDateTime),
    Column("urge_count", Integer, nullable=False, default=0),
    Column("reopen_count", Integer, nullable=False, default=0),
    Column("rating", Integer),
    Column("closed_by", StrEnumType(ClosedBy)),
    Column("source", String(16), nullable=False, default="chat"),
    Column("version", Integer, nullable=False, default=1),
    CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_1_to_5"),
    Index("ix_tickets_community_status", "community_id", "status", "resolve_by"),
    Index("ix_tickets_grid_status", "grid_id", "status", "resolve_by"),
    Index("ix_tickets_holder_status", "holder_id", "status", "resolve_by"),
    Index("ix_tickets_estate_status", "estate_id", "status"),
    Index("ix_tickets_status_resolved", "status", "resolved_at"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    _id(),
    _fk("ticket_id", "tickets", nullable=False, index=True),
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

media = Table(
    "media",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("mime", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

media_grants = Table(
    "media_grants",
    metadata,
    Column("hash", String(64), ForeignKey("media.hash"), primary_key=True),
    Column("resident_id", Id, ForeignKey("residents.id"), primary_key=True),
)

ticket_photos = Table(
    "ticket_photos",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("hash", String(64), ForeignKey("media.hash"), primary_key=True),
    Column("kind", String(16), nullable=False, default="report"),
    Column("at", UtcDateTime, nullable=False),
)

activities = Table(
    "activities",
    metadata,
    _id(),
    Column("title", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("summary", Text, nullable=False, default=""),
    Column("place_text", String(128), nullable=False, default=""),
    _fk("community_id", "places", nullable=False, index=True),
    Column("organiser", String(64), nullable=False, default=""),
    Column("minimum_age", Integer),
)

shifts = Table(
    "shifts",
    metadata,
    _id(),
    _fk("activity_id", "activities", nullable=False, index=True),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False, default=0),
    CheckConstraint("taken >= 0 AND taken <= capacity", name="taken_within_capacity"),
)

signups = Table(
    "signups",
    metadata,
    _id(),
    _fk("shift_id", "shifts", nullable=False),
    _fk("resident_id", "residents", nullable=False, index=True),
    Column("status", StrEnumType(SignupStatus), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("shift_id", "resident_id"),
)

statutes = Table(
    "statutes",
    metadata,
    _id(),
    Column("source_id", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("version_on", Date, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("repealed_on", Date),
    Column("issuer", String(128), nullable=False, default=""),
    Column("digest", String(64), nullable=False, default=""),
)

articles = Table(
    "articles",
    metadata,
    _id(),
    _fk("statute_id", "statutes", nullable=False),
    Column("label", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("chapter", String(128), nullable=False, default=""),
    Column("text", Text, nullable=False),
    UniqueConstraint("statute_id", "label"),
)

answers = Table(
    "answers",
    metadata,
    _id(),
    Column("code", String(80), nullable=False, unique=True),
    Column("topic", String(32), nullable=False),
    Column("title", String(200), nullable=False),
    Column("questions", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("steps", JSON, nullable=False),
    Column("bring", JSON, nullable=False),
    Column("where", String(256), nullable=False, default=""),
    Column("citations", JSON, nullable=False),
    Column("owner", String(64), nullable=False, default=""),
    Column("checked_on", Date, nullable=False),
    Column("digest", String(64), nullable=False, default=""),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    Column("resident_id", Id, ForeignKey("residents.id"), nullable=False, unique=True),
    Column("holder", StrEnumType(Holder), nullable=False),
    Column("topic", StrEnumType(Topic), nullable=False),
    _fk("staff_id", "staff"),
    Column("community_id", Id),
    Column("grid_id", Id),
    Column("reason", String(256), nullable=False, default=""),
    Column("requested_at", UtcDateTime),
    Column("last_at", UtcDateTime),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_conversations_holder", "holder", "last_at"),
)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("dedup_key", String(200), nullable=False),
    _fk("resident_id", "residents", nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", Text),
    Column("photos", JSON, nullable=False, default=list),
    Column("attachments", JSON, nullable=False, default=list, server_default="[]"),
    Column("received_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(InboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("handled_at", UtcDateTime),
    Column("notified_late", Boolean, nullable=False, default=False),
    Column("answer", Text),
    Column("error", Text, nullable=False, default=""),
    UniqueConstraint("channel", "dedup_key"),
    Index("ix_inbox_resident", "resident_id", "id"),
    Index("ix_inbox_resident_status", "resident_id", "status", "id"),
    Index("ix_inbox_status", "status", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    _fk("resident_id", "residents", nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(128), nullable=False),
    Column("text", Text, nullable=False),
    Column("author", String(16), nullable=False, default="bot"),
    Column("author_name", String(64), nullable=False, default=""),
    Column("buttons", JSON, nullable=False, default=list),
    Column("photos", JSON, nullable=False, default=list),
    Column("in_reply_to", Id),
    Column("topic", String(64), nullable=False, default="", server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(OutboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("progress", Integer, nullable=False, default=0, server_default="0"),
    Column("carried_by", Id),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", Text, nullable=False, default=""),
    Index("ix_outbox_resident", "resident_id", "id"),
    Index("ix_outbox_resident_status", "resident_id", "status", "id"),
    Index("ix_outbox_status", "status", "id"),
)

channel_windows = Table(
    "channel_windows",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("following", Boolean, nullable=False, default=True),
    Column("following_at", UtcDateTime),
    Column("kind", StrEnumType(Opening)),
    Column("opened_at", UtcDateTime),
    Column("renewed_at", UtcDateTime),
    Column("room", Integer, nullable=False, default=0),
    Column("in_flight", Integer, nullable=False, default=0),
    Column("landed", JSON, nullable=False, default=list),
    Column("code", String(256), nullable=False, default="", server_default=""),
    UniqueConstraint("channel", "external_id"),
)

kf_accounts = Table(
    "kf_accounts",
    metadata,
    _id(),
    Column("open_kfid", String(64), nullable=False, unique=True),
    Column("cursor", String(512), nullable=False, default=""),
    Column("token", String(512), nullable=False, default=""),
    Column("token_until", UtcDateTime),
    Column("noted", Integer, nullable=False, default=0),
    Column("fetched", Integer, nullable=False, default=0),
    Column("looked_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("error", String(300), nullable=False, default=""),
)

room_notes = Table(
    "room_notes",
    metadata,
    _id(),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    _fk("community_id", "places", nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(OutboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", String(300), nullable=False, default=""),
    Index("ix_room_notes_community", "community_id", "status", "id"),
)

staff_inbox = Table(
    "staff_inbox",
    metadata,
    _id(),
    Column("dedup_key", String(200), nullable=False, unique=True),
    _fk("staff_id", "staff", nullable=False),
    Column("kind", StrEnumType(Heard), nullable=False),
    Column("text", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("task", String(128), nullable=False, default=""),
    Column("code", String(512), nullable=False, default=""),
    Column("media_id", String(512), nullable=False, default=""),
    Column("photo", String(64), nullable=False, default=""),
    Column("status", StrEnumType(InboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("handled_at", UtcDateTime),
    Column("error", String(300), nullable=False, default=""),
    Index("ix_staff_inbox_staff_status", "staff_id", "status", "id"),
    Index("ix_staff_inbox_status", "status", "id"),
)

staff_outbox = Table(
    "staff_outbox",
    metadata,
    _id(),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    _fk("staff_id", "staff"),
    Column("member", String(64), nullable=False),
    Column("kind", StrEnumType(Told), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    _fk("ticket_id", "tickets"),
    Column("task", String(128), nullable=False, default=""),
    Column("code", String(512), nullable=False, default=""),
    Column("code_until", UtcDateTime),
    Column("status", StrEnumType(OutboxStatus), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("uses", Integer, nullable=False, default=0),
    Column("used_at", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("worker", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", String(300), nullable=False, default=""),
    Index("ix_staff_outbox_member_status", "member", "status", "id"),
    Index("ix_staff_outbox_member_used", "member", "used_at"),
    Index("ix_staff_outbox_status", "status", "id"),
    Index("ix_staff_outbox_ticket", "ticket_id", "staff_id"),
    Index("ix_staff_outbox_task", "task"),
)

staff_talks = Table(
    "staff_talks",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("number", String(12), nullable=False, default=""),
    Column("spoken_at", UtcDateTime),
    Column("asking", String(16), nullable=False, default=""),
    Column("asked_at", UtcDateTime),
    Column("options", JSON, nullable=False, default=list),
    Column("words", Text, nullable=False, default=""),
    Column("photos", JSON, nullable=False, default=list),
)

staff_diary = Table(
    "staff_diary",
    metadata,
    _id(),
    Column("key", String(200), nullable=False, unique=True),
    _fk("staff_id", "staff", nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    _fk("place_id", "places", index=True),
    Column("place_text", String(256), nullable=False, default=""),
    Index("ix_staff_diary_staff_at", "staff_id", "at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

done_keys = Table(
    "done_keys",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("ref", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

mapper = registry(metadata=metadata)


def map_model() -> None:
    """Tie model classes to tables, once a process."""
    if mapper.mappers:
        return
    for cls, table in (
        (Place, places),
        (Household, households),
        (Resident, residents),
        (ChannelIdentity, channel_identities),
        (PropertyCompany, property_companies),
        (Staff, staff),
        (Duty, duties),
        (TicketEvent, ticket_events),
        (Media, media),
        (Activity, activities),
        (Shift, shifts),
        (Signup, signups),
        (Statute, statutes),
        (Article, articles),
        (InboxMessage, inbox),
        (OutboxMessage, outbox),
        (Window, channel_windows),
        (KfAccount, kf_accounts),
        (RoomNote, room_notes),
        (StaffMessage, staff_inbox),
        (StaffLetter, staff_outbox),
        (StaffTalk, staff_talks),
        (DiaryEntry, staff_diary),
    ):
        mapper.map_imperatively(cls, table)
    mapper.map_imperatively(CuratedAnswer, answers)
    for versioned, table in ((Ticket, tickets), (Conversation, conversations)):
        mapper.map_imperatively(versioned, table, version_id_col=table.c.version)
