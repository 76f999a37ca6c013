"""The web chat's calls (docs/architecture.md, "The web chat's wire"): read the request, ask one service, answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

from community.errors import InvalidInput, NotFound
from community.model.people import Resident
from community.services import homes, inbound, outbound, privacy, webchat
from gateway import body
from gateway.errors import Refusal, answer
from gateway.keys import BACKGROUND, COMMUNITY, LIMITS, METRICS, SETTINGS
from gateway.webchat import wire
from gateway.webchat.session import COOKIE, end_session, give_cookie, signed_in
from gateway.webchat.socket import open_socket

STATIC = Path(__file__).parent / "static"

_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")


async def page(request: web.Request) -> web.Response:
    mode = request.app[SETTINGS].mode
    html = (STATIC / "chat.html").read_text(encoding="utf-8").replace("{{mode}}", mode)
    return web.Response(text=html, content_type="text/html", charset="utf-8", headers={hdrs.CACHE_CONTROL: "no-cache"})


async def me(request: web.Request) -> web.Response:
    resident = (await signed_in(request)).resident
    return web.json_response({"resident": await _shown(request, resident), "mode": request.app[SETTINGS].mode})


async def my_data(request: web.Request) -> web.Response:
    """A resident's copy of their own data: a signed link is the key, whoever has no session in this browser may open it too."""
    limits = request.app[LIMITS]
    limits.check(limits.starts, request.remote or "", "打开得太快了，请稍等一会儿再试。")
    copy = await privacy.fetch(request.app[COMMUNITY], request.match_info["token"])
    return web.json_response(
        copy,
        dumps=lambda thing: json.dumps(thing, ensure_ascii=False, indent=1, default=str),
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_DISPOSITION: "attachment; filename=linshe-my-data.json",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
    )


async def _shown(request: web.Request, resident: Resident) -> dict[str, Any]:
    """`key` lets the page keep unsent messages of two residents of one browser apart."""
    home = await homes.home_of(request.app[COMMUNITY], resident.id)
    elder = (await privacy.profile(request.app[COMMUNITY], resident.id)).elder
    return {"key": resident.key, "name": resident.name, "home": home.text if home else "", "elder": elder}


async def start(request: web.Request) -> web.Response:
    await body.json_object(request)
    _slow_down_starts(request)
    token, resident = await webchat.start(request.app[COMMUNITY])
    return await _welcome(request, token, resident)


async def demo_residents(request: web.Request) -> web.Response:
    _demo_only(request)
    known = await webchat.demo_residents(request.app[COMMUNITY])
    return web.json_response([{"key": r.key, "code": r.code, "name": r.name, "home": r.home} for r in known])


async def demo_login(request: web.Request) -> web.Response:
    _demo_only(request)
    wanted = (await body.json_object(request)).get("resident")
    if not isinstance(wanted, str) or not wanted.strip():
        raise Refusal(400, "invalid", "请选择一位居民。")
    _slow_down_starts(request)
    token, resident = await webchat.demo_login(request.app[COMMUNITY], body.text_of(wanted))
    return await _welcome(request, token, resident)


async def logout(request: web.Request) -> web.Response:
    await body.json_object(request)
    await end_session(request)
    response = web.json_response({})
    response.del_cookie(COOKIE, path="/")
    return response


def _demo_only(request: web.Request) -> None:
    if request.app[SETTINGS].mode != "demo":
        raise NotFound("没有这个页面。")


def _slow_down_starts(request: web.Request) -> None:
    limits = request.app[LIMITS]
    limits.check(limits.starts, request.remote or "", "来的人有点多，请稍等一会儿再进。")


async def _welcome(request: web.Request, token: str, resident: Resident) -> web.Response:
    # Somebody else before, in this browser: their session ends, their other tabs are told.
    await end_session(request)
    response = web.json_response({"resident": await _shown(request, resident)}, status=200)
    give_cookie(request, response, token)
    return response


async def history(request: web.Request) -> web.Response:
    visitor = await signed_in(request)
    asked = request.query.get("limit", "50")
    limit = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 50
    lines = await outbound.history(request.app[COMMUNITY], visitor.resident.id, max(1, min(limit, 200)))
    return web.json_response({"messages": [wire.message(line) for line in lines]})


