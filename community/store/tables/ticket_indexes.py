"""The order of the desk's lists, kept as indexes. docs/desk.md says of each which question it answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Index, and_, case, func
from sqlalchemy.sql.elements import Grouping

from community.store.tables.tickets import tickets

_C = tickets.c

LIVING = _C.ended_at.is_(None)
"""Somebody is still busy with it, or it waits for the resident: a few of a hundred rows, in indexes of their own."""
DUE = case(
    (_C.paused_until.is_not(None), _C.paused_until),
    (and_(_C.accepted_at.is_(None), _C.accept_by < _C.resolve_by), _C.accept_by),
    else_=_C.resolve_by,
)
"""What comes next: the end of a pause, or of the promise that runs now: to accept, then to resolve."""


COMPARED_BY_HAND = frozenset({"ix_tickets_due"})
"""PostgreSQL writes its CASE down in lines of its own, which Alembic takes for a change."""


def _partial(name: str, where: ColumnElement[bool], *columns: Any) -> None:
    Index(name, *columns, postgresql_where=where, sqlite_where=where)


for _name in ("community_id", "grid_id", "estate_id", "holder_id"):
    Index(f"ix_tickets_{_name.removesuffix('_id')}_ended", _C[_name], _C.ended_at)
Index("ix_tickets_created", _C.created_at, _C.community_id, _C.grid_id, _C.estate_id)
_partial("ix_tickets_due", LIVING, Grouping(DUE), _C.id)
_filters = (_C.community_id, _C.grid_id, _C.estate_id, _C.category, _C.status)
# All that lists are filtered by, so that a walk past what does not fit never visits the table.
_partial("ix_tickets_ended", _C.ended_at.is_not(None), _C.ended_at, _C.id, *_filters)
_partial("ix_tickets_living", LIVING, *_filters, _C.accepted_at, _C.accept_by, _C.resolve_by, _C.paused_until)
_partial("ix_tickets_contact_hash", _C.contact_hash.is_not(None), _C.contact_hash)
_partial("ix_tickets_incident", _C.incident_id.is_not(None), _C.incident_id)
_partial("ix_tickets_unread", _C.search_text.is_(None), _C.id)
Index(
    "ix_tickets_grams",
    func.linshe_grams(_C.search_text),
    postgresql_using="gin",
    # Looked up far more often than written: a search must not read a list of what is still to be sorted in.
    postgresql_with={"fastupdate": "off"},
).ddl_if(dialect="postgresql")
