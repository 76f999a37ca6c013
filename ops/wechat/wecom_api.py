"""WeCom's API for one company app: tokens, messages to members, cards, group robots, media. 微信客服 is in kf_api.py."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ops.wechat.http import Refused, bare, done, medium, part, payload, uploaded
from ops.wechat.media import LIMITS
from ops.wechat.platform import Platform
from ops.wechat.quota import Rate

A_MINUTE, AN_HOUR = (30, 60.0), (1000, 3600.0)
"""Messages to one member of one app; more are dropped without a word [D/I]."""
ROBOT_A_MINUTE = (20, 60.0)
"""Messages of one group robot [I]."""
CODE_LASTS = 72 * 3600.0
"""Seconds a response_code may be used, once [D]."""
DUPLICATE_SECONDS = 1800.0
"""Default of duplicate_check_interval [D]."""
MAX_TEXT = 2048
"""Bytes; the rest of a text is cut off [D]."""
CARDS_WITH_CODE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
"""Others get a response_code only with an action_menu [D]."""
BAD_CODE = 42042
"""Of a response_code that is wrong, used or too old. The number is made up: no document at hand names it [G]."""


def screen(userid: str) -> str:
    """How a member is called in the ledger; residents have plain names."""
    return f"员工 {userid}"


@dataclass
class Card:
    """A template card on a member's screen."""

    task_id: str
    card_type: str
    body: dict[str, Any]
    userids: list[str]
    updates: int = 0


