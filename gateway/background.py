"""What runs beside the requests of a process, started and ended with its application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from community.config import Settings
from community.model.message import InboxMessage
from community.ports import Community
from community.services import webchat
from gateway.hints import Hints
from gateway.keys import BACKGROUND, HUB, WORKER
from gateway.loops import Loops, Run
from gateway.metrics import Metrics
from gateway.webchat.hub import Hub
from gateway.wechat.door import WechatDoor
from gateway.work import TOPICS, Work

TYPING = "typing"
"""The signal by which a worker tells the gateways that the assistant has begun to answer."""


class Background:
    """Of a gateway: its hints and who listens to them; with LINSHE_WORKERS=0 all of the work too."""

    def __init__(
        self, community: Community, settings: Settings, metrics: Metrics, hub: Hub, wechat: WechatDoor | None = None
    ) -> None:
        self._hub, self._wechat = hub, wechat
        self.work = None if settings.workers else Work(community, settings, metrics, on_turn=self._turn_begins)
        topics = ("inbox", "outbox", TYPING) if self.work is None else (*TOPICS, TYPING)
        self.hints = Hints(community.signals, metrics, topics, self._hint)
        self._loops = Loops()

    @property
    def alive(self) -> bool:
        return self._loops.alive and (self.work is None or self.work.alive)

    async def start(self) -> None:
        runs: dict[str, Run] = {"hints": self.hints.run, "hub": lambda: self._hub.run(lambda: self.hints.hearing)}
        if self.work is not None:
            runs |= await self.work.open()
        self._loops.start(runs)

    async def stop(self) -> None:
        await self._loops.stop()
        if self.work is not None:
            await self.work.close()

    def received(self, resident_id: int, message_id: int) -> None:
        """A message was taken in by this process: no need to wait for the signal of it."""
        self._hub.expect(resident_id, message_id)
        self.woken("inbox")

    def woken(self, topic: str) -> None:
        """Something for whoever works was written by this process."""
        if self.work is not None:
            self.work.heard(topic, {})

    def _turn_begins(self, message: InboxMessage) -> None:
        self._hub.typing(message.resident_id)

    def _hint(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == "inbox" and isinstance(payload.get("id"), int):
            self._hub.expect(payload["resident_id"], payload["id"])
        elif topic == "outbox":
            self._hub.poke(payload["resident_id"])
            if self._wechat is not None:
                self._wechat.callbacks.poke(payload["resident_id"])
        elif topic == TYPING:
            self._hub.typing(payload["resident_id"])
        elif topic == "":
            self._hub.poke_all()
        if self.work is not None:
            self.work.heard(topic, payload)


class WorkerBackground:
    """Of a worker process: all of the work, and the hints that wake it."""

    def __init__(self, community: Community, settings: Settings, metrics: Metrics) -> None:
        self._signals = community.signals
        self.work = Work(community, settings, metrics, on_turn=self._turn_begins)
        self.hints = Hints(community.signals, metrics, TOPICS, self.work.heard)
        self._loops = Loops()

    @property
    def alive(self) -> bool:
        return self._loops.alive and self.work.alive

    async def start(self) -> None:
        self._loops.start({"hints": self.hints.run, **await self.work.open()})

    async def stop(self) -> None:
        await self._loops.stop()
        await self.work.close()

    def _turn_begins(self, message: InboxMessage) -> None:
        """Only the web chat shows it, in whatever gateway its page is open."""
        if message.channel == webchat.CHANNEL:
            self._signals.tell((TYPING, {"resident_id": message.resident_id}))


async def background(app: web.Application) -> AsyncIterator[None]:
    """cleanup_ctx: sockets are closed first (on_shutdown), then these loops end."""
    parts = app[WORKER] if WORKER in app else app[BACKGROUND]
    await parts.start()
    yield
    await parts.stop()


async def close_sockets(app: web.Application) -> None:
    await app[HUB].close()
