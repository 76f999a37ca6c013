"""Points and hours: their ledger, the accounts that are its sums, gifts."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, text

from community.model.points import Why
from community.store.tables.base import Id, fk, id_, metadata
from community.store.types import StrEnumType, UtcDateTime

points_accounts = Table(
    "points_accounts",
    metadata,
    Column("resident_id", Id, ForeignKey("residents.id"), primary_key=True, autoincrement=False),
    Column("points", Integer, nullable=False, server_default="0"),
    Column("minutes", Integer, nullable=False, server_default="0"),
    Column("ranked", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("points >= 0", name="points_not_below_zero"),
)

points_ledger = Table(
    "points_ledger",
    metadata,
    id_(),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("delta", Integer, nullable=False),
    Column("minutes", Integer, nullable=False, server_default="0"),
    Column("why", StrEnumType(Why), nullable=False),
    Column("what", String(128), nullable=False),
    Column("key", String(96), nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(16), nullable=False, server_default=""),
    fk("shift_id", "shifts"),
    fk("gift_id", "gifts"),
)

gifts = Table(
    "gifts",
    metadata,
    id_(),
    Column("title", String(64), nullable=False),
    fk("community_id", "places", nullable=False, index=True),
    Column("points", Integer, nullable=False),
    Column("stocked", Integer, nullable=False),
    Column("stock", Integer, nullable=False),
    CheckConstraint("stock >= 0 AND stock <= stocked", name="stock_within_stocked"),
)

gift_orders = Table(
    "gift_orders",
    metadata,
    id_(),
    fk("gift_id", "gifts", nullable=False, index=True),
    fk("resident_id", "residents", nullable=False, index=True),
    Column("points", Integer, nullable=False),
    Column("code", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("handed_at", UtcDateTime),
)
