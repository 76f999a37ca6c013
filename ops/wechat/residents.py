"""The hands of a resident with the official account, and what every hand has: what one can do, and how it reaches the gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ops.wechat import messages
from ops.wechat.ledger import Sent, Shown
from ops.wechat.platform import Platform
from ops.wechat.push import Push, Pusher
from ops.wechat.quota import Touch

Build = Callable[[str, str, int, int], dict[str, Any]]
"""(to, sender, CreateTime, MsgId) -> the inside of the push."""


class Hand:
    """One person's messages go out one after another: the next when the one before was taken or given up. On the real platform two quick
    messages may overtake each other; then no order could be asked of the other side."""

    def __init__(self, platform: Platform, pusher: Pusher, name: str) -> None:
        self.p, self._pusher, self.name = platform, pusher, name
        self._turn = asyncio.Lock()

    async def _push(
        self,
        fields: dict[str, Any],
        sent: Sent,
        *,
        quiet: bool = False,
        take: Callable[[dict[str, Any]], bool] = lambda reply: False,
    ) -> Sent:
        self.p.ledger.say(sent)
        async with self._turn:
            await self._pusher.push(Push(fields, sent, quiet, take))
        return sent

    def saw(self) -> list[Shown]:
        return [shown for shown in self.p.ledger.shown if shown.user == self.name]

    def entry(self, number: int) -> tuple[str, str]:
        """(id, words) of that entry of the last menu message, from 1. Raises LookupError when there is none."""
        menus = [shown.detail["menu"] for shown in self.saw() if shown.detail.get("menu")]
        if not menus or not 1 <= number <= len(menus[-1]):
            raise LookupError("there is no such entry in the last menu message")
        found: tuple[str, str] = menus[-1][number - 1]
        return found


class Resident(Hand):
    """Somebody with the official account. Every method returns once the platform has delivered it or given up;
    `expects` says whether an answer is owed."""

    def __init__(self, platform: Platform, pusher: Pusher, name: str, base: str) -> None:
        super().__init__(platform, pusher, name)
        self.user = platform.users.named(name)
        self._base = base

    async def say(self, text: str, *, menu_id: str = "", expects: bool = True) -> Sent:
        """Type something. With `menu_id`: choose an entry of a menu message, which only opens the small window [D]."""
        touch = Touch.CLICK if menu_id else Touch.MESSAGE
        return await self._message(
            "text", text, lambda to, me, at, i: messages.text(to, me, at, i, text, menu_id), touch, expects
        )

    async def choose(self, number: int) -> Sent:
        """The entry of the last menu message, from 1. Raises LookupError when there is none."""
        menu_id, content = self.entry(number)
        return await self.say(content, menu_id=menu_id)

    async def photo(self, content: bytes, content_type: str = "image/jpeg") -> Sent:
        made = self.p.media.add("image", content, content_type)
        url = f"{self._base}/pic/{made.media_id}"
        return await self._message(
            "image", "[图片]", lambda to, me, at, i: messages.image(to, me, at, i, url, made.media_id)
        )

    async def voice(self, content: bytes, recognition: str = "") -> Sent:
        made = self.p.media.add("voice", content)
        return await self._message(
            "voice", "[语音]", lambda to, me, at, i: messages.voice(to, me, at, i, made.media_id, recognition)
        )

    async def video(self, content: bytes) -> Sent:
        made = self.p.media.add("video", content)
        return await self._message(
            "video", "[视频]", lambda to, me, at, i: messages.video(to, me, at, i, made.media_id)
        )

    async def location(self, latitude: float, longitude: float, label: str) -> Sent:
        return await self._message(
            "location",
            f"[位置] {label}",
            lambda to, me, at, i: messages.location(to, me, at, i, latitude, longitude, label),
        )

    async def link(self, title: str, description: str, url: str) -> Sent:
        return await self._message(
            "link", f"[链接] {title}", lambda to, me, at, i: messages.link(to, me, at, i, title, description, url)
        )

    async def follow(self, scene: str = "", *, expects: bool = True) -> Sent:
        """`scene`: of the QR code that brought them here."""
        self.user.follows = True
        more = {"EventKey": f"qrscene_{scene}" if scene else ""} | ({"Ticket": f"TICKET{scene}"} if scene else {})
        return await self._event("subscribe", "[关注]", Touch.FOLLOW, expects, more)

    async def unfollow(self) -> Sent:
        self.user.follows = False
        self.p.quota.closed(self.user.openid)
        return await self._event("unsubscribe", "[取消关注]", None, False, {"EventKey": ""})

    async def scan(self, scene: str, *, expects: bool = False) -> Sent:
        more = {"EventKey": scene, "Ticket": f"TICKET{scene}"}
        return await self._event("SCAN", f"[扫码 {scene}]", Touch.SCAN, expects, more)

    async def click(self, key: str, *, expects: bool = True) -> Sent:
        """A button of the custom menu."""
        return await self._event("CLICK", f"[菜单 {key}]", Touch.CLICK, expects, {"EventKey": key})

    async def _message(
        self, kind: str, text: str, build: Build, touch: Touch = Touch.MESSAGE, expects: bool = True
    ) -> Sent:
        if not self.user.follows:
            raise LookupError(f"{self.name} does not follow the account and cannot write to it")
        at, number = self._touch(touch), self.p.next_id()
        fields = build(self.p.account.original_id, self.user.openid, at, number)
        self.p.record.heard(self.user.openid, kind, text)
        return await self._push(fields, Sent(number, self.name, kind, text, time.monotonic(), expects))

    async def _event(self, name: str, text: str, touch: Touch | None, expects: bool, more: dict[str, Any]) -> Sent:
        at, number = self._touch(touch), self.p.next_id()
        fields = messages.event(self.p.account.original_id, self.user.openid, at, name, **more)
        sent = Sent(number, self.name, name, text, time.monotonic(), expects)
        return await self._push(fields, sent, quiet=not self.user.follows)

    def _touch(self, touch: Touch | None) -> int:
        """Opens the window that belongs to it; returns the CreateTime."""
        if touch is not None:
            self.user.last_heard = self.p.clock.now()
            self.p.quota.touched(self.user.openid, touch, self.user.last_heard)
        return int(self.p.clock.stamp())
