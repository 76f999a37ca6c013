"""微信客服: a push only says that there is something; what, is fetched with a cursor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ops.wechat.http import Refused, done, part, payload
from ops.wechat.platform import Platform
from ops.wechat.quota import TOO_MANY, Rate, Touch
from ops.wechat.seal import MAX_TEXT
from ops.wechat.users import Users
from ops.wechat.wecom_api import WecomApi

TOKEN_LASTS = 600.0
"""Seconds the Token of a push may be used [D]."""
KEPT = 3 * 86400.0
"""Seconds a message can be fetched [D]."""
LIMIT = 1000
"""Most messages of one answer, and the default [D]."""
WITHOUT_TOKEN = (1, 10.0)
"""Calls without a token are «strictly limited» [D]; how strictly is made up [G]."""
CUSTOMER = 3
"""`origin` of what a customer wrote [D]."""


@dataclass(frozen=True)
class Line:
    at: float
    body: dict[str, Any]


class KfApi:
    """Customers are residents by the same names, with ids of their own."""

    def __init__(self, platform: Platform, wecom: WecomApi) -> None:
        self.p, self._wecom = platform, wecom
        self.customers = Users(platform.corp.kfid)
        self.log: list[Line] = []
        self._tokens: dict[str, float] = {}
        self._bare = Rate(WITHOUT_TOKEN)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/cgi-bin/kf/sync_msg", self.sync), web.post("/cgi-bin/kf/send_msg", self.send)]

    def customer_id(self, name: str) -> str:
        return self.customers.named(name).openid

    def write(self, name: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """A customer writes. Returns the inside of the push that announces it."""
        openid, now = self.customer_id(name), self.p.clock.now()
        line: dict[str, Any] = {
            "msgid": f"kf{self.p.next_id()}",
            "open_kfid": self.p.corp.kfid,
            "external_userid": openid,
        }
        line |= {"send_time": int(self.p.clock.stamp()), "origin": CUSTOMER, "msgtype": kind, kind: body}
        self.log.append(Line(now, line))
        self.p.kf_quota.touched(openid, Touch.MESSAGE, now)
        token = "ENC" + secrets.token_urlsafe(36)
        self._tokens[token] = now + TOKEN_LASTS
        # From nobody: the documents show no FromUserName here [D].
        event = {"ToUserName": self.p.corp.corpid, "CreateTime": int(self.p.clock.stamp()), "MsgType": "event"}
        return event | {"Event": "kf_msg_or_event", "Token": token, "OpenKfId": self.p.corp.kfid}

    async def sync(self, request: web.Request) -> web.Response:
        self._wecom.authorised(request)
        body = await payload(request, self.p)
        if body.get("open_kfid") not in (None, "", self.p.corp.kfid):
            raise Refused(95000)
        now, token = self.p.clock.now(), str(body.get("token") or "")
        if token and now >= self._tokens.get(token, 0.0):
            raise Refused(95007)
        if not token and not self._bare.allows("", now):
            raise Refused(45009)
        start = self._start(str(body.get("cursor") or ""), now)
        limit = min(int(body.get("limit") or LIMIT), LIMIT)
        end = min(start + max(1, limit), len(self.log))
        lines = [line.body for line in self.log[start:end]]
        return done(next_cursor=f"cur{end}", has_more=int(end < len(self.log)), msg_list=lines)

    def _start(self, cursor: str, now: float) -> int:
        """Without a cursor: the oldest that is kept. Raises Refused for one that was never given."""
        if cursor:
            number = cursor.removeprefix("cur")
            if not number.isdecimal() or int(number) > len(self.log):
                raise Refused(40058, "cursor")
            return int(number)
        return next((n for n, line in enumerate(self.log) if line.at > now - KEPT), len(self.log))

    async def send(self, request: web.Request) -> web.Response:
        self._wecom.authorised(request)
        body = await payload(request, self.p)
        if body.get("open_kfid") != self.p.corp.kfid:
            raise Refused(95000)
        customer = self.customers.get(str(body.get("touser")))
        if customer is None:
            raise Refused(95018)
        kind = str(body.get("msgtype"))
        if kind == "text":
            text, detail = str(part(body, "text").get("content") or ""), {}
        elif kind == "msgmenu":
            menu = part(body, "msgmenu")
            clicks = [item.get("click") or {} for item in menu.get("list") or []]
            detail = {"menu": [(str(click.get("id")), str(click.get("content"))) for click in clicks]}
            lines = [menu.get("head_content"), *(click.get("content") for click in clicks), menu.get("tail_content")]
            text = "\n".join(str(line) for line in lines if line)
        else:
            text, detail = f"[{kind}]", part(body, kind)
        if not text:
            raise Refused(44004)
        if len(text.encode()) > MAX_TEXT:
            raise Refused(45002)
        code = self.p.kf_quota.spend(customer.openid, self.p.clock.now())
        if code:
            raise Refused(95001 if code == TOO_MANY else 95002)
        self.p.show(customer.name, text, "kf", kind, detail)
        return done(msgid=body.get("msgid") or secrets.token_urlsafe(24))
