"""From one entry of a page of 微信客服 to a kind of message. No I/O.

Field names are those of the documentation [D]. Whatever an entry is, it must not fail: one that cannot be read would hold up all
behind it for ever.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from gateway.wechat.kinds import (
    AccountId,
    Image,
    Link,
    Location,
    MediaId,
    MenuChoice,
    Message,
    MsgId,
    OpenId,
    Said,
    Text,
    Unknown,
    Video,
    Voice,
)

CUSTOMER, SYSTEM, STAFF = 3, 4, 5
"""`origin`: who an entry is from [D]."""

_ID = re.compile(r"[\x21-\x2e\x30-\x7e]{1,63}")
"""No slash: it stands between the two halves of an address, which has room for 128 characters."""
_MSG_ID = re.compile(r"[\x21-\x7e]{1,128}")
_MEDIA_ID = re.compile(r"[\x21-\x7e]{1,512}")
_CODE = re.compile(r"[\x21-\x7e]{1,256}")


@dataclass(frozen=True, kw_only=True)
class Entered(Said):
    """Somebody opened the chat. With `code` one message may be sent, within 20 seconds; '' when they were greeted lately [D]."""

    code: str


@dataclass(frozen=True, kw_only=True)
class NotDelivered(Said):
    """The platform could not deliver what we sent as `failed`; `reason` is its fail_type [D]."""

    failed: str
    reason: int


@dataclass(frozen=True, kw_only=True)
class FromStaff(Said):
    """A member of staff wrote it in WeCom: the person has their answer."""


class _Bad(Exception):
    """A field is missing or has another form."""


def from_kf(line: Any) -> Message:
    """An entry of `msg_list`, as a kind. Of what is not known, or not as documented, an Unknown."""
    if not isinstance(line, dict):
        return _unknown({}, "no_object")
    kind = line.get("msgtype")
    kind = kind if isinstance(kind, str) else ""
    inside = line.get(kind)
    inside = inside if isinstance(inside, dict) else {}
    if kind == "event":
        kind = f"event.{inside.get('event_type')}"
    try:
        # Events name who and where inside themselves [D].
        where = {**inside, **line} if kind.startswith("event.") else line
        common: dict[str, Any] = {
            "account": AccountId(_matching(_ID, where, "open_kfid")),
            "user": OpenId(_matching(_ID, where, "external_userid")),
            "at": _at(line),
            "msg_id": MsgId(_matching(_MSG_ID, line, "msgid")),
        }
        if line.get("origin") == STAFF:
            return FromStaff(**common)
        read = _KINDS.get(kind)
        if read is not None:
            return read(inside, common)
        if kind.startswith("event.") or line.get("origin") != CUSTOMER:
            return _unknown(line, kind)
        # Files, cards of people, mini programs, and what is invented tomorrow: somebody waits for a word.
        return Said(**common)
    except _Bad:
        return _unknown(line, "bad." + kind)


def _unknown(line: Mapping[str, Any], kind: str) -> Unknown:
    mark = hashlib.sha256(json.dumps(line, sort_keys=True, default=str).encode()).hexdigest()
    return Unknown(
        account=AccountId(""),
        user=OpenId(""),
        at=datetime.fromtimestamp(0, timezone.utc),
        kind=re.sub(r"[^a-z0-9_.]", "?", kind.lower())[:64],
        mark=mark,
    )


def _at(line: Mapping[str, Any]) -> datetime:
    seconds = line.get("send_time")
    if not isinstance(seconds, int) or not 0 <= seconds < 10**11:
        raise _Bad
    return datetime.fromtimestamp(seconds, timezone.utc)


def _word(fields: Mapping[str, Any], name: str, default: str = "") -> str:
    value = fields.get(name, default)
    return value if isinstance(value, str) else default


def _matching(pattern: re.Pattern[str], fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _Bad
    return value


def _degrees(fields: Mapping[str, Any], name: str, most: float) -> float:
    value = fields.get(name)
    # Infinities and what is no number fail the comparison too.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= most:
        raise _Bad
    return float(value)


def _text(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    content, choice = inside.get("content"), _word(inside, "menu_id")
    if not isinstance(content, str):
        raise _Bad
    return MenuChoice(**common, content=content, choice=choice) if choice else Text(**common, content=content)


def _image(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    return Image(**common, media=MediaId(_matching(_MEDIA_ID, inside, "media_id")), url="")


def _voice(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    media = MediaId(_matching(_MEDIA_ID, inside, "media_id"))
    return Voice(**common, media=media, format="amr", media_16k=MediaId(""), recognition="")


def _video(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    media = MediaId(_matching(_MEDIA_ID, inside, "media_id"))
    return Video(**common, media=media, thumb=MediaId(""), short=False)


def _location(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    label = " ".join(part for part in (_word(inside, "address"), _word(inside, "name")) if part.strip())
    latitude, longitude = _degrees(inside, "latitude", 90), _degrees(inside, "longitude", 180)
    return Location(**common, latitude=latitude, longitude=longitude, scale="", label=label)


def _link(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    title, description = _word(inside, "title"), _word(inside, "desc")
    return Link(**common, title=title, description=description, url=_word(inside, "url"))


def _entered(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    code = _word(inside, "welcome_code")
    return Entered(**common, code=code if _CODE.fullmatch(code) else "")


def _not_delivered(inside: Mapping[str, Any], common: dict[str, Any]) -> Message:
    reason = inside.get("fail_type")
    return NotDelivered(**common, failed=_word(inside, "fail_msgid"), reason=reason if isinstance(reason, int) else 0)


_KINDS: dict[str, Callable[[Mapping[str, Any], dict[str, Any]], Message]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "location": _location,
    "link": _link,
    "event.enter_session": _entered,
    "event.msg_send_fail": _not_delivered,
}
