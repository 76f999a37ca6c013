"""Where the grids of a city lie. Coordinates are (latitude, longitude) in degrees (WGS84), as maps draw them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]
Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]
"""The outline, then its holes."""


@dataclass(frozen=True)
class GridShape:
    """A grid by the name of its community and its key within it, as in the place tree ('临溪社区', '1'). May lie in several pieces."""

    community: str
    grid: str
    polygons: tuple[Polygon, ...]


@dataclass(frozen=True)
class Label:
    """A name at a point: an estate."""

    name: str
    at: Point


@dataclass(frozen=True)
class CityShapes:
    """All that is drawn: grids, names of estates, and water to find one's way by."""

    grids: tuple[GridShape, ...] = ()
    estates: tuple[Label, ...] = ()
    water: tuple[Polygon, ...] = ()


def contains(polygons: Iterable[Polygon], point: Point) -> bool:
    """Whether the point is inside one of them (and in none of its holes). A point on a line may be either."""
    # Even-odd over all rings of a polygon: a hole takes back what the outline gave.
    return any(sum(_crossings(ring, point) for ring in polygon) % 2 == 1 for polygon in polygons)


def _crossings(ring: Ring, point: Point) -> int:
    """How often a ray from the point to the east crosses the ring."""
    lat, lng = point
    crossed = 0
    for (lat1, lng1), (lat2, lng2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (lat1 > lat) != (lat2 > lat) and lng < (lng2 - lng1) * (lat - lat1) / (lat2 - lat1) + lng1:
            crossed += 1
    return crossed


def centre(polygons: tuple[Polygon, ...]) -> Point:
    """Where a number is written: the centroid of the largest piece's outline."""
    weighed = [_centroid(polygon[0]) for polygon in polygons]
    return max(weighed, key=lambda one: one[0])[1]


def _centroid(ring: Ring) -> tuple[float, Point]:
    """(area, centroid). Shifted to the first point, so that small shapes far from 0° do not drown in rounding."""
    lat0, lng0 = ring[0]
    area = lat = lng = 0.0
    for (lat1, lng1), (lat2, lng2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        cross = (lng1 - lng0) * (lat2 - lat0) - (lng2 - lng0) * (lat1 - lat0)
        area += cross
        lat += (lat1 + lat2 - 2 * lat0) * cross
        lng += (lng1 + lng2 - 2 * lng0) * cross
    if not area:
        return 0.0, ring[0]
    return abs(area) / 2, (lat0 + lat / (3 * area), lng0 + lng / (3 * area))


def bounds(shapes: Iterable[tuple[Polygon, ...]]) -> tuple[Point, Point] | None:
    """(south-west, north-east) of all of them; None for none."""
    points = [point for polygons in shapes for polygon in polygons for point in polygon[0]]
    if not points:
        return None
    lats, lngs = [lat for lat, _ in points], [lng for _, lng in points]
    return (min(lats), min(lngs)), (max(lats), max(lngs))
