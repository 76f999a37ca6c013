"""What came with a message and lies at the platform: brought before the turn, kept once, shown to its sender only."""

from __future__ import annotations

from datetime import timedelta

from community.errors import InvalidInput
from community.model.message import InboxMessage, Reply
from community.ports import Community
from community.services.inbound import Answered, clean_text, finish

PATIENCE = timedelta(minutes=10)
"""How long a photo is asked for again. The resident's next messages wait behind it, so not for a day."""
NO_PHOTO = "照片没有取到，麻烦您再发一次。急事请直接拨打12345。"
NO_WORDS = "这段语音我没有听清，请打字告诉我。急事请直接拨打12345。"


async def keep_photo(
    c: Community, worker: str, message: InboxMessage, media_id: str, raw: bytes
) -> InboxMessage | None:
    """Keep a photo of this message. None when the lease was lost. Raises InvalidInput when it is no photo."""
    kept = await c.media_files.put(raw, c.clock.now())
    async with c.uow() as uow:
        row = await uow.inbox.owned(message.id, worker)
        if row is None:
            return None
        await uow.media.add(kept)
        await uow.media.grant(kept.hash, row.resident_id)
        row.photos = [*row.photos, kept.hash]
        _done(row, media_id)
        await uow.commit()
        return row


async def keep_words(c: Community, worker: str, message: InboxMessage, media_id: str, text: str) -> InboxMessage | None:
    """What was made out of a voice message stands for it. None when the lease was lost. Raises InvalidInput for no words."""
    words = clean_text(text)
    if not words:
        raise InvalidInput(NO_WORDS)
    async with c.uow() as uow:
        row = await uow.inbox.owned(message.id, worker)
        if row is None:
            return None
        row.text = words[:2000]
        _done(row, media_id)
        await uow.commit()
        return row


async def give_up(c: Community, worker: str, message: InboxMessage) -> None:
    """It cannot be had: said kindly, and the message is handled with that."""
    voice = any(a["kind"] == "voice" for a in message.to_fetch())
    await finish(c, worker, [Answered(message.id, (Reply(NO_WORDS if voice else NO_PHOTO),))])


def too_late(c: Community, message: InboxMessage) -> bool:
    return c.clock.now() - message.received_at > PATIENCE


def _done(row: InboxMessage, media_id: str) -> None:
    row.attachments = [{**a, "done": True} if a.get("media_id") == media_id else a for a in row.attachments]
