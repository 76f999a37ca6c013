"""Small parts that several pages use. What residents wrote is only ever shown through `ui.label`, as plain text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from nicegui import events, ui

from console.session import Visit

T = TypeVar("T")


class Panel(Generic[T]):
    """A part of a page that is drawn again only when what it shows has changed, so that live updates do not flicker."""

    def __init__(self, draw: Callable[[T], None], classes: str = "", tag: str = "div") -> None:
        self.box = ui.element(tag).classes(classes)
        self._draw = draw
        self._shown: T | None = None

    @property
    def shown(self) -> T | None:
        return self._shown

    def show(self, thing: T) -> bool:
        """Draw `thing` if it differs from what is there. Returns whether it did."""
        if self._shown is not None and thing == self._shown:
            return False
        self._shown = thing
        self.box.clear()
        with self.box:
            self._draw(thing)
        return True


def tag(text: str, tone: str = "") -> ui.label:
    return ui.label(text).classes(f"tag {tone}")


def fact(name: str, value: str, tone: str = "") -> None:
    """One line of a list of facts; nothing when there is no value."""
    if not value:
        return
    with ui.element("div").classes("fact"):
        ui.label(name).classes("fact-name")
        ui.label(value).classes(f"fact-value {tone}")


def empty(text: str, icon: str = "inbox") -> None:
    with ui.element("div").classes("empty"):
        ui.icon(icon).classes("empty-icon")
        ui.label(text)


def photos(hashes: Sequence[str], classes: str = "") -> None:
    """Thumbnails that open large. The browser does it alone: no round trip, works while the connection is away."""
    if not hashes:
        return
    with ui.element("div").classes(f"photos {classes}"):
        for media_hash in hashes:
            thumb = ui.element("img").classes("photo")
            thumb.props(f'src="/photo/{media_hash}" loading="lazy" alt="照片" tabindex="0"')
            thumb.on("click", js_handler="(e) => window.linsheZoom(e.target.src)")
            thumb.on("keydown.enter", js_handler="(e) => window.linsheZoom(e.target.src)")


def pager(visit: Visit, page: int, last: int, go: Callable[[int], Awaitable[None]]) -> None:
    """The pages of a list, to be turned; nothing when there is one."""
    if last <= 1:
        return

    async def turn(event: events.ValueChangeEventArguments[Any]) -> None:
        async with visit.telling("turn_page"):
            await go(int(event.value or 1))
            visit.client.run_javascript("window.scrollTo(0, 0)")

    ui.pagination(1, last, value=page, direction_links=True, on_change=turn).props("max-pages=5 dense")
