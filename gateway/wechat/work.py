"""The official account's API and what is sent through it, built from the settings."""

from __future__ import annotations

import structlog

from community.config import Settings
from community.ports import Community
from community.services.parcels import Rules
from community.services.wechat import CHANNEL
from gateway.delivery import Delivery
from gateway.metrics import Metrics
from gateway.wechat.api import WechatApi
from gateway.wechat.sender import WechatSender

log = structlog.get_logger("gateway.wechat")


class WechatWork:
    def __init__(self, community: Community, settings: Settings, metrics: Metrics) -> None:
        self._metrics = metrics
        self.api = WechatApi(
            settings.wechat_api,
            settings.wechat_appid,
            settings.wechat_secret,
            community.cache,
            community.clock,
            self._alarm,
        )
        template = (settings.wechat_template_id, settings.template_fields) if settings.wechat_template_id else None
        sender = WechatSender(
            community, self.api, settings.wechat_appid, menus=settings.wechat_menu_messages, template=template
        )
        only = frozenset({CHANNEL})
        rules = Rules(
            silent=only if settings.wechat_push == "passive" else frozenset(),
            templates=only if template is not None else frozenset(),
        )
        # A passive account sends nothing of which it could be asked.
        record = self.api if settings.wechat_record and settings.wechat_push != "passive" else None
        self.delivery = Delivery(
            community, {CHANNEL: sender}, metrics, only=only, rules=rules, record=record, alarm=self._alarm
        )

    def _alarm(self, reason: str) -> None:
        """Only a person can help: seen in the log and by whoever watches the metrics."""
        self._metrics.wechat_alarm.labels(reason).inc()
        log.error("wechat needs the operator", reason=reason)

    async def open(self) -> None:
        await self.api.open()

    async def close(self) -> None:
        await self.delivery.stop()
        await self.api.close()
