"""The five levels of 五级闭环, from the people next door to the city."""

from __future__ import annotations

from enum import IntEnum

from community.model.place import PlaceKind


class Level(IntEnum):
    """Who is first asked stands lowest. A property company stands beside the microgrid: it works inside one estate."""

    MICROGRID = 1
    GRID = 2
    COMMUNITY = 3
    STREET = 4
    CITY = 5


LEVEL_NAMES = {
    Level.MICROGRID: "微网格",
    Level.GRID: "网格",
    Level.COMMUNITY: "社区",
    Level.STREET: "街道",
    Level.CITY: "市",
}

_OF_PLACE = {
    PlaceKind.MICROGRID: Level.MICROGRID,
    PlaceKind.GRID: Level.GRID,
    PlaceKind.COMMUNITY: Level.COMMUNITY,
    PlaceKind.STREET: Level.STREET,
    PlaceKind.CITY: Level.CITY,
}


def level_of_place(kind: PlaceKind | None) -> Level:
    """The level of somebody who answers for a place of this kind; estates and below, and no place at all, are the first."""
    return _OF_PLACE.get(kind, Level.MICROGRID) if kind is not None else Level.MICROGRID
