"""微信客服's platform in a few lines, for tests: a log of entries, cursors into it, windows of five."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp

from gateway.wechat.platform_api import ApiError

KF = "wkLinshe1"


class FakeKf:
    """`failing` holds what the next calls raise: a code, or an exception. `before` runs inside each call, after it was counted.
    `repeated` is the code for a msgid that was taken before; `lost_answers`: so many messages are taken, and nobody is told."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.log: list[dict[str, Any]] = []
        self.failing: list[int | Exception] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[dict[str, Any]] = []
        self.room: dict[str, int] = {}
        self.tokens: set[str] = set()
        self.at_once = self.most_at_once = 0
        self.slow = 0.0
        self.empty = 0
        self.repeated = 95099
        self.lost_answers = 0
        self._given: set[str] = set()
        self._ids = itertools.count(1)

    def write(self, who: str, kind: str = "text", /, origin: int = 3, kfid: str = KF, **inside: Any) -> dict[str, Any]:
        """An entry of `who`; returns it."""
        line: dict[str, Any] = {
            "msgid": f"m{next(self._ids)}",
            "open_kfid": kfid,
            "external_userid": who,
            "send_time": int(self._now().timestamp()),
            "origin": origin,
            "msgtype": kind,
            kind: inside,
        }
        if kind == "event":
            line["event"] = {"open_kfid": kfid, "external_userid": who, **inside}
            line["origin"] = 4
            del line["open_kfid"], line["external_userid"]
        elif origin == 3:
            self.room[who] = 5
        self.log.append(line)
        return line

    def say(self, who: str, text: str, **more: Any) -> dict[str, Any]:
        return self.write(who, "text", content=text, **more)

    async def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((path, dict(body)))
        if self.failing:
            failure = self.failing.pop(0)
            raise ApiError(failure) if isinstance(failure, int) else failure
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.slow)
            return self._sync(body) if path.endswith("sync_msg") else self._send(path, dict(body))
        finally:
            self.at_once -= 1

    def _sync(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if body.get("token") and body["token"] not in self.tokens:
            raise ApiError(95007)
        cursor = body.get("cursor", "c0")
        if not cursor.startswith("c"):
            raise ApiError(40058)
        start = int(cursor[1:])
        end = min(start + body["limit"], len(self.log))
        if self.empty and start < len(self.log):
            self.empty, end = self.empty - 1, start
        lines = self.log[start:end]
        return {"next_cursor": f"c{end}", "has_more": int(end < len(self.log)), "msg_list": lines}

    def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("msgid") in self._given:
            raise ApiError(self.repeated)
        if not path.endswith("on_event"):
            if self.room.get(body["touser"], 0) <= 0:
                raise ApiError(95001)
            self.room[body["touser"]] -= 1
        self.sent.append(body)
        self._given.add(str(body.get("msgid") or ""))
        if self.lost_answers:
            self.lost_answers -= 1
            raise LOST
        return {"msgid": body.get("msgid", "")}

    async def media_id(self, media_hash: str, read: Callable[[], bytes]) -> str:
        return "media-" + media_hash[:6]

    async def forget_media(self, media_hash: str) -> None:
        pass

    @property
    def texts(self) -> list[str]:
        return [str(body[body["msgtype"]].get("content") or body["msgtype"]) for body in self.sent]


LOST = aiohttp.ServerDisconnectedError()
