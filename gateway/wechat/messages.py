"""From the fields of a push to one of the kinds, and the key by which a second delivery is known. No I/O.

Field names are those of the documentation [D], WeCom's included; nothing here was seen from a live account.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from gateway.wechat.body import Fields, Value
from gateway.wechat.crypto import Refused
from gateway.wechat.kinds import (
    AccountId,
    AgentId,
    CardClick,
    Click,
    EnterAgent,
    Happened,
    Image,
    KfNotice,
    Link,
    Location,
    LocationReport,
    MediaId,
    MenuChoice,
    Message,
    MsgId,
    OpenId,
    OpenKfId,
    Outcome,
    Said,
    Scan,
    Subscribe,
    TemplateSent,
    Text,
    Unknown,
    Unsubscribe,
    Video,
    View,
    Voice,
)

__all__ = [
    "AccountId",
    "AgentId",
    "CardClick",
    "Click",
    "EnterAgent",
    "Happened",
    "Image",
    "KfNotice",
    "Link",
    "Location",
    "LocationReport",
    "MediaId",
    "MenuChoice",
    "Message",
    "MsgId",
    "OpenId",
    "OpenKfId",
    "Outcome",
    "Said",
    "Scan",
    "Subscribe",
    "TemplateSent",
    "Text",
    "Unknown",
    "Unsubscribe",
    "Video",
    "View",
    "Voice",
    "dedup_key",
    "from_wechat",
]


# 128 [G]: an OpenID has 28 characters, a WeCom UserId at most 64 [D]; MediaIds are longer.
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_MEDIA_ID = re.compile(r"[\x21-\x7e]{1,512}")
_MSG_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_SCENE = "qrscene_"


def from_wechat(fields: Fields) -> Message:
    """Any push, as one of the kinds above; of what is not known, or not ours, an Unknown.

    Raises Refused(400, 'fields') when a push of a known kind lacks what it must have, or has it in another form.
    """
    if "MsgType" not in fields and "InfoType" in fields:
        return _unknown(fields, "info." + _word(fields, "InfoType"))
    kind = _word(fields, "MsgType").lower()
    if kind == "event":
        kind = "event." + _word(fields, "Event").lower()
    read = _KINDS.get(kind)
    if read is None:
        return _unknown(fields, kind)
    common: dict[str, Any] = {
        "account": _matching(_ID, fields, "ToUserName"),
        "user": _matching(_ID, fields, "FromUserName") if kind not in _FROM_NOBODY else "",
        "at": datetime.fromtimestamp(int(_matching(_SECONDS, fields, "CreateTime")), timezone.utc),
        "agent": _word(fields, "AgentID", ""),
    }
    if kind.startswith("event."):
        common |= {"event": kind.removeprefix("event."), "event_key": _word(fields, "EventKey", "")}
    else:
        common["msg_id"] = _matching(_MSG_ID, fields, "MsgId")
    return read(fields, common)


def _unknown(fields: Fields, kind: str) -> Unknown:
    """Whatever it is, it must not fail: what is missing is left empty. `mark` is a digest of it all."""

    def word(name: str) -> str:
        value = fields.get(name)
        return value if isinstance(value, str) else ""

    seconds = int(word("CreateTime")) if _SECONDS.fullmatch(word("CreateTime")) else 0
    return Unknown(
        account=AccountId(word("ToUserName")),
        user=OpenId(word("FromUserName")),
        at=datetime.fromtimestamp(seconds, timezone.utc),
        agent=AgentId(word("AgentID")),
        kind=re.sub(r"[^a-z0-9_.]", "?", kind.lower())[:64],
        mark=hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest(),
    )


def _word(fields: Fields, name: str, default: str | None = None) -> str:
    """A field that is text. Missing without a default, or not text: refused."""
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise Refused(400, "fields")
    return value


def _matching(pattern: re.Pattern[str], fields: Fields, name: str) -> str:
    value = _word(fields, name).strip()
    if not pattern.fullmatch(value):
        raise Refused(400, "fields")
    return value


def _degrees(fields: Fields, name: str, most: float) -> float:
    value = float(_matching(_DEGREES, fields, name))
    if abs(value) > most:
        raise Refused(400, "fields")
    return value


def _text(fields: Fields, common: dict[str, Any]) -> Message:
    content, choice = _word(fields, "Content"), _word(fields, "bizmsgmenuid", "")
    return MenuChoice(**common, content=content, choice=choice) if choice else Text(**common, content=content)


def _image(fields: Fields, common: dict[str, Any]) -> Message:
    return Image(**common, media=MediaId(_matching(_MEDIA_ID, fields, "MediaId")), url=_word(fields, "PicUrl", ""))


def _voice(fields: Fields, common: dict[str, Any]) -> Message:
    return Voice(
        **common,
        media=MediaId(_matching(_MEDIA_ID, fields, "MediaId")),
        format=_word(fields, "Format", "").lower(),
        media_16k=MediaId(_word(fields, "MediaId16K", "")),
        recognition=_word(fields, "Recognition", ""),
    )


def _video(short: bool) -> Callable[[Fields, dict[str, Any]], Message]:
    def read(fields: Fields, common: dict[str, Any]) -> Message:
        thumb = MediaId(_word(fields, "ThumbMediaId", ""))
        return Video(**common, media=MediaId(_matching(_MEDIA_ID, fields, "MediaId")), thumb=thumb, short=short)

    return read


def _location(fields: Fields, common: dict[str, Any]) -> Message:
    return Location(
        **common,
        latitude=_degrees(fields, "Location_X", 90),
        longitude=_degrees(fields, "Location_Y", 180),
        scale=_word(fields, "Scale", ""),
        label=_word(fields, "Label", ""),
    )


def _link(fields: Fields, common: dict[str, Any]) -> Message:
    title, description = _word(fields, "Title", ""), _word(fields, "Description", "")
    return Link(**common, title=title, description=description, url=_word(fields, "Url", ""))


def _subscribe(fields: Fields, common: dict[str, Any]) -> Message:
    key = common["event_key"]
    scene = key.removeprefix(_SCENE) if key.startswith(_SCENE) else None
    return Subscribe(**common, scene=scene, ticket=_word(fields, "Ticket", "") or None)


def _scan(fields: Fields, common: dict[str, Any]) -> Message:
    return Scan(**common, ticket=_word(fields, "Ticket", "") or None)


def _location_report(fields: Fields, common: dict[str, Any]) -> Message:
    return LocationReport(
        **common,
        latitude=_degrees(fields, "Latitude", 90),
        longitude=_degrees(fields, "Longitude", 180),
        precision=_word(fields, "Precision", ""),
    )


def _template_sent(fields: Fields, common: dict[str, Any]) -> Message:
    # The documentation itself writes "failed:user block" with and "failed: system failed" with another spacing.
    status = _word(fields, "Status").replace(" ", "").lower()
    outcome = {"success": Outcome.SENT, "failed:userblock": Outcome.BLOCKED}.get(status, Outcome.FAILED)
    return TemplateSent(**common, template_msg=MsgId(_matching(_MSG_ID, fields, "MsgID")), outcome=outcome)


def _card_click(fields: Fields, common: dict[str, Any]) -> Message:
    return CardClick(
        **common,
        task=_word(fields, "TaskId"),
        response_code=_word(fields, "ResponseCode"),
        card=_word(fields, "CardType", ""),
        selected=tuple(_selected(item) for item in _all(fields.get("SelectedItems", ""), "SelectedItem")),
    )


def _selected(item: Value) -> tuple[str, tuple[str, ...]]:
    if not isinstance(item, dict):
        raise Refused(400, "fields")
    options = _all(item.get("OptionIds", ""), "OptionId")
    return _word(item, "QuestionKey"), tuple(option for option in options if isinstance(option, str))


def _all(holder: Value, name: str) -> list[Value]:
    """What is inside `holder` under `name`, once or several times. An empty element, and a missing one, hold nothing."""
    if isinstance(holder, list):
        return holder
    found = holder.get(name, []) if isinstance(holder, dict) else []
    return found if isinstance(found, list) else [found]


def _kf_notice(fields: Fields, common: dict[str, Any]) -> Message:
    return KfNotice(**common, token=_word(fields, "Token"), open_kf_id=OpenKfId(_matching(_ID, fields, "OpenKfId")))


def _plain(kind: type[Happened]) -> Callable[[Fields, dict[str, Any]], Message]:
    return lambda fields, common: kind(**common)


_FROM_NOBODY = {"event.kf_msg_or_event"}
_KINDS: dict[str, Callable[[Fields, dict[str, Any]], Message]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video(short=False),
    "shortvideo": _video(short=True),
    "location": _location,
    "link": _link,
    "event.subscribe": _subscribe,
    "event.unsubscribe": _plain(Unsubscribe),
    "event.scan": _scan,
    "event.click": _plain(Click),
    "event.view": _plain(View),
    "event.location": _location_report,
    "event.templatesendjobfinish": _template_sent,
    "event.template_card_event": _card_click,
    "event.enter_agent": _plain(EnterAgent),
    "event.kf_msg_or_event": _kf_notice,
}


def dedup_key(message: Message) -> str:
    """The same for every delivery of one push, another for every other push. At most 80 ASCII characters.

    User + MsgId for messages: MsgIds alone collide across users [I]. For events user + CreateTime + Event + EventKey + AgentID [I]
    and what else tells two of one second apart: the card that was clicked, the template, the customer-service account.
    The account is in it too: two corporations may each have a member "zhangsan".
    """
    if isinstance(message, Said):
        told: tuple[object, ...] = ("message", message.msg_id)
    else:
        told = ("event", int(message.at.timestamp()), message.agent)
    match message:
        case TemplateSent(template_msg=template):
            told += (message.event, message.event_key, template)
        case CardClick(task=task):
            told += (message.event, message.event_key, task)
        case KfNotice(token=token, open_kf_id=kf):
            told += (message.event, kf, token)
        case Happened():
            told += (message.event, message.event_key)
        case Unknown(kind=kind, mark=mark):
            told += (kind, mark)
    # Hashed, because an EventKey may be an address of any length; as JSON, so that no two lists make the same text.
    parts = json.dumps((message.account, message.user, *told))
    return f"{told[0]}:{hashlib.sha256(parts.encode()).hexdigest()}"
