"""Messages that nobody could deliver or handle, for tests of what staff see of them."""

from __future__ import annotations

from community.model.message import InboxMessage, InboxStatus, OutboxMessage, OutboxStatus
from community.ports import Community

_number = 0


async def die_out(c: Community, resident_id: int, text: str, error: str, channel: str = "wechat") -> str:
    """A message to this resident that was put aside. Returns its key."""
    global _number
    _number += 1
    row = OutboxMessage(
        0, f"dead:{resident_id}:{_number}", resident_id, channel, "nobody", text, c.clock.now(),
        status=OutboxStatus.DEAD, attempts=1, error=error,
    )  # fmt: skip
    async with c.uow() as uow:
        await uow.outbox.add(row)
        (kept,) = [one for one in await uow.outbox.dead(1) if one.text == text]
        await uow.commit()
        return f"out-{kept.id}"


async def die_in(
    c: Community, resident_id: int, text: str, error: str, channel: str = "wechat", photos: tuple[str, ...] = ()
) -> str:
    """A message of this resident that was put aside. Returns its key."""
    global _number
    _number += 1
    row = InboxMessage(
        0, channel, f"dead:{resident_id}:{_number}", resident_id, text, c.clock.now(), photos=list(photos),
        status=InboxStatus.DEAD, attempts=5, error=error,
    )  # fmt: skip
    async with c.uow() as uow:
        number, _ = await uow.inbox.insert(row)
        await uow.commit()
        return f"in-{number}"
