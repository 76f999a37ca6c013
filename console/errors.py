"""Errors of the heart, said to staff once. What is not a LinsheError is logged and never shown."""

from __future__ import annotations

import structlog
from nicegui import ui

from community.errors import Conflict, Forbidden, IllegalMove, LinsheError, NotFound, NotSignedIn, Unavailable

log = structlog.get_logger("console")

UNEXPECTED = "没有成功，请稍后再试一次。"
EXPIRED = "登录已过期，请重新登录。"

_HTTP = {NotFound: 404, Forbidden: 403, NotSignedIn: 401, Conflict: 409, IllegalMove: 409, Unavailable: 503}
_HEADINGS = {404: "没有找到", 403: "没有权限", 503: "暂时不可用"}


def http_status(error: Exception) -> int:
    """The HTTP status that goes with an error of the heart; 500 for anything unexpected."""
    for kind, status in _HTTP.items():
        if isinstance(error, kind):
            return status
    return 400 if isinstance(error, LinsheError) else 500


def sentence(error: Exception, doing: str = "") -> str:
    """What to tell the person. Logs the error with its traceback when nobody planned for it."""
    if isinstance(error, LinsheError):
        return error.message
    log.error("unexpected", doing=doing, exc_info=error)
    return UNEXPECTED


def refusal(error: Exception, back: str = "回首页", href: str = "/") -> None:
    """Fill the current container with why there is nothing to see here."""
    message = sentence(error, "page")
    heading = _HEADINGS.get(http_status(error), "出错了")
    with ui.element("div").classes("refusal"):
        ui.label(heading).classes("refusal-head")
        if message.rstrip("。") != heading:
            ui.label(message).classes("muted")
        ui.link(back, href).classes("textlink")
