"""The ledgers of what a platform lets us send, kept in the transaction of what changes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from community.model.message import InboxMessage
from community.model.window import Opening
from community.ports import UnitOfWork


async def opened(
    uow: UnitOfWork,
    resident_id: int,
    channel: str,
    external_id: str,
    kind: Opening,
    at: datetime,
    now: datetime,
    *,
    code: str = "",
) -> None:
    """The resident said or did something at `at`: what waited for that may leave again.

    To be called once for each message or event, not for its repeated deliveries.
    """
    window = await uow.windows.lock(channel, external_id)
    window.opened(kind, at, now, code)
    if await uow.outbox.wake(resident_id, channel):
        uow.announce("outbox", resident_id=resident_id)


async def open_for(uow: UnitOfWork, claimed: Collection[InboxMessage], now: datetime) -> None:
    """`opened` for all of these whose window the door left to whoever claims them: it has milliseconds, and a row to write.

    Also for what these residents said since and nobody may claim yet: the platform counts from their newest word, and while an earlier
    one hangs (the assistant is away, a photo cannot be fetched) what waits for a word of theirs may leave.
    """
    since = await uow.inbox.said_since({message.resident_id for message in claimed}) if claimed else []
    await _open_all(uow, [message for message in claimed if message.said_at is not None] + since, now)


async def open_of(uow: UnitOfWork, resident_ids: Collection[int], now: datetime) -> None:
    """`opened` for what these residents said, where that was left for later."""
    await _open_all(uow, await uow.inbox.said_since(resident_ids), now)


async def _open_all(uow: UnitOfWork, said: Collection[InboxMessage], now: datetime) -> None:
    for channel in sorted({message.channel for message in said}):
        theirs = [message for message in said if message.channel == channel]
        ledgers = await uow.windows.lock_all(channel, {message.address for message in theirs})
        for message in theirs:
            if message.said_at is not None:
                ledgers[message.address].opened(Opening.SAID, message.said_at, now)
                message.said_at = None
        for resident_id in await uow.outbox.wake_all({message.resident_id for message in theirs}, channel):
            uow.announce("outbox", resident_id=resident_id)


async def left(uow: UnitOfWork, resident_id: int, channel: str, external_id: str, at: datetime) -> int:
    """The resident stopped following at `at`. Nothing more is sent to them; what was on its way is put aside. Returns how much."""
    window = await uow.windows.lock(channel, external_id)
    window.follows(False, at)
    return 0 if window.following else await uow.outbox.bury(resident_id, channel, "unsubscribed")
