"""The place tree of the demo city, level by level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from community.model.place import PlaceKind
from community.store.seed.rows import Row, insert_rows
from community.store.tables import places

K = PlaceKind
_ABOVE = ("city_id", "street_id", "community_id", "grid_id", "microgrid_id", "estate_id")
ONE_MICROGRID_UP_TO = 2
"""A grid with more buildings than this is halved into two microgrids."""


@dataclass
class PlaceBook:
    """The rows written, by how one speaks of them: 临溪社区, 临溪社区第1网格, 剡溪花园/3/2/502."""

    named: dict[str, Row] = field(default_factory=dict)
    addressed: dict[str, Row] = field(default_factory=dict)
    kinds: dict[str, list[Row]] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        return len(self.kinds.get(kind, []))


async def add_places(session: AsyncSession, city: Row) -> PlaceBook:
    book = PlaceBook()
    top = _child(None, K.CITY, city["city"], city["city"])
    await _add_level(session, book, [top])
    streets = [_child(top, K.STREET, s["name"], s["name"]) for s in city["streets"]]
    await _add_level(session, book, streets)
    communities = [
        (_child(book.named[s["name"]], K.COMMUNITY, c["name"], c["name"]), c)
        for s in city["streets"]
        for c in s["communities"]
    ]
    await _add_level(session, book, [row for row, _ in communities])
    grids = [
        _child(row, K.GRID, str(n), _grid_name(row, n)) for row, c in communities for n in range(1, c["grids"] + 1)
    ]
    await _add_level(session, book, grids)
    planned = [(row, e, _plan(e)) for row, c in communities for e in c["estates"]]
    microgrid_of = await _add_microgrids(session, book, planned)
    await _add_estates(session, book, planned, microgrid_of)
    return book


@dataclass(frozen=True)
class _Building:
    """One building to be: its number, the number of its grid, and how many units, floors and doors a floor it has."""

    number: int
    grid: int
    units: int
    floors: int
    doors: int


_Planned = list[tuple[Row, Row, list[_Building]]]


def _plan(estate: Row) -> list[_Building]:
    return [
        _Building(n, group["grid"], group["units"][(n - 1) % len(group["units"])], group["floors"], group["doors"])
        for group in estate["buildings"]
        for n in range(group["from"], group["to"] + 1)
    ]


def _grid_name(community: Row, number: int) -> str:
    return f"{community['name']}第{number}网格"


async def _add_microgrids(session: AsyncSession, book: PlaceBook, planned: _Planned) -> dict[str, Row]:
    """One or two a grid; returns building address -> its microgrid."""
    of_grid: dict[str, list[str]] = {}
    for community, estate, buildings in planned:
        for b in buildings:
            of_grid.setdefault(_grid_name(community, b.grid), []).append(f"{estate['name']}/{b.number}")
    rows: list[Row] = []
    found: dict[str, Row] = {}
    for grid_name, addresses in of_grid.items():
        parts = 1 if len(addresses) <= ONE_MICROGRID_UP_TO else 2
        size = -(-len(addresses) // parts)
        for n in range(parts):
            row = _child(book.named[grid_name], K.MICROGRID, str(n + 1), f"{grid_name}第{n + 1}微网格")
            rows.append(row)
            found.update(dict.fromkeys(addresses[n * size : (n + 1) * size], row))
    await _add_level(session, book, rows)
    return found


async def _add_estates(session: AsyncSession, book: PlaceBook, planned: _Planned, microgrid_of: dict[str, Row]) -> None:
    estates: list[tuple[Row, list[_Building]]] = []
    for community, spec, plan in planned:
        estate = _child(community, K.ESTATE, spec["name"], spec["name"], spec["name"])
        estate["aliases"] = "|".join(spec["aliases"])
        # What belongs to no building (paths, gates, greens) still has a grid worker.
        estate["grid_id"] = book.named[_grid_name(community, spec["commons_grid"])]["id"]
        estates.append((estate, plan))
    await _add_level(session, book, [estate for estate, _ in estates])

    buildings: list[tuple[Row, _Building]] = []
    for estate, plan in estates:
        for b in plan:
            row = _child(estate, K.BUILDING, str(b.number), f"{b.number}幢", f"{estate['address']}/{b.number}")
            microgrid = microgrid_of[row["address"]]
            row["grid_id"], row["microgrid_id"] = microgrid["grid_id"], microgrid["id"]
            buildings.append((row, b))
    await _add_level(session, book, [row for row, _ in buildings])

    units = [
        (_child(row, K.UNIT, str(n), f"{n}单元", f"{row['address']}/{n}"), b)
        for row, b in buildings
        for n in range(1, b.units + 1)
    ]
    await _add_level(session, book, [unit for unit, _ in units])
    rooms = [
        _child(unit, K.ROOM, number, f"{number}室", f"{unit['address']}/{number}")
        for unit, b in units
        for number in _room_numbers(b)
    ]
    await _add_level(session, book, rooms)


def _room_numbers(building: _Building) -> list[str]:
    return [f"{floor}{door:02d}" for floor in range(1, building.floors + 1) for door in range(1, building.doors + 1)]


def _child(parent: Row | None, kind: PlaceKind, key: str, name: str, address: str | None = None) -> Row:
    """A node below `parent`, with all the ids above it."""
    if parent is None or kind is K.ESTATE:
        # Nobody says the city before their estate, so full names start anew there.
        full_name = name
    else:
        # The name of a grid begins with its community's, because it is also read alone.
        full_name = parent["full_name"] + name.removeprefix(parent["name"])
    row: Row = {column: (parent or {}).get(column) for column in _ABOVE}
    row.update(
        parent_id=parent["id"] if parent else None,
        kind=kind,
        key=key,
        name=name,
        full_name=full_name,
        address=address,
        aliases="",
    )
    return row


async def _add_level(session: AsyncSession, book: PlaceBook, rows: list[Row]) -> None:
    """Insert nodes of one kind. A node counts as inside itself: the community of a community is in its row too."""
    kind = rows[0]["kind"]
    await insert_rows(session, places, rows)
    own = f"{kind}_id"
    if own in _ABOVE:
        values: dict[str, Any] = {own: places.c.id}
        await session.execute(update(places).where(places.c.kind == kind).values(**values))
        for row in rows:
            row[own] = row["id"]
    for row in rows:
        if row["address"]:
            book.addressed[row["address"]] = row
        else:
            book.named[row["name"]] = row
    book.kinds[str(kind)] = rows
