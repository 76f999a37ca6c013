"""Everything the official account needs beside its routes, built from the settings."""

from __future__ import annotations

import structlog

from community.config import Settings
from community.ports import Community
from community.services.outbound import Rules
from community.services.wechat import CHANNEL
from gateway.delivery import Delivery
from gateway.metrics import Metrics
from gateway.wechat.api import WechatApi
from gateway.wechat.callback import Mode
from gateway.wechat.crypto import Codec
from gateway.wechat.gathering import Gathering
from gateway.wechat.sender import WechatSender
from gateway.wechat.waiting import Callbacks

log = structlog.get_logger("gateway.wechat")


class WechatParts:
    """`passive`: the account may not push, answers ride on callbacks."""

    def __init__(self, community: Community, settings: Settings, metrics: Metrics) -> None:
        keys = [key for key in (settings.wechat_aes_key, settings.wechat_aes_key_previous) if key]
        self.codec = Codec(settings.wechat_token, settings.wechat_appid, keys)
        self.mode: Mode = settings.wechat_mode
        self.passive = settings.wechat_push == "passive"
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
            silent=only if self.passive else frozenset(), templates=only if template is not None else frozenset()
        )
        self.delivery = Delivery(community, {CHANNEL: sender}, metrics, only=only, rules=rules)
        self.callbacks = Callbacks(community)
        self.gathering = Gathering(community)

    def _alarm(self, reason: str) -> None:
        """Only a person can help: seen in the log and by whoever watches the metrics."""
        self._metrics.wechat_alarm.labels(reason).inc()
        log.error("wechat needs the operator", reason=reason)

    async def open(self) -> None:
        await self.api.open()

    async def close(self) -> None:
        await self.delivery.stop()
        await self.api.close()
