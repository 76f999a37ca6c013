"""微信客服: a push only says that there is something; what, is fetched with a cursor."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ops.wechat import kf_content
from ops.wechat.http import Refused, done, payload
from ops.wechat.kf_sessions import LASTS, SENDS, WRONG_STATE, Sessions
from ops.wechat.platform import Platform
from ops.wechat.quota import TOO_MANY, Rate, Touch
from ops.wechat.users import User, Users
from ops.wechat.wecom_api import WecomApi

TOKEN_LASTS = 600.0
"""Seconds the Token of a push may be used [D]."""
KEPT = 3 * 86400.0
"""Seconds a message can be fetched [D]."""
LIMIT = 1000
"""Most messages of one answer, and the default [D]."""
WITHOUT_TOKEN = (1, 10.0)
"""Calls without a token are «strictly limited» [D]; how strictly is made up [G]."""
CUSTOMER, SYSTEM, STAFF = 3, 4, 5
"""`origin` of what a customer wrote, of an event, and of what staff wrote by hand in WeCom [D]."""
TAKEN, ENDED, AGAIN = 1, 3, 4
"""change_type of a session [D]."""
MSGID = re.compile(r"[0-9a-zA-Z_-]{0,32}")
"""One of the sender's own [D]."""
REPEATED = 95099
"""What a msgid is answered with the second time. That it is refused is documented [D], the code is made up [G]."""
RUN = re.compile(r"[0-9a-f]{8}")
REFUSED_BY_CUSTOMER = 10
"""fail_type of what the customer does not want [G]."""

Fields = dict[str, Any]


@dataclass(frozen=True)
class Line:
    at: float
    body: Fields


