"""One ticket on one page: what was said, where, who has it, what happened, and what this person may do now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError, NotFound
from community.model.category import Urgency
from community.model.ticket import Move, Status
from community.services import desk
from community.services.desk import DeskTicket
from community.services.views import EventView, TicketView
from console import errors, heart
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, fact, photos, tag
from console.session import Visit
from console.ticket_acts import Acts
from console.words import promise_of, short_time, status_text, status_tone

LOUD = {
    Move.NOTE: "居民补充了内容",
    Move.URGE: "居民催办了",
    Move.CONFIRM: "居民确认办好了",
    Move.REOPEN: "居民说还没办好",
    Move.RATE: "居民评价了",
    Move.WITHDRAW: "居民撤回了工单",
}
TELLING = frozenset({Move.NOTE, Move.REOPEN, Move.RATE, Move.WITHDRAW})
"""Moves whose note says more than their name."""
PHOTO_KINDS = {"report": "上报照片", "added": "补充照片", "staff": "现场照片", "after": "办结照片"}


@dataclass(frozen=True)
class Fresh:
    """A ticket as of a moment. The moment counts only by the texts it makes: equal texts redraw nothing."""

    ticket: DeskTicket
    due: str
    due_tone: str


class TicketPage:
    """The parts of one ticket's page, each redrawn only when it changed."""

    def __init__(self, frame: Shell, visit: Visit, number: str) -> None:
        self.frame, self.visit, self.number = frame, visit, number
        self._seen: Sequence[EventView] | None = None
        self._gone = False
        self.acts = Acts(visit, number, self.refresh)
        with ui.element("div").classes("ticket"):
            with ui.element("div").classes("t-main"):
                self._words = Panel(self._draw_words, "card t-words")
                self._events = Panel(self._draw_events, "card t-events")
            with ui.element("div").classes("t-side"):
                self._bar = Panel(self.acts.draw, "t-bar")
                self._facts = Panel(self._draw_facts, "card t-facts")
                self._place = Panel(self._draw_place, "card t-place")

    async def load(self) -> None:
        thing = await self.visit.ask(desk.open_ticket, self.number)
        now = heart.community().clock.now()
        promise = promise_of(thing.detail.ticket, now)
        fresh = Fresh(thing, promise.text, promise.tone)
        self._words.show(fresh)
        self._facts.show(fresh)
        self._place.show((thing.household, thing.home_verified, tuple(thing.place_history)))
        self._events.show((thing.detail.events, f"{now:%Y-%m-%d}"))
        self._bar.show((thing.allowed, tuple(thing.transfer_to)))
        self._announce(thing.detail.events)

    def _announce(self, now_events: Sequence[EventView]) -> None:
        """Say what the resident just did, so that it is not missed below the fold."""
        before, self._seen = self._seen, now_events
        if before is None:
            return
        for event in now_events[len(before) :]:
            if event.actor_kind == "resident" and event.move in LOUD:
                more = f"：{event.note}" if event.note and event.move in TELLING else "。"
                self.visit.tell(LOUD[event.move] + more)

    async def refresh(self) -> None:
        try:
            if not self._gone:
                await self.load()
        except NotFound as error:
            # It was moved out of what this person may see while they looked at it.
            self._gone = True
            self.frame.content.clear()
            with self.frame.content:
                errors.refusal(error)
        await self.frame.refresh()

    def _draw_words(self, fresh: Fresh) -> None:
        detail = fresh.ticket.detail
        ticket = detail.ticket
        with ui.element("div").classes("t-tags"):
            tag(status_text(ticket.status, ticket.status_name), f"s-{status_tone(ticket.status)}")
            tag(ticket.category_name)
            if ticket.urgency is not Urgency.NORMAL:
                tag(ticket.urgency_name, "u-danger" if ticket.urgency is Urgency.DANGER else "u-high")
            if ticket.urge_count:
                tag(f"催办{ticket.urge_count}次", "u-high")
            if fresh.due:
                ui.label(fresh.due).classes(f"t-due {fresh.due_tone}")
        ui.label(ticket.words).classes("t-said")
        if ticket.detail:
            ui.label(ticket.detail).classes("t-detail")
        for kind, name in PHOTO_KINDS.items():
            hashes = [media_hash for media_hash, of in detail.photos if of == kind]
            if hashes:
                ui.label(name).classes("section")
                photos(hashes)

    def _draw_facts(self, fresh: Fresh) -> None:
        thing, now = fresh.ticket, heart.community().clock.now()
        ticket = thing.detail.ticket
        fact("地点", ticket.place_text or "没有说清")
        fact("居民", thing.resident_name or "未留姓名")
        if thing.contact:
            with ui.element("div").classes("fact"):
                ui.label("电话").classes("fact-name")
                _phone(thing.contact)
        holder = " ".join(part for part in (ticket.holder_role, ticket.holder_name) if part)
        fact("经办", holder or "还没有派给人", "" if holder else "late")
        if ticket.holder_phone and ticket.holder_id != self.visit.staff.id:
            with ui.element("div").classes("fact"):
                ui.label("经办电话").classes("fact-name")
                _phone(ticket.holder_phone)
        fact("上报", short_time(ticket.created_at, now))
        if ticket.accepted_at is None:
            fact("接单时限", short_time(ticket.accept_by, now), _late(ticket, ticket.accept_by, now))
        else:
            fact("接单", short_time(ticket.accepted_at, now))
        fact("办结时限", short_time(ticket.resolve_by, now), _late(ticket, ticket.resolve_by, now))
        if ticket.ended_at is not None:
            fact("结束", short_time(ticket.ended_at, now))
        if ticket.rating:
            fact("评价", f"{ticket.rating} 分（满分 5 分）")

    def _draw_place(self, known: tuple[str, bool, tuple[TicketView, ...]]) -> None:
        household, verified, history = known
        now = heart.community().clock.now()
        if household:
            ui.label("住户").classes("section")
            with ui.element("div").classes("t-household"):
                ui.label(household)
                if not verified:
                    tag("住址未核实")
        ui.label("此地其他工单").classes("section")
        if not history:
            ui.label("没有。").classes("muted")
        for ticket in history:
            with ui.element("a").props(f'href="/tickets/{ticket.number}"').classes("earlier"):
                ui.label(ticket.title).classes("earlier-title")
                ui.label(
                    f"{short_time(ticket.created_at, now)} · {status_text(ticket.status, ticket.status_name)}"
                ).classes("muted")

    def _draw_events(self, history: tuple[Sequence[EventView], str]) -> None:
        now = heart.community().clock.now()
        ui.label("经过").classes("section")
        with ui.element("ol").classes("timeline"):
            for event in history[0]:
                with ui.element("li").classes(f"event by-{event.actor_kind}"):
                    with ui.element("div").classes("event-head"):
                        ui.label(event_name(event)).classes("event-name")
                        ui.label(event.who).classes("event-who")
                        if not event.visible:
                            tag("居民不可见")
                        ui.label(short_time(event.at, now)).classes("event-at")
                    if event.note:
                        ui.label(event.note).classes("event-note")


def event_name(event: EventView) -> str:
    """The move as staff name it: a note by staff is 备注, by the resident 补充."""
    return "备注" if event.move is Move.NOTE and event.actor_kind == "staff" else event.move_name


def _late(ticket: TicketView, due: datetime, now: datetime) -> str:
    return "late" if ticket.is_open and ticket.status is not Status.RESOLVED and now > due else ""


def _phone(number: str) -> None:
    dial = "".join(ch for ch in number if ch.isdigit() or ch == "+")
    ui.link(number, f"tel:{dial}").classes("textlink fact-value")


@ui.page("/tickets/{number}", title="工单 · 邻舍工作台", response_timeout=10)
async def ticket_page(request: Request, number: str) -> None:
    visit = Visit.of(request)
    visit.client.title = f"工单 {number[:12]} · 邻舍工作台"
    with shell(visit, "tickets", f"工单 {number[:12]}", back="/tickets") as frame:
        page = TicketPage(frame, visit, number)
        try:
            await page.load()
        except LinsheError as error:
            visit.client.status_code = errors.http_status(error)
            frame.content.clear()
            errors.refusal(error)
            await frame.refresh()
            return
        await frame.refresh()
    hub.watch(visit, page.refresh)
