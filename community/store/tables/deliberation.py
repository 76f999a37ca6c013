"""Proposals, meetings, ballots.

Of a ballot who has voted and what was voted are kept apart on purpose: `ballot_turnout` knows households and no finer time than the day,
`ballot_votes` holds one number an option, of a secret ballot written once, at the count. Until then the numbers of a secret ballot lie in
`ballot_urns`, encrypted and padded. What can be read out of it is in docs/deliberation.md.
"""

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
    String,
    Table,
    Text,
    UniqueConstraint,
)

from community.model.ballot import BallotStatus, Kind, Rule
from community.model.category import Category
from community.model.deliberation import MeetingKind, MeetingStatus, Move, Outcome, Status
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime


def _key(name: str, target: str) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), primary_key=True, autoincrement=False)


meetings = Table(
    "meetings",
    metadata,
    id_(),
    fk("community_id", "places", nullable=False),
    fk("place_id", "places", nullable=False),
    Column("place_name", String(128), nullable=False),
    Column("kind", StrEnumType(MeetingKind), nullable=False),
    Column("title", String(64), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("where_text", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", StrEnumType(MeetingStatus), nullable=False),
    Column("notices", Integer, nullable=False, default=0),
    Column("told", Integer, nullable=False, default=0),
    Column("minutes", Text, nullable=False, default=""),
    Column("minutes_at", UtcDateTime),
    Index("ix_meetings_community_starts", "community_id", "starts_at"),
)

proposals = Table(
    "proposals",
    metadata,
    id_(),
    fk("community_id", "places", nullable=False),
    Column("title", String(64), nullable=False),
    Column("words", Text, nullable=False),
    Column("category", StrEnumType(Category), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("threshold", Integer, nullable=False),
    fk("place_id", "places"),
    Column("place_text", String(128), nullable=False, default=""),
    fk("proposer_id", "residents", index=True),
    fk("staff_id", "staff"),
    fk("incident_id", "incidents"),
    Column("status", StrEnumType(Status), nullable=False),
    fk("meeting_id", "meetings", index=True),
    Column("agenda_order", Integer, nullable=False, default=0),
    Column("outcome", StrEnumType(Outcome)),
    Column("outcome_words", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Index("ix_proposals_community_status", "community_id", "status", "id"),
)

proposal_events = Table(
    "proposal_events",
    metadata,
    id_(),
    fk("proposal_id", "proposals", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("move", StrEnumType(Move), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("actor_name", String(64), nullable=False),
    Column("note", Text, nullable=False, default=""),
)

proposal_signatures = Table(
    "proposal_signatures",
    metadata,
    _key("proposal_id", "proposals"),
    _key("household_id", "households"),
    Column("resident_id", Id, ForeignKey("residents.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

proposal_tickets = Table(
    "proposal_tickets", metadata, _key("proposal_id", "proposals"), _key("ticket_id", "tickets"),
)  # fmt: skip

proposal_tasks = Table(
    "proposal_tasks",
    metadata,
    id_(),
    fk("proposal_id", "proposals", nullable=False, index=True),
    Column("what", String(200), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("due", Date, nullable=False),
    Column("progress", Text, nullable=False, default=""),
    Column("done_at", UtcDateTime),
)

ballots = Table(
    "ballots",
    metadata,
    id_(),
    fk("community_id", "places", nullable=False),
    fk("place_id", "places", nullable=False),
    Column("place_name", String(128), nullable=False),
    Column("kind", StrEnumType(Kind), nullable=False),
    Column("title", String(64), nullable=False),
    Column("items", JSON, nullable=False),
    Column("secret", Boolean, nullable=False),
    Column("rule", StrEnumType(Rule), nullable=False),
    Column("opens_at", UtcDateTime, nullable=False),
    Column("closes_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("quorum_percent", Integer),
    fk("proposal_id", "proposals", index=True),
    fk("meeting_id", "meetings"),
    fk("company_id", "property_companies", index=True),
    Column("status", StrEnumType(BallotStatus), nullable=False),
    Column("roll_size", Integer, nullable=False, default=0),
    Column("closed_at", UtcDateTime),
    Column("outcome", StrEnumType(Outcome)),
    Column("result", JSON, nullable=False, default=dict),
    Index("ix_ballots_community_status", "community_id", "status", "id"),
    Index("ix_ballots_status_closes", "status", "closes_at"),
)

ballot_roll = Table(
    "ballot_roll",
    metadata,
    _key("ballot_id", "ballots"),
    _key("household_id", "households"),
    Column("room_id", Id, ForeignKey("places.id"), nullable=False, index=True),
    Column("area", Integer),
    UniqueConstraint("ballot_id", "room_id"),
)

ballot_turnout = Table(
    "ballot_turnout",
    metadata,
    _key("ballot_id", "ballots"),
    _key("household_id", "households"),
    Column("day", Date, nullable=False),
)

ballot_urns = Table(
    "ballot_urns",
    metadata,
    _key("ballot_id", "ballots"),
    Column("sealed", Text, nullable=False),
)

ballot_votes = Table(
    "ballot_votes",
    metadata,
    _key("ballot_id", "ballots"),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("option", Integer, primary_key=True, autoincrement=False),
    Column("votes", Integer, nullable=False),
    CheckConstraint("votes >= 0", name="votes_not_negative"),
)

ballot_named = Table(
    "ballot_named",
    metadata,
    _key("ballot_id", "ballots"),
    _key("household_id", "households"),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("option", Integer, nullable=False),
)

ballot_papers = Table(
    "ballot_papers",
    metadata,
    Column("token", String(40), primary_key=True),
    fk("ballot_id", "ballots", nullable=False, index=True),
    Column("sealed", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
)

property_scores = Table(
    "property_scores",
    metadata,
    id_(),
    fk("company_id", "property_companies", nullable=False, index=True),
    fk("community_id", "places", nullable=False),
    fk("ballot_id", "ballots", nullable=False),
    Column("item", Integer, nullable=False),
    Column("title", String(64), nullable=False),
    Column("total", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("voters", Integer, nullable=False),
    Column("day", Date, nullable=False),
    UniqueConstraint("ballot_id", "item"),
    CheckConstraint("voters > 0", name="voters_positive"),
)