class KfApi:
    """Customers are residents by the same names, with ids of their own. `empty_pages`: so many coming answers say that there is more and
    hold nothing, as the documents warn [D]."""

    def __init__(self, platform: Platform, wecom: WecomApi) -> None:
        self.p, self._wecom = platform, wecom
        self.customers = Users(platform.corp.kfid)
        self.sessions = Sessions(platform.clock)
        self.log: list[Line] = []
        self.empty_pages = 0
        self.repeated = REPEATED
        self._given: set[str] = set()
        self._run = secrets.token_hex(4)
        self._tokens: dict[str, float] = {}
        self._bare = Rate(WITHOUT_TOKEN)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/cgi-bin/kf/sync_msg", self.sync),
            web.post("/cgi-bin/kf/send_msg", self.send),
            web.post("/cgi-bin/kf/send_msg_on_event", self.send_on_event),
            web.post("/cgi-bin/kf/service_state/get", self.state),
            web.post("/cgi-bin/kf/service_state/trans", self.change_state),
            web.post("/cgi-bin/kf/customer/batchget", self.batch_get),
            web.get("/cgi-bin/kf/account/list", self.accounts),
            web.post("/cgi-bin/kf/account/list", self.accounts),
        ]

    def customer_id(self, name: str) -> str:
        return self.customers.named(name).openid

    # --- what customers do -------------------------------------------------------------------------------------------

    def write(self, name: str, kind: str, body: Fields) -> Fields:
        """A customer writes. Returns the inside of the push that announces it."""
        openid = self.customer_id(name)
        self.sessions.wrote(openid)
        self.p.kf_quota.touched(openid, Touch.MESSAGE, self.p.clock.now())
        who = {"open_kfid": self.p.corp.kfid, "external_userid": openid}
        return self._announced({**who, "origin": CUSTOMER, "msgtype": kind, kind: body})

    def enter(self, name: str, scene: str) -> Fields:
        """A customer opens the chat; by which link is told by `scene`."""
        openid = self.customer_id(name)
        code = self.sessions.entered(openid)
        return self.event(openid, "enter_session", scene=scene, **({"welcome_code": code} if code else {}))

    def recall(self, name: str) -> Fields:
        """What was fetched is not unsaid: an event names it [D]. Raises LookupError."""
        openid = self.customer_id(name)
        mine = [line.body["msgid"] for line in self.log if line.body.get("external_userid") == openid]
        if not mine:
            raise LookupError(f"{name} has said nothing")
        return self.event(openid, "user_recall_msg", recall_msgid=mine[-1])

    def event(self, openid: str, kind: str, **more: Any) -> Fields:
        """Whose it is stands inside [D]."""
        inside = {"event_type": kind, "open_kfid": self.p.corp.kfid, "external_userid": openid, **more}
        return self._announced({"origin": SYSTEM, "msgtype": "event", "event": inside})

    def _announced(self, line: Fields) -> Fields:
        now, stamp = self.p.clock.now(), int(self.p.clock.stamp())
        self.log.append(Line(now, {"msgid": f"kf{self.p.next_id()}", "send_time": stamp, **line}))
        token = "ENC" + secrets.token_urlsafe(36)
        self._tokens[token] = now + TOKEN_LASTS
        # From nobody: the documents show no FromUserName here [D].
        event = {"ToUserName": self.p.corp.corpid, "CreateTime": stamp, "MsgType": "event"}
        return event | {"Event": "kf_msg_or_event", "Token": token, "OpenKfId": self.p.corp.kfid}

    # --- what staff do by hand in WeCom ------------------------------------------------------------------------------

    def take(self, name: str, userid: str) -> Fields:
        """Raises LookupError."""
        openid = self.customer_id(name)
        code = self.sessions.taken(openid, userid)
        return self.event(openid, "session_status_change", change_type=TAKEN, new_servicer_userid=userid, msg_code=code)

    def speak(self, name: str, userid: str, text: str) -> Fields:
        """To a customer whose session they hold, or whose session was over. Raises LookupError."""
        openid = self.customer_id(name)
        again = self.sessions.spoke(openid, userid)
        who = {"open_kfid": self.p.corp.kfid, "external_userid": openid, "servicer_userid": userid}
        said = self._announced({**who, "origin": STAFF, "msgtype": "text", "text": {"content": text}})
        self.p.show(name, text, "person", "text", {"by": userid})
        if again:
            return self.event(openid, "session_status_change", change_type=AGAIN, new_servicer_userid=userid)
        return said

    def finish(self, name: str, userid: str) -> Fields:
        """Raises LookupError."""
        openid = self.customer_id(name)
        code = self.sessions.ended(openid, userid)
        return self.event(openid, "session_status_change", change_type=ENDED, old_servicer_userid=userid, msg_code=code)

    # --- what the other side asks ------------------------------------------------------------------------------------

    async def _asked(self, request: web.Request) -> Fields:
        self._wecom.authorised(request)
        return await payload(request, self.p)

    def _of_account(self, body: Fields) -> None:
        if body.get("open_kfid") != self.p.corp.kfid:
            raise Refused(95000)

    def _customer(self, value: object) -> User:
        found = self.customers.get(str(value))
        if found is None:
            raise Refused(40096)
        return found

    async def sync(self, request: web.Request) -> web.Response:
        body = await self._asked(request)
        if body.get("open_kfid") not in (None, ""):
            self._of_account(body)
        now, token = self.p.clock.now(), str(body.get("token") or "")
        if token and now >= self._tokens.get(token, 0.0):
            raise Refused(95007)
        if not token and not self._bare.allows("", now):
            raise Refused(45009)
        limit = body.get("limit") or LIMIT
        if not isinstance(limit, int) or not 0 < limit <= LIMIT:
            raise Refused(40058, f"limit: 1 to {LIMIT}")
        start = self._start(str(body.get("cursor") or ""), now)
        end = min(start + limit, len(self.log))
        if self.empty_pages and start < len(self.log):
            self.empty_pages -= 1
            end = start
        lines = [line.body for line in self.log[start:end]]
        return done(next_cursor=f"{self._run}-{end}", has_more=int(end < len(self.log)), msg_list=lines)

    def _start(self, cursor: str, now: float) -> int:
        """Without a cursor, or with one of an earlier run of the simulator: the oldest that is kept. Raises Refused for none."""
        oldest = next((n for n, line in enumerate(self.log) if line.at > now - KEPT), len(self.log))
        if not cursor:
            return oldest
        run, _, number = cursor.partition("-")
        if not RUN.fullmatch(run) or not number.isdecimal() or (run == self._run and int(number) > len(self.log)):
            raise Refused(40058, "cursor")
        if run != self._run:
            return oldest
        if int(number) < oldest:
            self.p.ledger.find("kf_expired", f"{oldest - int(number)} messages were not fetched within three days")
        return max(int(number), oldest)

    async def send(self, request: web.Request) -> web.Response:
        body = await self._asked(request)
        self._of_account(body)
        customer = self._customer(body.get("touser"))
        msgid = self._msgid(body)
        text, detail = kf_content.content(str(body.get("msgtype")), body, self.p.media)
        session, now = self.sessions.of(customer.openid), self.p.clock.now()
        # Over by time is told by another code than ended by somebody [G].
        if session.state not in SENDS and now < session.wrote_at + LASTS:
            raise Refused(WRONG_STATE, f"state {int(session.state)}")
        code = self.p.kf_quota.spend(customer.openid, now)
        if code:
            raise Refused(95001 if code == TOO_MANY else 95002)
        self._arrives(customer, text, str(body["msgtype"]), detail, msgid)
        return done(msgid=msgid)

    def _msgid(self, body: Fields) -> str:
        """One given twice is refused [D]; one counts as given once the message is taken [G]."""
        given = str(body.get("msgid") or "")
        if not MSGID.fullmatch(given):
            raise Refused(40058, "msgid")
        if given in self._given:
            raise Refused(self.repeated, "msgid")
        return given or secrets.token_hex(16)

    def _arrives(self, customer: User, text: str, kind: str, detail: Fields, msgid: str) -> None:
        self._given.add(msgid)
        if not customer.blocks:
            self.p.show(customer.name, text, "kf", kind, {**detail, "msgid": msgid})
            return
        self.p.tell(f"{customer.name} 拒收（应答 0，随后才有 msg_send_fail）：{text}")
        failed = {"fail_msgid": msgid, "fail_type": REFUSED_BY_CUSTOMER}
        self.p.push_corp(self.event(customer.openid, "msg_send_fail", **failed))

    async def send_on_event(self, request: web.Request) -> web.Response:
        """Outside the quota of five [D]."""
        body = await self._asked(request)
        kind, msgid = str(body.get("msgtype")), self._msgid(body)
        text, detail = kf_content.content(kind, body, self.p.media)
        customer = self._customer(self.sessions.use(str(body.get("code") or ""), kind))
        self._arrives(customer, text, kind, detail, msgid)
        return done(msgid=msgid)

    # --- sessions and people -----------------------------------------------------------------------------------------

    async def state(self, request: web.Request) -> web.Response:
        body = await self._asked(request)
        self._of_account(body)
        session = self.sessions.of(self._customer(body.get("external_userid")).openid)
        return done(service_state=int(session.state), servicer_userid=session.servicer)

    async def change_state(self, request: web.Request) -> web.Response:
        body = await self._asked(request)
        self._of_account(body)
        customer, to = self._customer(body.get("external_userid")), body.get("service_state")
        if not isinstance(to, int):
            raise Refused(40058, "service_state")
        servicer = str(body.get("servicer_userid") or "")
        code = self.sessions.change(customer.openid, to, servicer, self.p.corp.members)
        return done(**({"msg_code": code} if code else {}))

    async def batch_get(self, request: web.Request) -> web.Response:
        body = await self._asked(request)
        asked = [str(one) for one in body.get("external_userid_list") or []]
        if not 0 < len(asked) <= 100:
            raise Refused(40058, "external_userid_list: 1 to 100")
        found = [(one, self.customers.get(one)) for one in asked]
        known = [{"external_userid": one, "nickname": user.name, "gender": 0} for one, user in found if user]
        return done(customer_list=known, invalid_external_userid=[one for one, user in found if user is None])

    async def accounts(self, request: web.Request) -> web.Response:
        self._wecom.authorised(request)
        return done(account_list=[{"open_kfid": self.p.corp.kfid, "name": "邻舍"}])
