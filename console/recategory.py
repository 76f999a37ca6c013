"""改类别: a ticket's category put right, and, when that is another team's, handed over with one more press."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from nicegui import ui

from community.errors import Conflict, IllegalMove
from community.model.category import RULES, Category, Urgency
from community.services import desk, recategorising
from community.services.views import TicketView
from console import heart
from console.phrases import BOTTOM
from console.session import Visit
from console.words import short_time

NAMES = {str(category): rule.name for category, rule in RULES.items()}


class CategoryForm:
    """The one dialog of a ticket's page for it; `after` refreshes the page. Each opening has a key of its own: pressing twice does it
    once."""

    def __init__(self, visit: Visit, number: str, after: Callable[[], Awaitable[None]]) -> None:
        self.visit, self.number, self.after = visit, number, after
        self.dialog = ui.dialog().props(BOTTOM).classes("form-dialog")

    async def ask(self, ticket: TicketView) -> None:
        key, seen = secrets.token_hex(8), ticket.category
        dangerous = {str(one) for one in await recategorising.dangerous(heart.community())}
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label("改类别").classes("form-title")
            ui.label(f"现在是“{ticket.category_name}”。承诺按新类别从上报时重新算；时间变了，居民会收到一条消息。").classes("muted")
            # What it is already is offered only where it may be raised to danger.
            rises = str(seen) in dangerous and ticket.urgency is not Urgency.DANGER
            new = ui.select({k: v for k, v in NAMES.items() if k != str(seen) or rises}, label="改成", with_input=True)
            why = ui.input("为什么（只有工作人员看到，可不填）").props(f'maxlength="{recategorising.WHY_AT_MOST}"')
            for field in (new, why):
                field.props("outlined dense options-dense").classes("full")
            danger = ui.checkbox("现在有人有危险：按危急办，先告诉居民打什么电话").classes("recat-danger")
            danger.bind_visibility_from(
                new, "value", lambda value: value in dangerous and ticket.urgency is not Urgency.DANGER
            )

            async def confirm() -> None:
                if not new.value:
                    new.props('error error-message="请选改成哪一类。"')
                    return
                category = Category(new.value)
                risky = bool(danger.value) and new.value in dangerous
                try:
                    done = await self.visit.ask(
                        recategorising.recategorise, self.number, category, key, why.value or "", seen=seen, danger=risky
                    )
                except (Conflict, IllegalMove):
                    self.dialog.close()
                    await self.after()
                    raise
                await self.after()
                by = short_time(done.ticket.resolve_by, heart.community().clock.now())
                told = f"承诺改为{by}前，已告诉居民。" if done.told else "承诺时间没有变。"
                if done.elsewhere is None:
                    self.dialog.close()
                    self.visit.tell(f"已改为“{done.ticket.category_name}”，{told}", "positive")
                    return
                self._offer(done.ticket, told, *done.elsewhere)

            with ui.element("div").classes("form-foot"):
                ui.button("取消", on_click=self.dialog.close).props("flat no-caps")
                ui.button("确定改类别", on_click=self.visit.handler(confirm)).props("unelevated no-caps").classes("form-sure")
        self.dialog.open()

    def _offer(self, ticket: TicketView, told: str, staff_id: int, label: str) -> None:
        """Whose it is under its new category; it stays where it is until somebody says so."""
        key = secrets.token_hex(8)
        self.dialog.clear()
        with self.dialog, ui.element("div").classes("form"):
            ui.label(f"已改为“{ticket.category_name}”").classes("form-title")
            ui.label(told)
            ui.label(f"按这一类，先由 {label} 来办。现在还在 {ticket.holder_role}{ticket.holder_name} 手上，要改派吗？")

            async def pass_on() -> None:
                why = f"类别改为{ticket.category_name}"
                try:
                    went = await self.visit.ask(desk.transfer, self.number, staff_id, why, key=key)
                finally:
                    self.dialog.close()
                    await self.after()
                self.visit.tell(f"已改派给{went.holder_role}{went.holder_name}。", "positive")

            with ui.element("div").classes("form-foot"):
                ui.button("留在这里", on_click=self.dialog.close).props("flat no-caps")
                ui.button("改派", on_click=self.visit.handler(pass_on)).props("unelevated no-caps").classes("form-sure")
