"""Numbers for the map: how much is open, and how much of it late, in each grid that a member of staff may see."""

from __future__ import annotations

from dataclasses import dataclass

from community.ports import Community
from community.services.access import scope_of, staff_of


@dataclass(frozen=True)
class GridCount:
    """`overdue` are of the `open`: a promise to accept or to resolve has passed."""

    open: int
    overdue: int


@dataclass(frozen=True)
class MapCounts:
    """`grids` has only grids with something open; `elsewhere` is what has no grid: its place is not known."""

    grids: dict[int, GridCount]
    elsewhere: GridCount


async def map_counts(c: Community, staff_id: int) -> MapCounts:
    """Open tickets by grid, over the member's scope; as of now. Raises NotSignedIn."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        counted = await uow.tickets.by_grid(await scope_of(uow, member), c.clock.now())
    elsewhere = GridCount(*counted.pop(None, (0, 0)))
    return MapCounts({grid: GridCount(*numbers) for grid, numbers in counted.items() if grid is not None}, elsewhere)
