"""What runs beside the requests, started and ended with the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiohttp import web

from community.config import Settings
from community.ports import Community
from gateway import clock
from gateway.delivery import Delivery, Sender
from gateway.hints import Hints
from gateway.keys import BACKGROUND, HUB
from gateway.metrics import Metrics
from gateway.rasa_client import RasaClient
from gateway.webchat.hub import Hub
from gateway.webchat.sender import WebchatSender
from gateway.worker import InboxWorker

log = structlog.get_logger("gateway.background")

RESTART_PAUSE = 1.0


class Background:
    """Worker, delivery, clock and hints of one process."""

    def __init__(self, community: Community, settings: Settings, metrics: Metrics, hub: Hub) -> None:
        self._community, self._hub = community, hub
        self.rasa = RasaClient(*settings.rasa_bases)
        senders: Mapping[str, Sender] = {"webchat": WebchatSender(hub)}
        self.delivery = Delivery(community, senders, metrics)
        self.worker = InboxWorker(community, self.rasa, metrics, on_turn=hub.typing, on_done=self._worked_on)
        self.hints = Hints(community.signals, metrics, ("inbox", "outbox"), self._hint)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def alive(self) -> bool:
        return self.worker.alive and bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def start(self) -> None:
        await self.rasa.open()
        runs: dict[str, Callable[[], Awaitable[None]]] = {
            "worker": self.worker.run,
            "delivery": self.delivery.run,
            "hints": self.hints.run,
            "hub": lambda: self._hub.run(lambda: self.hints.hearing),
            "clock": lambda: clock.run(self._community),
        }
        self._tasks = [asyncio.create_task(_for_ever(name, run), name=name) for name, run in runs.items()]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self.worker.stop(), self.delivery.stop())
        await self.rasa.close()

    def received(self, resident_id: int, message_id: int) -> None:
        """A message was taken in by this process: no need to wait for the signal of it."""
        self._hub.expect(resident_id, message_id)
        self.worker.wake()

    def _worked_on(self, resident_id: int) -> None:
        self._hub.poke(resident_id)
        self.delivery.wake()

    def _hint(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == "inbox":
            self.worker.wake()
            if isinstance(payload.get("id"), int):
                self._hub.expect(payload["resident_id"], payload["id"])
        elif topic == "outbox":
            self.delivery.wake()
            self._hub.poke(payload["resident_id"])
        else:
            self.worker.wake()
            self.delivery.wake()
            self._hub.poke_all()


async def _for_ever(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Whatever goes wrong in a loop must not end it in silence."""
    while True:
        try:
            await run()
        except Exception as error:
            log.error("background part broke, starting it again", part=name, exc_info=error)
        await asyncio.sleep(RESTART_PAUSE)


async def background(app: web.Application) -> AsyncIterator[None]:
    """cleanup_ctx: sockets are closed first (on_shutdown), then these loops end."""
    await app[BACKGROUND].start()
    yield
    await app[BACKGROUND].stop()


async def close_sockets(app: web.Application) -> None:
    await app[HUB].close()
