"""Conversations: who waits for a person, and one conversation to take over, answer and hand back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from nicegui import ui

from community.errors import LinsheError, NotFound
from community.model.conversation import Holder, Topic
from community.services import conversations
from community.services.views import TicketView
from console import errors, heart
from console.chat import Chat
from console.layout import Shell, shell
from console.live import hub
from console.parts import Panel, empty
from console.session import Visit
from console.words import ago_text, promise_of, status_text

LONG_WAIT = timedelta(minutes=15)
"""Somebody who waits longer than this for a person is shown in red."""


@dataclass(frozen=True)
class Entry:
    """One conversation as the queue shows it."""

    resident_id: int
    name: str
    home: str
    topic: str
    topic_tone: str
    last_text: str
    since: str
    since_tone: str
    holder: str
    chosen: bool


def entry_of(view: conversations.ConversationView, staff_id: int, chosen: int | None, now: datetime) -> Entry:
    waiting = view.holder == Holder.WAITING
    since = view.requested_at if waiting else view.last_at
    mine = view.staff_id == staff_id
    return Entry(
        resident_id=view.resident_id,
        name=view.resident_name,
        home=view.home,
        topic=view.topic_name,
        topic_tone="u-danger" if view.topic == Topic.DANGER else "",
        last_text=view.last_text or view.reason,
        since=("等了" + ago_text(since, now).removesuffix("前") if waiting else ago_text(since, now)) if since else "",
        since_tone="late" if waiting and since and now - since > LONG_WAIT else "",
        holder="" if waiting else "我接待中" if mine else f"{view.staff_name}接待中",
        chosen=view.resident_id == chosen,
    )


class Queue:
    """The list on the left (on a phone: the first page)."""

    def __init__(self, visit: Visit, chosen: int | None) -> None:
        self.visit, self.chosen = visit, chosen
        self._panel = Panel(self._draw, "queue")

    async def load(self) -> None:
        views = await self.visit.ask(conversations.queue)
        now, staff_id = heart.community().clock.now(), self.visit.staff.id
        waiting = [v for v in views if v.holder == Holder.WAITING]
        # Danger first, then who has waited longest.
        waiting.sort(key=lambda v: (v.topic != Topic.DANGER, v.requested_at or now))
        mine = [v for v in views if v.holder == Holder.STAFF and v.staff_id == staff_id]
        others = [v for v in views if v.holder == Holder.STAFF and v.staff_id != staff_id]
        self._panel.show(
            tuple(
                (name, tuple(entry_of(v, staff_id, self.chosen, now) for v in group))
                for name, group in (("等待接待", waiting), ("我接待的", mine), ("同事接待的", others))
                if group
            )
        )

    def _draw(self, groups: tuple[tuple[str, tuple[Entry, ...]], ...]) -> None:
        if not groups:
            empty("没有人在等。居民要找人工时，会出现在这里。", "forum")
        for name, entries in groups:
            ui.label(f"{name} {len(entries)}").classes("section")
            for entry in entries:
                self._draw_entry(entry)

    def _draw_entry(self, entry: Entry) -> None:
        current = ' aria-current="true"' if entry.chosen else ""
        with ui.element("a").props(f'href="/conversations/{entry.resident_id}"{current}').classes("entry"):
            with ui.element("div").classes("entry-top"):
                ui.label(entry.name).classes("entry-name")
                ui.label(entry.topic).classes(f"tag {entry.topic_tone}")
                ui.label(entry.since).classes(f"entry-since {entry.since_tone}")
            ui.label(entry.home).classes("entry-home")
            ui.label(entry.last_text).classes("entry-last")
            if entry.holder:
                ui.label(entry.holder).classes("entry-holder")


def draw_tickets(tickets: tuple[TicketView, ...]) -> None:
    """The resident's tickets, beside their conversation."""
    now = heart.community().clock.now()
    ui.label("这位居民的工单").classes("section")
    if not tickets:
        ui.label("没有。").classes("muted")
    for ticket in tickets:
        promise = promise_of(ticket, now)
        with ui.element("a").props(f'href="/tickets/{ticket.number}"').classes("earlier"):
            ui.label(ticket.title).classes("earlier-title")
            with ui.element("div").classes("earlier-line"):
                ui.label(f"{ticket.number} · {status_text(ticket.status, ticket.status_name)}").classes("muted")
                ui.label(promise.text).classes(f"earlier-due {promise.tone}")


async def build(visit: Visit, frame: Shell, resident_id: int | None) -> None:
    """Queue, chat and tickets side by side; the style sheet leaves one of them on a phone."""
    with ui.element("div").classes("talks" + (" talking" if resident_id is not None else "")):
        queue = Queue(visit, resident_id)
        chat: Chat | None = None
        beside: Panel[tuple[TicketView, ...]] | None = None
        if resident_id is None:
            with ui.element("div").classes("chat chat-none"):
                empty("选一段对话，在这里接待。", "chat_bubble_outline")
        else:
            chat = Chat(visit, resident_id)
            beside = Panel(draw_tickets, "beside")

    async def look() -> None:
        if chat is not None and beside is not None:
            detail = await chat.load()
            beside.show(tuple(detail.tickets))
            frame.title.set_text(detail.view.resident_name)
        await queue.load()
        await frame.refresh()

    gone = False

    async def refresh() -> None:
        nonlocal gone
        try:
            if gone:
                await frame.refresh()
            else:
                await look()
        except NotFound as error:
            gone = True
            # Handed back meanwhile, by a colleague or because nobody wrote: it is the assistant's again.
            _refuse(frame, error)
            await frame.refresh()

    if chat is not None:
        chat.after = refresh
    try:
        await look()
    except LinsheError as error:
        visit.client.status_code = errors.http_status(error)
        _refuse(frame, error)
        await frame.refresh()
        return
    hub.watch(visit, refresh, resident_id)


def _refuse(frame: Shell, error: LinsheError) -> None:
    frame.content.clear()
    with frame.content:
        errors.refusal(error, "回对话", "/conversations")


@ui.page("/conversations", title="对话 · 邻舍工作台", response_timeout=10)
async def queue_page(request: Request) -> None:
    visit = Visit.of(request)
    with shell(visit, "conversations", "对话") as frame:
        await build(visit, frame, None)


@ui.page("/conversations/{resident_id}", title="对话 · 邻舍工作台", response_timeout=10)
async def conversation_page(request: Request, resident_id: str) -> None:
    visit = Visit.of(request)
    with shell(visit, "conversations", "对话", back="/conversations") as frame:
        # An id that is no number (or none a database could hold) names nobody: the heart says so in its own words.
        number = resident_id.isascii() and resident_id.isdigit() and len(resident_id) <= 18
        await build(visit, frame, int(resident_id) if number else 0)
