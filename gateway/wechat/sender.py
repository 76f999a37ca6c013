"""The official account's way out of the outbox: each envelope one call of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta, timezone

from community.model.delivery import Envelope
from community.ports import Community
from community.services.outbound import Failure, Trouble
from community.services.parcels import Parcel
from gateway.delivery import SendFailed, Took
from gateway.wechat.api import MAX_CHOICES, WechatApi
from gateway.wechat.choices import without_choices
from gateway.wechat.codes import BAD_MEDIA, NO_MENUS

SHANGHAI = timezone(timedelta(hours=8))
NO_MENUS_FOR = 7 * 86400.0
"""Seconds for which an account that may not send menu messages is not asked again."""
LONGEST_FIELD = 20
"""Characters of a template's field of the kind `thing`, the one for words [G]."""


class WechatSender:
    """`template` is (id, field -> what goes into it), or None."""

    def __init__(
        self,
        community: Community,
        api: WechatApi,
        appid: str,
        *,
        menus: bool = True,
        template: tuple[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._community, self._api = community, api
        self._menus, self._template = menus, template
        self._no_menus = f"wechat:no-menus:{appid}"

    async def send(self, parcel: Parcel, took: Took) -> None:
        for envelope in parcel.envelopes:
            await self._send(parcel, envelope)
            await took(envelope)

    async def _send(self, parcel: Parcel, envelope: Envelope) -> None:
        if envelope.template:
            await self._send_template(parcel, envelope)
        elif envelope.photo:
            await self._send_photo(parcel.address, envelope)
        elif envelope.buttons and 1 <= len(envelope.buttons) <= MAX_CHOICES and await self._may_menu():
            await self._send_menu(parcel.address, envelope)
        elif not envelope.text.strip():
            raise SendFailed("empty", Failure(Trouble.REFUSED, "empty"))
        else:
            await self._api.send_text(parcel.address, envelope.text, by_bot=envelope.by_bot)

    # --- choices -----------------------------------------------------------------------------------------------------

    async def _may_menu(self) -> bool:
        if not self._menus:
            return False
        try:
            return await self._community.cache.get(self._no_menus) is None
        except Exception:
            # The cache is away: asking the platform costs one call more.
            return True

    async def _send_menu(self, openid: str, envelope: Envelope) -> None:
        """As entries to tap; where the account may not, the numbers that the text has anyway are enough."""
        choices = [
            (f"out-{envelope.buttons_of}-{index}", button["title"]) for index, button in enumerate(envelope.buttons)
        ]
        try:
            await self._api.send_menu(openid, without_choices(envelope), choices, by_bot=envelope.by_bot)
        except SendFailed as error:
            if error.failure.error != str(NO_MENUS):
                raise
            try:
                await self._community.cache.put(self._no_menus, "1", NO_MENUS_FOR)
            except Exception:
                self._menus = False
            await self._api.send_text(openid, envelope.text, by_bot=envelope.by_bot)

    # --- photos ------------------------------------------------------------------------------------------------------

    async def _send_photo(self, openid: str, envelope: Envelope) -> None:
        path = self._community.media_files.path(envelope.photo)
        try:
            raw: bytes = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise SendFailed("photo is not there", Failure(Trouble.REFUSED, "photo is not there")) from error
        media_id = await self._api.media_id(envelope.photo, lambda: raw)
        try:
            await self._api.send_image(openid, media_id, by_bot=envelope.by_bot)
        except SendFailed as error:
            if error.failure.error == str(BAD_MEDIA):
                await self._api.forget_media(envelope.photo)
            raise

    # --- templates ---------------------------------------------------------------------------------------------------

    async def _send_template(self, parcel: Parcel, envelope: Envelope) -> None:
        if self._template is None:
            raise SendFailed("no template", Failure(Trouble.CLOSED, "no template"))
        template_id, fields = self._template
        row = next(row for row in parcel.rows if row.id == envelope.row_ids[0])
        ours = {
            "number": row.topic.partition(":")[2],
            "text": _shortened(row.text),
            "time": row.created_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        }
        data = {field: ours[what] for field, what in fields.items()}
        await self._api.send_template(parcel.address, template_id, data, f"linshe-{row.id}")


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_FIELD else words[: LONGEST_FIELD - 1] + "…"
