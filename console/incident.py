"""One incident: its tickets together, and what is done with all of them at once."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from fastapi import Request
from nicegui import ui

from community.errors import Forbidden, LinsheError, NotFound
from community.services import broadcasts, incident_acts, incidents
from community.services.incidents import IncidentLine, IncidentView
from community.services.views import TicketView
from console import errors, heart
from console.incident_forms import BroadcastForm, ExpectForm, PutInForm, ResolveForm
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty, fact, tag
from console.session import Visit
from console.words import countdown, short_time, status_text, status_tone


@dataclass(frozen=True)
class Bar:
    """What the buttons depend on. `reach` says who a broadcast reaches, '' when this member sends none."""

    may_handle: bool
    why_not: str
    open: int
    to_accept: int
    may_tell: bool
    reach: str


class IncidentPage:
    """The parts of one incident, each redrawn only when it changed."""

    def __init__(self, frame: Shell, visit: Visit, incident_id: int) -> None:
        self.frame, self.visit, self.incident_id = frame, visit, incident_id
        self.view: IncidentView | None = None
        self._expect = ExpectForm(visit, incident_id, self.refresh)
        self._resolve = ResolveForm(visit, incident_id, self.refresh)
        self._broadcast = BroadcastForm(visit, incident_id, self.refresh)
        self._put_in = PutInForm(visit, incident_id, self.refresh)
        with ui.element("div").classes("ticket incident"):
            with ui.element("div").classes("t-main"):
                self._head = Panel(self._draw_head, "card t-facts")
                self._tickets = Panel(self._draw_tickets, "card inc-tickets")
                self._beside = Panel(self._draw_beside, "card inc-tickets inc-beside")
            with ui.element("div").classes("t-side"):
                self._bar = Panel(self._draw_bar, "inc-bar")
                self._log = Panel(self._draw_log, "card t-events")

    async def load(self) -> None:
        """Ask the heart and show. Raises NotFound when it is not (any more) this person's to see."""
        view = await self.visit.ask(incidents.show, self.incident_id)
        now = heart.community().clock.now()
        self.view = view
        self.frame.title.set_text(f"事件 {view.mark.id}")
        self._head.show((replace(view, tickets=(), beside=(), log=()), f"{now:%Y-%m-%d}", view.mark.expects(now)))
        self._tickets.show((_rows(view.tickets), view.hidden))
        self._beside.show(_rows(view.beside))
        self._beside.box.set_visibility(bool(view.beside))
        may_tell, reach = await self._reach()
        self._bar.show(Bar(view.may_handle, view.why_not, view.mark.open, view.to_accept, may_tell, reach))
        self._log.show((view.log, f"{now:%Y-%m-%d}"))

    async def _reach(self) -> tuple[bool, str]:
        """(whether a broadcast can go, how many it reaches or why it cannot)."""
        try:
            meant = await self.visit.ask(broadcasts.audience, self.incident_id)
        except (Forbidden, NotFound):
            return False, ""
        return not meant.why_not, meant.why_not or f"{meant.areas}能收到通知的有{meant.reachable}人"

    async def refresh(self) -> None:
        try:
            await self.load()
        except NotFound as error:
            self.frame.content.clear()
            with self.frame.content:
                errors.refusal(error, "回工单", "/tickets")
        await self.frame.refresh()

    def _draw_head(self, shown: tuple[IncidentView, str, bool]) -> None:
        view, _, ahead = shown
        mark, now = view.mark, heart.community().clock.now()
        with ui.element("div").classes("t-tags"):
            tag("事件", "inc-tag")
            tag(f"{mark.households}户反映")
            tag(f"{mark.open}件未办结" if mark.open else "都已办结", "s-work" if mark.open else "s-over")
        ui.label(mark.name).classes("t-said")
        fact("开始", short_time(view.created_at, now) + (f"（{view.by}合并）" if view.by else "（系统自动合成）"))
        fact("范围", view.areas or "没有说清哪一幢")
        if mark.expected_at is not None:
            said = f"{short_time(mark.expected_at, now)}前好：{mark.expected_why}（{mark.expected_by}）"
            fact("预计", said if ahead or not mark.open else f"{said}　已过，请再说一个时间", "" if ahead or not mark.open else "late")
        elif mark.open:
            fact("预计", "还没有人说，居民看到的是各自的承诺时限")

    def _draw_tickets(self, shown: tuple[tuple[Row, ...], int]) -> None:
        rows, hidden = shown
        ui.label(f"事件里的工单 {len(rows)}").classes("section")
        if not rows:
            empty("里面没有工单了。", "call_split")
        for row in rows:
            self._row(row, "移出", incidents.take_out)
        if hidden:
            ui.label(f"另有{hidden}件不在您管的范围。").classes("muted inc-more")

    def _draw_beside(self, rows: tuple[Row, ...]) -> None:
        ui.label("同一处、还没有并入的").classes("section")
        for row in rows:
            self._row(row, "并入", self._take_in)

    async def _take_in(self, c: object, staff_id: int, number: str, key: str) -> int:
        return await incidents.merge(heart.community(), staff_id, [number], key, into=self.incident_id)

    def _row(self, row: Row, name: str, act: Callable[..., Awaitable[int]]) -> None:
        key = secrets.token_hex(8)

        async def press() -> None:
            await self.visit.ask(act, row.number, key)
            await self.refresh()
            self.visit.tell(f"工单{row.number}已{name}。" + ("承诺时限照旧。" if name == "移出" else ""), "positive")

        with ui.element("div").classes("inc-row").props(f'data-number="{row.number}"'):
            with ui.element("a").props(f'href="/tickets/{row.number}"').classes("inc-what"):
                ui.label(row.title).classes("inc-title")
                ui.label(f"{row.number} · {row.place} · {row.holder}").classes("muted inc-place")
            with ui.element("div").classes("inc-state"):
                tag(row.status, f"s-{row.tone}")
                ui.label(row.due).classes(f"inc-due {row.due_tone}")
            if row.movable:
                button = ui.element("button").classes("textlink inc-move").props('type="button"')
                with button:
                    ui.label(name)
                button.on("click", self.visit.handler(press), args=[])

    def _draw_bar(self, bar: Bar) -> None:
        if bar.may_handle:
            self._button("一次办结", self._ask_resolve, "unelevated")
            if bar.to_accept:
                self._button(f"一起接单（{bar.to_accept}件）", self._accept, "outline")
            self._button("说预计时间", self._ask_expect, "flat")
        elif bar.why_not and bar.open:
            ui.label(bar.why_not).classes("muted inc-why")
        if bar.may_tell:
            self._button("通知整幢楼", self._ask_broadcast, "flat")
        if bar.open:
            self._button("并入工单", self._ask_put_in, "flat")
        if bar.reach:
            with ui.element("div").classes("inc-reach" + ("" if bar.may_tell else " none")):
                ui.icon("campaign" if bar.may_tell else "voice_over_off")
                ui.label(bar.reach)

    def _button(self, name: str, act: Callable[[], Awaitable[None]], style: str) -> None:
        ui.button(name, on_click=self.visit.handler(act)).props(f"{style} no-caps").classes("act")

    async def _ask_resolve(self) -> None:
        if self.view is not None:
            self._resolve.ask(self.view)

    async def _ask_expect(self) -> None:
        if self.view is not None:
            self._expect.ask(self.view)

    async def _ask_broadcast(self) -> None:
        await self._broadcast.ask()

    async def _ask_put_in(self) -> None:
        self._put_in.ask()

    async def _accept(self) -> None:
        number = await self.visit.ask(incident_acts.accept, self.incident_id, secrets.token_hex(8))
        await self.refresh()
        self.visit.tell(f"已接{number}件，居民会各自收到通知。", "positive")

    def _draw_log(self, shown: tuple[tuple[IncidentLine, ...], str]) -> None:
        now = heart.community().clock.now()
        ui.label("经过").classes("section")
        with ui.element("ol").classes("timeline"):
            for line in shown[0]:
                with ui.element("li").classes("event" if line.who == "系统" else "event by-staff"):
                    with ui.element("div").classes("event-head"):
                        ui.label(line.what_name).classes("event-name")
                        ui.label(line.who).classes("event-who")
                        ui.label(short_time(line.at, now)).classes("event-at")
                    if line.text:
                        ui.label(line.text).classes("event-note")


@dataclass(frozen=True)
class Row:
    """A ticket as the page lists it."""

    number: str
    title: str
    place: str
    holder: str
    status: str
    tone: str
    due: str
    due_tone: str
    movable: bool


def _rows(tickets: tuple[TicketView, ...]) -> tuple[Row, ...]:
    now, found = heart.community().clock.now(), []
    for ticket in tickets:
        due = countdown(ticket, now)
        found.append(
            Row(
                ticket.number,
                ticket.title,
                ticket.place_text or "地点没有说清",
                ticket.holder_name or "未派",
                status_text(ticket.status, ticket.status_name),
                status_tone(ticket.status),
                due.text,
                due.tone,
                ticket.is_open,
            )
        )
    return tuple(found)


@ui.page("/incidents/{incident_id}", title="事件 · 邻舍工作台", response_timeout=10)
async def incident_page(request: Request, incident_id: int) -> None:
    visit = Visit.of(request)
    with shell(visit, "tickets", "事件", back="/tickets") as frame:
        page = IncidentPage(frame, visit, incident_id)
        try:
            await page.load()
        except LinsheError as error:
            await frame.refuse(error)
            return
        await frame.refresh()
    hub.watch(visit, page.refresh)
