"""The grids of a city from a GeoJSON file (RFC 7946). docs/console.md says to operators how to write theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from community.errors import ConfigError
from community.model.shapes import CityShapes, GridShape, Label, Point, Polygon, Ring


def load_shapes(path: Path) -> CityShapes:
    """Read the file of LINSHE_GRIDS. Raises ConfigError, naming the feature, for what cannot be drawn or is there twice."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"LINSHE_GRIDS: {path} cannot be read ({error})") from error
    features = read.get("features") if isinstance(read, dict) and read.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        raise ConfigError(f"LINSHE_GRIDS: {path} is no GeoJSON FeatureCollection")
    grids: dict[tuple[str, str], GridShape] = {}
    estates: list[Label] = []
    water: list[Polygon] = []
    for number, feature in enumerate(features, 1):
        try:
            named, shape = feature["properties"], feature["geometry"]
            if "grid" in named:
                key = (str(named["community"]), str(named["grid"]))
                if key in grids:
                    raise ValueError(f"{' '.join(key)} is there twice")
                grids[key] = GridShape(*key, _polygons(shape))
            elif "estate" in named:
                estates.append(Label(str(named["estate"]), _point(shape["coordinates"])))
            elif "water" in named:
                water.extend(_polygons(shape))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ConfigError(f"LINSHE_GRIDS: feature {number} of {path} cannot be used ({error!r})") from error
    return CityShapes(tuple(grids.values()), tuple(estates), tuple(water))


def _polygons(shape: dict[str, Any]) -> tuple[Polygon, ...]:
    if shape["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"a {shape['type']} is no area")
    pieces = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    return tuple(tuple(_ring(ring) for ring in piece) for piece in pieces)


def _ring(points: list[Any]) -> Ring:
    ring = tuple(_point(point) for point in points)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError("a ring ends where it began and has at least three corners")
    return ring


def _point(pair: list[Any]) -> Point:
    """GeoJSON says longitude first."""
    lng, lat = float(pair[0]), float(pair[1])
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise ValueError(f"{lng}, {lat} is not on earth in degrees (longitude first)")
    return lat, lng