class WecomApi:
    def __init__(self, platform: Platform) -> None:
        self.p = platform
        self.members = Rate(A_MINUTE, AN_HOUR)
        self.robots = Rate(ROBOT_A_MINUTE)
        self.cards: dict[str, Card] = {}
        """By response_code, as long as it may be used."""
        self._codes: dict[str, float] = {}
        self._recent: dict[str, float] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/cgi-bin/gettoken", self.gettoken),
            web.post("/cgi-bin/message/send", self.send),
            web.post("/cgi-bin/message/update_template_card", self.update_card),
            web.post("/cgi-bin/webhook/send", self.robot),
        ]

    async def gettoken(self, request: web.Request) -> web.Response:
        if request.query.get("corpid") != self.p.corp.corpid:
            raise Refused(40013)
        if request.query.get("corpsecret") != self.p.corp.secret:
            raise Refused(40001)
        value, lasts = self.p.corp_tokens.shared()
        return done(access_token=value, expires_in=lasts)

    def authorised(self, request: web.Request) -> None:
        """Raises Refused. WeCom answers every token that it did not give with 40014 [D]."""
        code = self.p.corp_tokens.check(request.query.get("access_token", ""))
        if code:
            raise Refused(40014 if code == 40001 else code)

    # --- messages ----------------------------------------------------------------------------------------------------

    async def send(self, request: web.Request) -> web.Response:
        self.authorised(request)
        body = await payload(request, self.p)
        if str(body.get("agentid")) != str(self.p.corp.agentid):
            raise Refused(40056)
        everyone = list(self.p.corp.members)
        to = str(body.get("touser") or "")
        asked = everyone if to == "@all" else [userid for userid in to.split("|") if userid]
        known = [userid for userid in asked if userid in self.p.corp.members]
        unknown = [userid for userid in asked if userid not in self.p.corp.members]
        if not known:
            raise Refused(81013)
        kind = str(body.get("msgtype"))
        text, detail = self._content(kind, body)
        more: dict[str, Any] = {"invaliduser": "|".join(unknown)} if unknown else {}
        msgid = secrets.token_urlsafe(24)
        if self._repeated(body):
            return done(msgid=msgid, **more)
        code = self._code_for(body, known) if kind == "template_card" else ""
        now = self.p.clock.now()
        for userid in known:
            if self.members.allows(userid, now):
                self.p.show(screen(userid), text, "app", kind, {**detail, "response_code": code})
            else:
                self.p.ledger.dropped_silently += 1
        return done(msgid=msgid, **more, **({"response_code": code} if code else {}))

    def _content(self, kind: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if kind in ("text", "markdown"):
            text = str(part(body, kind).get("content") or "")
            if not text:
                raise Refused(44004)
            # Cut, not refused: where the cut falls into a character the rest of it goes too.
            return text.encode()[:MAX_TEXT].decode(errors="ignore"), {}
        if kind == "template_card":
            card = part(body, kind)
            title = part(card, "main_title")
            lines = [title.get("title"), title.get("desc"), card.get("sub_title_text")]
            buttons = [(str(b.get("key")), str(b.get("text"))) for b in card.get("button_list") or []]
            if card.get("card_type") == "button_interaction" and not buttons:
                raise Refused(40058, "button_list")
            text = "\n".join(str(line) for line in lines if line)
            return text, {"card": card, "buttons": buttons}
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
        if body.get("enable_duplicate_check") != 1:
            return False
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        now = self.p.clock.now()
        repeated = now < self._recent.get(digest, 0.0)
        if not repeated:
            self._recent[digest] = now + float(body.get("duplicate_check_interval") or DUPLICATE_SECONDS)
        return repeated

    # --- cards -------------------------------------------------------------------------------------------------------

    def _code_for(self, body: dict[str, Any], userids: list[str]) -> str:
        card = part(body, "template_card")
        if card.get("card_type") not in CARDS_WITH_CODE and not card.get("action_menu"):
            return ""
        return self.new_code(Card(str(card.get("task_id") or ""), str(card["card_type"]), card, userids))

    def new_code(self, card: Card) -> str:
        """Sending gives one, each click another [D]."""
        code = secrets.token_urlsafe(32)
        self.cards[code] = card
        self._codes[code] = self.p.clock.now() + CODE_LASTS
        return code

    async def update_card(self, request: web.Request) -> web.Response:
        self.authorised(request)
        body = await payload(request, self.p)
        if str(body.get("agentid")) != str(self.p.corp.agentid):
            raise Refused(40056)
        code = str(body.get("response_code"))
        card, until = self.cards.get(code), self._codes.pop(code, 0.0)
        if card is None or self.p.clock.now() >= until:
            self.p.ledger.find("response_code_refused", "used, too old or unknown")
            raise Refused(BAD_CODE, "invalid response_code")
        button, new = body.get("button"), body.get("template_card")
        if isinstance(button, dict) and button.get("replace_name"):
            words = f"[{button['replace_name']}]"
        elif isinstance(new, dict):
            card.body = new
            words = str((new.get("main_title") or {}).get("title") or "")
        else:
            raise Refused(40058, "button or template_card")
        card.updates += 1
        receivers = card.userids if body.get("atall") == 1 else body.get("userids") or []
        known = [str(userid) for userid in receivers if userid in card.userids]
        for userid in known:
            self.p.show(screen(userid), words, "app", "card_update", {"task_id": card.task_id})
        unknown = [str(userid) for userid in receivers if userid not in card.userids]
        return done(**({"invaliduser": unknown} if unknown else {}))

    # --- robots and media --------------------------------------------------------------------------------------------

    async def robot(self, request: web.Request) -> web.Response:
        key = request.query.get("key", "")
        if key not in self.p.corp.robots:
            raise Refused(93000)
        body = await payload(request, self.p)
        text, detail = self._content(str(body.get("msgtype")), body)
        if not self.robots.allows(key, self.p.clock.now()):
            raise Refused(45009)
        self.p.show(f"群 {key}", text, "app", str(body["msgtype"]), detail)
        return done()

    async def upload(self, request: web.Request) -> web.Response:
        self.authorised(request)
        kind = request.query.get("type", "")
        if kind not in LIMITS:
            raise Refused(40004)
        made = await uploaded(request, self.p, kind)
        return bare(errcode=0, errmsg="ok", type=kind, media_id=made.media_id, created_at=str(int(made.created_at)))

    async def media(self, request: web.Request) -> web.Response:
        self.authorised(request)
        return medium(self.p.media.get(request.query.get("media_id", "")))
