"""What every API call meets first: the fault plan, and the platform's way of saying no."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ops.wechat.faults import ApiFault
from ops.wechat.media import Medium
from ops.wechat.platform import Platform

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40018: "invalid button name size",
    40023: "invalid sub button size",
    40056: "invalid agentid",
    40058: "invalid parameter",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    40200: "invalid account type",
    40037: "invalid template_id",
    40006: "invalid file size",
    40035: "invalid parameter",
    40032: "invalid user list size",
    40096: "invalid external userid",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "corpsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41010: "missing url",
    41011: "agentid missing",
    41016: "missing title",
    41050: "invalid welcome code",
    42001: "access_token expired",
    42014: "taskid has existed or empty or exceed max len",
    42018: "invalid button key",
    42019: "missing button key",
    42020: "missing button name",
    42022: "code has been used",
    43004: "require subscribe",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45034: "url must have a scheme",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "client must have interacted with the user within 30 seconds",
    45081: "already typing",
    47001: "data format error",
    48001: "api unauthorized",
    60020: "not allow to access from your ip",
    65400: "please enable new customer service, or wait for a while if you have enabled",
    65416: "param invalid, please check",
    65417: "time range exceeds the limit",
    81012: "no user, party or tag",
    81013: "user & party & tag all invalid",
    93000: "invalid webhook url",
    95000: "invalid open_kfid",
    95001: "api freq out of limit: too many messages to this customer",
    95002: "the customer wrote more than 48 hours ago",
    95007: "invalid msg token",
    95008: "too many menu items",
    95013: "session has ended",
    95014: "not a servicer",
    95016: "session state cannot change that way",
    95018: "send msg session status invalid",
    95099: "msgid has been used",
}


class Refused(Exception):
    """An error code, answered with HTTP 200 as the platform does."""

    def __init__(self, code: int, why: str = "") -> None:
        super().__init__(why)
        self.code, self.why = code, why


def done(**fields: Any) -> web.Response:
    """errcode 0 and what belongs to it."""
    return _json({"errcode": 0, "errmsg": "ok", **fields})


def bare(**fields: Any) -> web.Response:
    """Tokens and uploads come without an errcode [D]."""
    return _json(fields)


def _json(body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, content_type="application/json", charset="utf-8")


def refusal(error: Refused) -> web.Response:
    words = f"{MESSAGES.get(error.code, 'error')}{': ' + error.why if error.why else ''} rid: simulated"
    return _json({"errcode": error.code, "errmsg": words})


async def payload(request: web.Request, platform: Platform) -> dict[str, Any]:
    """The JSON body. Raises Refused (47001)."""
    raw = await request.read()
    if rb"\u" in raw:
        # The platform shows such escapes to people as they are, in menus and messages alike [I].
        platform.ledger.find("ascii_escapes", request.path)
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refused(47001) from None
    if not isinstance(body, dict):
        raise Refused(47001)
    return body


def part(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A nested object. Raises Refused (47001)."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise Refused(47001, f"no {name}")
    return found


async def uploaded(request: web.Request, platform: Platform, kind: str, most: int, least: int = 0) -> Medium:
    """The multipart field `media`, kept; `most` and `least` are bytes. Raises Refused."""
    field = (await request.post()).get("media")
    if not isinstance(field, web.FileField):
        raise Refused(41005)
    content = field.file.read()
    if len(content) > most:
        raise Refused(45001)
    if len(content) < least:
        raise Refused(40006)
    return platform.media.add(kind, content, field.content_type)


def medium(found: Medium | None) -> web.Response:
    if found is None:
        raise Refused(40007)
    name = f'attachment; filename="{found.media_id[:12]}"'
    return web.Response(body=found.content, content_type=found.content_type, headers={"Content-Disposition": name})


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def faulty(platform: Platform) -> Any:
    """The middleware that lets calls go wrong, and turns refusals into answers."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(("/cgi-bin/", "/customservice/")):
            return await handler(request)
        platform.calls[request.path] += 1
        fault = platform.faults.for_call()
        if fault is not None:
            platform.tell(f"{request.path} 遇到故障 {fault}")
        if fault is ApiFault.BUSY:
            return refusal(Refused(-1))
        if fault is ApiFault.SERVER_ERROR:
            return web.Response(status=502, text="Bad Gateway")
        if fault is ApiFault.RESET:
            _hang_up(request)
            return web.Response()
        if fault is ApiFault.TIMEOUT:
            await asyncio.sleep(platform.hang)
            _hang_up(request)
            return web.Response()
        try:
            response = await handler(request)
        except Refused as error:
            platform.refused(request.path, error.code, str(error))
            response = refusal(error)
        if fault is ApiFault.LOST_RESPONSE:
            _hang_up(request)
        return response

    return middleware
