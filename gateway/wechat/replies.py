"""What is answered inside the 5 seconds: passive replies in XML or JSON, sealed like the push they answer. No I/O.

The XML names are documented [D]. Of JSON the documentation shows the envelope and text; image and news follow the names of
the XML [G], with the articles as a list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.model.splitting import MAX_TEXT_BYTES, split_text
from gateway.wechat.body import ILLEGAL, Format
from gateway.wechat.crypto import Codec
from gateway.wechat.kinds import MediaId, Message

__all__ = [
    "MAX_ARTICLES",
    "MAX_TEXT_BYTES",
    "SUCCESS",
    "Article",
    "ImageReply",
    "NewsReply",
    "PassiveReply",
    "TextReply",
    "cdata",
    "numbered",
    "render",
    "seal",
    "split_text",
]

SUCCESS = "success"
"""Answers a push with nothing to say; needs no envelope, also in safe mode [D]. An empty body means the same."""
MAX_ARTICLES = 8
"""In one news reply [G]. After a message of a person (not an event) only the first is shown [G]."""


@dataclass(frozen=True)
class TextReply:
    content: str


@dataclass(frozen=True)
class ImageReply:
    media: MediaId


@dataclass(frozen=True)
class Article:
    title: str
    description: str
    picture: str
    """Address of a picture, or ''."""
    url: str


@dataclass(frozen=True)
class NewsReply:
    """1 to 8 articles."""

    articles: tuple[Article, ...]


PassiveReply = TextReply | ImageReply | NewsReply


def render(reply: PassiveReply, to: Message, now: datetime, form: Format) -> str:
    """`reply` to the sender of `to`, unsealed. Raises ValueError for a text of nothing visible, or a wrong number of articles.

    Characters XML cannot carry are left out. Whether a text fits (2,048 bytes) is the caller's to see to: `split_text`.
    """
    fields = {
        "ToUserName": to.user,
        "FromUserName": to.account,
        "CreateTime": int(now.timestamp()),
        **_content(reply),
    }
    if form == "json":
        return json.dumps(_as_json(fields), ensure_ascii=False, separators=(",", ":"))
    return f"<xml>{_as_xml(fields)}</xml>"


def seal(codec: Codec, rendered: str, key: int, timestamp: str, nonce: str, form: Format) -> str:
    """The envelope around a rendered reply. `key` is the push's: what opened it seals the answer [I].

    `timestamp` (Unix seconds) and `nonce` may be the push's own or new ones; both are only signed.
    """
    encrypted = codec.encrypt(rendered, key)
    fields: dict[str, Any] = {
        "Encrypt": encrypted,
        "MsgSignature": codec.signature(timestamp, nonce, encrypted),
        "TimeStamp": int(timestamp),
        "Nonce": nonce,
    }
    if form == "json":
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return f"<xml>{_as_xml(fields)}</xml>"


def numbered(buttons: Sequence[Mapping[str, str]]) -> str:
    """Buttons as lines to answer with a number: "1. 提交". A button's own `digit` goes before its position (community.model.message)."""
    return "\n".join(f"{b.get('digit', str(place))}. {b['title']}" for place, b in enumerate(buttons, 1))


def cdata(text: str) -> str:
    """`text` as character data whatever it holds: an end mark in it is cut in two, each half in a section of its own."""
    return "<![CDATA[" + ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _content(reply: PassiveReply) -> dict[str, Any]:
    match reply:
        case TextReply(content):
            if not ILLEGAL.sub("", content).strip():
                raise ValueError("a text of nothing visible")
            return {"MsgType": "text", "Content": content}
        case ImageReply(media):
            return {"MsgType": "image", "Image": {"MediaId": media}}
        case NewsReply(articles):
            if not 1 <= len(articles) <= MAX_ARTICLES:
                raise ValueError("1 to 8 articles")
            items = [
                {"Title": a.title, "Description": a.description, "PicUrl": a.picture, "Url": a.url} for a in articles
            ]
            return {"MsgType": "news", "ArticleCount": len(articles), "Articles": items}


def _as_json(value: Any) -> Any:
    if isinstance(value, str):
        return ILLEGAL.sub("", value)
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    return value


def _as_xml(value: Any) -> str:
    if isinstance(value, str):
        return cdata(value)
    if isinstance(value, dict):
        return "".join(f"<{name}>{_as_xml(item)}</{name}>" for name, item in value.items())
    if isinstance(value, list):
        return "".join(f"<item>{_as_xml(item)}</item>" for item in value)
    return str(value)