async def say(request: web.Request) -> web.Response:
    visitor = await signed_in(request)
    said = await body.json_object(request)
    limits = request.app[LIMITS]
    limits.check(limits.messages, visitor.token, "发得太快了，请歇几秒再发。")
    incoming = _incoming(said, visitor.resident)
    received = await inbound.receive(request.app[COMMUNITY], incoming)
    request.app[METRICS].received.labels(webchat.CHANNEL, str(received.duplicate).lower()).inc()
    request.app[BACKGROUND].received(visitor.resident.id, received.id)
    return web.json_response({"id": received.id, "duplicate": received.duplicate}, status=202)


def _incoming(said: dict[str, Any], resident: Resident) -> inbound.Incoming:
    """What the page sent, as the heart takes it. `client_id` is the page's own and unique only for this resident."""
    client_id = said.get("client_id")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise Refusal(400, "invalid", "缺少消息编号（client_id），请刷新页面再试。")
    text = said.get("text")
    return inbound.Incoming(
        channel=webchat.CHANNEL,
        resident_id=resident.id,
        dedup_key=f"{resident.key}:{client_id}",
        text="" if text is None else body.text_of(text),
        photos=_photos(said.get("photos")),
        choice=_choice(said.get("choice")),
    )


def _photos(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(p, str) and _HASH.fullmatch(p) for p in value):
        raise Refusal(400, "invalid", "照片没有上传成功，请重新选一次。")
    return tuple(dict.fromkeys(value))


def _choice(value: Any) -> tuple[str, int] | None:
    if value is None:
        return None
    key, index = (value.get("message"), value.get("index")) if isinstance(value, dict) else (None, None)
    # bool is an int in Python; a database id has at most 18 digits here.
    if not isinstance(key, str) or not re.fullmatch(r"out-[0-9]{1,18}", key) or type(index) is not int:
        raise Refusal(400, "invalid", "没有看清您选了哪一项，请直接打字告诉我。")
    return key, index


async def upload_photo(request: web.Request) -> web.Response:
    visitor = await signed_in(request)
    limits = request.app[LIMITS]
    limits.check(limits.photos, visitor.token, "照片发得太快了，请歇一会儿再发。")
    raw = await body.photo(request)
    try:
        async with limits.decoding:
            media = await webchat.store_photo(request.app[COMMUNITY], visitor.resident.id, raw)
    except InvalidInput as error:
        return answer(415, "not_a_photo", error.message)
    return web.json_response({"hash": media.hash, "url": f"/api/photos/{media.hash}"}, status=201)


async def show_photo(request: web.Request) -> web.StreamResponse:
    visitor = await signed_in(request)
    media_hash = request.match_info["hash"]
    if not _HASH.fullmatch(media_hash):
        raise NotFound("没有这张照片。")
    path = await webchat.photo_for_resident(request.app[COMMUNITY], visitor.resident.id, media_hash)
    # Kept by the browser but asked about each time: the next person at this browser may not see it.
    return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: "image/jpeg", hdrs.CACHE_CONTROL: "private, no-cache"})


async def _static_headers(request: web.Request, response: web.StreamResponse) -> None:
    # Names of files do not change with their content: the browser asks, and is mostly told "not modified".
    if request.path.startswith("/chat/static/"):
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-cache")


def add_webchat(app: web.Application) -> None:
    app.add_routes(
        [
            web.get("/chat", page),
            web.static("/chat/static", STATIC),
            web.get("/api/me", me),
            web.get("/my-data/{token}", my_data),
            web.post("/api/start", start),
            web.get("/api/demo/residents", demo_residents),
            web.post("/api/demo/login", demo_login),
            web.post("/api/logout", logout),
            web.get("/api/history", history),
            web.post("/api/messages", say),
            web.post("/api/photos", upload_photo),
            web.get("/api/photos/{hash}", show_photo),
            web.get("/api/ws", open_socket),
        ]
    )
    app.on_response_prepare.append(_static_headers)
