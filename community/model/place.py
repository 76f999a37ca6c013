"""The place tree: city > street > community > grid > microgrid, and estate > building > unit > room inside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    CITY = "city"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    MICROGRID = "microgrid"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"
    ROOM = "room"


@dataclass(eq=False)
class Place:
    """One node. `key` is what addresses name it by within its parent: '3' for 3幢, '502' for a room, the name for an estate.

    The ids of the grid, microgrid and community are kept on every node below them, so that the grid of a room is one
    row away. `address` is unique among estates and below, like 剡溪花园/3/2/502; None for administrative places.
    `aliases` are other names of an estate, joined by '|'.
    """

    id: int
    parent_id: int | None
    kind: PlaceKind
    key: str
    name: str
    address: str | None = None
    aliases: str = ""
    city_id: int | None = None
    street_id: int | None = None
    community_id: int | None = None
    grid_id: int | None = None
    microgrid_id: int | None = None
    estate_id: int | None = None
    full_name: str = ""

    def names(self) -> list[str]:
        return [self.name, *(a for a in self.aliases.split("|") if a)]
