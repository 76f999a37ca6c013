"""Telling a resident something: always a row in the outbox, in the same transaction as what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from community.model.message import Button, OutboxMessage
from community.ports import UnitOfWork


async def tell(
    uow: UnitOfWork,
    resident_id: int | None,
    text: str,
    *,
    key: str,
    now: datetime,
    buttons: Sequence[Button] = (),
    photos: Sequence[str] = (),
    author: str = "bot",
    author_name: str = "",
    in_reply_to: int | None = None,
    topic: str = "",
) -> bool:
    """Write one message to a resident on the channel where they were last seen; `key` makes it once. False when it was there.

    `topic` 'ticket:<number>' marks news of a ticket, which may leave as a template message where a channel has one.
    """
    if resident_id is None:
        return False
    identity = await uow.people.identity_of(resident_id)
    written = await uow.outbox.add(
        OutboxMessage(
            id=0,
            idempotency_key=key,
            resident_id=resident_id,
            channel=identity.channel if identity else "webchat",
            address=identity.external_id if identity else str(resident_id),
            text=text,
            created_at=now,
            author=author,
            author_name=author_name,
            buttons=[b.as_row() for b in buttons],
            photos=list(photos),
            in_reply_to=in_reply_to,
            topic=topic,
        )
    )
    if written:
        uow.announce("outbox", resident_id=resident_id)
    return written
