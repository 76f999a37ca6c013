"""What the application carries, by typed key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from community.config import Settings
from community.ports import Community

if TYPE_CHECKING:
    from gateway.background import Background, WorkerBackground
    from gateway.limits import Limits
    from gateway.metrics import Metrics
    from gateway.webchat.hub import Hub
    from gateway.wechat.door import WechatDoor
    from gateway.wecom.door import WecomDoor

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COMMUNITY = web.AppKey("community", Community)
SETTINGS = web.AppKey("settings", Settings)
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
LIMITS: web.AppKey[Limits] = web.AppKey("limits")
HUB: web.AppKey[Hub] = web.AppKey("hub")
BACKGROUND: web.AppKey[Background] = web.AppKey("background")
WORKER: web.AppKey[WorkerBackground] = web.AppKey("worker")
"""In a worker process, where there is no BACKGROUND."""
WECHAT: web.AppKey[WechatDoor] = web.AppKey("wechat")
"""There only when an official account is configured."""
WECOM: web.AppKey[WecomDoor] = web.AppKey("wecom")
"""There only when a corporation is configured."""
