"""GET and POST /wecom: what WeCom calls. Kept, then acknowledged; every refusal is logged by its reason only."""

from __future__ import annotations

import structlog
from aiohttp import web

from gateway.keys import COMMUNITY, METRICS, WECOM
from gateway.wechat.callback import open_push, open_verify
from gateway.wechat.crypto import Refused
from gateway.wechat.messages import from_wechat
from gateway.wechat.replies import SUCCESS
from gateway.wechat.routes import read_push

log = structlog.get_logger("gateway.wecom")

PATH = "/wecom"


def add_wecom(app: web.Application) -> None:
    app.add_routes([web.get(PATH, verify), web.post(PATH, receive)])


async def verify(request: web.Request) -> web.Response:
    """WeCom asks whether it is us, when the address is entered or changed."""
    try:
        now = request.app[COMMUNITY].clock.now()
        echo = open_verify(request.app[WECOM].codec, request.query, now, encrypted_echo=True)
    except Refused as error:
        return _refused(request, error)
    return web.Response(text=echo)


async def receive(request: web.Request) -> web.Response:
    door, c = request.app[WECOM], request.app[COMMUNITY]
    try:
        push = open_push(door.codec, "safe", request.query, await read_push(request), c.clock.now())
        message = from_wechat(push.fields)
    except Refused as error:
        return _refused(request, error)
    await door.take(message)
    return web.Response(text=SUCCESS)


def _refused(request: web.Request, error: Refused) -> web.Response:
    request.app[METRICS].wechat_refused.labels(error.reason).inc()
    log.warning("push refused", reason=error.reason, status=error.status)
    return web.Response(status=error.status, text=error.reason)
