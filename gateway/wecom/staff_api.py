"""The calls by which staff are told something: a message, a card, another face of a card. Each says what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp

from gateway.wechat.platform_api import ApiError
from gateway.wechat.tokens import NoToken
from gateway.wecom.kf_api import Caller
from gateway.wecom.kf_codes import ALARM, STALE_TOKEN

USED_TASK = 42014
"""A card of this task_id was sent: ours, whose answer got lost [D]."""
USED_CODE = 42022
"""A response_code serves once [D]: our earlier try was taken."""
_GONE = {
    81013: "nobody of these is in the company, or sees our app",
    60111: "no such member",  # [G]
    40031: "bad member id",  # [G]
}
_REFUSED = frozenset({40008, 40016, 40058, 41010, 41016, 42018, 42019, 42020, 44004, 45002, 45034})
_BUSY = {-1: 2, 45009: 60, 45033: 10}
_SETTING = ALARM | {40056: "bad agentid", 41011: "agentid missing", 81012: "nobody to send to"}


class NotTold(Exception):
    """`for_good`: no use in trying again. `ours`: it is the message. `not_taken`: surely nobody was shown it."""

    def __init__(
        self,
        error: str,
        *,
        for_good: bool = False,
        ours: bool = False,
        not_taken: bool = True,
        pause: timedelta | None = None,
        alarm: str = "",
    ) -> None:
        super().__init__(error)
        self.error, self.for_good, self.ours, self.not_taken = error, for_good, ours, not_taken
        self.pause, self.alarm = pause, alarm


class StaffApi:
    def __init__(self, wecom: Caller, agentid: str) -> None:
        self._wecom, self.agentid = wecom, agentid

    async def text(self, member: str, text: str, *, check: bool) -> None:
        """Raises NotTold."""
        await self._send(member, {"msgtype": "text", "text": {"content": text}}, check=check)

    async def card(self, member: str, body: dict[str, Any]) -> str:
        """The code that changes it once; '' when the answer to an earlier try got lost. Raises NotTold."""
        try:
            answer = await self._send(member, {"msgtype": "template_card", "template_card": body}, check=True)
        except NotTold as failure:
            if failure.error.startswith(str(USED_TASK)):
                return ""
            raise
        return str(answer.get("response_code") or "")

    async def update(self, body: dict[str, Any]) -> None:
        """Raises NotTold."""
        try:
            await self._call("/cgi-bin/message/update_template_card", body)
        except NotTold as failure:
            if not failure.error.startswith(str(USED_CODE)):
                raise

    async def _send(self, member: str, content: dict[str, Any], *, check: bool) -> dict[str, Any]:
        body = {"touser": member, "agentid": int(self.agentid), **content, "enable_duplicate_check": int(check)}
        answer = await self._call("/cgi-bin/message/send", body)
        if str(answer.get("invaliduser") or ""):
            # Of one receiver: accepted, and shown to nobody.
            raise NotTold("invaliduser not in the company, or does not see our app", for_good=True)
        return answer

    async def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._wecom.call(path, body)
        except ApiError as error:
            raise _judged(error.code) from error
        except NoToken as error:
            raise NotTold(f"no token: {error}", pause=timedelta(seconds=30)) from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            sure = isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
            raise NotTold(type(error).__name__, not_taken=sure) from error


def _judged(code: int) -> NotTold:
    if code in _GONE:
        return NotTold(f"{code} {_GONE[code]}", for_good=True)
    if code in (USED_TASK, USED_CODE):
        return NotTold(f"{code} used", for_good=True)
    if code in _REFUSED:
        return NotTold(f"{code} refused", for_good=True)
    if code in _BUSY:
        return NotTold(f"{code} busy", pause=timedelta(seconds=_BUSY[code]))
    if code in _SETTING or code in STALE_TOKEN:
        return NotTold(f"{code} {_SETTING.get(code, 'token')}", pause=timedelta(seconds=60), alarm=str(code))
    return NotTold(str(code), ours=True)
