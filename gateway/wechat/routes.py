"""GET and POST /wechat: what the platform calls. Kept, then acknowledged; every refusal is logged by its reason only."""

from __future__ import annotations

import secrets
import time

import structlog
from aiohttp import web

from community.services import passive
from community.services.wechat import CHANNEL, Heard
from gateway.keys import BACKGROUND, COMMUNITY, METRICS, WECHAT
from gateway.wechat import intake
from gateway.wechat.callback import Push, open_push, open_verify
from gateway.wechat.crypto import Refused
from gateway.wechat.messages import Message, from_wechat
from gateway.wechat.replies import SUCCESS, TextReply, render, seal

log = structlog.get_logger("gateway.wechat")

PATH = "/wechat"
MAX_PUSH = 1024 * 1024
WAIT = 4.5
"""Seconds after which a callback must be answered; the platform hangs up after 5."""


def add_wechat(app: web.Application) -> None:
    app.add_routes([web.get(PATH, verify), web.post(PATH, receive)])


async def verify(request: web.Request) -> web.Response:
    """The platform asks whether it is us, when the address is entered or changed."""
    try:
        now = request.app[COMMUNITY].clock.now()
        echo = open_verify(request.app[WECHAT].codec, request.query, now, encrypted_echo=False)
    except Refused as error:
        return _refused(request, error)
    return web.Response(text=echo)


async def receive(request: web.Request) -> web.StreamResponse:
    began = time.monotonic()
    door, c = request.app[WECHAT], request.app[COMMUNITY]
    try:
        push = open_push(door.codec, door.mode, request.query, await read_push(request), c.clock.now())
        message = from_wechat(push.fields)
    except Refused as error:
        return _refused(request, error)
    heard = await intake.take(c, message, door.arrivals)
    if heard is None:
        return web.Response(text=SUCCESS)
    if heard.received is not None:
        request.app[METRICS].received.labels(CHANNEL, str(heard.received.duplicate).lower()).inc()
        request.app[BACKGROUND].received(heard.resident_id, heard.received.id)
    if not door.passive:
        return web.Response(text=SUCCESS)
    return await _answer(request, push, message, heard, WAIT - (time.monotonic() - began))


async def _answer(
    request: web.Request, push: Push, message: Message, heard: Heard, seconds: float
) -> web.StreamResponse:
    """Wait for the answer and give it; it counts as sent only once it is written."""
    door, c = request.app[WECHAT], request.app[COMMUNITY]
    inbox_id = heard.received.id if heard.received is not None else None
    answer = await door.callbacks.answer(heard.resident_id, message.user, inbox_id, seconds)
    if not answer.text.strip():
        return web.Response(text=SUCCESS)
    now = c.clock.now()
    body = render(TextReply(answer.text), message, now, push.format)
    if push.encrypted:
        body = seal(door.codec, body, push.key, str(int(now.timestamp())), secrets.token_hex(8), push.format)
    kind = "application/json" if push.format == "json" else "application/xml"
    response = web.Response(body=body.encode("utf-8", "replace"), content_type=kind, charset="utf-8")
    try:
        await response.prepare(request)
        await response.write_eof()
    except BaseException:
        # Also when the platform hung up and this handler is cancelled: the rows must not wait for their lease.
        await passive.not_given(c, inbox_id, answer)
        raise
    await passive.given(c, heard.resident_id, answer)
    return response


async def read_push(request: web.Request) -> bytes:
    """The body of a push. Raises Refused when it is larger than any of theirs."""
    raw = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        raw += chunk
        if len(raw) > MAX_PUSH:
            raise Refused(413, "too_large")
    return bytes(raw)


def _refused(request: web.Request, error: Refused) -> web.Response:
    request.app[METRICS].wechat_refused.labels(error.reason).inc()
    # A downgrade is signed by the right token: somebody set the account to another mode, or knows the token.
    level = log.error if error.reason == "downgrade" else log.warning
    level("push refused", reason=error.reason, status=error.status)
    return web.Response(status=error.status, text=error.reason)
