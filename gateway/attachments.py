"""Brings what residents sent beside text from where the platform keeps it, before the turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from community.errors import InvalidInput, Unavailable
from community.model.message import InboxMessage
from community.ports import Community
from community.services import attachments

log = structlog.get_logger("gateway.attachments")

AT_ONCE = 2
"""A photo unpacks to many times its size in memory."""
LISTENING = 4
"""Voice messages that are listened to at once."""


class MediaAway(Exception):
    """It cannot be had now; it may be had later."""


class MediaGone(Exception):
    """It will never be had: the id is not good any more, it is too large, or no photo and no voice."""


class Fetcher(Protocol):
    async def get_media(self, media_id: str, kind: str) -> tuple[bytes, str]:
        """(bytes, their type). Raises MediaAway or MediaGone."""
        ...


class Attachments:
    """`fetchers` by channel."""

    def __init__(self, community: Community, fetchers: Mapping[str, Fetcher]) -> None:
        self._community, self._fetchers = community, fetchers
        self._room, self._ears = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(LISTENING)

    async def bring(self, worker: str, message: InboxMessage) -> InboxMessage | None:
        """The message with everything it came with. None when it is handled already: with a kind sentence, or by another worker.

        Raises MediaAway: to be tried again.
        """
        current: InboxMessage | None = message
        try:
            for attachment in message.to_fetch():
                if current is not None:
                    current = await self._one(worker, current, str(attachment["media_id"]), str(attachment["kind"]))
            return current
        except (MediaGone, InvalidInput) as error:
            log.warning("attachment given up", message=message.id, error=type(error).__name__)
        except MediaAway:
            if not attachments.too_late(self._community, message):
                raise
            log.warning("attachment given up", message=message.id, error="too late")
        await attachments.give_up(self._community, worker, message)
        return None

    async def _one(self, worker: str, message: InboxMessage, media_id: str, kind: str) -> InboxMessage | None:
        fetcher = self._fetchers.get(message.channel)
        if fetcher is None:
            raise MediaGone("no fetcher for this channel")
        async with self._room:
            raw, mime = await fetcher.get_media(media_id, kind)
            if kind != "voice":
                return await attachments.keep_photo(self._community, worker, message, media_id, raw)
        text = await self._listen(message, raw, mime)
        return await attachments.keep_words(self._community, worker, message, media_id, text)

    async def _listen(self, message: InboxMessage, raw: bytes, mime: str) -> str:
        try:
            async with self._ears:
                return await self._community.speech.text(raw, mime)
        except Unavailable as error:
            log.warning("nobody listens", message=message.id, error=error.message)
            raise MediaAway("speech") from error
        except Exception as error:
            # An adapter of somebody else's: whatever it raises, the resident is asked for text at last.
            log.error("speech to text broke", message=message.id, error=type(error).__name__)
            raise MediaAway("speech") from error
