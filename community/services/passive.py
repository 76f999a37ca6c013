"""Answers that ride on the callback of a message, for accounts that may not push. One text a callback; the rest waits for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from community.model.delivery import Envelope, plan_passive, way_of
from community.model.message import InboxStatus, OutboxMessage, OutboxStatus
from community.ports import Community, UnitOfWork
from community.services.ballot_papers import reveal
from community.services.notify import tell

LEASE = timedelta(seconds=30)
"""Longer than a callback may stay open."""
STILL_WORKING = "收到，正在办。过一会儿您再发一句话，我就把答复给您。"


@dataclass(frozen=True)
class Answer:
    """What a callback is answered with; `text` may be empty. `parts` says how far each row is out with it."""

    text: str
    parts: tuple[tuple[int, int, bool], ...] = ()


async def take(
    c: Community, resident_id: int, channel: str, address: str, inbox_id: int | None, *, late: bool
) -> Answer | None:
    """As `_take`, with what only this resident may read of a secret ballot put in: our rows do not have it."""
    answer = await _take(c, resident_id, channel, address, inbox_id, late=late)
    return replace(answer, text=await reveal(c, resident_id, answer.text)) if answer is not None else None


async def _take(
    c: Community, resident_id: int, channel: str, address: str, inbox_id: int | None, *, late: bool
) -> Answer | None:
    """The answer to this message together with what waited before it. None while the message is not handled yet.

    `late`: the callback cannot wait longer, so it gets what there is, and the resident is told how to get the rest. A repeated
    delivery gets the very same answer. `inbox_id` None: nothing to wait for.
    """
    async with c.uow() as uow:
        now = c.clock.now()
        # Also keeps other callbacks of this resident, and the delivery, away until this is decided.
        await uow.windows.lock(channel, address)
        message = await uow.inbox.get(inbox_id) if inbox_id is not None else None
        if message is not None and message.answer is not None:
            carried = await uow.outbox.carried(resident_id, message.id)
            going = [row for row in carried if row.status is OutboxStatus.SENDING]
            again = plan_passive(going, way_of(channel).limit_bytes).envelopes
            return Answer(message.answer, _parts_of(again[0]) if again else ())
        if message is not None and message.status not in (InboxStatus.DONE, InboxStatus.DEAD):
            if not late:
                return None
            key = f"in-{message.id}:passive-late"
            await tell(uow, resident_id, STILL_WORKING, key=key, now=now, author="system")
        rows = [row for row in await _free(uow, resident_id, channel, address) if not _held(row, now)]
        planned = plan_passive(rows, way_of(channel).limit_bytes)
        if not planned.envelopes:
            return Answer("")
        envelope = planned.envelopes[0]
        progress = envelope.progress()
        for row in rows:
            row.next_try_at = None
            if row.id in progress:
                row.status, row.lease_until, row.worker = OutboxStatus.SENDING, now + LEASE, "callback"
                row.carried_by = inbox_id
                row.attempts += 1
            else:
                row.status = OutboxStatus.WAITING
        if message is not None:
            message.answer = envelope.text
        await uow.commit()
        return Answer(envelope.text, _parts_of(envelope))


async def given(c: Community, resident_id: int, answer: Answer) -> None:
    """The answer was written to the callback's connection. Whether the platform read it, nobody tells us."""
    async with c.uow() as uow:
        now = c.clock.now()
        for row, upto, whole in await _parts(uow, answer):
            row.progress = upto
            row.status = OutboxStatus.SENT if whole else OutboxStatus.WAITING
            row.sent_at = now if whole else None
            row.worker = row.lease_until = None
        uow.announce("outbox", resident_id=resident_id)
        await uow.commit()


async def not_given(c: Community, inbox_id: int | None, answer: Answer) -> None:
    """The connection broke before the answer was written: it waits for the next delivery, or the next message."""
    async with c.uow() as uow:
        kept = await _parts(uow, answer)
        for row, _, _ in kept:
            row.status, row.worker, row.lease_until, row.carried_by = OutboxStatus.WAITING, None, None, None
        message = await uow.inbox.get(inbox_id) if inbox_id is not None and kept else None
        if message is not None:
            message.answer = None
        await uow.commit()


def _parts_of(envelope: Envelope) -> tuple[tuple[int, int, bool], ...]:
    return tuple((row_id, upto, whole) for row_id, (upto, whole) in envelope.progress().items())


async def _parts(uow: UnitOfWork, answer: Answer) -> list[tuple[OutboxMessage, int, bool]]:
    found = []
    for row_id, upto, whole in answer.parts:
        row = await uow.outbox.get(row_id)
        if row is not None and row.status is OutboxStatus.SENDING:
            found.append((row, upto, whole))
    return found


async def _free(uow: UnitOfWork, resident_id: int, channel: str, address: str) -> Sequence[OutboxMessage]:
    return [row for row in await uow.outbox.unsent({resident_id}, {channel}) if row.address == address]


def _held(row: OutboxMessage, now: datetime) -> bool:
    return row.status is OutboxStatus.SENDING and row.lease_until is not None and row.lease_until >= now
