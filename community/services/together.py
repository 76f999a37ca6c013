"""Words of many residents, kept in one transaction. Under load most of the cost of a message is its transaction and the building of its
statements; here the messages that wait share them, and each is kept as `wechat.take` keeps one (docs/reliability.md, "In").
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from community.model.message import MAX_TEXT, Asked, InboxMessage
from community.model.people import Resident
from community.ports import Community, UnitOfWork
from community.services.inbound import LOOKED_BACK, Received, clean_text, may_choose, question_among
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

    Only rows are written here. The windows they open are opened by whoever claims them (`windows.open_for`).
    """
    return await take_gathered(c, channel, lambda: arrivals)


async def take_gathered(c: Community, channel: str, gather: Callable[[], Sequence[Arrival]]) -> list[Heard]:
    """`take_words` of what `gather` gives once it is this transaction's turn to write: what came while others wrote goes along."""
    async with c.uow() as uow:
        await uow.begin()
        heard = await take_words_in(uow, channel, gather(), c.clock.now())
        await uow.commit()
        return heard


async def take_words_in(uow: UnitOfWork, channel: str, arrivals: Sequence[Arrival], now: datetime) -> list[Heard]:
    """`take_words` in a transaction that keeps more."""
    texts = [clean_text(arrival.text) for arrival in arrivals]
    residents = await _residents(uow, channel, arrivals, now)
    choosing = {
        residents[arrival.event.openid] for arrival, text in zip(arrivals, texts, strict=True) if may_choose(text)
    }
    asked = await uow.outbox.latest_of(choosing, LOOKED_BACK) if choosing else {}
    rows = [
        _row(arrival, text, residents[arrival.event.openid], asked, now)
        for arrival, text in zip(arrivals, texts, strict=True)
    ]
    outcome = await uow.inbox.insert_all(rows)
    for row, (number, new) in zip(rows, outcome, strict=True):
        if new:
            uow.announce("inbox", resident_id=row.resident_id, id=number)
    return [
        Heard(row.resident_id, Received(number, not new)) for row, (number, new) in zip(rows, outcome, strict=True)
    ]


async def _residents(uow: UnitOfWork, channel: str, arrivals: Sequence[Arrival], now: datetime) -> dict[str, int]:
    addresses = {arrival.event.openid for arrival in arrivals}
    known = await uow.people.resident_ids(channel, addresses)
    new = {
        address: Resident(0, "r" + secrets.token_hex(12), "", created_at=now) for address in sorted(addresses - set(known))
    }
    if new:
        await uow.people.add_residents(new, channel)
    return known | {address: resident.id for address, resident in new.items()}


def _row(
    arrival: Arrival, text: str, resident_id: int, asked: dict[int, list[Asked]], now: datetime
) -> InboxMessage:
    question = question_among(asked.get(resident_id, ())) if may_choose(text) else None
    chosen = question.choice(text) if question is not None else None
    return InboxMessage(
        id=0,
        channel=arrival.event.channel,
        dedup_key=arrival.event.dedup_key[:200],
        resident_id=resident_id,
        text=text,
        payload=chosen["payload"] if chosen else None,
        received_at=now,
        said_at=arrival.event.at,
        address=arrival.event.openid,
    )
