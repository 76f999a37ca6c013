"""The hands of a resident who writes through 微信客服."""

from __future__ import annotations

import time
from typing import Any

from ops.wechat.kf_api import KfApi
from ops.wechat.ledger import Sent
from ops.wechat.platform import Platform
from ops.wechat.push import Pusher
from ops.wechat.residents import Hand


class Customer(Hand):
    """Every method returns once the push that announces it was taken or given up."""

    def __init__(self, platform: Platform, pusher: Pusher, kf: KfApi, name: str) -> None:
        super().__init__(platform, pusher, name)
        self._kf = kf
        self.user = kf.customers.named(name)

    async def say(self, text: str, *, menu_id: str = "", expects: bool = True) -> Sent:
        body = {"content": text} | ({"menu_id": menu_id} if menu_id else {})
        return await self._write("text", body, text, expects)

    async def choose(self, number: int) -> Sent:
        """The entry of the last menu message, from 1. Raises LookupError."""
        menu_id, content = self.entry(number)
        return await self.say(content, menu_id=menu_id)

    async def photo(self, content: bytes, content_type: str = "image/jpeg", *, expects: bool = True) -> Sent:
        made = self.p.media.add("image", content, content_type)
        return await self._write("image", {"media_id": made.media_id}, "[图片]", expects)

    async def voice(self, content: bytes, recognition: str = "", *, expects: bool = True) -> Sent:
        """Nothing is recognised: the words stay with the sender [D]."""
        made = self.p.media.add("voice", content)
        return await self._write("voice", {"media_id": made.media_id}, "[语音]", expects)

    async def video(self, content: bytes, *, expects: bool = True) -> Sent:
        made = self.p.media.add("video", content)
        return await self._write("video", {"media_id": made.media_id}, "[视频]", expects)

    async def location(self, latitude: float, longitude: float, label: str, *, expects: bool = True) -> Sent:
        body = {"latitude": latitude, "longitude": longitude, "name": label, "address": label}
        return await self._write("location", body, f"[位置 {label}]", expects)

    async def enter(self, scene: str = "", *, expects: bool = False) -> Sent:
        """Open the chat, by the link with this scene."""
        fields = self._kf.enter(self.name, scene)
        sent = Sent(self.p.next_id(), self.name, "enter_session", "[进入客服会话]", time.monotonic(), expects)
        return await self._push(fields, sent, quiet=True)

    async def anything(self, kind: str, body: dict[str, Any], *, expects: bool = False) -> Sent:
        """One of the many other kinds there are: link, miniprogram, merged_msg, channels …"""
        return await self._write(kind, body, f"[{kind}]", expects)

    async def recall(self) -> Sent:
        """Take back the last message. Raises LookupError."""
        fields = self._kf.recall(self.name)
        sent = Sent(self.p.next_id(), self.name, "user_recall_msg", "[撤回]", time.monotonic(), False)
        return await self._push(fields, sent, quiet=True)

    async def _write(self, kind: str, body: dict[str, Any], text: str, expects: bool) -> Sent:
        fields = self._kf.write(self.name, kind, body)
        return await self._push(
            fields, Sent(self.p.next_id(), self.name, kind, text, time.monotonic(), expects), quiet=True
        )
