"""What a candidate takes for what: a picture of its commonest mistakes, each square opening the messages behind it."""

from __future__ import annotations

from typing import Any

from nicegui import events, ui

from console.charts import INK, axis, chart
from console.phrases import BOTTOM

MOST_SIDE = 10
FIELD_NAMES = {"intent": "意思", "category": "类别"}
ROW = 26
"""Pixels a line of the picture."""


def shown_of(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose both sides find room: the commonest mistakes come first."""
    said: dict[str, None] = {}
    heard: dict[str, None] = {}
    kept = []
    for one in pairs:
        if (one["said"] in said or len(said) < MOST_SIDE) and (one["heard"] in heard or len(heard) < MOST_SIDE):
            said[one["said"]] = heard[one["heard"]] = None
            kept.append(one)
    return kept


def options(pairs: list[dict[str, Any]], names: dict[str, str]) -> dict[str, Any]:
    said = list(dict.fromkeys(one["said"] for one in pairs))
    heard = list(dict.fromkeys(one["heard"] for one in pairs))
    data = [[heard.index(one["heard"]), said.index(one["said"]), one["times"][1]] for one in pairs]
    label = {"show": True, "color": INK}
    across = axis("category", data=[names[one] for one in heard])
    across["axisLabel"] = {**across.get("axisLabel", {}), "rotate": 38, "interval": 0}
    made = chart(
        {"type": "heatmap", "data": data, "label": label, "itemStyle": {"borderColor": "#fff", "borderWidth": 2}},
        colours=[INK],
        legend=False,
        tooltip={"show": False},
        xAxis={**across, "position": "bottom"},
        yAxis={**axis("category", data=[names[one] for one in said]), "inverse": True},
    )
    most = max((one["times"][1] for one in pairs), default=1)
    made["visualMap"] = {"min": 0, "max": max(most, 1), "show": False, "inRange": {"color": ["#f3f6f6", "#e8b4ae"]}}
    return made


def draw(confusions: Any, name_of: Any) -> None:
    """Nothing for a model that was measured before there was a picture."""
    if not isinstance(confusions, dict):
        return
    dialog = ui.dialog().props(BOTTOM).classes("form-dialog")
    for field, title in FIELD_NAMES.items():
        pairs = shown_of(confusions.get(field) or [])
        if not pairs:
            continue
        names = {label: name_of(label) for one in pairs for label in (one["said"], one["heard"])}
        said = list(dict.fromkeys(one["said"] for one in pairs))
        heard = list(dict.fromkeys(one["heard"] for one in pairs))
        by_place = {(heard.index(one["heard"]), said.index(one["said"])): one for one in pairs}

        def opened(
            event: events.EChartPointClickEventArguments, by_place: Any = by_place, names: dict[str, str] = names
        ) -> None:
            place = event.data if isinstance(event.data, list) else event.value
            one = by_place.get((int(place[0]), int(place[1]))) if isinstance(place, list) else None
            if one is not None:
                show(dialog, one, names)

        with ui.element("details").classes("cand-more"):
            with ui.element("summary"):
                ui.label(f"{title}：最常听错的（竖的是说的，横的是听成的，点一格看句子）")
            height = 130 + ROW * len(said)
            ui.echart(options(pairs, names), renderer="svg", on_point_click=opened).classes("confusion").style(f"height: {height}px")


def show(dialog: ui.dialog, one: dict[str, Any], names: dict[str, str]) -> None:
    dialog.clear()
    with dialog, ui.element("div").classes("form"):
        ui.label(f"说的是{names[one['said']]}，听成{names[one['heard']]}").classes("form-title")
        before, after = one["times"]
        ui.label(f"现在的模型{before}次，新的{after}次").classes("muted")
        for text in one["texts"]:
            ui.label(text)
        with ui.element("div").classes("form-foot"):
            ui.button("知道了", on_click=dialog.close).props("unelevated no-caps").classes("form-sure")
    dialog.open()
