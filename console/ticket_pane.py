"""One ticket, wherever it is shown: on a page of its own, or beside the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from community.model.category import Category, Urgency
from community.model.ticket import Move, Status
from community.services import contacts, desk, presence
from community.services.desk import DeskTicket
from community.services.presence import Colleague
from community.services.views import EventView, TicketView
from console import heart
from console.care import CarePart
from console.parts import Panel, fact, photos, tag
from console.recategory import CategoryForm
from console.session import Visit
from console.ticket_acts import Acts
from console.ticket_talk import TicketTalk
from console.two_sides import TwoSides
from console.words import countdown, promise_of, short_time, status_text, status_tone

LOUD = {
    Move.NOTE: "居民补充了内容",
    Move.URGE: "居民催办了",
    Move.CONFIRM: "居民确认办好了",
    Move.REOPEN: "居民说还没办好",
    Move.PARTLY: "居民说办了一部分",
    Move.RATE: "居民评价了",
    Move.WITHDRAW: "居民撤回了工单",
}
TELLING = frozenset({Move.NOTE, Move.REOPEN, Move.PARTLY, Move.RATE, Move.WITHDRAW})
"""Moves whose note says more than their name."""
BEFORE = {"report": "上报照片", "added": "补充照片"}
AFTER = {"staff": "现场照片", "after": "办结照片"}


@dataclass(frozen=True)
class Fresh:
    """A ticket as of a moment. The moment counts only by the texts it makes: equal texts redraw nothing."""

    ticket: DeskTicket
    due: str
    due_tone: str
    phone: str
    """In plain once this page's member asked for it, until the ticket is left."""


