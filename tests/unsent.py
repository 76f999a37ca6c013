"""What the outbox still holds, for tests that look without sending."""

from __future__ import annotations

from sqlalchemy import select

from community.model.message import UNSENT, OutboxMessage
from community.ports import Community
from community.store.tables import outbox


async def unsent(c: Community) -> list[OutboxMessage]:
    """Everything that has not left yet, in order."""
    async with c.reading() as uow:
        query = select(OutboxMessage).where(outbox.c.status.in_(UNSENT)).order_by(outbox.c.id)
        return list(await uow.session.scalars(query))  # type: ignore[attr-defined]
