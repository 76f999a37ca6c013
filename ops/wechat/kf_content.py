"""What may be sent through 微信客服, and what the customer reads of it."""

from __future__ import annotations

from typing import Any

from ops.wechat.http import Refused, part
from ops.wechat.media import Media

MAX_TEXT = 2048
"""Bytes [D]."""
MAX_HEAD, MAX_ITEMS = 1024, 10
"""Bytes of head_content and tail_content; entries of a menu [D]."""
ITEMS = {
    "click": {"id": (0, 128), "content": (1, 128)},
    "view": {"url": (1, 2048), "content": (1, 1024)},
    "miniprogram": {"appid": (1, 32), "pagepath": (1, 1024), "content": (1, 1024)},
    "text": {"content": (1, 256)},
}
"""Kind of an entry -> its fields and their least and most bytes [D]."""
MEDIA = frozenset({"image", "voice", "video", "file"})
OTHERS = frozenset({"link", "miniprogram", "location", "business_card", "ca_link"})
TOO_LONG, TOO_MANY_ITEMS, OTHERWISE = 45002, 95008, 40058
"""That 95008 is given for too many entries and 40058 for the rest is [G]."""

Content = tuple[str, dict[str, Any]]
"""(what is read, more about it)."""


def content(kind: str, body: dict[str, Any], media: Media) -> Content:
    """Raises Refused."""
    if kind == "text":
        text = str(part(body, kind).get("content") or "")
        if not text:
            raise Refused(44004)
        _fits(text, MAX_TEXT)
        return text, {}
    if kind == "msgmenu":
        return _menu(part(body, kind))
    if kind in MEDIA:
        media_id = str(part(body, kind).get("media_id"))
        if media.get(media_id) is None:
            raise Refused(40007)
        return f"[{kind}]", {"media_id": media_id}
    if kind in OTHERS:
        found = part(body, kind)
        return f"[{kind} {found.get('title') or found.get('name') or ''}]", found
    raise Refused(40008)


def _fits(text: str, most: int) -> None:
    if len(text.encode()) > most:
        raise Refused(TOO_LONG, f"{len(text.encode())} bytes, at most {most}")


def _menu(menu: dict[str, Any]) -> Content:
    head, tail = (str(menu.get(name) or "") for name in ("head_content", "tail_content"))
    items = menu.get("list") or []
    if not isinstance(items, list) or not (items or head):
        raise Refused(44004, "no entries")
    if len(items) > MAX_ITEMS:
        raise Refused(TOO_MANY_ITEMS)
    for text in (head, tail):
        _fits(text, MAX_HEAD)
    entries, lines = [], [head]
    for item in items:
        kind = str(item.get("type")) if isinstance(item, dict) else ""
        if kind not in ITEMS:
            raise Refused(OTHERWISE, f"an entry of type {kind!r}")
        found = part(item, kind)
        for name, (least, most) in ITEMS[kind].items():
            if not least <= len(str(found.get(name) or "").encode()) <= most:
                raise Refused(OTHERWISE, f"{kind}.{name}: {least} to {most} bytes")
        lines.append(str(found["content"]))
        if kind == "click":
            entries.append((str(found.get("id") or ""), str(found["content"])))
    return "\n".join(line for line in [*lines, tail] if line), {"menu": entries}
