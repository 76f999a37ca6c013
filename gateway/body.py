"""Reading what was sent: JSON objects of a bounded size, and one photo, streamed."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from typing import Any

from aiohttp import BodyPartReader, web

from community.model.media import MAX_UPLOAD_BYTES
from gateway.errors import Refusal

MAX_JSON = 128 * 1024
"""Room for 20,000 Chinese characters escaped as \\uXXXX: those are answered with the sentence about their length."""
ENVELOPE = 16 * 1024
"""What multipart adds around the photo itself."""
UPLOAD_SECONDS = 120
_SPOOL = 256 * 1024

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def _too_large() -> Refusal:
    return Refusal(413, "too_large", "照片超过 10 MB，太大了。请拍一张普通照片，或裁剪后再发。")


def _not_a_photo() -> Refusal:
    return Refusal(415, "not_a_photo", "没有收到照片。请选一张 JPG 或 PNG 照片。")


async def json_object(request: web.Request) -> dict[str, Any]:
    """The body as an object; an empty body is an empty one.

    The content type is demanded because a form on another site cannot send it without asking us first.
    """
    if request.content_type != "application/json":
        raise Refusal(415, "json_only", "请用 JSON 格式发送（Content-Type: application/json）。")
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refusal(400, "bad_json", "发送的内容不是正确的 JSON 格式。") from None
    if not isinstance(body, dict):
        raise Refusal(400, "bad_json", "发送的内容应当是一个 JSON 对象。")
    return body


def text_of(value: Any) -> str:
    """A text of a resident. Halves of characters, which no database takes, become the replacement character."""
    if not isinstance(value, str):
        raise Refusal(400, "invalid", "文字内容的格式不对。")
    return _LONE_SURROGATES.sub("\ufffd", value)


async def photo(request: web.Request) -> bytes:
    """The part named `file`, read only as far as a photo may be long.

    A longer one is answered at once; the server goes on reading and dropping what still comes (see LINGER in
    __main__), because a browser looks at the answer only when it has sent everything.
    """
    if not request.content_type.startswith("multipart/form-data"):
        raise _not_a_photo()
    if request.content_length is not None and request.content_length > MAX_UPLOAD_BYTES + ENVELOPE:
        raise _too_large()
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            return await _part(request)
    except TimeoutError:
        raise Refusal(408, "too_slow", "照片传得太慢，没有收完。请换个网络好的地方再试。") from None
    except (ValueError, AssertionError, RuntimeError, web.RequestPayloadError):
        # aiohttp's words for a body that is not the multipart it says it is.
        raise Refusal(400, "bad_upload", "照片没有完整传上来，请再试一次。") from None


async def _part(request: web.Request) -> bytes:
    received = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        # Spooled to disk: many slow uploads at a time must not fill the memory.
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
            while chunk := await part.read_chunk(64 * 1024):
                received += len(chunk)
                if received > MAX_UPLOAD_BYTES:
                    raise _too_large()
                if part.name == "file":
                    spool.write(chunk)
            if part.name == "file":
                spool.seek(0)
                return spool.read()
    raise _not_a_photo()
