"""The official account's API: tokens, customer-service messages, typing, media, templates, menus."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from ops.wechat import messages
from ops.wechat.http import Refused, bare, done, medium, part, payload, uploaded
from ops.wechat.media import LIMITS
from ops.wechat.platform import Platform
from ops.wechat.push import Push
from ops.wechat.seal import MAX_TEXT
from ops.wechat.users import User

MEDIA_KINDS = ("image", "voice", "video")
OTHER_KINDS = ("music", "news", "mpnews", "mpnewsarticle", "wxcard", "miniprogrampage")
TYPING_AFTER = 30.0
"""Seconds after the resident's last sign of life in which typing may be shown [D]."""
CLIENT_ID_LASTS = 600.0
"""Seconds [D]."""
TYPING_LASTS = 15.0
"""Seconds [G]."""


class OfficialApi:
    """`routes()` are to be mounted at the root: the paths are the platform's."""

    def __init__(self, platform: Platform) -> None:
        self.p = platform
        self._client_ids: dict[tuple[str, str], float] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/cgi-bin/stable_token", self.stable_token),
            web.get("/cgi-bin/token", self.token),
            web.post("/cgi-bin/message/custom/send", self.send),
            web.post("/cgi-bin/message/custom/typing", self.typing),
            web.post("/cgi-bin/message/template/send", self.template),
            web.post("/cgi-bin/menu/create", self.menu),
            web.post("/customservice/msgrecord/getmsglist", self.records),
        ]

    # --- who asks ----------------------------------------------------------------------------------------------------

    def _from_where(self, request: web.Request) -> None:
        ips = self.p.account.ips
        if ips and request.remote not in ips:
            raise Refused(40164, str(request.remote))

    def _credentials(self, appid: object, secret: object) -> None:
        if appid != self.p.account.appid:
            raise Refused(40013)
        if secret != self.p.account.secret:
            raise Refused(40125)

    def _authorised(self, request: web.Request) -> None:
        self._from_where(request)
        code = self.p.tokens.check(request.query.get("access_token", ""))
        if code:
            raise Refused(code)

    async def stable_token(self, request: web.Request) -> web.Response:
        self._from_where(request)
        body = await payload(request, self.p)
        if body.get("grant_type") != "client_credential":
            raise Refused(40002)
        self._credentials(body.get("appid"), body.get("secret"))
        got = self.p.tokens.stable(force=body.get("force_refresh") is True)
        if isinstance(got, int):
            raise Refused(got)
        return bare(access_token=got[0], expires_in=got[1])

    async def token(self, request: web.Request) -> web.Response:
        self._from_where(request)
        if request.query.get("grant_type") != "client_credential":
            raise Refused(40002)
        self._credentials(request.query.get("appid"), request.query.get("secret"))
        value, lasts = self.p.tokens.plain()
        return bare(access_token=value, expires_in=lasts)

    # --- messages ----------------------------------------------------------------------------------------------------

    def _receiver(self, openid: object) -> User:
        user = self.p.users.get(str(openid))
        if user is None:
            raise Refused(40003)
        if not user.follows:
            raise Refused(43004)
        return user

    async def send(self, request: web.Request) -> web.Response:
        self._authorised(request)
        body = await payload(request, self.p)
        if not self.p.account.may_push:
            raise Refused(48001)
        user = self._receiver(body.get("touser"))
        kind = body.get("msgtype")
        text, detail = self._content(str(kind), body)
        code = self.p.quota.spend(user.openid, self.p.clock.now())
        if code:
            raise Refused(code)
        user.typing_until = 0.0
        detail["ai"] = (body.get("aimsgcontext") or {}).get("is_ai_msg") == 1
        self.p.show(user.name, text, "custom", str(kind), detail)
        self.p.record.sent(user.openid, str(kind), text)
        return done()

    async def records(self, request: web.Request) -> web.Response:
        """What was sent and heard: for accounts with customer service of the new kind [D]. A test account is thought to have none [G]."""
        self._authorised(request)
        body = await payload(request, self.p)
        if not self.p.account.may_push:
            raise Refused(48001)
        if not self.p.account.has_menu_messages:
            raise Refused(65400)
        found = self.p.record.asked(body)
        if isinstance(found, int):
            raise Refused(found)
        return bare(**found)

    def _content(self, kind: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """(what the resident reads, more about it). Raises Refused."""
        if kind == "text":
            text = str(part(body, "text").get("content") or "")
            if not text:
                raise Refused(44004)
            _fits(text)
            return text, {}
        if kind == "msgmenu":
            if not self.p.account.has_menu_messages:
                raise Refused(40200)
            menu = part(body, "msgmenu")
            items = [(str(item.get("id")), str(item.get("content"))) for item in menu.get("list") or []]
            if not items:
                raise Refused(44004, "no entries")
            lines = [menu.get("head_content"), *(content for _, content in items), menu.get("tail_content")]
            text = "\n".join(str(line) for line in lines if line)
            _fits(text)
            return text, {"menu": items}
        if kind in MEDIA_KINDS:
            media_id = str(part(body, kind).get("media_id"))
            if self.p.media.get(media_id) is None:
                raise Refused(40007)
            return f"[{kind}]", {"media_id": media_id}
        if kind in OTHER_KINDS:
            return f"[{kind}]", part(body, kind)
        raise Refused(40008)

    async def typing(self, request: web.Request) -> web.Response:
        self._authorised(request)
        body = await payload(request, self.p)
        if not self.p.account.may_push:
            raise Refused(48001)
        user, now = self._receiver(body.get("touser")), self.p.clock.now()
        if body.get("command") == "CancelTyping":
            user.typing_until = 0.0
        elif body.get("command") == "Typing":
            if now - user.last_heard > TYPING_AFTER:
                raise Refused(45080)
            if now < user.typing_until:
                raise Refused(45081)
            user.typing_until = now + TYPING_LASTS
        else:
            raise Refused(45072)
        return done()

    async def template(self, request: web.Request) -> web.Response:
        """Sent is not delivered: whether it arrived is told later by a push."""
        self._authorised(request)
        body = await payload(request, self.p)
        if not self.p.account.has_templates:
            raise Refused(48001)
        user = self._receiver(body.get("touser"))
        if not body.get("template_id"):
            raise Refused(40037, "invalid template_id")
        data, msg_id = part(body, "data"), self.p.next_id()
        if self._came_before(user.openid, str(body.get("client_msg_id") or "")):
            return done(msgid=msg_id)
        status = "failed:user block" if user.blocks else "success"
        if not user.blocks:
            lines = [
                f"{key}: {value.get('value') if isinstance(value, dict) else value}" for key, value in data.items()
            ]
            self.p.show(user.name, "\n".join(lines), "template", "template", {"template_id": body["template_id"]})
        at = int(self.p.clock.stamp())
        told = {"MsgID": msg_id, "Status": status}
        event = messages.event(self.p.account.original_id, user.openid, at, "TEMPLATESENDJOBFINISH", **told)
        self.p.push_official(Push(event, quiet=True))
        return done(msgid=msg_id)

    def _came_before(self, openid: str, client_msg_id: str) -> bool:
        """Of one `client_msg_id` one message is sent to a resident within ten minutes [D]; what the second is answered nobody says [G]."""
        if not client_msg_id:
            return False
        now, key = self.p.clock.now(), (openid, client_msg_id)
        before = self._client_ids.get(key, float("-inf"))
        if now < before + CLIENT_ID_LASTS:
            return True
        self._client_ids[key] = now
        return False

    # --- menu and media ----------------------------------------------------------------------------------------------

    async def menu(self, request: web.Request) -> web.Response:
        """One to three buttons of at most 16 bytes, each with at most five below of at most 60 bytes [D]."""
        self._authorised(request)
        if not self.p.account.has_templates:
            raise Refused(48001)
        body = await payload(request, self.p)
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise Refused(40016)
        for button in buttons:
            below = button.get("sub_button") or []
            if len(below) > 5:
                raise Refused(40023)
            if len(str(button.get("name", "")).encode()) > 16 or any(len(str(b["name"]).encode()) > 60 for b in below):
                raise Refused(40018)
        self.p.menu = json.loads(json.dumps(body))
        return done()

    async def upload(self, request: web.Request) -> web.Response:
        """Of an official account; WeCom has the same path, so the server decides by the token."""
        self._authorised(request)
        kind = request.query.get("type", "")
        if kind not in LIMITS:
            raise Refused(40004)
        made = await uploaded(request, self.p, kind, LIMITS[kind])
        return bare(type=kind, media_id=made.media_id, created_at=int(made.created_at))

    async def media(self, request: web.Request) -> web.Response:
        self._authorised(request)
        return medium(self.p.media.get(request.query.get("media_id", "")))


def _fits(text: str) -> None:
    size = len(text.encode())
    if size > MAX_TEXT:
        raise Refused(45002, f"{size} bytes")
