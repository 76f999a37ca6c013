"""What leaves: due rows of the outbox, their receipts, and a resident's history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from community.model.message import HistoryLine, OutboxMessage, OutboxStatus
from community.ports import Community

MAX_ATTEMPTS = 8


async def due(c: Community, limit: int = 100) -> list[OutboxMessage]:
    """Messages to be sent now, in order."""
    async with c.reading() as uow:
        return await uow.outbox.due(c.clock.now(), limit)


async def mark_sent(c: Community, ids: Sequence[int]) -> None:
    async with c.uow() as uow:
        now = c.clock.now()
        for message_id in ids:
            message = await uow.outbox.get(message_id)
            if message is not None and message.status is OutboxStatus.PENDING:
                message.status, message.sent_at = OutboxStatus.SENT, now
                uow.announce("outbox", resident_id=message.resident_id)
        await uow.commit()


async def mark_failed(c: Community, message_id: int, error: str) -> None:
    """Try again with growing pauses; after eight failures it stays as a dead letter for people to see."""
    async with c.uow() as uow:
        message = await uow.outbox.get(message_id)
        if message is None or message.status is not OutboxStatus.PENDING:
            return
        message.attempts += 1
        message.error = error[:300]
        if message.attempts >= MAX_ATTEMPTS:
            message.status = OutboxStatus.DEAD
        else:
            message.next_try_at = c.clock.now() + timedelta(seconds=min(600, 2**message.attempts))
        await uow.commit()


async def history(c: Community, resident_id: int, limit: int = 50) -> list[HistoryLine]:
    """The last lines of a resident's own conversation, oldest first."""
    async with c.reading() as uow:
        return await uow.conversations.history(resident_id, max(1, min(limit, 200)))
