"""The official account's API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import aiohttp
import structlog

from community.ports import Clock, TokenCache
from gateway.delivery import SendFailed
from gateway.fates import NoRecord
from gateway.wechat.codes import ALARM, NO_RECORD, STALE_TOKEN, failure_of
from gateway.wechat.platform_api import TIMEOUT, ApiError, Codes, PlatformApi, not_sent
from gateway.wechat.tokens import NoToken

log = structlog.get_logger("gateway.wechat.api")

MAX_CHOICES = 10
RECORDS = 10_000
"""Of one answer at most [D]. Further ones are not asked for: what is not among these is sent again."""
BY_SERVICE = 2002
"""opercode of what was sent to a resident [D]."""


class WechatApi(PlatformApi):
    """Raises SendFailed."""

    def __init__(
        self,
        base: str,
        appid: str,
        secret: str,
        cache: TokenCache,
        clock: Clock,
        alarm: Callable[[str], None] = lambda reason: None,
        timeout: float = TIMEOUT,
    ) -> None:
        super().__init__(base, appid, cache, clock, Codes(STALE_TOKEN, ALARM, failure_of), alarm, timeout)
        self._appid, self._secret = appid, secret

    # --- messages ----------------------------------------------------------------------------------------------------

    async def send_text(self, openid: str, text: str, *, by_bot: bool = False) -> None:
        await self._send(openid, "text", {"content": text}, by_bot)

    async def send_image(self, openid: str, media_id: str, *, by_bot: bool = False) -> None:
        await self._send(openid, "image", {"media_id": media_id}, by_bot)

    async def send_menu(
        self, openid: str, text: str, choices: Sequence[tuple[str, str]], *, by_bot: bool = False
    ) -> None:
        """`choices` are (id, title); a click comes back with the id."""
        listed = [{"id": key, "content": title} for key, title in choices[:MAX_CHOICES]]
        await self._send(openid, "msgmenu", {"head_content": text, "list": listed, "tail_content": ""}, by_bot)

    async def send_template(self, openid: str, template_id: str, data: Mapping[str, str], message_id: str) -> None:
        """`message_id` lets the platform drop a second sending of the same [G]."""
        body = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": message_id,
            "data": {name: {"value": value} for name, value in data.items()},
        }
        await self._deliver("/cgi-bin/message/template/send", body)

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """The account's menu, instead of the one there is."""
        await self._deliver("/cgi-bin/menu/create", menu)

    async def typing(self, openid: str) -> None:
        """Shows that an answer is being written. Never fails: it is only a sign."""
        try:
            await self._call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})
        except (ApiError, NoToken, aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.debug("no typing sign", error=str(error) if isinstance(error, ApiError) else type(error).__name__)

    async def taken(self, since: datetime, until: datetime, addresses: Collection[str]) -> dict[str, list[tuple[datetime, str]]]:
        """When which texts were sent to these openids in between (24 hours at most [D]), by the record of customer service; photos as
        `[image]`. That what is sent by the API is in it, and how a menu stands there, is nowhere said [G].
        """
        body = {"starttime": int(since.timestamp()), "endtime": int(until.timestamp()), "msgid": 1, "number": RECORDS}
        try:
            answer = await self._call("/customservice/msgrecord/getmsglist", body)
        except ApiError as error:
            raise NoRecord(str(error.code), refused=error.code in NO_RECORD) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NoRecord(type(error).__name__) from error
        listed = answer.get("recordlist")
        if not isinstance(listed, list):
            raise NoRecord("not a record")
        found: dict[str, list[tuple[datetime, str]]] = {}
        for entry in listed:
            if not isinstance(entry, dict) or entry.get("opercode") != BY_SERVICE or entry.get("openid") not in addresses:
                continue
            at = datetime.fromtimestamp(float(entry.get("time") or 0), timezone.utc)
            found.setdefault(str(entry["openid"]), []).append((at, str(entry.get("text") or "")))
        return found

    async def _send(self, openid: str, kind: str, content: Mapping[str, Any], by_bot: bool) -> None:
        body: dict[str, Any] = {"touser": openid, "msgtype": kind, kind: content}
        if by_bot:
            body["aimsgcontext"] = {"is_ai_msg": 1}
        await self._deliver("/cgi-bin/message/custom/send", body)

    async def _deliver(self, path: str, body: Mapping[str, Any]) -> None:
        try:
            await self._call(path, body)
        except ApiError as error:
            if error.code in ALARM or error.code in STALE_TOKEN:
                self._alarm(str(error.code))
            raise SendFailed(str(error.code), failure_of(error.code)) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise not_sent(error) from error

    async def _fetch_token(self, force: bool) -> tuple[str, float]:
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer = await self._post("/cgi-bin/stable_token", body, {})
        return str(answer["access_token"]), float(answer["expires_in"])
