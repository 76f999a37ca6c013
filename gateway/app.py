"""The application: what every request passes through, and the rooms behind the door."""

from __future__ import annotations

import asyncio
import secrets
import time

import structlog
from aiohttp import hdrs, web

from community.config import Settings
from community.ports import Community
from community.services import liveness, webchat
from gateway import body, security
from gateway.background import Background, WorkerBackground, background, close_sockets
from gateway.certificates import add_certificates
from gateway.errors import errors
from gateway.keys import BACKGROUND, COMMUNITY, HUB, LIMITS, METRICS, SETTINGS, WECHAT, WECOM, WORKER, Handler
from gateway.limits import Limits
from gateway.metrics import Metrics
from gateway.webchat.hub import Hub
from gateway.webchat.routes import add_webchat
from gateway.wechat.door import WechatDoor
from gateway.wechat.routes import add_wechat
from gateway.wecom.door import WecomDoor
from gateway.wecom.routes import add_wecom

log = structlog.get_logger("gateway.http")

HEALTH_SECONDS = 2.0
QUIET = ("/healthz", "/metrics", "/chat/static", "/wechat", "/wecom")
"""Not a line in the log for each of these that goes well: they come by the thousand, and are counted."""


def _route(request: web.Request) -> str:
    """The pattern, not the path: a photo's hash has no business in logs and counters."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count and log every request, without who sent it or what it says."""
    began = time.monotonic()
    structlog.contextvars.bind_contextvars(request=secrets.token_hex(4))
    status = 499
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        route, seconds = _route(request), time.monotonic() - began
        metrics = request.app[METRICS]
        method = request.method if request.method in hdrs.METH_ALL else "OTHER"
        metrics.requests.labels(method, route, str(status)).inc()
        if status != 101:
            # A socket is as long as somebody reads; among seconds it would drown everything else.
            metrics.request_seconds.labels(route).observe(seconds)
        if not route.startswith(QUIET) or status >= 400:
            log.info("request", method=request.method, route=route, status=status, ms=round(seconds * 1000))


async def healthz(request: web.Request) -> web.Response:
    """200 when the database answers and what runs beside the requests runs. Signals may be away: then it is slower, not ill. So may
    the workers, where this gateway leaves the work to them: it keeps what comes, and a load balancer must go on sending it."""
    database, worker = True, False
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await webchat.who(request.app[COMMUNITY], "healthz")
            worker = await liveness.worker_lives(request.app[COMMUNITY])
    except Exception as error:
        log.error("database does not answer", exc_info=error)
        database = False
    parts = request.app[WORKER] if WORKER in request.app else request.app[BACKGROUND]
    if parts.work is not None:
        worker = parts.alive
    state = {"database": database, "signals": parts.hints.hearing, "worker": worker}
    ok = database and parts.alive
    return web.json_response({"ok": ok, **state}, status=200 if ok else 503)


async def metrics_text(request: web.Request) -> web.Response:
    text = request.app[METRICS].text()
    return web.Response(body=text, headers={hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8"})


async def home(request: web.Request) -> web.Response:
    raise web.HTTPFound("/chat")


def make_worker_app(community: Community, settings: Settings) -> web.Application:
    """A worker process: what it does starts and ends with the application, whose only pages tell how it is."""
    app = web.Application(middlewares=[observe, errors])
    metrics = Metrics()
    app[COMMUNITY], app[SETTINGS], app[METRICS] = community, settings, metrics
    app[WORKER] = WorkerBackground(community, settings, metrics)
    app.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics_text)])
    app.cleanup_ctx.append(background)
    return app


def make_app(community: Community, settings: Settings) -> web.Application:
    """Everything of the gateway on one community. The loops beside the requests start and end with the application."""
    app = web.Application(middlewares=[observe, errors, security.same_site], client_max_size=body.MAX_JSON)
    metrics = Metrics()
    hub = Hub(community, metrics)
    app[COMMUNITY], app[SETTINGS], app[METRICS], app[HUB] = community, settings, metrics, hub
    app[LIMITS] = Limits()
    wechat = WechatDoor(community, settings) if settings.check_wechat() else None
    app[BACKGROUND] = Background(community, settings, metrics, hub, wechat)
    app.add_routes([web.get("/", home), web.get("/healthz", healthz), web.get("/metrics", metrics_text)])
    add_webchat(app)
    add_certificates(app)
    if wechat is not None:
        app[WECHAT] = wechat
        add_wechat(app)
    if settings.check_wecom():
        app[WECOM] = WecomDoor(community, settings, app[BACKGROUND].woken)
        add_wecom(app)
    app.on_response_prepare.append(security.harden)
    app.on_shutdown.append(close_sockets)
    app.cleanup_ctx.append(background)
    return app
