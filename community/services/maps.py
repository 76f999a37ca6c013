"""The grids on a map: what is open and overdue in each that the asker may see."""

from __future__ import annotations

from dataclasses import dataclass, replace

from community.errors import Forbidden
from community.model.shapes import CityShapes, Label, Polygon, contains
from community.ports import Community, GridPlace
from community.services.access import scope_of, staff_of
from community.services.desk import DeskFilter
from community.services.stats import NO_GRID_NAME, SEES, Figure


@dataclass(frozen=True)
class GridCell:
    """One grid (`grid_id` 0: the tickets in none). `polygons` is empty where nobody drew it: it is in the list alone then."""

    grid_id: int
    name: str
    community: str
    open: Figure
    overdue: Figure
    polygons: tuple[Polygon, ...]


@dataclass(frozen=True)
class GridMap:
    """`cells` in the order of the place tree; estates and water only where they help to read them."""

    cells: tuple[GridCell, ...]
    estates: tuple[Label, ...]
    water: tuple[Polygon, ...]

    def at(self, lat: float, lng: float) -> GridCell | None:
        """The grid at this point (degrees)."""
        return next((cell for cell in self.cells if contains(cell.polygons, (lat, lng))), None)


async def grid_map(c: Community, staff_id: int) -> GridMap:
    """The grids of the member's scope as of now; of a property company those of its estates. Forbidden for lawyers and trainers."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role not in SEES:
            raise Forbidden("地图给办理工单的同事看。")
        scope = await scope_of(uow, member)
        counted = {grid or 0: numbers for grid, numbers in (await uow.tickets.by_grid(scope, c.clock.now())).items()}
        known = await uow.figures.grids(scope)
        strangers = set(counted) - {grid.id for grid in known} - {0}
        if strangers:
            # A ticket keeps the grid it was filed in, also when the estate's buildings were given to other grids since.
            known += await uow.figures.grids_of(strangers)
    drawn = {(shape.community, shape.grid): shape.polygons for shape in c.shapes.grids}
    cells = [_cell(grid, counted.get(grid.id, (0, 0)), drawn.get((grid.community, grid.key), ())) for grid in known]
    if 0 in counted:
        cells.append(_cell(GridPlace(0, "", NO_GRID_NAME, ""), counted[0], ()))
    return _map(tuple(cells), c.shapes)


def _cell(grid: GridPlace, counted: tuple[int, int], polygons: tuple[Polygon, ...]) -> GridCell:
    behind = DeskFilter(grid_id=grid.id)
    late = replace(behind, status="overdue")
    return GridCell(grid.id, grid.name, grid.community, Figure(counted[0], behind), Figure(counted[1], late), polygons)


def _map(cells: tuple[GridCell, ...], shapes: CityShapes) -> GridMap:
    seen = [cell.polygons for cell in cells if cell.polygons]
    estates = tuple(label for label in shapes.estates if any(contains(polygons, label.at) for polygons in seen))
    return GridMap(cells, estates, shapes.water if seen else ())
