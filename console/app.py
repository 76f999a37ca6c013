"""The console put together: pages, gate, live updates, and the heart opened for the life of the process."""

from __future__ import annotations

import hashlib
from contextlib import AsyncExitStack

from fastapi import Request
from nicegui import app, background_tasks, ui
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from community.bootstrap import open_community
from community.config import Settings
from console import (
    activities,
    audit,
    conversations,
    deliberation,
    deliberation_ballot,
    deliberation_meeting,
    deliberation_proposal,
    diary,
    diary_note,
    drafts,
    files,
    gifts,
    grids,
    guides,
    heart,
    incident,
    knowledge,
    knowledge_item,
    lawyer,
    layout,
    leave,
    letters,
    login,
    new_ticket,
    notice,
    notice_new,
    notices,
    privacy,
    privacy_letters,
    promises,
    sheet,
    shift,
    start,
    stats,
    teach,
    teach_figures,
    teach_labels,
    teach_models,
    ticket,
    tickets,
)
from console.errors import UNEXPECTED
from console.gate import Gate
from console.live import hub

PAGES = (
    activities, audit, conversations, deliberation, deliberation_ballot, deliberation_meeting, deliberation_proposal, diary, diary_note,
    drafts, files, gifts, grids, guides, incident, knowledge, knowledge_item, lawyer, leave, letters, login, new_ticket, notice,
    notice_new, notices, privacy, privacy_letters, promises, sheet, shift, start, stats, teach, teach_figures, teach_labels, teach_models,
    ticket, tickets,
)  # fmt: skip
"""Imported for what they register: each module brings its own pages and routes."""

LOST = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>没有找到 · 邻舍工作台</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{style}">
</head><body class="login-body"><div class="refusal"><div class="refusal-head">{heading}</div>
<a class="textlink" href="/">回首页</a></div></body></html>"""


def storage_secret(secret_key: str) -> str:
    """NiceGUI's own secret, which is not ours: what leaks of one says nothing about the other."""
    return hashlib.sha256(b"linshe console storage\0" + secret_key.encode()).hexdigest()


def build(settings: Settings) -> None:
    """Register everything on NiceGUI's app. Opens nothing yet."""
    layout.dress()
    app.add_middleware(Gate)
    app.add_exception_handler(404, _not_found)
    app.on_page_exception(_page_failed)
    rooms = AsyncExitStack()

    async def open_rooms() -> None:
        community = await rooms.enter_async_context(open_community(settings, search_at=f"http://127.0.0.1:{settings.actions_port}/search"))
        heart.use(community)
        background_tasks.create(hub.listen(community.signals), name="signals")
        background_tasks.create(hub.pulse(community.signals), name="pulse")

    async def close_rooms() -> None:
        heart.use(None)
        await rooms.aclose()

    app.on_startup(open_rooms)
    app.on_shutdown(close_rooms)


def run(settings: Settings) -> None:
    build(settings)
    ui.run(
        host=settings.console_host,
        port=settings.console_port,
        title="邻舍工作台",
        language="zh-CN",
        favicon=layout.STATIC / "favicon.svg",
        reload=False,
        show=False,
        show_welcome_message=False,
        tailwind=False,
        # A phone in a pocket or a lift comes back to the page it left.
        reconnect_timeout=30,
        storage_secret=storage_secret(settings.check_secret()),
        session_middleware_kwargs={"session_cookie": "linshe_console", "same_site": "strict"},
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def _page_failed(error: Exception) -> None:
    """What is shown instead of a page that failed. The error itself is in the log, never on the page."""
    with ui.element("div").classes("refusal"):
        ui.label("出错了").classes("refusal-head")
        ui.label(UNEXPECTED).classes("muted")
        ui.link("回首页", "/").classes("textlink")


async def _not_found(request: Request, error: Exception) -> Response:
    heading = "没有找到"
    if "text/html" in request.headers.get("accept", "text/html"):
        return HTMLResponse(LOST.format(heading=heading, style=layout.asset("console.css")), 404)
    detail = error.detail if isinstance(error, HTTPException) else heading
    return JSONResponse({"error": "not_found", "message": str(detail)}, 404)
