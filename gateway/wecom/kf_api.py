"""微信客服's calls, over whatever has WeCom's token. Every call says what became of it; none is repeated here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from gateway.delivery import SendFailed
from gateway.wechat.platform_api import ApiError, not_sent
from gateway.wechat.tokens import NoToken
from gateway.wecom.kf_codes import ALARM, STALE_TOKEN, failure_of

LONGEST_CURSOR = 512


class Caller(Protocol):
    """WeCom's API. Raises ApiError, NoToken, or what aiohttp raises."""

    async def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]: ...
    async def media_id(self, media_hash: str, read: Callable[[], bytes]) -> str: ...
    async def forget_media(self, media_hash: str) -> None: ...


@dataclass(frozen=True)
class Page:
    lines: Sequence[Any]
    cursor: str
    more: bool


class NotFetched(Exception):
    """No page came. `code` is the platform's, 0 when it said none."""

    def __init__(self, error: str, code: int = 0) -> None:
        super().__init__(error)
        self.code = code


class KfApi:
    def __init__(self, wecom: Caller, alarm: Callable[[str], None] = lambda reason: None) -> None:
        self._wecom, self._alarm = wecom, alarm

    async def sync(self, open_kfid: str, cursor: str, token: str, limit: int) -> Page:
        """The page after `cursor` ('' is the oldest the platform has: three days [D]). Raises NotFetched."""
        body: dict[str, Any] = {"open_kfid": open_kfid, "limit": limit, "voice_format": 0}
        if cursor:
            body["cursor"] = cursor
        if token:
            body["token"] = token
        try:
            answer = await self._wecom.call("/cgi-bin/kf/sync_msg", body)
        except ApiError as error:
            raise NotFetched(str(error.code), error.code) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NotFetched(type(error).__name__) from error
        lines, following = answer.get("msg_list") or [], answer.get("next_cursor") or ""
        if not isinstance(lines, list) or not isinstance(following, str) or len(following) > LONGEST_CURSOR:
            raise NotFetched("not a page")
        return Page(lines, following, bool(answer.get("has_more")))

    async def send(
        self, open_kfid: str, customer: str, kind: str, content: Mapping[str, Any], *, mark: str = "", code: str = ""
    ) -> None:
        """One message. `mark` comes back if it cannot be delivered; with `code` it answers an entered chat. Raises SendFailed."""
        body: dict[str, Any] = {"msgtype": kind, kind: content}
        if mark:
            body["msgid"] = mark
        if code:
            path = "/cgi-bin/kf/send_msg_on_event"
            body["code"] = code
        else:
            path = "/cgi-bin/kf/send_msg"
            body |= {"touser": customer, "open_kfid": open_kfid}
        try:
            await self._wecom.call(path, body)
        except ApiError as error:
            if error.code in ALARM or error.code in STALE_TOKEN:
                self._alarm(str(error.code))
            raise SendFailed(str(error.code), failure_of(error.code, entered=bool(code))) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise not_sent(error) from error

    async def media_id(self, media_hash: str, raw: bytes) -> str:
        """The platform's id of this photo. Raises SendFailed."""
        return await self._wecom.media_id(media_hash, lambda: raw)

    async def forget_media(self, media_hash: str) -> None:
        await self._wecom.forget_media(media_hash)
