"""The frame around every page: where one can go, what waits there, who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nicegui import app, ui

from community.errors import Forbidden, LinsheError
from community.model.people import Role
from community.services import (
    audit,
    consultations,
    conversations,
    deadletters,
    deliberation,
    desk,
    diary,
    guide_desk,
    home_binding,
    intake,
    notice_scope,
    organising,
    revision_views,
    stats,
    trainers,
)
from community.services.desk import DeskFilter
from console import errors
from console.parts import Panel
from console.session import Visit

STATIC = Path(__file__).parent / "static"
TEAL = "#0f766e"


SEES = {
    "activities": organising.HELPS, "diary": diary.WRITES, "map": stats.SEES, "stats": stats.SEES, "audit": audit.SEES,
    "lawyer": consultations.READS, "deliberation": deliberation.SEES, "leave": frozenset(Role),
    "privacy": home_binding.DECIDES, "teach": trainers.TEACHES, "notices": notice_scope.PUBLISHES, "drafts": intake.SEES,
    "guides": guide_desk.SEES, "knowledge": revision_views.SEES,
}  # fmt: skip
"""Roles to whom the services answer on these pages: nobody is offered a page that refuses them."""


@dataclass(frozen=True)
class Badges:
    """What waits for this person. None means the heart gives this person no such list, so it is not offered."""

    tickets: int | None
    late: int
    waiting: int | None
    letters: int | None
    to_read: int
    """Changes of the knowledge that wait for this person's yes or no."""
    further: tuple[str, ...]
    """Keys of FURTHER that are this person's to see."""


@dataclass(frozen=True)
class Place:
    key: str
    label: str
    icon: str
    href: str


PLACES = (
    Place("start", "首页", "space_dashboard", "/"),
    Place("tickets", "工单", "assignment", "/tickets"),
    Place("conversations", "对话", "forum", "/conversations"),
    Place("letters", "滞留", "mail", "/letters"),
)
FURTHER = (
    Place("diary", "日记", "menu_book", "/diary"),
    Place("drafts", "群消息", "forward_to_inbox", "/drafts"),
    Place("activities", "活动", "volunteer_activism", "/activities"),
    Place("deliberation", "议事", "how_to_vote", "/deliberation"),
    Place("notices", "通知", "campaign", "/notices"),
    Place("guides", "指南", "storefront", "/guides"),
    Place("map", "地图", "map", "/map"),
    Place("stats", "统计", "query_stats", "/stats"),
    Place("audit", "查阅", "fact_check", "/audit"),
    Place("lawyer", "律师", "balance", "/lawyer"),
    Place("leave", "请假", "event_busy", "/leave"),
    Place("teach", "教学", "school", "/teach"),
    Place("knowledge", "知识", "library_books", "/knowledge"),
    Place("privacy", "住户", "home_work", "/privacy"),
)
"""Looked at now and then: in the same column on a desk, behind one button in the bar of a phone."""


async def load_badges(visit: Visit) -> Badges:
    tickets: int | None = None
    late = 0
    try:
        tickets = (await visit.ask(desk.list_tickets, DeskFilter(group="mine", status="open", limit=1))).total
        late = (await visit.ask(desk.list_tickets, DeskFilter(group="mine", status="overdue", limit=1))).total
    except Forbidden:
        pass
    try:
        queue = await visit.ask(conversations.queue)
        waiting: int | None = sum(1 for one in queue if one.holder == "waiting")
    except Forbidden:
        waiting = None
    try:
        letters: int | None = await visit.ask(deadletters.number_of_dead)
    except Forbidden:
        letters = None
    further = tuple(place.key for place in FURTHER if visit.staff.role in SEES[place.key])
    to_read = await visit.ask(revision_views.waiting) if "knowledge" in further else 0
    return Badges(tickets, late, waiting, letters, to_read, further)


