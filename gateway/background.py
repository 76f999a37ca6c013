"""What runs beside the requests, started and ended with the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiohttp import web

from community.config import Settings
from community.ports import Community
from community.services.kf import CHANNEL as KF
from community.services.wechat import CHANNEL
from gateway import clock
from gateway.attachments import Attachments, Fetcher
from gateway.delivery import Delivery, Sender
from gateway.hints import Hints
from gateway.keys import BACKGROUND, HUB
from gateway.metrics import Metrics
from gateway.rasa_client import RasaClient
from gateway.webchat.hub import Hub
from gateway.webchat.sender import WebchatSender
from gateway.wechat.parts import WechatParts
from gateway.wecom.parts import WecomParts
from gateway.wecom.robot import Robots
from gateway.worker import InboxWorker

log = structlog.get_logger("gateway.background")

RESTART_PAUSE = 1.0


class Background:
    """Worker, delivery, clock and hints of one process."""

    def __init__(
        self,
        community: Community,
        settings: Settings,
        metrics: Metrics,
        hub: Hub,
        wechat: WechatParts | None = None,
    ) -> None:
        self._community, self._hub, self._wechat = community, hub, wechat
        self.rasa = RasaClient(*settings.rasa_bases)
        senders: Mapping[str, Sender] = {"webchat": WebchatSender(hub)}
        self.wecom: WecomParts | None = None
        if settings.check_wecom():
            self.wecom = WecomParts(community, settings, metrics, self.received, self._alarm)
        self._robots = Robots(community, settings.wecom_api, settings.robots, self._alarm) if settings.robots else None
        self._metrics = metrics
        kf = self.wecom.kf if self.wecom is not None else None
        apart = ((CHANNEL,) if wechat is not None else ()) + ((KF,) if kf is not None else ())
        fetchers: dict[str, Fetcher] = {CHANNEL: wechat.api} if wechat is not None else {}
        if self.wecom is not None and kf is not None:
            fetchers[KF] = self.wecom.api
        self.delivery = Delivery(community, senders, metrics, but=apart)
        self.worker = InboxWorker(
            community,
            self.rasa,
            metrics,
            on_turn=hub.typing,
            on_done=self._worked_on,
            attachments=Attachments(community, fetchers),
        )
        self.hints = Hints(community.signals, metrics, ("inbox", "outbox", "staff"), self._hint)
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
        if self._wechat is not None:
            await self._wechat.open()
            runs["wechat"] = self._wechat.delivery.run
        if self.wecom is not None:
            await self.wecom.open()
            runs |= self.wecom.runs()
        if self._robots is not None:
            await self._robots.open()
            runs["robots"] = self._robots.run
        self._tasks = [asyncio.create_task(_for_ever(name, run), name=name) for name, run in runs.items()]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(self.worker.stop(), self.delivery.stop())
        await self.rasa.close()
        if self._wechat is not None:
            await self._wechat.close()
        if self.wecom is not None:
            await self.wecom.close()
        if self._robots is not None:
            await self._robots.close()

    def received(self, resident_id: int, message_id: int) -> None:
        """A message was taken in by this process: no need to wait for the signal of it."""
        self._hub.expect(resident_id, message_id)
        self.worker.wake()

    def _worked_on(self, resident_id: int) -> None:
        self._to_send(resident_id)

    def _alarm(self, reason: str) -> None:
        """Only a person can help: seen in the log and by whoever watches the metrics."""
        self._metrics.wechat_alarm.labels(reason).inc()
        log.error("wecom needs the operator", reason=reason)

    def _to_send(self, resident_id: int | None) -> None:
        """There may be something for this resident; None: for anybody."""
        self.delivery.wake()
        if resident_id is None:
            self._hub.poke_all()
        else:
            self._hub.poke(resident_id)
        if self._wechat is not None:
            self._wechat.delivery.wake()
            if resident_id is not None:
                self._wechat.callbacks.poke(resident_id)
        if self.wecom is not None:
            self.wecom.wake()

    def _hint(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == "inbox":
            self.worker.wake()
            if isinstance(payload.get("id"), int):
                self._hub.expect(payload["resident_id"], payload["id"])
        elif topic == "outbox":
            self._to_send(payload["resident_id"])
        elif topic == "staff":
            if self.wecom is not None:
                self.wecom.wake_staff()
        else:
            self.worker.wake()
            self._to_send(None)
            if self.wecom is not None:
                self.wecom.wake_staff()


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
