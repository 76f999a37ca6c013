"""The hands of a staff member in WeCom: the app's chat, and the cards in it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from ops.wechat import messages
from ops.wechat.cards import Card, from_reply, words
from ops.wechat.http import Refused
from ops.wechat.kf_api import KfApi
from ops.wechat.ledger import Sent
from ops.wechat.platform import Platform
from ops.wechat.push import Pusher
from ops.wechat.residents import Build, Hand
from ops.wechat.seal import BadAnswer
from ops.wechat.wecom_api import WecomApi, screen


class Member(Hand):
    """Every method returns once the platform has delivered it or given up; `expects` says whether an answer is owed."""

    def __init__(self, platform: Platform, pusher: Pusher, wecom: WecomApi, kf: KfApi, userid: str, base: str) -> None:
        super().__init__(platform, pusher, screen(userid))
        self.userid, self._wecom, self._kf, self._base = userid, wecom, kf, base

    async def say(self, text: str, *, expects: bool = True) -> Sent:
        return await self._message("text", text, lambda to, me, at, i: messages.text(to, me, at, i, text), expects)

    async def photo(self, content: bytes, content_type: str = "image/jpeg", *, expects: bool = False) -> Sent:
        made = self.p.media.add("image", content, content_type)
        url = f"{self._base}/pic/{made.media_id}"
        return await self._message(
            "image", "[图片]", lambda to, me, at, i: messages.image(to, me, at, i, url, made.media_id), expects
        )

    async def voice(self, content: bytes, recognition: str = "", *, expects: bool = False) -> Sent:
        """WeCom recognises nothing: the words stay with the sender [D]."""
        made = self.p.media.add("voice", content)
        return await self._message(
            "voice", "[语音]", lambda to, me, at, i: messages.corp_voice(to, me, at, i, made.media_id), expects
        )

    async def location(self, latitude: float, longitude: float, label: str, *, expects: bool = False) -> Sent:
        return await self._message(
            "location",
            f"[位置 {label}]",
            lambda to, me, at, i: messages.location(to, me, at, i, latitude, longitude, label) | {"AppType": "wxwork"},
            expects,
        )

    async def enter(self, *, expects: bool = False) -> Sent:
        """Open the app's chat."""
        return await self._event("enter_agent", "[进入应用]", expects, {"EventKey": ""})

    # --- cards -------------------------------------------------------------------------------------------------------

    def cards(self) -> list[Card]:
        """Those on which there is still something to press, the newest last."""
        return self._wecom.live(self.userid)

    async def press(self, key: str, *, on: str = "", expects: bool = False) -> Sent:
        """The button with this key or these words, or the n-th, or the m-th card's n-th as '2.1', of the newest card that has it; `on`: a
        regular expression for what stands on the card. Raises LookupError."""
        live = [card for card in self.cards() if re.search(on, words(card.views[self.userid].body))]
        for card in reversed(live):
            for found, text in card.views[self.userid].buttons:
                if key in (found, text):
                    return await self._press(card, found, text, expects)
        which, _, number = key.rpartition(".")
        if number.isdecimal() and (which.isdecimal() or not which):
            return await self._press_number(live, int(which or len(live)), int(number), expects)
        raise LookupError(f"no card{f' with /{on}/' if on else ''} with a button {key!r}")

    async def _press_number(self, live: list[Card], which: int, number: int, expects: bool) -> Sent:
        if not 1 <= which <= len(live):
            raise LookupError("no card to press a button of")
        card = live[which - 1]
        buttons = card.views[self.userid].buttons
        if not 1 <= number <= len(buttons):
            raise LookupError(f"that card has {len(buttons)} buttons")
        return await self._press(card, *buttons[number - 1], expects)

    async def _press(self, card: Card, key: str, text: str, expects: bool) -> Sent:
        """Delivers a new response code."""
        more: dict[str, Any] = {"EventKey": key, "TaskId": card.task_id}
        more |= {"CardType": card.views[self.userid].body["card_type"], "ResponseCode": self._wecom.new_code(card)}

        def take(reply: dict[str, Any]) -> bool:
            return self._take(card, reply)

        return await self._event("template_card_event", f"[按钮 {text}]", expects, more, take)

    def _take(self, card: Card, reply: dict[str, Any]) -> bool:
        """A passive answer that changes the card of who pressed [D]. Raises BadAnswer."""
        try:
            if reply["MsgType"] == "update_button":
                self._wecom.change(card, [self.userid], grey=str(reply["Button"]["ReplaceName"]))
            elif reply["MsgType"] == "update_template_card":
                self._wecom.change(card, [self.userid], body=from_reply(reply["TemplateCard"]))
            else:
                return False
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise BadAnswer("bad_answer", f"{reply['MsgType']} without {error}") from error
        except Refused as error:
            raise BadAnswer("bad_card", f"{error.code} {error.why}") from error
        return True

    # --- customers of 微信客服 ---------------------------------------------------------------------------------------

    async def take(self, customer: str) -> Sent:
        """Out of the pool. Raises LookupError."""
        return await self._announce(self._kf.take(customer, self.userid), "session_status_change", f"[接入 {customer}]")

    async def tell(self, customer: str, text: str) -> Sent:
        """By hand, without the door. Raises LookupError."""
        return await self._announce(self._kf.speak(customer, self.userid, text), "text", f"[对 {customer} 说] {text}")

    async def finish(self, customer: str) -> Sent:
        """Raises LookupError."""
        fields = self._kf.finish(customer, self.userid)
        return await self._announce(fields, "session_status_change", f"[结束 {customer}]")

    async def _announce(self, fields: dict[str, Any], kind: str, text: str) -> Sent:
        return await self._push(
            fields, Sent(self.p.next_id(), self.name, kind, text, time.monotonic(), False), quiet=True
        )

    # --- pushes ------------------------------------------------------------------------------------------------------

    async def _event(
        self,
        name: str,
        text: str,
        expects: bool,
        more: dict[str, Any],
        take: Callable[[dict[str, Any]], bool] = lambda reply: False,
    ) -> Sent:
        at, number = int(self.p.clock.stamp()), self.p.next_id()
        fields = messages.event(self.p.corp.corpid, self.userid, at, name, **more, AgentID=self.p.corp.agentid)
        sent = Sent(number, self.name, name, text, time.monotonic(), expects)
        return await self._push(fields, sent, quiet=True, take=take)

    async def _message(self, kind: str, text: str, build: Build, expects: bool) -> Sent:
        at, number = int(self.p.clock.stamp()), self.p.next_id()
        fields = build(self.p.corp.corpid, self.userid, at, number) | {"AgentID": self.p.corp.agentid}
        return await self._push(fields, Sent(number, self.name, kind, text, time.monotonic(), expects), quiet=True)
