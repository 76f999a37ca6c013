"""Statutes, their articles, and answers in our own words."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Integer, String, Table, Text, UniqueConstraint

from community.model.law import Change
from community.store.tables.base import fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

statutes = Table(
    "statutes",
    metadata,
    id_(),
    Column("source_id", String(64), nullable=False, unique=True),
    Column("name", String(200), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("version_on", Date, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("repealed_on", Date),
    Column("issuer", String(128), nullable=False, default=""),
    Column("digest", String(64), nullable=False, default=""),
    Column("scope", String(64), nullable=False, default="全国", server_default="全国"),
    Column("own_end", Date),
)

articles = Table(
    "articles",
    metadata,
    id_(),
    fk("statute_id", "statutes", nullable=False),
    Column("label", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("chapter", String(128), nullable=False, default=""),
    Column("text", Text, nullable=False),
    UniqueConstraint("statute_id", "label"),
)

answers = Table(
    "answers",
    metadata,
    id_(),
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
    Column("scope", String(64), nullable=False, default="全国", server_default="全国"),
    Column("asks", JSON, nullable=False, default=dict, server_default="{}"),
    Column("expires_on", Date),
)

answer_flags = Table(
    "answer_flags",
    metadata,
    id_(),
    Column("answer_code", String(80), nullable=False),
    Column("law", String(200), nullable=False),
    Column("article", String(64), nullable=False),
    Column("what", StrEnumType(Change), nullable=False),
    Column("old_digest", String(64), nullable=False),
    Column("new_digest", String(64), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("found_on", UtcDateTime, nullable=False),
    Column("note", String(256), nullable=False, default=""),
    Column("cleared_by", String(64), nullable=False, default=""),
    Column("cleared_on", UtcDateTime, index=True),
    Column("why", String(256), nullable=False, default=""),
    # One change is told once, whoever imports it and however often; a cleared one stays cleared.
    UniqueConstraint("answer_code", "law", "article", "old_digest", "new_digest", "from_on", name="uq_answer_flags_change"),
)
