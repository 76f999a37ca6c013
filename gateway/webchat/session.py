"""Who a request comes from: the cookie, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from community.errors import NotSignedIn
from community.model.people import Resident
from community.services import webchat
from gateway.keys import COMMUNITY, HUB, SETTINGS

COOKIE = "linshe_chat"
SIGN_IN_AGAIN = "登录已过期，请重新进入。"


@dataclass(frozen=True)
class Visitor:
    token: str
    resident: Resident


async def signed_in(request: web.Request) -> Visitor:
    """Raises NotSignedIn when there is no session or it expired."""
    token = request.cookies.get(COOKIE, "")
    resident = await webchat.who(request.app[COMMUNITY], token) if token else None
    if resident is None:
        raise NotSignedIn(SIGN_IN_AGAIN)
    return Visitor(token, resident)


def give_cookie(request: web.Request, response: web.Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(webchat.LIFE.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].mode == "production",
    )


async def end_session(request: web.Request) -> None:
    """End the session the request came with, if any; its open pages are told."""
    token = request.cookies.get(COOKIE, "")
    if token:
        await webchat.logout(request.app[COMMUNITY], token)
        request.app[HUB].expire(token)
