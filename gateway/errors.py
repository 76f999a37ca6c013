"""Errors become answers here, once: a code for programs, one Chinese sentence for people, never a traceback."""

from __future__ import annotations

import secrets

import structlog
from aiohttp import web

from community.errors import (
    Conflict,
    Forbidden,
    IllegalMove,
    InvalidInput,
    LinsheError,
    NotFound,
    NotSignedIn,
    Unavailable,
)
from gateway.keys import Handler

log = structlog.get_logger("gateway.errors")

STATUS: dict[type[LinsheError], int] = {
    NotFound: 404,
    Forbidden: 403,
    InvalidInput: 400,
    IllegalMove: 409,
    Conflict: 409,
    NotSignedIn: 401,
    Unavailable: 503,
}

# What aiohttp itself refuses before a handler of ours runs.
HTTP_SENTENCES = {
    400: ("bad_request", "这个请求有问题，请刷新页面再试。"),
    403: ("forbidden", "不能这样访问。"),
    404: ("not_found", "没有这个页面。"),
    405: ("method_not_allowed", "不能这样访问这个地址。"),
    413: ("too_large", "发送的内容太大了，请分开发送。"),
}


class Refusal(Exception):
    """What the door itself refuses, before the heart is asked."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def answer(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": code, "message": message}, status=status, headers=headers)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return answer(refusal.status, refusal.code, refusal.message, refusal.headers)
    except LinsheError as error:
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
        if status is not None:
            return answer(status, error.code, error.message)
        # ConfigError and whatever is added later: a sentence for the operator, not for a resident.
        return _unexpected(request, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code, sentence = HTTP_SENTENCES.get(error.status, ("error", "这个请求没有成功，请稍后再试。"))
        allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return answer(error.status, code, sentence, allowed)
    except ConnectionError:
        # The other side went away in the middle: nobody is left to be told.
        raise
    except Exception as error:
        return _unexpected(request, error)


def _unexpected(request: web.Request, error: Exception) -> web.Response:
    trouble = secrets.token_hex(4)
    log.error("unexpected error", trouble=trouble, method=request.method, exc_info=error)
    sentence = f"抱歉，系统出了点问题，请稍后再试。如果一直这样，请把编号 {trouble} 告诉社区工作人员。"
    return answer(500, "internal", sentence)
