"""One ticket on one page."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError, NotFound
from console import errors
from console.layout import Shell, shell
from console.live import hub
from console.session import Visit
from console.ticket_pane import TicketPane


class TicketPage:
    """The pane, and what becomes of the page when the ticket is no longer this person's to see."""

    def __init__(self, frame: Shell, visit: Visit, number: str) -> None:
        self.frame = frame
        self._gone = False
        self.pane = TicketPane(visit, number, self.refresh)

    async def refresh(self) -> None:
        try:
            if not self._gone:
                await self.pane.load()
        except NotFound as error:
            # It was moved out of what this person may see while they looked at it.
            self._gone = True
            self.frame.content.clear()
            with self.frame.content:
                errors.refusal(error)
        await self.frame.refresh()


@ui.page("/tickets/{number}", title="工单 · 邻舍工作台", response_timeout=10)
async def ticket_page(request: Request, number: str) -> None:
    visit = Visit.of(request)
    visit.client.title = f"工单 {number[:12]} · 邻舍工作台"
    with shell(visit, "tickets", f"工单 {number[:12]}", back="/tickets") as frame:
        page = TicketPage(frame, visit, number)
        try:
            await page.pane.load()
        except LinsheError as error:
            visit.client.status_code = errors.http_status(error)
            frame.content.clear()
            errors.refusal(error)
            await frame.refresh()
            return
        await frame.refresh()
    watch = hub.watch(visit, page.refresh, page.pane.resident_id)
    watch.number = number
