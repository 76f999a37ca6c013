"""Everything 微信客服 needs beside WeCom's own routes and API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

import structlog

from community.ports import Community
from community.services import kf
from community.services.kf import CHANNEL
from gateway.delivery import Delivery
from gateway.metrics import Metrics
from gateway.wechat.kinds import KfNotice
from gateway.wecom.kf_api import Caller, KfApi
from gateway.wecom.kf_puller import KfPuller
from gateway.wecom.kf_sender import KfSender

log = structlog.get_logger("gateway.wecom.kf")


class KfParts:
    """`on_received` is told the resident and the inbox id of each message that was kept."""

    def __init__(
        self,
        community: Community,
        wecom: Caller,
        open_kfids: Collection[str],
        metrics: Metrics,
        *,
        on_received: Callable[[int, int], None],
        alarm: Callable[[str], None],
    ) -> None:
        self._community, self._accounts, self._metrics = community, frozenset(open_kfids), metrics
        self._on_received = on_received
        api = KfApi(wecom, alarm)
        self.puller = KfPuller(community, api, self._accounts, on_heard=self._heard, alarm=alarm)
        self.delivery = Delivery(community, {CHANNEL: KfSender(community, api)}, metrics, only=frozenset({CHANNEL}))

    def runs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {"kf": self.puller.run, "kf-delivery": self.delivery.run}

    async def noticed(self, notice: KfNotice) -> None:
        """There is something, says a push: noted durably before it is acknowledged. What is fetched is not awaited."""
        if notice.open_kf_id not in self._accounts:
            log.info("not one of our accounts")
            return
        await kf.noted(self._community, notice.open_kf_id, notice.token, notice.at)
        self.puller.wake()

    async def stop(self) -> None:
        await self.delivery.stop()

    def _heard(self, resident_id: int, inbox_id: int, duplicate: bool) -> None:
        self._metrics.received.labels(CHANNEL, str(duplicate).lower()).inc()
        self._on_received(resident_id, inbox_id)
