"""A call of the platform, opened: the signature first, then its age, then what is inside. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.wechat import body as bodies
from gateway.wechat.body import Fields, Format
from gateway.wechat.crypto import Codec, Refused

Mode = Literal["safe", "compatible", "plain"]
"""`safe` takes encrypted pushes only. `compatible` and `plain` also take plain ones, whose body no signature covers [V]:
for an account without a key, and for the hours of a change-over. What came encrypted is decrypted in every mode, unless
`plain` has no key: then the plain half of what an account in compatible mode pushes is read."""

MAX_NONCE = 128
"""Characters [G]; real ones have about ten."""

_ECHO = re.compile(r"[A-Za-z0-9+/=_.-]{1,512}", re.ASCII)
"""What of a plain echostr is said back [G]; real ones are digits. Whatever could be markup is not."""


@dataclass(frozen=True)
class Push:
    """What the platform pushed. `key` (index of the key that opened it) and `format` are those the reply must use."""

    fields: Fields
    key: int
    encrypted: bool
    format: Format


def open_push(codec: Codec, mode: Mode, query: Mapping[str, str], body: bytes, now: datetime) -> Push:
    """Open the POST of an official account or of WeCom.

    `query` holds `timestamp`, `nonce`, and `msg_signature` (over the encrypted body) or `signature` (over nothing else).
    `openid` in it is not covered by any signature: the sender is FromUserName of the fields.

    Raises Refused: 400 'query' (timestamp or nonce missing), 403 'signature', 403 'stale', 403 'downgrade' (plain, though
    well signed, in safe mode: somebody set the account to another mode, or takes its pushes apart), and whatever
    `Codec.decrypt` and `body.parse` refuse.
    """
    timestamp, nonce = _signed_by(query)
    if "msg_signature" not in query or (mode == "plain" and not codec.keys):
        codec.check(query.get("signature", ""), timestamp, nonce)
        codec.fresh(timestamp, now)
        if mode == "safe":
            raise Refused(403, "downgrade")
        fields, form = bodies.parse(body)
        return Push(fields, 0, False, form)
    outer, form = bodies.parse(body)
    encrypted = outer.get("Encrypt")
    if not isinstance(encrypted, str):
        # Nothing there that msg_signature could cover.
        raise Refused(403, "downgrade")
    codec.check(query["msg_signature"], timestamp, nonce, encrypted)
    codec.fresh(timestamp, now)
    opened = codec.decrypt(encrypted)
    return Push(bodies.parse(opened.message).fields, opened.key, True, form)


def open_verify(codec: Codec, query: Mapping[str, str], now: datetime, encrypted_echo: bool) -> str:
    """Answer the GET by which an address is verified: the text to send back, as text/plain.

    An official account sends `echostr` plain [D/V]; WeCom sends it encrypted (`encrypted_echo`) and expects what is inside [V].
    Raises Refused: 400 'query', 403 'signature', 403 'stale', 400 'echo', and whatever `Codec.decrypt` refuses.
    """
    timestamp, nonce = _signed_by(query)
    echo = query.get("echostr", "")
    if encrypted_echo:
        codec.check(query.get("msg_signature", ""), timestamp, nonce, echo)
        codec.fresh(timestamp, now)
        try:
            echo = codec.decrypt(echo).message.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(400, "echo") from None
    else:
        codec.check(query.get("signature", ""), timestamp, nonce)
        codec.fresh(timestamp, now)
    if not _ECHO.fullmatch(echo):
        raise Refused(400, "echo")
    return echo


def _signed_by(query: Mapping[str, str]) -> tuple[str, str]:
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not timestamp or not 1 <= len(nonce) <= MAX_NONCE:
        raise Refused(400, "query")
    return timestamp, nonce
