"""Taking a talk over and giving it back, with what the next colleague should know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from community.model.handover import MAX_HANDOVER
from community.services import conversations, handover
from community.services.handover import HandoverView
from console import heart
from console.phrases import BOTTOM
from console.session import Visit
from console.words import short_time


class Handing:
    """The dialog before a talk goes back to the assistant. `after` is called when it went."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.after = visit, after
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def ask(self, resident_id: int) -> None:
        """Show the summary that the rules made, to be mended; it is kept only as it stands when it is confirmed."""
        draft = await self.visit.ask(handover.draft, resident_id)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("交还小邻").classes("form-title")
            ui.label("交接小结（自动整理自工单经过和最后几句，请改好再留；居民看不到）").classes("form-label")
            text = ui.textarea(value=draft).classes("full handover-draft")
            text.props(f'outlined autogrow maxlength={MAX_HANDOVER} aria-label="交接小结"')

            async def back(summary: str) -> None:
                await self.visit.ask(conversations.hand_back, resident_id, summary)
                self.dialog.close()
                self.visit.tell("已交还小邻。", "positive")
                await self.after()

            async def keep() -> None:
                await back(text.value or "")

            async def bare() -> None:
                await back("")

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                ui.button("直接交还", on_click=self.visit.handler(bare)).props("flat no-caps")
                sure = ui.button("留下小结，交还", on_click=self.visit.handler(keep)).props("unelevated no-caps")
                sure.classes("form-sure")
        self.dialog.open()


def draw_handover(left: HandoverView | None) -> None:
    """What the last colleague left, folded: it is for who takes over, not for everybody all the time."""
    if left is None:
        return
    when = short_time(left.at, heart.community().clock.now())
    with ui.element("details").classes("handover"):
        with ui.element("summary"):
            ui.label(f"交接小结 · {left.who} · {when}")
        ui.label(left.text).classes("handover-text")