class Shell:
    """The frame of one open page. `content` is where the page puts its own; `refresh` brings the badges up to date."""

    def __init__(self, visit: Visit, here: str, title: str, back: str = "") -> None:
        self.visit = visit
        self._here = here
        with ui.element("div").classes("shell"):
            with ui.element("nav").classes("nav").props('aria-label="主导航"'):
                with ui.element("div").classes("brand"):
                    ui.label("邻舍").classes("brand-name")
                    ui.label("工作台").classes("brand-sub")
                self._places = Panel(self._draw_places, "nav-places")
                with ui.element("div").classes("nav-who"):
                    ui.label(visit.staff.name).classes("who-name")
                    role = (visit.staff.role_name, visit.staff.place_name)
                    ui.label(" · ".join(part for part in role if part)).classes("who-role")
                    sign_out_form("who-out")
            with ui.element("main").classes("main"):
                with ui.element("header").classes("head"):
                    if back:
                        with ui.element("a").props(f'href="{back}" aria-label="返回"').classes("head-back"):
                            ui.icon("arrow_back")
                    self.title = ui.label(title).classes("head-title")
                    self.aside = ui.element("div").classes("head-aside")
                    with ui.element("details").classes("head-who"):
                        with ui.element("summary").props('aria-label="我的账号"'):
                            ui.label(visit.staff.name[:1]).classes("avatar")
                        with ui.element("div").classes("head-who-card"):
                            ui.label(visit.staff.name).classes("who-name")
                            ui.label(visit.staff.role_name).classes("who-role")
                            ui.label(visit.staff.place_name).classes("who-role")
                            sign_out_form("who-out")
                self.content = ui.element("div").classes(f"content page-{here}")

    def _draw_places(self, badges: Badges) -> None:
        for place in PLACES:
            count, tone = 0, ""
            if place.key == "tickets":
                if badges.tickets is None:
                    continue
                count, tone = badges.tickets, "late" if badges.late else ""
            if place.key == "conversations":
                if badges.waiting is None:
                    continue
                count, tone = badges.waiting, "late" if badges.waiting else ""
            if place.key == "letters":
                if badges.letters is None:
                    continue
                count = badges.letters
            with self._place(place):
                if count:
                    ui.label(str(count) if count < 100 else "99+").classes(f"badge {tone}")
        further = [place for place in FURTHER if place.key in badges.further]
        for place in further:
            self._further(place, badges, "nav-further")
        if further:
            here = ' aria-current="page"' if self._here in badges.further else ""
            with ui.element("details").classes("nav-more"):
                with ui.element("summary").classes("nav-item").props(f'aria-label="更多页面"{here}'):
                    ui.icon("more_horiz")
                    ui.label("更多").classes("nav-label")
                with ui.element("div").classes("nav-more-card"):
                    for place in further:
                        self._further(place, badges)

    def _further(self, place: Place, badges: Badges, classes: str = "") -> None:
        with self._place(place, classes):
            if place.key == "knowledge" and badges.to_read:
                ui.label(str(badges.to_read)).classes("badge")

    def _place(self, place: Place, classes: str = "") -> ui.element:
        current = ' aria-current="page"' if place.key == self._here else ""
        link = ui.element("a").props(f'href="{place.href}"{current}').classes(f"nav-item {classes}")
        with link:
            ui.icon(place.icon)
            ui.label(place.label).classes("nav-label")
        return link

    async def refresh(self) -> None:
        self._places.show(await load_badges(self.visit))

    async def refuse(self, error: LinsheError) -> None:
        """Instead of the page: why there is nothing to see here, with the HTTP status that goes with it."""
        self.visit.client.status_code = errors.http_status(error)
        self.content.clear()
        with self.content:
            errors.refusal(error)
        await self.refresh()


def sign_out_form(classes: str) -> None:
    """A plain form: signing out must work even when the page's socket is gone."""
    with ui.element("form").props('method="post" action="/logout"').classes(classes):
        with ui.element("button").props('type="submit"').classes("textbutton"):
            ui.icon("logout")
            ui.label("退出")


@contextmanager
def shell(visit: Visit, here: str, title: str, back: str = "") -> Iterator[Shell]:
    """Build the frame and enter its content."""
    frame = Shell(visit, here, title, back)
    with frame.content:
        yield frame


def asset(name: str) -> str:
    """The address of a static file, another one whenever the file changed: browsers may keep what they have."""
    return f"/static/{name}?{int((STATIC / name).stat().st_mtime)}"


def dress() -> None:
    """Style and the two browser helpers for all pages. Everything is served from here, nothing from outside."""
    app.add_static_files("/static", STATIC, max_cache_age=3600)
    app.colors(
        primary=TEAL, secondary="#475569", accent=TEAL, positive=TEAL, negative="#b42318", warning="#9a5b00",
        info="#334155",
    )  # fmt: skip
    ui.add_head_html(
        f'<link rel="stylesheet" href="{asset("console.css")}"><script src="{asset("console.js")}"></script>'
        f'<script src="{asset("tokens.js")}"></script>'
        '<meta name="theme-color" content="#ffffff">',
        shared=True,
    )
