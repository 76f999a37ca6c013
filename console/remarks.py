"""What the look before sending found, shown beside the words while they are written."""

from __future__ import annotations

import time

from nicegui import ui

from community.model.reply_check import Remark
from console.parts import Panel

ICONS = {"skips": "checklist", "no_date": "event", "who": "person_search", "private": "lock", "long": "straighten", "hole": "edit"}


READ_IN = 1.2
"""Seconds a warning must have stood there before it counts as seen."""


class Remarks:
    """Remarks beside a text that is being written."""

    def __init__(self) -> None:
        self._panel: Panel[tuple[Remark, ...]] = Panel(self._draw, "remarks")
        self._panel.box.props('role="status" aria-live="polite"')
        self._since: dict[str, float] = {}

    def show(self, remarks: tuple[Remark, ...]) -> bool:
        """Show them; returns whether the writer cannot have read one of them yet."""
        self._panel.show(remarks)
        now = time.monotonic()
        return any(now - self._since.setdefault(remark.text, now) < READ_IN for remark in remarks)

    def clear(self) -> None:
        self._since = {}
        self._panel.show(())

    def _draw(self, remarks: tuple[Remark, ...]) -> None:
        for remark in remarks:
            with ui.element("div").classes("remark"):
                ui.icon(ICONS[remark.kind])
                ui.label(remark.text)
