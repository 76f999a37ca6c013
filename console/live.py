"""Open pages stay fresh: one subscription per process, fanned out to the pages, with polling underneath.

A signal is only a hint that something changed; the page then asks the heart again, as its own member of staff, so a
signal can never show anybody more than a reload would.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from nicegui import background_tasks

from community.errors import LinsheError, NotSignedIn
from community.ports import Signals
from console.session import Visit

log = structlog.get_logger("console.live")

SHARED_TOPICS = ("tickets", "conversations", "privacy", "drafts")
MESSAGE_TOPICS = ("inbox", "outbox", "sent")
MODELS = "models"
"""A training goes on: only the trainers' pages want to know."""
PRESENCE = "presence"
"""A colleague opened, writes about or left a ticket: only pages that show it want to know."""
POLL_DEAF = 5.0
"""Seconds between looks while no signals arrive (Valkey away)."""
POLL_HEARING = 15.0
"""Seconds between looks while they do: for a lost hint, and for clocks that run out without anybody doing anything."""
PULSE = 5.0
PULSE_TOPIC = "console"
PAUSE = 0.3
"""After a refresh a page rests this long, so that a burst of signals is one refresh and not fifty."""

Refresh = Callable[[], Awaitable[None]]


class Watch:
    """One open page that wants to be refreshed. Tickets and conversations concern every page (its badges at least);
    single messages only the page of the resident's conversation, colleagues only that of the ticket (`number`) they are at."""

    def __init__(self, hub: Hub, visit: Visit, refresh: Refresh, resident_id: int | None) -> None:
        self.hub, self.visit, self.refresh, self.resident_id = hub, visit, refresh, resident_id
        self.number = ""
        self.models = False
        self._due = asyncio.Event()
        self._stopped = False

    def wake(self) -> None:
        self._due.set()

    def cares_for(self, topic: str, payload: dict[str, Any]) -> bool:
        if topic in SHARED_TOPICS:
            return True
        if topic == MODELS:
            return self.models
        if topic == PRESENCE:
            return bool(self.number) and payload.get("number") == self.number
        return self.resident_id is not None and payload.get("resident_id") == self.resident_id

    def stop(self) -> None:
        self._stopped = True
        self._due.set()

    async def run(self) -> None:
        await self.visit.client.connected()
        troubled = False
        try:
            while not self._stopped and not self.visit.client.is_deleted:
                try:
                    async with asyncio.timeout(POLL_HEARING if self.hub.hearing else POLL_DEAF):
                        await self._due.wait()
                except TimeoutError:
                    pass
                self._due.clear()
                if self._stopped or self.visit.client.is_deleted:
                    return
                troubled = await self._look(troubled)
                await asyncio.sleep(PAUSE)
        finally:
            self.hub.forget(self)

    async def _look(self, troubled: bool) -> bool:
        """Refresh once. Returns whether it failed: an outage is told at its start and its end, not each time."""
        try:
            await self.visit.check()
            await self.refresh()
        except NotSignedIn:
            self.visit.leave()
            self.stop()
        except Exception as error:
            if not isinstance(error, LinsheError):
                log.warning("refresh failed", error=repr(error))
            if not troubled:
                self.visit.tell("页面暂时没有更新，正在重试。", "warning")
            return True
        else:
            if troubled:
                self.visit.tell("页面已恢复更新。", "positive")
        return False


class Hub:
    """Fans signals out to the watches of this process."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._name = secrets.token_hex(8)
        self._heard_at = float("-inf")

    @property
    def hearing(self) -> bool:
        """Whether our own pulse came back lately: publishing, the server and the subscription all work."""
        return time.monotonic() - self._heard_at < 3 * PULSE

    def watch(self, visit: Visit, refresh: Refresh, resident_id: int | None = None) -> Watch:
        """Keep the page of `visit` fresh until it is closed; `resident_id` when it shows that resident's talk."""
        watch = Watch(self, visit, refresh, resident_id)
        self._watches.add(watch)
        visit.client.on_delete(watch.stop)
        background_tasks.create(watch.run(), name=f"watch {visit.client.page.path}")
        return watch

    def forget(self, watch: Watch) -> None:
        self._watches.discard(watch)

    def wake(self, topic: str | None = None, payload: dict[str, Any] | None = None) -> None:
        """Tell the pages that care for what happened (None: all) to look."""
        for watch in tuple(self._watches):
            if topic is None or watch.cares_for(topic, payload or {}):
                watch.wake()

    def signed_out(self, token: str) -> None:
        """The other open pages of an ended session leave now, not at their next look."""
        for watch in tuple(self._watches):
            if watch.visit.token == token:
                watch.wake()

    async def listen(self, signals: Signals) -> None:
        """Runs for the life of the process. Without signals the pages still look by themselves (POLL_DEAF)."""
        while True:
            try:
                async for topic, payload in signals.listen((*SHARED_TOPICS, *MESSAGE_TOPICS, PRESENCE, MODELS, PULSE_TOPIC)):
                    if topic == PULSE_TOPIC:
                        self._hear(str(payload.get("from", "")))
                    else:
                        self.wake(topic, payload)
            except Exception as error:
                log.warning("signals lost", error=repr(error))
            await asyncio.sleep(2)

    def _hear(self, sender: str) -> None:
        if sender != self._name:
            return
        deaf_before = not self.hearing
        self._heard_at = time.monotonic()
        if deaf_before:
            self.wake()  # what was said while nobody could hear

    async def pulse(self, signals: Signals) -> None:
        """Runs for the life of the process: says a word to itself, to know whether it would hear others."""
        while True:
            try:
                await signals.publish((PULSE_TOPIC, {"from": self._name}))
            except Exception as error:
                if self.hearing:
                    log.warning("signals lost, pages poll", error=repr(error))
            await asyncio.sleep(PULSE)


hub = Hub()
