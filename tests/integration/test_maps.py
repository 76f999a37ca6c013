"""The grids on the map: whose, how many, and the shapes they have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from community.config import ROOT, Settings
from community.errors import ConfigError, Forbidden
from community.model.category import Category
from community.model.shapes import CityShapes, GridShape, Label, centre, contains
from community.ports import Community
from community.services import desk, maps, tickets
from community.services.tickets import FileTicket
from community.store.seed.files import load
from community.store.shapes import load_shapes
from tests.conftest import FakeClock
from tests.small_city import SmallCity

DEMO = ROOT / "data" / "demo"


def box(lat: float, lng: float) -> tuple[tuple[tuple[float, float], ...], ...]:
    return (((lat, lng), (lat, lng + 1), (lat + 1, lng + 1), (lat + 1, lng), (lat, lng)),)


SHAPES = CityShapes(
    grids=(
        GridShape("剡溪社区", "第一网格", (box(0, 0),)),
        GridShape("剡溪社区", "第二网格", (box(0, 1),)),
        GridShape("鹿山社区", "第三网格", (box(5, 5),)),
    ),
    estates=(Label("剡溪花园", (0.5, 0.5)), Label("鹿山苑", (5.5, 5.5))),
    water=(box(3, 3),),
)


@pytest.fixture
def drawn(community: Community) -> Community:
    return replace(community, shapes=SHAPES)


async def busy(c: Community, city: SmallCity, clock: FakeClock) -> None:
    """One overdue and one new in the first grid, one in the third, one nowhere."""

    async def file(who: str, room: str | None, key: str) -> None:
        place = city.places[room] if room else None
        text, place_id = (place.full_name, place.id) if place else ("说不清", None)
        await tickets.file_ticket(c, FileTicket(city.residents[who].id, Category.NOISE, "太吵了", text, place_id, key))

    await file("R0001", "剡溪花园/3", "map:1")
    clock.forward(days=20)
    await file("R0001", "剡溪花园/3", "map:2")
    await file("R0004", "鹿山苑/1", "map:3")
    await file("R0005", None, "map:4")


async def test_every_grid_has_its_open_and_overdue_and_opens_exactly_these(
    drawn: Community, city: SmallCity, clock: FakeClock
) -> None:
    await busy(drawn, city, clock)
    me = city.staff["operator"].id
    seen = await maps.grid_map(drawn, me)
    counted = {cell.name: (cell.open.value, cell.overdue.value) for cell in seen.cells}
    assert counted == {"第一网格": (2, 1), "第二网格": (0, 0), "第三网格": (1, 0), "不在网格内": (1, 0)}
    assert seen.cells[-1].grid_id == 0
    for cell in seen.cells:
        for figure in (cell.open, cell.overdue):
            assert (await desk.list_tickets(drawn, me, figure.behind)).total == figure.value, cell.name


@pytest.mark.parametrize(
    ("login", "grids", "estates"),
    [
        ("operator", ["第一网格", "第二网格", "第三网格"], ["剡溪花园", "鹿山苑"]),
        ("desk1", ["第一网格", "第二网格"], ["剡溪花园"]),
        ("desk2", ["第三网格"], ["鹿山苑"]),
        ("grid2", ["第二网格"], []),
        ("property", ["第一网格", "第二网格"], ["剡溪花园"]),
    ],
)
async def test_the_map_ends_where_the_scope_of_its_reader_ends(
    drawn: Community, city: SmallCity, login: str, grids: list[str], estates: list[str]
) -> None:
    seen = await maps.grid_map(drawn, city.staff[login].id)
    assert [cell.name for cell in seen.cells] == grids
    assert all(cell.polygons for cell in seen.cells)
    assert [label.name for label in seen.estates] == estates


async def test_a_click_finds_only_grids_of_ones_own(drawn: Community, city: SmallCity) -> None:
    seen = await maps.grid_map(drawn, city.staff["desk1"].id)
    cell = seen.at(0.5, 1.5)
    assert cell is not None
    assert cell.name == "第二网格"
    assert seen.at(5.5, 5.5) is None


async def test_a_city_that_nobody_drew_still_has_its_list(community: Community, city: SmallCity) -> None:
    """The shapes are those of the demo city, and this is another one."""
    seen = await maps.grid_map(community, city.staff["operator"].id)
    assert [cell.name for cell in seen.cells] == ["第一网格", "第二网格", "第三网格"]
    assert not any(cell.polygons for cell in seen.cells)
    assert (seen.estates, seen.water) == ((), ())


async def test_who_has_no_tickets_has_no_map(drawn: Community, city: SmallCity) -> None:
    with pytest.raises(Forbidden):
        await maps.grid_map(drawn, city.staff["lawyer"].id)


def test_every_grid_and_estate_of_the_demo_city_is_drawn_once() -> None:
    shapes = load_shapes(DEMO / "grids.geojson")
    city = load(DEMO / "city.yml")
    communities = [community for street in city["streets"] for community in street["communities"]]
    wanted = {(community["name"], str(n)) for community in communities for n in range(1, community["grids"] + 1)}
    assert {(shape.community, shape.grid) for shape in shapes.grids} == wanted
    assert len(shapes.grids) == 24
    of_estate = {estate["name"]: community["name"] for community in communities for estate in community["estates"]}
    assert {label.name for label in shapes.estates} == set(of_estate)
    for label in shapes.estates:
        homes = [shape.community for shape in shapes.grids if contains(shape.polygons, label.at)]
        assert homes == [of_estate[label.name]], label.name
    for shape in shapes.grids:
        inside = [other for other in shapes.grids if contains(other.polygons, centre(shape.polygons))]
        assert inside == [shape], "grids overlap, or a number would stand outside its own"


def area(**properties: Any) -> dict[str, Any]:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def with_(feature: dict[str, Any], **geometry: Any) -> dict[str, Any]:
    return {**feature, "geometry": {**feature["geometry"], **geometry}}


GRID = area(community="甲社区", grid="1")


@pytest.mark.parametrize(
    "features",
    [
        [GRID, GRID],
        [area(grid="1")],
        [with_(GRID, coordinates=[[[0, 0], [1, 0], [1, 1]]])],
        [with_(GRID, coordinates=[[[0, 0], [120, 200], [1, 1], [0, 0]]])],
        [with_(GRID, type="LineString")],
        [{"type": "Feature", "properties": None, "geometry": None}],
    ],
)
def test_a_file_that_cannot_be_drawn_is_refused_with_the_setting_and_the_feature(
    tmp_path: Path, features: list[Any]
) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"LINSHE_GRIDS: feature {len(features)} of"):
        load_shapes(path)


@pytest.mark.parametrize("text", ["", "[]", '{"type": "Feature"}', "no json"])
def test_what_is_no_map_at_all_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="LINSHE_GRIDS"):
        load_shapes(path)


def test_an_operators_own_file_is_read_with_features_of_other_programs_in_it(tmp_path: Path) -> None:
    many = with_(GRID, type="MultiPolygon", coordinates=[GRID["geometry"]["coordinates"]] * 2)
    path = tmp_path / "ours.geojson"
    features = [many, area(name="some road"), area(water="甲河")]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    shapes = load_shapes(Settings(LINSHE_GRIDS=path).grids)  # type: ignore[call-arg]
    assert (len(shapes.grids), len(shapes.grids[0].polygons), len(shapes.water)) == (1, 2, 1)
    assert shapes.grids[0].polygons[0][0][1] == (0.0, 1.0), "GeoJSON says longitude first, Leaflet latitude"
