"""Several tickets to one colleague: choose, give, and read what went and what did not."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from community.services import bulk
from community.services.bulk import Went
from console.phrases import BOTTOM
from console.session import Visit

MAX_REASON = 200


class BulkAssign:
    """The dialog. `after` gets the numbers that went."""

    def __init__(self, visit: Visit, after: Callable[[Sequence[str]], Awaitable[None]]) -> None:
        self.visit, self.after = visit, after
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def ask(self, numbers: Sequence[str]) -> None:
        people = await self.visit.ask(bulk.receivers, numbers)
        key = secrets.token_hex(8)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(f"转派 {len(numbers)} 件").classes("form-title")
            options = {
                person: label + ("" if can == len(numbers) else f"（能接其中{can}件）") for person, label, can in people
            }
            ui.label("转给谁").classes("form-label")
            person = ui.select(options, with_input=len(options) > 8)
            person.props('outlined dense options-dense aria-label="转给谁"').classes("full")
            ui.label("转派原因（居民会看到）").classes("form-label")
            reason = ui.textarea().classes("full")
            reason.props(f'outlined autogrow maxlength={MAX_REASON} aria-label="转派原因"')

            async def give() -> None:
                if not person.value:
                    person.props('error error-message="请选择转给谁。"')
                    return
                if not (reason.value or "").strip():
                    reason.props('error error-message="请写明为什么转派。"')
                    return
                went = await self.visit.ask(bulk.assign, numbers, int(person.value), reason.value or "", key)
                await self.after([one.number for one in went if one.ok])
                self._tell(went)

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                sure = ui.button("确定转派", on_click=self.visit.handler(give)).props("unelevated no-caps")
                sure.classes("form-sure")
        self.dialog.open()

    def _tell(self, went: Sequence[Went]) -> None:
        stayed = [one for one in went if not one.ok]
        done = len(went) - len(stayed)
        if not stayed:
            self.dialog.close()
            self.visit.tell(f"{done}件都已转派。", "positive")
            return
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(f"{done}件已转派，{len(stayed)}件没有").classes("form-title")
            for one in stayed:
                with ui.element("div").classes("stayed"):
                    ui.link(one.number, f"/tickets/{one.number}").classes("textlink")
                    ui.label(one.why)
            with ui.element("div").classes("form-foot"):
                ui.button("知道了", on_click=self.dialog.close).props("unelevated no-caps").classes("form-sure")