class TicketPane:
    """The parts of one ticket, each redrawn only when it changed. `after` refreshes the page around it.

    `resident_id` is known once it was loaded; `drafts` (number -> what is being written) outlive the pane.
    """

    def __init__(
        self, visit: Visit, number: str, after: Callable[[], Awaitable[None]], drafts: dict[str, str] | None = None
    ) -> None:
        self.visit, self.number = visit, number
        self.resident_id: int | None = None
        self._phone = ""
        self._events_seen: Sequence[EventView] | None = None
        self.acts = Acts(visit, number, after, self.seen)
        self._category = CategoryForm(visit, number, after)
        with ui.element("div").classes("ticket"):
            with ui.element("div").classes("t-main"):
                self._others: Panel[tuple[Colleague, ...]] = Panel(self._draw_others, "t-others")
                self._words = Panel(self._draw_words, "card t-words")
                self._sides = TwoSides(visit, number, after)
                self._care = CarePart(visit, number, after)
                self._talk = TicketTalk(visit, number, after, self.seen, drafts if drafts is not None else {})
            with ui.element("div").classes("t-side"):
                self._bar = Panel(self.acts.draw, "t-bar")
                self._facts = Panel(self._draw_facts, "card t-facts")
                self._place = Panel(self._draw_place, "card t-place")
                self._events = Panel(self._draw_events, "card t-events")
        visit.client.on_delete(self.left)

    def seen(self) -> int | None:
        """How many events of the ticket are on the page."""
        return len(self._events_seen) if self._events_seen is not None else None

    async def load(self) -> None:
        """Ask the heart and show. Raises NotFound when the ticket is not (any more) this person's to see."""
        thing = await self.visit.ask(desk.open_ticket, self.number, self._path)
        others = await self.visit.ask(presence.here, self.number)
        now = heart.community().clock.now()
        ticket = thing.detail.ticket
        self.resident_id = ticket.resident_id
        due = countdown(ticket, now)
        fresh = Fresh(thing, due.text, due.tone, self._phone)
        self._others.show(others)
        self._others.box.set_visibility(bool(others))
        self._words.show(fresh)
        self._facts.show(fresh)
        self._place.show((thing.household, thing.home_verified, tuple(thing.place_history)))
        self._events.show((thing.detail.events, f"{now:%Y-%m-%d}"))
        self._bar.show((thing.allowed, tuple(thing.transfer_to)))
        self._announce(thing.detail.events)
        await self._sides.load()
        await self._care.load(ticket.category is Category.ELDERLY_CARE)
        await self._talk.load(self.resident_id)

    @property
    def _path(self) -> str:
        """What 查阅记录 says of where it was looked at."""
        return f"/tickets/{self.number}"

    async def show_phone(self) -> None:
        self._phone = await self.visit.ask(contacts.show_phone, self.number, self._path)
        await self.load()

    async def left(self) -> None:
        """The pane is closed: colleagues need not think that somebody still looks."""
        try:
            await presence.gone(heart.community(), self.visit.staff.id, self.number)
        except RuntimeError:
            pass  # the console itself is closing; the mark ends by itself

    def _announce(self, now_events: Sequence[EventView]) -> None:
        """Say what the resident just did, so that it is not missed below the fold."""
        before, self._events_seen = self._events_seen, now_events
        if before is None:
            return
        for event in now_events[len(before) :]:
            if event.actor_kind == "resident" and event.move in LOUD:
                more = f"：{event.note}" if event.note and event.move in TELLING else "。"
                self.visit.tell(LOUD[event.move] + more)

    def _draw_others(self, others: tuple[Colleague, ...]) -> None:
        if others:
            ui.icon("group")
            ui.label("，".join(one.said for one in others))

    def _draw_words(self, fresh: Fresh) -> None:
        detail = fresh.ticket.detail
        ticket = detail.ticket
        with ui.element("div").classes("t-tags"):
            tag(status_text(ticket.status, ticket.status_name), f"s-{status_tone(ticket.status)}")
            tag(ticket.category_name)
            if Move.RECATEGORISE in fresh.ticket.allowed:
                button = ui.element("button").classes("textlink recat").props('type="button"')
                with button:
                    ui.label("改类别")
                button.on("click", self.visit.handler(lambda: self._category.ask(ticket)), args=[])
            if ticket.urgency is not Urgency.NORMAL:
                tag(ticket.urgency_name, "u-danger" if ticket.urgency is Urgency.DANGER else "u-high")
            if ticket.urge_count:
                tag(f"催办{ticket.urge_count}次", "u-high")
            if ticket.incident is not None:
                with ui.element("a").props(f'href="/incidents/{ticket.incident.id}"').classes("tag inc-tag"):
                    ui.label(f"事件 {ticket.incident.households}户")
            if ticket.partly:
                tag("居民说办了一部分", "u-high")
            if fresh.due:
                ui.label(fresh.due).classes(f"t-due {fresh.due_tone}")
        ui.label(ticket.words).classes("t-said")
        if ticket.detail:
            ui.label(ticket.detail).classes("t-detail")
        _draw_photos(detail.photos)

    def _draw_facts(self, fresh: Fresh) -> None:
        thing, now = fresh.ticket, heart.community().clock.now()
        ticket = thing.detail.ticket
        fact("地点", ticket.place_text or "没有说清")
        fact("居民", thing.resident_name or "未留姓名")
        if thing.contact:
            with ui.element("div").classes("fact"):
                ui.label("电话").classes("fact-name")
                if fresh.phone:
                    _phone(fresh.phone)
                else:
                    ui.label(thing.contact).classes("fact-masked")
                    button = ui.element("button").classes("textlink").props('type="button" title="查看会留下记录"')
                    with button:
                        ui.label("显示电话")
                    button.on("click", self.visit.handler(self.show_phone), args=[])
        if ticket.incident is not None:
            with ui.element("div").classes("fact"):
                ui.label("事件").classes("fact-name")
                mark = ticket.incident
                said = f"{mark.name}，{mark.households}户反映，{mark.open}件未办结"
                ui.link(said, f"/incidents/{mark.id}").classes("textlink fact-value")
        holder = " ".join(part for part in (ticket.holder_role, ticket.holder_name) if part)
        fact("经办", holder or "还没有派给人", "" if holder else "late")
        if ticket.holder_phone and ticket.holder_id != self.visit.staff.id:
            with ui.element("div").classes("fact"):
                ui.label("经办电话").classes("fact-name")
                _phone(ticket.holder_phone)
        filer = next((event for event in thing.detail.events if event.move is Move.FILE), None)
        behalf = f"（{filer.who}代报）" if filer is not None and filer.actor_kind == "staff" else ""
        fact("上报", short_time(ticket.created_at, now) + behalf)
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
                with ui.element("div").classes("earlier-line"):
                    ui.label(
                        f"{short_time(ticket.created_at, now)} · {status_text(ticket.status, ticket.status_name)}"
                    ).classes("muted")
                    promise = promise_of(ticket, now)
                    ui.label(promise.text).classes(f"earlier-due {promise.tone}")

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
    """The move as staff name it: a note by staff is 备注, or 答复 when the resident reads it; by the resident 补充."""
    if event.move is Move.NOTE and event.actor_kind == "staff":
        return "答复" if event.visible else "备注"
    return "代报" if event.move is Move.FILE and event.actor_kind == "staff" else event.move_name


def _draw_photos(kept: Sequence[tuple[str, str]]) -> None:
    """What it was like, and what it is like now, side by side."""
    sides = [
        [(name, [media_hash for media_hash, kind in kept if kind == wanted]) for wanted, name in kinds.items()]
        for kinds in (BEFORE, AFTER)
    ]
    if not any(hashes for side in sides for _, hashes in side):
        return
    with ui.element("div").classes("before-after"):
        for side in sides:
            with ui.element("div").classes("ba-side"):
                for name, hashes in side:
                    if hashes:
                        ui.label(name).classes("section")
                        photos(hashes)


def _late(ticket: TicketView, due: datetime, now: datetime) -> str:
    return "late" if ticket.is_open and ticket.status is not Status.RESOLVED and now > due else ""


def _phone(number: str) -> None:
    dial = "".join(ch for ch in number if ch.isdigit() or ch == "+")
    ui.link(number, f"tel:{dial}").classes("textlink fact-value")
