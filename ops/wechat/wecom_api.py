"""WeCom's API for one company app: tokens, messages to members, cards, group robots, media. 微信客服 is in kf_api.py."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from aiohttp import web

from ops.wechat import cards
from ops.wechat.cards import Card, View
from ops.wechat.http import Refused, bare, done, medium, part, payload, uploaded
from ops.wechat.media import CORP_LIMITS, SMALLEST
from ops.wechat.platform import Platform
from ops.wechat.quota import Rate

A_MINUTE, AN_HOUR = (30, 60.0), (1000, 3600.0)
"""Messages to one member of one app; more are dropped without a word [D/I]."""
ROBOT_A_MINUTE = (20, 60.0)
"""Messages of one group robot [I]."""
CODE_LASTS = 72 * 3600.0
"""Seconds a response_code may be used, once [D]."""
DUPLICATE_SECONDS, DUPLICATE_MOST = 1800.0, 4 * 3600.0
"""Default and longest duplicate_check_interval [D]."""
MAX_TEXT = 2048
"""Bytes; the rest of a text is cut off [D]."""
MAX_MARKDOWN = {"app": 2048, "robot": 4096}
"""Bytes [D]."""
MAX_RECEIVERS = 1000
"""In touser [D]."""
USED_CODE = 42022
"""A response_code the second time [D]."""
BAD_CODE = 40058
"""One that was never given, or is too old: no document at hand names the code [G]."""


def screen(userid: str) -> str:
    """How a member is called in the ledger; residents have plain names."""
    return f"员工 {userid}"


class WecomApi:
    def __init__(self, platform: Platform) -> None:
        self.p = platform
        self.members = Rate(A_MINUTE, AN_HOUR)
        self.robots = Rate(ROBOT_A_MINUTE)
        self.cards: dict[str, Card] = {}
        """By response_code."""
        self.task_ids: set[str] = set()
        """That were ever sent: none may come again."""
        self._codes: dict[str, float] = {}
        self._used: set[str] = set()
        self._recent: dict[str, float] = {}
        self._standing: dict[str, list[Card]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/cgi-bin/gettoken", self.gettoken),
            web.post("/cgi-bin/message/send", self.send),
            web.post("/cgi-bin/message/update_template_card", self.update_card),
            web.post("/cgi-bin/webhook/send", self.robot),
        ]

    def _from_where(self, request: web.Request) -> None:
        ips = self.p.corp.ips
        if ips and request.remote not in ips:
            raise Refused(60020, str(request.remote))

    async def gettoken(self, request: web.Request) -> web.Response:
        self._from_where(request)
        for name, missing in (("corpid", 41002), ("corpsecret", 41004)):
            if not request.query.get(name):
                raise Refused(missing)
        if request.query["corpid"] != self.p.corp.corpid:
            raise Refused(40013)
        if request.query["corpsecret"] != self.p.corp.secret:
            raise Refused(40001)
        value, lasts = self.p.corp_tokens.shared()
        return done(access_token=value, expires_in=lasts)

    def authorised(self, request: web.Request) -> None:
        """Raises Refused. WeCom answers every token that it did not give with 40014 [D]."""
        self._from_where(request)
        code = self.p.corp_tokens.check(request.query.get("access_token", ""))
        if code:
            raise Refused(40014 if code == 40001 else code)

    # --- messages ----------------------------------------------------------------------------------------------------

    def _agent(self, body: dict[str, Any]) -> None:
        if body.get("agentid") in (None, ""):
            raise Refused(41011)
        if str(body["agentid"]) != str(self.p.corp.agentid):
            raise Refused(40056)

    def _receivers(self, body: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
        """Those who are there, and the answer's names of those who are not. Departments and tags there are none. Raises Refused."""
        named = {name: str(body.get(name) or "") for name in ("touser", "toparty", "totag")}
        if not any(named.values()):
            raise Refused(81012)
        members = self.p.corp.members
        asked = list(members) if named["touser"] == "@all" else [one for one in named["touser"].split("|") if one]
        if len(asked) > MAX_RECEIVERS:
            raise Refused(40032)
        known = list(dict.fromkeys(userid for userid in asked if userid in members))
        invalid = {"invaliduser": "|".join(userid for userid in asked if userid not in members)}
        invalid |= {"invalidparty": named["toparty"], "invalidtag": named["totag"]}
        if not known:
            raise Refused(81013)
        return known, {name: value for name, value in invalid.items() if value}

    async def send(self, request: web.Request) -> web.Response:
        self.authorised(request)
        body = await payload(request, self.p)
        self._agent(body)
        known, more = self._receivers(body)
        kind, to = str(body.get("msgtype")), "、".join(screen(userid) for userid in known)
        text, detail = self._content(kind, body)
        msgid = secrets.token_urlsafe(24)
        # What repeats itself is let through before its task_id is found to have been there already [G].
        if self._repeated(body):
            self.p.tell(f"{to} 同一条消息又发了一次，按 enable_duplicate_check 不再显示：{text}")
            return done(msgid=msgid, **more)
        code = ""
        if kind == "template_card":
            card = self._new_card(detail["card"], known)
            code = self.new_code(card) if card.has_code else ""
            detail |= {"sent": card, "response_code": code}
        self._remember(body)
        for userid in known:
            self._deliver(userid, text, kind, detail)
        return done(msgid=msgid, **more, **({"response_code": code} if code else {}))

    def _deliver(self, userid: str, text: str, kind: str, detail: dict[str, Any]) -> None:
        """Shown to one member, or dropped without a word."""
        if not self.members.allows(userid, self.p.clock.now()):
            self.p.ledger.dropped_silently += 1
            self.p.tell(f"{screen(userid)} 看不到（过了每分钟 30 条或每小时 1000 条，应答 0 却丢弃）：{text}")
            return
        if kind == "template_card":
            card: Card = detail["sent"]
            if self._has_already(userid, card):
                self.p.ledger.find("same_card_again", f"{screen(userid)}: {text.splitlines()[0]}")
            card.views[userid] = View(card.body)
            self._standing.setdefault(userid, []).append(card)
        self.p.show(screen(userid), text, "app", kind, detail)

    def _has_already(self, userid: str, card: Card) -> bool:
        """Whether the same card, but for its task_id, still stands there to be pressed."""
        said = (cards.words(card.body), cards.buttons(card.body))
        views = [old.views[userid] for old in self.live(userid)]
        return any((cards.words(view.body), view.buttons) == said for view in views)

    def _content(self, kind: str, body: dict[str, Any], by: str = "app") -> tuple[str, dict[str, Any]]:
        """What is read, and more about it. `by` robots more may be said. Raises Refused."""
        if kind in ("text", "markdown"):
            text = str(part(body, kind).get("content") or "")
            if not text:
                raise Refused(44004)
            most = MAX_MARKDOWN[by] if kind == "markdown" else MAX_TEXT
            if len(text.encode()) > most:
                self.p.ledger.find("cut_off", f"{kind} of {len(text.encode())} bytes, {most} are shown")
            # Cut, not refused: where the cut falls into a character the rest of it goes too.
            return text.encode()[:most].decode(errors="ignore"), {}
        if kind == "template_card":
            card = part(body, kind)
            cards.check(card)
            for cut in cards.too_long(card):
                self.p.ledger.find("card_too_long", cut)
            return cards.words(card), {"card": card, "buttons": cards.buttons(card)}
        if kind in ("image", "voice", "video", "file"):
            media_id = str(part(body, kind).get("media_id"))
            if self.p.media.get(media_id) is None:
                raise Refused(40007)
            return f"[{kind}]", {"media_id": media_id}
        if kind in ("textcard", "news", "mpnews", "miniprogram_notice"):
            return f"[{kind}]", part(body, kind)
        raise Refused(40008)

    def _repeated(self, body: dict[str, Any]) -> bool:
        """With enable_duplicate_check: the same again within its time is accepted and not shown [D]."""
        asked = body.get("enable_duplicate_check") == 1
        return asked and self.p.clock.now() < self._recent.get(_digest(body), 0.0)

    def _remember(self, body: dict[str, Any]) -> None:
        lasts = min(float(body.get("duplicate_check_interval") or DUPLICATE_SECONDS), DUPLICATE_MOST)
        if body.get("enable_duplicate_check") == 1:
            self._recent[_digest(body)] = self.p.clock.now() + lasts

    # --- cards -------------------------------------------------------------------------------------------------------

    def _new_card(self, body: dict[str, Any], userids: list[str]) -> Card:
        """Raises Refused for a task_id that the app has used before [D]."""
        task_id = str(body.get("task_id") or "")
        if task_id in self.task_ids:
            raise Refused(cards.BAD_TASK_ID, "taskid has existed")
        if task_id:
            self.task_ids.add(task_id)
        return Card(task_id, body, userids)

    def live(self, userid: str) -> list[Card]:
        """The cards on which this member can still press something, the newest last."""
        return [card for card in self._standing.get(userid, ()) if card.views[userid].buttons]

    def new_code(self, card: Card) -> str:
        """Sending gives one, each click another [D]."""
        code = secrets.token_urlsafe(32)
        self.cards[code] = card
        self._codes[code] = self.p.clock.now() + CODE_LASTS
        return code

    async def update_card(self, request: web.Request) -> web.Response:
        self.authorised(request)
        body = await payload(request, self.p)
        self._agent(body)
        code = str(body.get("response_code"))
        if code in self._used:
            self.p.ledger.find("response_code_refused", "used before")
            raise Refused(USED_CODE)
        card, until = self.cards.get(code), self._codes.get(code, 0.0)
        if card is None or self.p.clock.now() >= until:
            self.p.ledger.find("response_code_refused", "unknown or too old")
            raise Refused(BAD_CODE, "response_code")
        asked = body.get("userids") or []
        if not isinstance(asked, list):
            raise Refused(40035, "userids is a list")
        receivers = card.userids if body.get("atall") == 1 else [str(userid) for userid in asked]
        button, new = body.get("button"), body.get("template_card")
        if isinstance(button, dict) and button.get("replace_name"):
            self.change(card, receivers, grey=str(button["replace_name"]))
        elif isinstance(new, dict):
            self.change(card, receivers, body=new)
        else:
            raise Refused(BAD_CODE, "button or template_card")
        # What was refused for its content has not used the code up [G].
        self._used.add(code)
        unknown = [userid for userid in receivers if userid not in card.userids]
        return done(**({"invaliduser": unknown} if unknown else {}))

    def change(self, card: Card, userids: list[str], *, grey: str = "", body: dict[str, Any] | None = None) -> None:
        """Of those who were shown it: another text on the button, or another card in its place. Raises Refused."""
        there = [userid for userid in userids if userid in card.views]
        if body is not None:
            card.replace(there, body)
        else:
            card.grey(there, grey)
        for userid in there:
            view = card.views[userid]
            detail = {"task_id": card.task_id, "card": view.body, "buttons": view.buttons, "sent": card}
            words = f"[{grey}]" if body is None else cards.words(view.body)
            self.p.show(screen(userid), words, "app", "card_update", {**detail, "grey": grey})

    # --- robots and media --------------------------------------------------------------------------------------------

    async def robot(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        room = self.p.corp.room(key)
        if room is None:
            raise Refused(93000)
        body = await payload(request, self.p)
        text, detail = self._content(str(body.get("msgtype")), body, "robot")
        if not self.robots.allows(key, self.p.clock.now()):
            raise Refused(45009)
        self.p.show(f"群 {room}", text, "app", str(body["msgtype"]), detail)
        return done()

    async def upload(self, request: web.Request) -> web.Response:
        self.authorised(request)
        kind = request.query.get("type", "")
        if kind not in CORP_LIMITS:
            raise Refused(40004)
        made = await uploaded(request, self.p, kind, CORP_LIMITS[kind], SMALLEST)
        return bare(errcode=0, errmsg="ok", type=kind, media_id=made.media_id, created_at=str(int(made.created_at)))

    async def media(self, request: web.Request) -> web.Response:
        self.authorised(request)
        if not request.query.get("media_id"):
            raise Refused(41006)
        return medium(self.p.media.get(request.query["media_id"]))


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
