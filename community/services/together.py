"""Words of many residents, kept in one transaction. Under load most of the cost of a message is its transaction and the building of its
statements; here the messages that wait share them, and each is kept as `wechat.take` keeps one (docs/reliability.md, "In").
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from community.model.message import MAX_TEXT, InboxMessage, OutboxMessage
from community.model.people import Resident
from community.ports import Community, UnitOfWork
from community.services.inbound import LOOKED_BACK, Received, clean_text, question_among
from community.services.wechat import Arrival, Heard


def plain_words(arrival: Arrival) -> bool:
    """Whether these are words and nothing else: what nearly everybody sends, and what is kept together."""
    return (
        arrival.opens is not None
        and arrival.payload is None
        and arrival.choice is None
        and not (arrival.attachments or arrival.sentence or arrival.greeting or arrival.code)
        and 0 < len(clean_text(arrival.text)) <= MAX_TEXT
    )


async def take_words(c: Community, channel: str, arrivals: Sequence[Arrival]) -> list[Heard]:
    """Keep these, all of `plain_words` and of one channel, in their order; all or none. May raise anything the database raises:
    two processes may have the same new resident or message at the same moment, and then each is to be taken by itself.
    """
    async with c.uow() as uow:
        now = c.clock.now()
        residents = await _residents(uow, channel, arrivals, now)
        asked = await uow.outbox.latest_of({resident.id for resident in residents.values()}, LOOKED_BACK)
        rows = [_row(arrival, residents[arrival.event.openid], asked, now) for arrival in arrivals]
        outcome = await uow.inbox.insert_all(rows)
        fresh = [arrival for arrival, (_, new) in zip(arrivals, outcome, strict=True) if new]
        if fresh:
            ledgers = await uow.windows.lock_all(channel, {arrival.event.openid for arrival in fresh})
            for arrival in fresh:
                if arrival.opens is not None:
                    ledgers[arrival.event.openid].opened(arrival.opens, arrival.event.at, now)
            woken = await uow.outbox.wake_all({residents[a.event.openid].id for a in fresh}, channel)
            for resident_id in woken:
                uow.announce("outbox", resident_id=resident_id)
            for row, (number, new) in zip(rows, outcome, strict=True):
                if new:
                    uow.announce("inbox", resident_id=row.resident_id, id=number)
            await uow.commit()
        return [
            Heard(row.resident_id, Received(number, not new)) for row, (number, new) in zip(rows, outcome, strict=True)
        ]


async def _residents(uow: UnitOfWork, channel: str, arrivals: Sequence[Arrival], now: datetime) -> dict[str, Resident]:
    addresses = {arrival.event.openid for arrival in arrivals}
    known = await uow.people.residents_by_identity(channel, addresses)
    new = {
        address: Resident(0, "r" + secrets.token_hex(12), "", created_at=now) for address in sorted(addresses - set(known))
    }
    if new:
        await uow.people.add_residents(new, channel)
    return {**known, **new}


def _row(arrival: Arrival, resident: Resident, asked: dict[int, list[OutboxMessage]], now: datetime) -> InboxMessage:
    text = clean_text(arrival.text)
    question = question_among(asked.get(resident.id, ()))
    chosen = question.choice(text) if question is not None else None
    return InboxMessage(
        id=0,
        channel=arrival.event.channel,
        dedup_key=arrival.event.dedup_key[:200],
        resident_id=resident.id,
        text=text,
        payload=chosen["payload"] if chosen else None,
        received_at=now,
    )
