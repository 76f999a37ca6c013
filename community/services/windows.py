"""The ledgers of what a platform lets us send, kept in the transaction of what changes them."""

from __future__ import annotations

from datetime import datetime

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


async def left(uow: UnitOfWork, resident_id: int, channel: str, external_id: str, at: datetime) -> int:
    """The resident stopped following at `at`. Nothing more is sent to them; what was on its way is put aside. Returns how much."""
    window = await uow.windows.lock(channel, external_id)
    window.follows(False, at)
    return 0 if window.following else await uow.outbox.bury(resident_id, channel, "unsubscribed")
