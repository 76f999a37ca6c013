"""微信客服's way out of the outbox: each envelope one call of the API."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from community.model.delivery import Envelope
from community.model.splitting import size
from community.ports import Community
from community.services.kf import parts_of
from community.services.outbound import Failure, Trouble
from community.services.parcels import Parcel
from gateway.delivery import SendFailed, Took
from gateway.wechat.choices import without_choices
from gateway.wecom.kf_api import KfApi
from gateway.wecom.kf_codes import BAD_MEDIA, may_be_repeated
from gateway.wecom.kf_intake import mark_of

log = structlog.get_logger("gateway.wecom.kf")

MAX_CHOICES = 10
MAX_CHOICE_BYTES = 128
MAX_HEAD_BYTES = 1024
"""Of a menu message [D]. What is longer goes as text, with its numbers."""


class KfSender:
    def __init__(self, community: Community, api: KfApi) -> None:
        self._community, self._api = community, api

    async def send(self, parcel: Parcel, took: Took) -> None:
        for envelope in parcel.envelopes:
            await self._send(parcel, envelope)
            await took(envelope)

    async def _send(self, parcel: Parcel, envelope: Envelope) -> None:
        if envelope.photo:
            await self._send_photo(parcel, envelope)
        elif menu := _menu(envelope):
            await self._out(parcel, envelope, "msgmenu", menu)
        elif not envelope.text.strip():
            raise SendFailed("empty", Failure(Trouble.REFUSED, "empty"))
        else:
            await self._out(parcel, envelope, "text", {"content": envelope.text})

    async def _send_photo(self, parcel: Parcel, envelope: Envelope) -> None:
        if parcel.code:
            # In answer to an entered chat only words may be sent [D]: the photo waits for theirs.
            raise SendFailed("photo before a word", Failure(Trouble.CLOSED, "photo before a word"))
        path = self._community.media_files.path(envelope.photo)
        try:
            raw: bytes = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise SendFailed("photo is not there", Failure(Trouble.REFUSED, "photo is not there")) from error
        media_id = await self._api.media_id(envelope.photo, raw)
        try:
            await self._out(parcel, envelope, "image", {"media_id": media_id})
        except SendFailed as error:
            if error.failure.error == str(BAD_MEDIA):
                await self._api.forget_media(envelope.photo)
            raise

    async def _out(self, parcel: Parcel, envelope: Envelope, kind: str, content: dict[str, Any]) -> None:
        first, last = envelope.row_ids[0], envelope.row_ids[-1]
        attempt = envelope.again or next((row.attempts for row in parcel.rows if row.id == first), 0)
        mark = mark_of(first, last, envelope.units[0].index, attempt)
        open_kfid, customer = parts_of(parcel.address)
        try:
            await self._api.send(open_kfid, customer, kind, content, mark=mark, code=parcel.code)
        except SendFailed as error:
            if not (envelope.again and mark and not parcel.code and may_be_repeated(str(error))):
                raise
            # A msgid that it had before the platform refuses [D], and for nothing else that we know of: its first try was taken.
            log.warning("taken before, as the platform refuses it now", mark=mark, code=str(error))


def _menu(envelope: Envelope) -> dict[str, Any] | None:
    """The choices as entries to tap, where the platform takes them."""
    choices = [
        (f"out-{envelope.buttons_of}-{index}", button["title"]) for index, button in enumerate(envelope.buttons)
    ]
    head = without_choices(envelope)
    if not 1 <= len(choices) <= MAX_CHOICES or size(head) > MAX_HEAD_BYTES:
        return None
    if any(size(title) > MAX_CHOICE_BYTES for _, title in choices):
        return None
    listed = [{"type": "click", "click": {"id": key, "content": title}} for key, title in choices]
    return {"head_content": head, "list": listed, "tail_content": ""}
