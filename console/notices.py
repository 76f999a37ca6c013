"""通知: what is going on, to come, over; who has read it; writing one with an exact preview."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError
from community.model.calendar import local
from community.services import notice_views
from community.services.notice_views import NoticeView
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, tag
from console.session import Visit

STATES = {
    "current": ("正在进行", "s-todo"), "coming": ("要来", "s-work"), "waiting": ("等早上发", "s-wait"), "over": ("已过", "s-over"),
    "recalled": ("撤回了", "u-high"),
}  # fmt: skip
ORDER = ("current", "waiting", "coming", "over", "recalled")


class NoticesPage:
    def __init__(self, frame: Shell, visit: Visit) -> None:
        self.frame, self.visit = frame, visit
        self._list = Panel(self._draw, "notice-list")

    async def refresh(self) -> None:
        self._list.show(await self.visit.ask(notice_views.list_notices))
        await self.frame.refresh()

    def _draw(self, found: list[NoticeView]) -> None:
        if not found:
            empty("两个月里没有发过通知。停水停电、电梯检修，写一条发到楼里，居民来问、来报都会先看到它。", "campaign")
            return
        with ui.element("div").classes("views"):
            for one in sorted(found, key=lambda one: ORDER.index(one.state)):
                name, tone = STATES[one.state]
                with ui.element("a").classes("notice-row").props(f'href="/notices/{one.id}" data-notice="{one.id}"'):
                    with ui.element("div").classes("teach-words"):
                        ui.label(f"{one.kind_name} · {one.title}").classes("v-name")
                        ui.label(one.area).classes("muted")
                    with ui.element("div").classes("teach-why"):
                        tag(name, tone)
                        if one.late:
                            tag(f"{len(one.late)}户说没恢复", "u-high")
                    with ui.element("div").classes("teach-guessed"):
                        ui.label(one.when)
                        ui.label(one.by).classes("muted")
                    if one.sent:
                        ui.label(f"{one.read}/{one.sent}人回了").classes("notice-read")
                    else:
                        ui.label(f"{local(one.send_at):%m-%d %H:%M}发" if one.state == "waiting" else "").classes("notice-read muted")


@ui.page("/notices", title="通知 · 邻舍工作台", response_timeout=10)
async def notices_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "notices", "通知") as frame:
        try:
            page = NoticesPage(frame, visit)
            await page.refresh()
        except LinsheError as error:
            await frame.refuse(error)
            return
        with frame.aside, ui.element("a").props('href="/notices/new"').classes("head-new textlink"):
            ui.icon("add")
            ui.label("写通知")
    hub.watch(visit, page.refresh)
