"""Notices, whom they are about, who has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from community.model.notice import Notice, NoticeEvent, Receipt


class Notices(Protocol):
    async def add(self, notice: Notice) -> None: ...
    async def get(self, notice_id: int, *, for_update: bool = False) -> Notice | None: ...
    async def due(self, now: datetime) -> list[int]:
        """Ids of what waits and should have gone by now."""
        ...

    async def over(self, since: datetime, until: datetime) -> list[int]:
        """Ids of what was sent and ended between the two."""
        ...

    async def about(self, place_ids: Collection[int], since: datetime, *, waiting: bool = False) -> list[Notice]:
        """Sent ones (and what waits for the morning, when `waiting`) about any of these places that end after `since`."""
        ...

    async def of_places(self, community_ids: Collection[int] | None, since: datetime, limit: int) -> list[Notice]:
        """Of these communities (None: all), the newest first."""
        ...

    async def living_at(self, place_ids: Collection[int]) -> dict[int, int]:
        """Resident: room, of everybody with a home (the first or a further one) in these rooms."""
        ...

    async def rooms_below(self, place_ids: Collection[int]) -> dict[int, int]:
        """Room: building, of all rooms in these places."""
        ...

    async def tell(self, receipts: Sequence[Receipt]) -> None: ...
    async def counts(self, notice_ids: Collection[int]) -> dict[int, tuple[int, int]]:
        """(told, read) of each that was sent to anybody."""
        ...

    async def receipts(self, notice_id: int) -> list[Receipt]: ...
    async def receipt(self, notice_id: int, resident_id: int) -> Receipt | None: ...
    async def add_event(self, event: NoticeEvent) -> None: ...
    async def events(self, notice_id: int) -> list[NoticeEvent]: ...
