"""The official account's API. Every call says what became of it; none is repeated here but once, for a stale token."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import structlog

from community.model.media import MAX_UPLOAD_BYTES
from community.ports import Clock, TokenCache
from community.services.outbound import Failure, Trouble
from gateway.attachments import MediaAway, MediaGone
from gateway.delivery import SendFailed
from gateway.wechat.codes import ALARM, BAD_MEDIA, STALE_TOKEN, failure_of
from gateway.wechat.tokens import NoToken, TokenManager

log = structlog.get_logger("gateway.wechat.api")

TIMEOUT = 5.0
MEDIA_TIMEOUT = 20.0
MEDIA_KEPT = 2.5 * 86400
"""Seconds; the platform keeps what we upload for three days [D]."""
MAX_CHOICES = 10


class ApiError(Exception):
    """The platform answered with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def _encoded(body: Mapping[str, Any]) -> bytes:
    # The platform shows \\u escapes to people as they are; halves of characters have no UTF-8.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


class WechatApi:
    """One client session a process; made inside the loop by `open`, closed by `close`. Raises SendFailed."""

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
        self._base, self._appid, self._secret = base.rstrip("/"), appid, secret
        self._cache, self._alarm = cache, alarm
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._media_timeout = aiohttp.ClientTimeout(
            total=max(timeout, MEDIA_TIMEOUT) if timeout == TIMEOUT else timeout
        )
        self._session: aiohttp.ClientSession | None = None
        self.tokens = TokenManager(cache, clock, appid, self._fetch_token, alarm)

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

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
            raise _not_sent(error) from error

    # --- media -------------------------------------------------------------------------------------------------------

    async def media_id(self, media_hash: str, read: Callable[[], bytes]) -> str:
        """The platform's id of this photo, uploaded when it has none that still lasts."""
        name = f"wechat:media:{hashlib.sha256(self._appid.encode()).hexdigest()[:12]}:{media_hash}"
        try:
            if kept := await self._cache.get(name):
                return kept
        except Exception as error:
            log.warning("media cache is away", error=type(error).__name__)
        raw = read()

        def form() -> aiohttp.FormData:
            made = aiohttp.FormData()
            made.add_field("media", raw, filename="photo.jpg", content_type="image/jpeg")
            return made

        try:
            answer = await self._call("/cgi-bin/media/upload", form, {"type": "image"})
            found = str(answer["media_id"])
        except ApiError as error:
            raise SendFailed(str(error.code), failure_of(error.code)) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
            # Nothing was sent to anybody yet: trying again is safe.
            raise SendFailed(type(error).__name__, Failure(Trouble.AGAIN, f"upload: {type(error).__name__}")) from error
        try:
            await self._cache.put(name, found, MEDIA_KEPT)
        except Exception as error:
            log.warning("media id not kept", error=type(error).__name__)
        return found

    async def forget_media(self, media_hash: str) -> None:
        name = f"wechat:media:{hashlib.sha256(self._appid.encode()).hexdigest()[:12]}:{media_hash}"
        try:
            await self._cache.drop(name)
        except Exception as error:
            log.warning("media cache is away", error=type(error).__name__)

    async def get_media(self, media_id: str, kind: str) -> tuple[bytes, str]:
        """(bytes, their type) of what a resident sent; `kind` is image or voice. Raises MediaAway or MediaGone."""
        try:
            token = await self._token()
            try:
                return await self._download(token, media_id, kind)
            except ApiError as error:
                if error.code not in STALE_TOKEN:
                    raise
            return await self._download(await self.tokens.renew(token), media_id, kind)
        except ApiError as error:
            if error.code in ALARM:
                self._alarm(str(error.code))
            raise (MediaGone if error.code == BAD_MEDIA else MediaAway)(str(error.code)) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise MediaAway(type(error).__name__) from error

    async def _download(self, token: str, media_id: str, kind: str) -> tuple[bytes, str]:
        query = {"access_token": token, "media_id": media_id}
        async with self._opened().get(
            self._base + "/cgi-bin/media/get", params=query, timeout=self._media_timeout, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise aiohttp.ClientPayloadError(f"status {response.status}")
            if response.content_type in ("application/json", "text/plain", "text/json"):
                answer = _object(await response.read())
                raise ApiError(int(answer.get("errcode") or BAD_MEDIA))
            wanted = "image/" if kind == "image" else ("audio/", "voice/", "application/octet-stream")
            if not response.content_type.startswith(wanted):
                raise MediaGone("type")
            if (response.content_length or 0) > MAX_UPLOAD_BYTES:
                raise MediaGone("size")
            raw = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                raw += chunk
                if len(raw) > MAX_UPLOAD_BYTES:
                    raise MediaGone("size")
            return bytes(raw), response.content_type

    # --- calls -------------------------------------------------------------------------------------------------------

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise aiohttp.ClientConnectionError("not open")
        return self._session

    async def _call(
        self,
        path: str,
        body: Mapping[str, Any] | Callable[[], aiohttp.FormData],
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Once, and once more with a new token when the platform says that ours is stale."""
        token = await self._token()
        try:
            return await self._post(path, body, {**(query or {}), "access_token": token})
        except ApiError as error:
            if error.code not in STALE_TOKEN:
                raise
        try:
            token = await self.tokens.renew(token)
        except NoToken:
            self._alarm("token")
            raise
        return await self._post(path, body, {**(query or {}), "access_token": token})

    async def _token(self) -> str:
        try:
            return await self.tokens.token()
        except ApiError as error:
            if error.code in ALARM:
                self._alarm(str(error.code))
            raise NoToken(str(error.code)) from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The message itself was not on its way yet, whatever became of this.
            raise NoToken(type(error).__name__) from error

    async def _fetch_token(self, force: bool) -> tuple[str, float]:
        body = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer = await self._post("/cgi-bin/stable_token", body, {})
        return str(answer["access_token"]), float(answer["expires_in"])

    async def _post(
        self, path: str, body: Mapping[str, Any] | Callable[[], aiohttp.FormData], query: Mapping[str, str]
    ) -> dict[str, Any]:
        data = body() if callable(body) else _encoded(body)
        headers = {} if callable(body) else {"Content-Type": "application/json; charset=utf-8"}
        timeout = self._media_timeout if callable(body) else self._timeout
        async with self._opened().post(
            self._base + path, data=data, params=query, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise aiohttp.ClientPayloadError(f"status {response.status}")
            answer = _object(await response.read())
        code = int(answer.get("errcode") or 0)
        if code:
            raise ApiError(code)
        return answer


def _object(raw: bytes) -> dict[str, Any]:
    answer = json.loads(raw)
    if not isinstance(answer, dict):
        raise ValueError("not an object")
    return answer


def _not_sent(error: Exception) -> SendFailed:
    """Whether it may have been taken all the same: not when the connection never came about or there was no token."""
    sure = isinstance(error, (NoToken, aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    pause = timedelta(seconds=30) if isinstance(error, NoToken) else None
    kind = f"no token: {error}" if isinstance(error, NoToken) else type(error).__name__
    return SendFailed(kind, Failure(Trouble.AGAIN, kind, unknown=not sure, pause=pause))
