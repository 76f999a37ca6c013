"""The log of who looked at whose data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from community.model.audit import Viewed, ViewLine
from community.model.people import Role, Staff


@dataclass(frozen=True)
class ViewQuery:
    """A page of lines of who saw what. `staff_ids` None means anybody's; `days` are local, both ends included."""

    staff_ids: frozenset[int] | None = None
    what: Viewed | None = None
    days: tuple[date, date] | None = None
    number: str = ""
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class SeenLine:
    """A line with the names that go with its ids; empty where there is none."""

    line: ViewLine
    staff_name: str
    role: Role
    number: str
    resident_name: str


class ViewLog(Protocol):
    async def add(self, line: ViewLine) -> None: ...
    async def seen_since(
        self, staff_id: int, what: Viewed, since: datetime, ticket_id: int | None = None, note: str = ""
    ) -> bool: ...
    async def search(self, query: ViewQuery) -> tuple[list[SeenLine], int]: ...
    async def people_of(self, community_ids: Collection[int] | None, place_id: int | None) -> list[Staff]: ...
