"""网格地图: the grids of the city with what is open and overdue in each, as a map and as a list beside it that says the same."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import Request
from nicegui import events, ui

from community.errors import LinsheError
from community.model.shapes import Polygon, bounds, centre
from community.services import maps
from community.services.maps import GridCell, GridMap
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty
from console.session import Visit
from console.tickets_state import ListState

LEGEND = {
    "none": ("#f1f3f4", "没有未办结"),
    "few": ("#d3e7e3", "1–4件未办结"),
    "many": ("#8fc1b9", "5件以上"),
    "late": ("#f3d9a4", "有1–2件超时"),
    "bad": ("#e5a398", "3件以上超时"),
}
"""Tone -> colour, and what it means. What is late goes before how much there is."""
WATER = {"fill": True, "fillColor": "#d9e6ee", "fillOpacity": 1, "stroke": False, "interactive": False}
OPTIONS = {"attributionControl": False, "scrollWheelZoom": False, "zoomSnap": 0.1, "minZoom": 3, "doubleClickZoom": False}


def tone_of(open_: int, overdue: int) -> str:
    if overdue:
        return "bad" if overdue >= 3 else "late"
    return "none" if not open_ else "few" if open_ < 5 else "many"


class MapPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._seen: GridMap | None = None
        self._layers: dict[int, tuple[Any, Any]] = {}
        with ui.element("div").classes("mapping"):
            with ui.element("section").classes("card map-card") as self._card:
                self._map = ui.leaflet(options=OPTIONS).classes("grid-map").props('role="group" aria-label="网格地图；旁边的列表内容相同"')
                # No tiles: they would be fetched from outside.
                self._map.clear_layers()
                with ui.element("div").classes("legend"):
                    for colour, words in LEGEND.values():
                        with ui.element("span").classes("legend-item"):
                            ui.element("i").style(f"background: {colour}")
                            ui.label(words)
            with ui.element("section").classes("card"):
                self._list = Panel(self._draw_list, "grid-list")
        self._map.on("map-click", self._clicked)
        self._map.on("init", self._fit)

    async def load(self) -> None:
        seen = await self.visit.ask(maps.grid_map)
        if seen == self._seen:
            return
        before, self._seen = self._seen, seen
        self._list.show(seen.cells)
        if before is not None and _outlines(before) == _outlines(seen):
            self._recolour(seen)
        else:
            self._draw_map(seen)

    async def refresh(self) -> None:
        await self.load()
        await self.frame.refresh()

    def _draw_map(self, seen: GridMap) -> None:
        self._map.clear_layers()
        self._layers.clear()
        drawn = [cell for cell in seen.cells if cell.polygons]
        self._card.set_visibility(bool(drawn))
        for piece in seen.water:
            self._map.generic_layer(name="polygon", args=[_plain((piece,)), WATER])
        for cell in drawn:
            area = self._map.generic_layer(name="polygon", args=[_plain(cell.polygons), style_of(cell)])
            said = {"content": text_of(cell), "direction": "center", "permanent": True, "className": "grid-number"}
            self._layers[cell.grid_id] = area, self._map.generic_layer(name="tooltip", args=[centre(cell.polygons), said])
        for label in seen.estates:
            said = {"content": escape(label.name), "direction": "center", "permanent": True, "className": "grid-estate"}
            self._map.generic_layer(name="tooltip", args=[label.at, said])
        self._fit()

    def _recolour(self, seen: GridMap) -> None:
        """Only what changed: the map stays where the reader moved it."""
        for cell in seen.cells:
            if cell.grid_id in self._layers:
                area, number = self._layers[cell.grid_id]
                # Kept in the layers, too: a page that comes back to life draws them from there.
                area.args[1], number.args[1]["content"] = style_of(cell), text_of(cell)
                area.run_method("setStyle", style_of(cell))
                number.run_method("setContent", text_of(cell))

    def _fit(self) -> None:
        """Once the browser has the map: all of it to be seen, whatever the size of the screen."""
        box = bounds(cell.polygons for cell in self._seen.cells) if self._seen else None
        if box is not None:
            self._map.run_map_method("fitBounds", box, {"padding": [8, 8], "animate": False})

    async def _clicked(self, event: events.GenericEventArguments) -> None:
        async with self.visit.telling("open_grid"):
            at = event.args.get("latlng") or {}
            cell = self._seen.at(float(at["lat"]), float(at["lng"])) if self._seen and at else None
            if cell is not None:
                ui.navigate.to(ListState.of(cell.open.behind).url())

    def _draw_list(self, cells: tuple[GridCell, ...]) -> None:
        if not cells:
            empty("您负责的范围里还没有网格。", "map")
            return
        community = None
        for cell in cells:
            if cell.community != community:
                community = cell.community
                here = [one for one in cells if one.community == community]
                self._draw_head(community, here)
            self._draw_cell(cell)

    def _draw_head(self, community: str, here: list[GridCell]) -> None:
        late = sum(one.overdue.value for one in here)
        with ui.element("div").classes("grid-head"):
            ui.label(community or "其他").classes("section")
            ui.label(f"未办结{sum(one.open.value for one in here)}" + (f" · 超时{late}" if late else "")).classes("muted")

    def _draw_cell(self, cell: GridCell) -> None:
        colour = LEGEND[tone_of(cell.open.value, cell.overdue.value)][0]
        with ui.element("div").classes("grid-row").props(f'data-grid="{cell.grid_id}"'):
            ui.element("i").classes("grid-dot").style(f"background: {colour}")
            ui.label(cell.name.removeprefix(cell.community)).classes("grid-name")
            with ui.element("a").props(f'href="{ListState.of(cell.open.behind).url()}"').classes("grid-open"):
                ui.label(f"未办结 {cell.open.value}")
            if cell.overdue.value:
                with ui.element("a").props(f'href="{ListState.of(cell.overdue.behind).url()}"').classes("grid-late late"):
                    ui.label(f"超时 {cell.overdue.value}")


def style_of(cell: GridCell) -> dict[str, Any]:
    colour = LEGEND[tone_of(cell.open.value, cell.overdue.value)][0]
    # Neighbours share their border: simplified each for itself, gaps would open between them.
    return {"color": "#8a949b", "weight": 1, "fill": True, "fillColor": colour, "fillOpacity": 1, "smoothFactor": 0}


def text_of(cell: GridCell) -> str:
    """HTML for the middle of a grid: its name, what is open and, in red, overdue."""
    name = escape(cell.name.removeprefix(cell.community))
    late = f"<i>超时{cell.overdue.value}</i>" if cell.overdue.value else ""
    return f"<span>{name}</span><b>{cell.open.value}</b>{late}"


def _outlines(seen: GridMap) -> list[tuple[int, tuple[Polygon, ...]]]:
    return [(cell.grid_id, cell.polygons) for cell in seen.cells]


def _plain(polygons: tuple[Polygon, ...]) -> list[Any]:
    """As Leaflet takes them: lists of (lat, lng), without the last point that only closes the ring."""
    return [[list(ring[:-1]) for ring in polygon] for polygon in polygons]


@ui.page("/map", title="网格地图 · 邻舍工作台", response_timeout=10)
async def map_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "map", "网格地图") as frame:
        try:
            page = MapPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
    hub.watch(visit, page.refresh)
