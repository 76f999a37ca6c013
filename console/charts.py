"""What the charts of the console have in common: calm colours, thin lines, the page's own type."""

from __future__ import annotations

from typing import Any

TEAL, GREY, INK, LINE, AMBER, RED = "#0f766e", "#a8b3bd", "#59626b", "#e7e9ec", "#d9a441", "#b8473b"
FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'


def axis(kind: str, **more: Any) -> dict[str, Any]:
    """An axis; `kind` is 'category' or 'value'. Counts have no halves, and their lines are faint."""
    counts = {"minInterval": 1, "splitLine": {"lineStyle": {"color": LINE}}} if kind == "value" else {}
    return {
        "type": kind,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": LINE}},
        "axisLabel": {"color": INK, "fontSize": 12},
        **counts,
        **more,
    }


def chart(*series: dict[str, Any], colours: list[str], legend: bool = True, **more: Any) -> dict[str, Any]:
    """Options of a chart of bars or lines; the names of the series are its legend."""
    return {
        "textStyle": {"fontFamily": FONT},
        "color": colours,
        "legend": {"show": legend, "right": 0, "top": 0, "itemWidth": 12, "itemHeight": 8},
        "grid": {"left": 4, "right": 28, "top": 34 if legend else 6, "bottom": 2, "containLabel": True},
        "series": list(series),
        **more,
    }
