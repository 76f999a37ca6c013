"""WeCom's API and all that goes through it: staff's app, and 微信客服."""

from __future__ import annotations

from collections.abc import Callable, Collection

from community.config import Settings
from community.ports import Community
from community.services.kf import CHANNEL
from community.services.parcels import Rules
from gateway.delivery import Delivery
from gateway.loops import Run
from gateway.metrics import Metrics
from gateway.wecom.api import WecomApi
from gateway.wecom.kf_api import Caller, KfApi
from gateway.wecom.kf_puller import KfPuller
from gateway.wecom.kf_sender import KfSender
from gateway.wecom.staff_api import StaffApi
from gateway.wecom.staff_sender import StaffSender
from gateway.wecom.staff_worker import StaffWorker


class WecomWork:
    """`kf` is there where accounts of 微信客服 are named, `staff` where the app of staff is. `on_received` is told the resident and the
    inbox id of each message that was fetched."""

    def __init__(
        self,
        community: Community,
        settings: Settings,
        metrics: Metrics,
        on_received: Callable[[int, int], None],
        alarm: Callable[[str], None],
    ) -> None:
        self.api = WecomApi(
            settings.wecom_api,
            settings.wecom_corpid,
            settings.wecom_secret,
            community.cache,
            community.clock,
            alarm,
        )
        accounts = settings.kf_accounts
        self.kf = KfWork(community, self.api, accounts, metrics, on_received, alarm) if accounts else None
        agentid = settings.wecom_agentid
        self.staff = StaffWork(community, self.api, agentid, alarm) if agentid else None

    def runs(self) -> dict[str, Run]:
        kf = self.kf.runs() if self.kf is not None else {}
        return kf | (self.staff.runs() if self.staff is not None else {})

    def wake(self) -> None:
        """There may be something to send to residents."""
        if self.kf is not None:
            self.kf.delivery.wake()

    def wake_kf(self) -> None:
        """There may be something to fetch."""
        if self.kf is not None:
            self.kf.puller.wake()

    def wake_staff(self) -> None:
        """Staff sent something, or are to be told something."""
        if self.staff is not None:
            self.staff.wake()

    async def open(self) -> None:
        await self.api.open()

    async def close(self) -> None:
        if self.kf is not None:
            await self.kf.delivery.stop()
        if self.staff is not None:
            await self.staff.stop()
        await self.api.close()


class KfWork:
    def __init__(
        self,
        community: Community,
        wecom: Caller,
        open_kfids: Collection[str],
        metrics: Metrics,
        on_received: Callable[[int, int], None],
        alarm: Callable[[str], None],
    ) -> None:
        self._metrics, self._on_received = metrics, on_received
        api = KfApi(wecom, alarm)
        self.puller = KfPuller(community, api, frozenset(open_kfids), on_heard=self._heard, alarm=alarm)
        only = frozenset({CHANNEL})
        sender = KfSender(community, api)
        self.delivery = Delivery(community, {CHANNEL: sender}, metrics, only=only, rules=Rules(repeatable=only))

    def runs(self) -> dict[str, Run]:
        return {"kf": self.puller.run, "kf-delivery": self.delivery.run}

    def _heard(self, resident_id: int, inbox_id: int, duplicate: bool) -> None:
        self._metrics.received.labels(CHANNEL, str(duplicate).lower()).inc()
        self._on_received(resident_id, inbox_id)


class StaffWork:
    def __init__(self, community: Community, wecom: WecomApi, agentid: str, alarm: Callable[[str], None]) -> None:
        self.sender = StaffSender(community, StaffApi(wecom, agentid), alarm)
        self.worker = StaffWorker(community, wecom, self.sender.wake)

    def runs(self) -> dict[str, Run]:
        return {"staff-worker": self.worker.run, "staff-sender": self.sender.run}

    def wake(self) -> None:
        self.worker.wake()
        self.sender.wake()

    async def stop(self) -> None:
        await self.worker.stop()
        await self.sender.stop()
