"""What the official account's API and WeCom's have in common: one session, a shared token renewed once, media.

Every call says what became of it; none is repeated here but once, for a stale token.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import structlog

from community.model.media import MAX_UPLOAD_BYTES
from community.ports import Clock, TokenCache
from community.services.outbound import Failure, Trouble
from gateway.attachments import MediaAway, MediaGone
from gateway.delivery import SendFailed
from gateway.wechat.codes import BAD_MEDIA
from gateway.wechat.tokens import EARLY, NoToken, TokenManager

log = structlog.get_logger("gateway.wechat.api")

TIMEOUT = 5.0
MEDIA_TIMEOUT = 20.0
MEDIA_KEPT = 2.5 * 86400
"""Seconds; the platform keeps what we upload for three days [D]."""


class ApiError(Exception):
    """The platform answered with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True)
class Codes:
    """What a platform's error codes mean: a token that is not good (any more), what only the operator can mend, all others."""

    stale: Collection[int]
    alarm: Collection[int]
    failure: Callable[[int], Failure]


def _encoded(body: Mapping[str, Any]) -> bytes:
    # The platform shows \\u escapes to people as they are; halves of characters have no UTF-8.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


class PlatformApi:
    """One client session a process; made inside the loop by `open`, closed by `close`. `account` is an AppID or a CorpID with its app."""

    def __init__(
        self,
        base: str,
        account: str,
        cache: TokenCache,
        clock: Clock,
        codes: Codes,
        alarm: Callable[[str], None] = lambda reason: None,
        timeout: float = TIMEOUT,
        early: float = EARLY,
    ) -> None:
        self._base, self._account, self.codes = base.rstrip("/"), account, codes
        self._cache, self._alarm = cache, alarm
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._media_timeout = aiohttp.ClientTimeout(
            total=max(timeout, MEDIA_TIMEOUT) if timeout == TIMEOUT else timeout
        )
        self._session: aiohttp.ClientSession | None = None
        self.tokens = TokenManager(cache, clock, account, self._fetch_token, alarm, early)

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _fetch_token(self, force: bool) -> tuple[str, float]:
        raise NotImplementedError

    def _media_name(self, media_hash: str) -> str:
        return f"wechat:media:{hashlib.sha256(self._account.encode()).hexdigest()[:12]}:{media_hash}"

    # --- media -------------------------------------------------------------------------------------------------------

    async def media_id(self, media_hash: str, read: Callable[[], bytes]) -> str:
        """The platform's id of this photo, uploaded when it has none that still lasts."""
        name = self._media_name(media_hash)
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
            raise SendFailed(str(error.code), self.codes.failure(error.code)) from error
        except (NoToken, aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
            # Nothing was sent to anybody yet: trying again is safe.
            raise SendFailed(type(error).__name__, Failure(Trouble.AGAIN, f"upload: {type(error).__name__}")) from error
        try:
            await self._cache.put(name, found, MEDIA_KEPT)
        except Exception as error:
            log.warning("media id not kept", error=type(error).__name__)
        return found

    async def forget_media(self, media_hash: str) -> None:
        name = self._media_name(media_hash)
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
                if error.code not in self.codes.stale:
                    raise
            return await self._download(await self.tokens.renew(token), media_id, kind)
        except ApiError as error:
            if error.code in self.codes.alarm:
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
            if error.code not in self.codes.stale:
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
            if error.code in self.codes.alarm:
                self._alarm(str(error.code))
            raise NoToken(str(error.code)) from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The message itself was not on its way yet, whatever became of this.
            raise NoToken(type(error).__name__) from error

    async def _post(
        self, path: str, body: Mapping[str, Any] | Callable[[], aiohttp.FormData], query: Mapping[str, str]
    ) -> dict[str, Any]:
        data = body() if callable(body) else _encoded(body)
        headers = {} if callable(body) else {"Content-Type": "application/json; charset=utf-8"}
        timeout = self._media_timeout if callable(body) else self._timeout
        async with self._opened().post(
            self._base + path, data=data, params=query, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            return await _answer(response)

    async def _get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        async with self._opened().get(self._base + path, params=query, allow_redirects=False) as response:
            return await _answer(response)


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any]:
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


def not_sent(error: Exception) -> SendFailed:
    """Whether it may have been taken all the same: not when the connection never came about or there was no token."""
    sure = isinstance(error, (NoToken, aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    pause = timedelta(seconds=30) if isinstance(error, NoToken) else None
    kind = f"no token: {error}" if isinstance(error, NoToken) else type(error).__name__
    return SendFailed(kind, Failure(Trouble.AGAIN, kind, unknown=not sure, pause=pause))
