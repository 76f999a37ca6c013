"""What staff ask of many tickets at once: who may see what, lists, counts, statistics, what a desk keeps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from community.model.category import Category
from community.model.desk import CannedReply, Handover, SavedFilter
from community.model.figures import Mark
from community.model.people import Resident
from community.model.ticket import Status, Ticket


@dataclass(frozen=True)
class Scope:
    """What a member of staff may see. Empty sets with `everything=False` mean nothing at all."""

    everything: bool = False
    community_ids: frozenset[int] = frozenset()
    grid_ids: frozenset[int] = frozenset()
    estate_ids: frozenset[int] = frozenset()
    categories: frozenset[Category] | None = None

    def covers(self, ticket: Ticket) -> bool:
        if self.categories is not None and ticket.category not in self.categories:
            return False
        return (
            self.everything
            or ticket.community_id in self.community_ids
            or ticket.grid_id in self.grid_ids
            or ticket.estate_id in self.estate_ids
        )


@dataclass(frozen=True)
class Clue:
    """One thing that a search may mean; what is given of it must all hold, but for a telephone number: the one that was left on the
    ticket (`contact_hash`) or its resident's (`resident_ids`). `area` and `place_ids` are where; every one of `terms` must be
    found in the text (model/search.py)."""

    numbers: tuple[str, ...] = ()
    ticket_ids: frozenset[int] | None = None
    contact_hash: str = ""
    resident_ids: frozenset[int] = frozenset()
    area: Scope | None = None
    place_ids: frozenset[int] | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class TicketQuery:
    """A page of tickets. `statuses` None means any; `filed` and `ended` are local days (Asia/Shanghai), both ends included.
    `clues` None asks for all; otherwise a ticket fits one of them, and none at all is nothing. `holder_id` 0 means held by nobody."""

    scope: Scope
    statuses: frozenset[Status] | None = None
    holder_id: int | None = None
    category: Category | None = None
    overdue_at: datetime | None = None
    clues: tuple[Clue, ...] | None = None
    filed: tuple[date, date] | None = None
    ended: tuple[date, date] | None = None
    limit: int = 50
    offset: int = 0
    mark: tuple[Mark, datetime] | None = None
    """A mark and the moment at which it is asked for."""
    grid_id: int | None = None
    """0: the tickets whose place is in no grid."""


@dataclass(frozen=True)
class TicketPage:
    """`total` is how many there are, or with `more` at least how many: nobody counts a million to show fifty."""

    items: list[Ticket]
    total: int
    more: bool = False


@dataclass(frozen=True)
class TicketCounts:
    """For the start page; every number has the query that lists what is behind it. `by_status` has those that have not ended."""

    by_status: dict[Status, int]
    overdue: int
    by_category: dict[Category, int]
    filed_by_day: dict[date, int]
    ended_by_day: dict[date, int]


@dataclass(frozen=True)
class MarkCounts:
    """`key` is a category or the id of a grid ('0': none); `marked` says of `total` tickets how many have each mark."""

    key: str
    total: int
    marked: dict[Mark, int]


@dataclass(frozen=True)
class Endings:
    """How many tickets ended, and of these by whose will, and how many were solved or only explained."""

    total: int
    by_resident: int
    by_silence: int
    withdrawn: int
    solved: int
    explained: int


@dataclass(frozen=True)
class Workload:
    """Of one holder; `holder_id` 0 is nobody."""

    holder_id: int
    open: int
    overdue: int
    ended: int


@dataclass(frozen=True)
class GridPlace:
    """A grid of the place tree with the name of its community."""

    id: int
    key: str
    name: str
    community: str


class Figures(Protocol):
    async def by_day(
        self, scope: Scope, what: Literal["filed", "ended"], days: tuple[date, date]
    ) -> dict[date, int]: ...
    async def marked(
        self, scope: Scope, by: Literal["category", "grid"], filed: tuple[date, date], now: datetime
    ) -> list[MarkCounts]: ...
    async def endings(self, scope: Scope, ended: tuple[date, date], now: datetime) -> Endings: ...
    async def minutes_taken(self, scope: Scope, mark: Mark, filed: tuple[date, date], now: datetime) -> dict[int, int]: ...
    async def workload(self, scope: Scope, ended: tuple[date, date], now: datetime) -> list[Workload]: ...
    async def grids(self, scope: Scope) -> list[GridPlace]: ...
    async def grids_of(self, grid_ids: Collection[int]) -> list[GridPlace]: ...
    async def place_names(self, place_ids: Collection[int]) -> dict[int, str]: ...
    async def staff_names(self, staff_ids: Collection[int]) -> dict[int, str]: ...


class Desk(Protocol):
    async def filters(self, staff_id: int) -> list[SavedFilter]: ...
    async def save_filter(self, staff_id: int, name: str, query: str, now: datetime) -> None: ...
    async def drop_filter(self, staff_id: int, filter_id: int) -> None: ...
    async def phrases(self, staff_id: int, community_ids: Collection[int]) -> list[CannedReply]: ...
    async def phrase(self, phrase_id: int) -> CannedReply | None: ...
    async def add_phrase(self, phrase: CannedReply) -> None: ...
    async def drop_phrase(self, phrase_id: int) -> None: ...
    async def add_handover(self, handover: Handover) -> None: ...
    async def last_handover(self, resident_id: int) -> Handover | None: ...
    async def residents_with_phone(self, phone_hash: str) -> list[Resident]: ...
    async def residents_named(self, name: str, community_ids: Collection[int], limit: int = 10) -> list[Resident]: ...
