"""Who is at the console: the session cookie, the gate in front of every page, and the visit of one open page.

A page may stay open long after its session ended. So the cookie is checked twice: by `Gate` when a page or file is
requested, and by `Visit` again before every question or act that reaches the heart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar
from urllib.parse import quote

from fastapi import Request
from nicegui import Client, ui
from starlette.responses import Response

from community.errors import NotSignedIn
from community.ports import Community
from community.services import staff_auth
from community.services.staff_auth import StaffView
from console import heart
from console.errors import EXPIRED, sentence

COOKIE = "linshe_staff"

P = ParamSpec("P")
R = TypeVar("R")
Kind = Literal["positive", "negative", "warning", "info"]


def safe_next(target: str | None) -> str:
    """A path of this console to go to after sign-in; anything that could lead elsewhere becomes the start page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\", "/login")):
        return "/"
    if any(ord(char) < 32 or char == "\\" for char in target):
        return "/"
    return target


def login_url(why: str = "", back_to: str = "") -> str:
    parts = [f"why={quote(why)}"] if why else []
    if safe_next(back_to) != "/":
        parts.append(f"next={quote(back_to, safe='/')}")
    return "/login" + ("?" + "&".join(parts) if parts else "")


def set_cookie(response: Response, request: Request, token: str) -> None:
    # Secure only behind TLS: browsers drop Secure cookies on http://192.168.…, where a small community starts.
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/", secure=request.url.scheme == "https")


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


class Visit:
    """One open page of one signed-in member of staff."""

    def __init__(self, client: Client, token: str, staff: StaffView) -> None:
        self.client = client
        self.token = token
        self.staff = staff
        self.ended = False

    @classmethod
    def of(cls, request: Request) -> Visit:
        """The visit for the page being built. The gate has put token and staff on the request."""
        return cls(ui.context.client, request.state.staff_token, request.state.staff)

    async def check(self) -> StaffView:
        """Who this is now. Raises NotSignedIn when the session was ended or ran out since the page was opened."""
        staff = None if self.ended else await staff_auth.who(heart.community(), self.token)
        if staff is None:
            raise NotSignedIn(EXPIRED)
        self.staff = staff
        return staff

    async def ask(
        self, use_case: Callable[Concatenate[Community, int, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case of the heart as this member of staff, after checking that the session still stands."""
        staff = await self.check()
        return await use_case(heart.community(), staff.id, *args, **kwargs)

    def tell(self, text: str, kind: Kind = "info") -> None:
        """A short notice on the page. `kind` is Quasar's: positive, warning, negative, info."""
        if self.client.is_deleted:
            return
        with self.client:
            close = [{"label": "知道了", "color": "white"}]
            if kind == "positive":
                ui.notify(text, type=kind, position="top", timeout=1800)
            else:
                ui.notify(text, type=kind, position="top", timeout=8000, actions=close)

    def leave(self) -> None:
        """The session is over: this page goes to the sign-in page and says why."""
        self.ended = True
        if not self.client.is_deleted:
            self.client.run_javascript("linsheLeave()")

    @asynccontextmanager
    async def telling(self, doing: str) -> AsyncIterator[None]:
        """Errors inside are told to the person once, and end here."""
        try:
            yield
        except NotSignedIn:
            self.leave()
        except Exception as error:
            self.tell(sentence(error, doing), "warning")

    def handler(self, act: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
        """An event handler: errors are told, and a second click while the first is at work does nothing."""
        busy = False

        async def handle() -> None:
            nonlocal busy
            if busy:
                return
            busy = True
            try:
                async with self.telling(getattr(act, "__name__", "act")):
                    await act()
            finally:
                busy = False

        return handle
