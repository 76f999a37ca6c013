"""WeCom's API, as one app of a corporation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from community.ports import Clock, TokenCache
from gateway.wechat.platform_api import TIMEOUT, Codes, PlatformApi
from gateway.wecom.kf_codes import ALARM, STALE_TOKEN, failure_of

EARLY = 30.0
"""Seconds before a token's end at which another is asked for: until its end WeCom gives the same one to everybody [D]."""


class WecomApi(PlatformApi):
    """`call` raises ApiError, NoToken, or what aiohttp raises; media raise as `PlatformApi` says."""

    def __init__(
        self,
        base: str,
        corpid: str,
        secret: str,
        cache: TokenCache,
        clock: Clock,
        alarm: Callable[[str], None] = lambda reason: None,
        timeout: float = TIMEOUT,
    ) -> None:
        # Each app has a token of its own: its secret tells two of one corporation apart.
        account = f"wecom:{corpid}:{secret}"
        super().__init__(base, account, cache, clock, Codes(STALE_TOKEN, ALARM, failure_of), alarm, timeout, EARLY)
        self._corpid, self._secret = corpid, secret

    async def call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call(path, body)

    async def _fetch_token(self, force: bool) -> tuple[str, float]:
        # There is no «by force» here: a token that was ended is replaced by asking.
        answer = await self._get("/cgi-bin/gettoken", {"corpid": self._corpid, "corpsecret": self._secret})
        return str(answer["access_token"]), float(answer["expires_in"])
