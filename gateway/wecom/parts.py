"""Everything WeCom needs beside its routes, built from the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from community.config import Settings
from community.ports import Community
from gateway.metrics import Metrics
from gateway.wechat.crypto import Codec
from gateway.wecom.api import WecomApi
from gateway.wecom.kf_parts import KfParts
from gateway.wecom.staff_parts import StaffParts

log = structlog.get_logger("gateway.wecom")


class WecomParts:
    """`kf` is there where accounts of 微信客服 are named, `staff` where the app of staff is."""

    def __init__(
        self,
        community: Community,
        settings: Settings,
        metrics: Metrics,
        on_received: Callable[[int, int], None],
        alarm: Callable[[str], None],
    ) -> None:
        keys = [key for key in (settings.wecom_aes_key, settings.wecom_aes_key_previous) if key]
        self.codec = Codec(settings.wecom_token, settings.wecom_corpid, keys)
        self.api = WecomApi(
            settings.wecom_api,
            settings.wecom_corpid,
            settings.wecom_secret,
            community.cache,
            community.clock,
            alarm,
        )
        accounts = settings.kf_accounts
        self.kf = (
            KfParts(community, self.api, accounts, metrics, on_received=on_received, alarm=alarm) if accounts else None
        )

        agentid = settings.wecom_agentid
        self.staff = StaffParts(community, self.api, agentid, alarm) if agentid else None

    def runs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        kf = self.kf.runs() if self.kf is not None else {}
        return kf | (self.staff.runs() if self.staff is not None else {})

    def wake(self) -> None:
        """There may be something to send."""
        if self.kf is not None:
            self.kf.delivery.wake()

    def wake_staff(self) -> None:
        """Staff sent something, or are to be told something."""
        if self.staff is not None:
            self.staff.wake()

    async def open(self) -> None:
        await self.api.open()

    async def close(self) -> None:
        if self.kf is not None:
            await self.kf.stop()
        if self.staff is not None:
            await self.staff.stop()
        await self.api.close()
