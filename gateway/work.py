"""Everything that works on rows: turns, sends, fetching, the clock. In worker processes of its own, so that the door, which has
milliseconds to acknowledge, does not share a core's attention with it; or in the gateway itself (LINSHE_WORKERS=0).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from community.config import Settings
from community.model.message import InboxMessage
from community.ports import Community
from community.services import staff_out
from community.services.kf import CHANNEL as KF
from community.services.wechat import CHANNEL as WECHAT
from gateway import clock, liveness
from gateway.attachments import Attachments, Fetcher
from gateway.delivery import Delivery
from gateway.loops import Run
from gateway.metrics import Metrics
from gateway.rasa_client import RasaClient
from gateway.webchat.sender import WebchatSender
from gateway.wechat.work import WechatWork
from gateway.wecom.robot import Robots
from gateway.wecom.work import WecomWork
from gateway.worker import InboxWorker

log = structlog.get_logger("gateway.work")

UNTOLD_EVERY = 1800.0
TOPICS = ("inbox", "outbox", "staff", "kf")
"""What `heard` wants to hear of."""


def _nothing(_: InboxMessage) -> None:
    pass


class Work:
    """`on_turn` is told each message that goes to the assistant."""

    def __init__(
        self,
        community: Community,
        settings: Settings,
        metrics: Metrics,
        *,
        on_turn: Callable[[InboxMessage], None] = _nothing,
    ) -> None:
        self._community, self._metrics = community, metrics
        self.rasa = RasaClient(*settings.rasa_bases)
        self.wechat = WechatWork(community, settings, metrics) if settings.check_wechat() else None
        self.wecom: WecomWork | None = None
        if settings.check_wecom():
            self.wecom = WecomWork(community, settings, metrics, self._received, self._alarm)
        self._robots = Robots(community, settings.wecom_api, settings.robots, self._alarm) if settings.robots else None
        kf = self.wecom.kf if self.wecom is not None else None
        apart = ((WECHAT,) if self.wechat is not None else ()) + ((KF,) if kf is not None else ())
        fetchers: dict[str, Fetcher] = {WECHAT: self.wechat.api} if self.wechat is not None else {}
        if self.wecom is not None and kf is not None:
            fetchers[KF] = self.wecom.api
        self.delivery = Delivery(community, {"webchat": WebchatSender()}, metrics, but=apart)
        self.worker = InboxWorker(
            community,
            self.rasa,
            metrics,
            on_turn=on_turn,
            on_done=lambda resident_id: self._to_send(),
            attachments=Attachments(community, fetchers),
        )

    @property
    def alive(self) -> bool:
        return self.worker.alive

    async def open(self) -> dict[str, Run]:
        """The loops to run from now on."""
        await self.rasa.open()
        runs: dict[str, Run] = {
            "worker": self.worker.run,
            "delivery": self.delivery.run,
            "clock": lambda: clock.run(self._community),
            "liveness": lambda: liveness.run(self._community, lambda: self.alive),
        }
        if self.wechat is not None:
            await self.wechat.open()
            runs["wechat"] = self.wechat.delivery.run
        if self.wecom is not None:
            await self.wecom.open()
            runs |= self.wecom.runs()
        if self.wecom is None or self.wecom.staff is None:
            runs["untold"] = self._drop_untold
        if self._robots is not None:
            await self._robots.open()
            runs["robots"] = self._robots.run
        return runs

    async def close(self) -> None:
        """After the loops have ended: what is under way may finish."""
        await asyncio.gather(self.worker.stop(), self.delivery.stop())
        await self.rasa.close()
        for part in (self.wechat, self.wecom, self._robots):
            if part is not None:
                await part.close()

    def heard(self, topic: str, payload: dict[str, Any]) -> None:
        """A hint of something to do. '' stands for all that may have been missed."""
        if topic in ("inbox", ""):
            self.worker.wake()
        if topic in ("outbox", ""):
            self._to_send()
        if self.wecom is not None:
            if topic in ("staff", ""):
                self.wecom.wake_staff()
            if topic in ("kf", ""):
                self.wecom.wake_kf()

    async def _drop_untold(self) -> None:
        """Nobody here sends to staff in WeCom."""
        while True:
            if dropped := await staff_out.drop_untold(self._community):
                log.info("no WeCom: not kept for it", letters=dropped)
            await asyncio.sleep(UNTOLD_EVERY)

    def _received(self, resident_id: int, message_id: int) -> None:
        self.worker.wake()

    def _alarm(self, reason: str) -> None:
        """Only a person can help: seen in the log and by whoever watches the metrics."""
        self._metrics.wechat_alarm.labels(reason).inc()
        log.error("wecom needs the operator", reason=reason)

    def _to_send(self) -> None:
        self.delivery.wake()
        if self.wechat is not None:
            self.wechat.delivery.wake()
        if self.wecom is not None:
            self.wecom.wake()
