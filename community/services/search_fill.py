"""After an upgrade: what tickets from before it are searched by."""

from __future__ import annotations

from collections.abc import Callable

from community.ports import Community
from community.services.homes import phone_in

BATCH = 500


async def fill(c: Community, tell: Callable[[int], None] = lambda done: None) -> int:
    """Fill search text and the contact's fingerprint of every ticket without; returns of how many. `tell` hears how many so far.

    Each batch is a transaction: stopped half way, the next call goes on. Raises ConfigError when the secret is not the database's.
    """
    done = 0
    while True:
        async with c.uow() as uow:
            tickets = await uow.tickets.unread(BATCH)
            for ticket in tickets:
                phone = phone_in(c.vault.decrypt(ticket.contact)) if ticket.contact else None
                await uow.tickets.read(ticket, c.vault.fingerprint(phone) if phone else None)
            await uow.commit()
        if not tickets:
            return done
        done += len(tickets)
        tell(done)
