"""Telling a resident something: always a row in the outbox, in the same transaction as what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.model.manner import for_elder
from community.model.message import Button, OutboxMessage, Reply
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
    settings = await uow.privacy.settings(resident_id)
    rows = [b.as_row() for b in buttons]
    if settings is not None and settings.elder:
        text, rows = for_elder(text, rows)
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
            buttons=rows,
            photos=list(photos),
            in_reply_to=in_reply_to,
            topic=topic,
        )
    )
    if written:
        uow.announce("outbox", resident_id=resident_id)
    return written


@dataclass(frozen=True)
class Telling:
    """An answer to be told; see `tell`."""

    resident_id: int
    reply: Reply
    key: str
    in_reply_to: int


async def tell_all(uow: UnitOfWork, tellings: Sequence[Telling], now: datetime) -> None:
    """`tell` for many answers of the assistant, in order."""
    addresses = await uow.people.addresses_of({telling.resident_id for telling in tellings}) if tellings else {}
    rows = []
    for telling in tellings:
        channel, address = addresses.get(telling.resident_id, ("webchat", str(telling.resident_id)))
        rows.append(
            OutboxMessage(
                id=0,
                idempotency_key=telling.key,
                resident_id=telling.resident_id,
                channel=channel,
                address=address,
                text=telling.reply.text,
                created_at=now,
                buttons=[b.as_row() for b in telling.reply.buttons],
                photos=list(telling.reply.photos),
                in_reply_to=telling.in_reply_to,
            )
        )
    if rows:
        await uow.outbox.add_all(rows)
