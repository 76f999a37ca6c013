"""Works through what staff sent in WeCom: several members at a time, one message of a member at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from community.errors import Conflict, InvalidInput, Unavailable
from community.model.staffing import Heard, StaffMessage
from community.ports import Community
from community.services import staff_in, staff_talk
from gateway.attachments import Fetcher, MediaAway, MediaGone
from gateway.names import is_gone
from gateway.wecom.commands import parse
from gateway.wecom.pool import Pool

log = structlog.get_logger("gateway.wecom.staff")

PARALLEL = 4
NO_PHOTO = "照片没有取到，请再发一次。"


class StaffWorker(Pool[StaffMessage]):
    def __init__(self, community: Community, fetcher: Fetcher, on_done: Callable[[], None] = lambda: None) -> None:
        super().__init__(PARALLEL)
        self._community, self._fetcher, self._on_done = community, fetcher, on_done

    async def release(self) -> None:
        await staff_in.release_gone(self._community, is_gone)

    async def claim(self, room: int) -> Sequence[StaffMessage]:
        return await staff_in.claim(self._community, self.name, room)

    def ended(self) -> None:
        self._on_done()

    async def work(self, message: StaffMessage) -> None:
        try:
            brought = await self._brought(message)
            if brought is not None:
                await staff_talk.handle(self._community, self.name, brought, parse)
        except (MediaAway, Conflict, Unavailable) as error:
            await self._postpone(message, type(error).__name__, transient=True)
        except asyncio.CancelledError:
            await asyncio.shield(self._postpone(message, "gateway stopped", transient=True))
            raise
        except Exception as error:
            log.error("what staff sent failed", message=message.id, exc_info=error)
            await self._postpone(message, type(error).__name__, transient=False)

    async def _brought(self, message: StaffMessage) -> StaffMessage | None:
        """With its photo. None when it is handled already, or another works on it. Raises MediaAway."""
        if message.kind is not Heard.PHOTO or message.photo:
            return message
        try:
            raw, _ = await self._fetcher.get_media(message.media_id, "image")
            return await staff_in.keep_photo(self._community, self.name, message, raw)
        except (MediaGone, InvalidInput) as error:
            log.warning("photo of staff given up", message=message.id, error=type(error).__name__)
        except MediaAway:
            if not staff_in.too_late(message, self._community.clock.now()):
                raise
            log.warning("photo of staff given up", message=message.id, error="too late")
        await staff_in.give_up(self._community, self.name, message, NO_PHOTO)
        return None

    async def _postpone(self, message: StaffMessage, error: str, *, transient: bool) -> None:
        try:
            await staff_in.postpone(self._community, self.name, message.id, error, transient=transient)
        except Exception as trouble:
            log.error("cannot postpone", message=message.id, exc_info=trouble)
