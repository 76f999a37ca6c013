"""The inside of every push that is simulated, field by field as the documents list them [D]."""

from __future__ import annotations

from typing import Any

Push = dict[str, Any]


def _base(to: str, sender: str, at: int, kind: str) -> Push:
    return {"ToUserName": to, "FromUserName": sender, "CreateTime": at, "MsgType": kind}


def text(to: str, sender: str, at: int, msg_id: int, content: str, menu_id: str = "") -> Push:
    """`menu_id`: the words were not typed but chosen in a menu message."""
    more = {"bizmsgmenuid": menu_id} if menu_id else {}
    return {**_base(to, sender, at, "text"), "Content": content, "MsgId": msg_id, **more}


def image(to: str, sender: str, at: int, msg_id: int, url: str, media_id: str) -> Push:
    return {**_base(to, sender, at, "image"), "PicUrl": url, "MediaId": media_id, "MsgId": msg_id}


def voice(to: str, sender: str, at: int, msg_id: int, media_id: str, recognition: str = "") -> Push:
    """`recognition` is being retired and arrives empty."""
    more = {"Format": "amr", "MediaId16K": media_id, "Recognition": recognition}
    return {**_base(to, sender, at, "voice"), "MediaId": media_id, "MsgId": msg_id, **more}


def corp_voice(to: str, sender: str, at: int, msg_id: int, media_id: str) -> Push:
    """WeCom's has no recognition."""
    return {**_base(to, sender, at, "voice"), "MediaId": media_id, "Format": "amr", "MsgId": msg_id}


def video(to: str, sender: str, at: int, msg_id: int, media_id: str, short: bool = False) -> Push:
    kind = "shortvideo" if short else "video"
    return {**_base(to, sender, at, kind), "MediaId": media_id, "ThumbMediaId": media_id, "MsgId": msg_id}


def location(to: str, sender: str, at: int, msg_id: int, latitude: float, longitude: float, label: str) -> Push:
    """Location_X is the latitude."""
    more = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
    return {**_base(to, sender, at, "location"), **more, "MsgId": msg_id}


def link(to: str, sender: str, at: int, msg_id: int, title: str, description: str, url: str) -> Push:
    more = {"Title": title, "Description": description, "Url": url}
    return {**_base(to, sender, at, "link"), **more, "MsgId": msg_id}


def event(to: str, sender: str, at: int, name: str, **more: Any) -> Push:
    """subscribe (EventKey, Ticket), unsubscribe, SCAN, CLICK, VIEW, LOCATION, TEMPLATESENDJOBFINISH, and WeCom's."""
    return {**_base(to, sender, at, "event"), "Event": name, **more}
