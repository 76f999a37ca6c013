"""The gate in front of every request: signed in or not, from this site or another, small enough or not."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from nicegui import __version__ as nicegui_version
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from community.model.media import MAX_UPLOAD_BYTES
from community.services import staff_auth
from console import heart
from console.errors import EXPIRED, sentence
from console.session import COOKIE, login_url

OPEN_PATHS = ("/login", "/session", "/healthz", "/favicon.ico")
OPEN_TREES = ("/static/", f"/_nicegui/{nicegui_version}/", "/_nicegui_ws/")
"""Program files and the socket. The socket carries nothing by itself: a page's handlers check the session (`Visit`)."""

NOT_PAGES = ("/photo/", "/_nicegui/")
"""What scripts and images ask for: a redirect to the sign-in page would be no answer to them."""

MAX_BODY = MAX_UPLOAD_BYTES + 64 * 1024
"""A photo and the multipart lines around it."""
TOO_LARGE = "照片太大了，请选 10 MB 以内的照片。"

# NiceGUI evaluates templates and handlers in the browser, hence the unsafe-*; nothing may come from another host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class BodyTooLarge(Exception):
    """More bytes arrived than any upload needs."""


def cookie_token(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def same_origin(headers: Headers) -> bool:
    """False when a browser says the request was made by another site's page."""
    if headers.get("sec-fetch-site") == "cross-site":
        return False
    origin = headers.get("origin")
    if not origin:
        return True
    host = headers.get("x-forwarded-host") or headers.get("host", "")
    return urlsplit(origin).netloc == host


class Gate:
    """ASGI middleware, so that it also stands before the web socket and sees bodies as they arrive."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            if not same_origin(Headers(scope=scope)):
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refused = await self._refuse(scope)
        if refused is not None:
            await refused(scope, receive, _with_headers(send))
            return
        await self._pass(scope, receive, send)

    async def _refuse(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        acts = scope["method"] not in ("GET", "HEAD") or path.startswith("/_nicegui_ws/")
        if acts and not same_origin(headers):
            return PlainTextResponse("请从工作台自己的页面操作。", 403)
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            return PlainTextResponse(TOO_LARGE, 413)
        if path in OPEN_PATHS or path.startswith(OPEN_TREES):
            return None
        token = cookie_token(headers.get("cookie", ""))
        try:
            staff = await staff_auth.who(heart.community(), token) if token else None
        except Exception as error:
            sentence(error, "gate")
            return PlainTextResponse("工作台暂时连不上数据，请稍后刷新。", 503)
        if staff is not None:
            scope.setdefault("state", {}).update(staff=staff, staff_token=token)
            return None
        if scope["method"] != "GET" or path.startswith(NOT_PAGES):
            return JSONResponse({"error": "not_signed_in", "message": EXPIRED if token else "请先登录。"}, 401)
        request = Request(scope)
        here = path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(login_url("expired" if token else "", here), 303)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken, started = 0, False

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise BodyTooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, counted, _with_headers(watched))
        except BodyTooLarge:
            if not started:
                await PlainTextResponse(TOO_LARGE, 413)(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", POLICY)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Referrer-Policy", "same-origin")
        await send(message)

    return sending
