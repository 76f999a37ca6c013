"""What leaves: claimed by one worker a resident, planned into messages, receipted one by one; and a resident's history.

A worker that dies between a call to the platform and its receipt leaves a message of unknown fate: the one whose mark its rows carry
(`community.model.fate`), no other. Where the platform can say whether it took it, it is asked first (`fates.py`); else it is sent again:
towards the platform this is at least once (docs/reliability.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from community.model import fate
from community.model.delivery import Envelope, way_of
from community.model.message import HistoryLine, OutboxMessage, OutboxStatus
from community.model.window import Window
from community.ports import Community, UnitOfWork
from community.services.ballot_papers import reveal, reveal_lines
from community.services.parcels import LEASE, NOBODY, Parcel, Rules, parcels_of

MAX_ATTEMPTS = 8
"""A message that fails this often for a reason of its own is put aside."""
MAX_OUTAGE_TRIES = 1440
"""About a day at one a minute: how long an outage is waited out."""


class Trouble(StrEnum):
    """Why a message did not leave, by what is to be done about it."""

    FAILED = "failed"
    """For a reason of its own, perhaps: tried again a few times."""
    AGAIN = "again"
    """The platform is away or busy: tried again for a day."""
    CLOSED = "closed"
    """The window is closed, whatever our ledger says: waits for the resident."""
    REFUSED = "refused"
    """This message will never be taken."""
    GONE = "gone"
    """This resident cannot be reached any more."""


@dataclass(frozen=True)
class Failure:
    """`unknown` when the platform may have taken it after all; `pause` when it is known how long to wait."""

    trouble: Trouble
    error: str
    unknown: bool = False
    pause: timedelta | None = None


async def claim(
    c: Community,
    worker: str,
    limit: int = 100,
    *,
    only: Collection[str] = NOBODY,
    but: Collection[str] = NOBODY,
    rules: Rules = Rules(),  # noqa: B008 (frozen)
) -> list[Parcel]:
    """Parcels for this worker to send now, at most one a resident and channel, never past an earlier unsent row of theirs.

    What may not be sent now is set to wait on the way.
    """
    async with c.reading() as uow:
        if not await uow.outbox.any_due(c.clock.now(), only, but):
            return []
    while True:
        async with c.uow() as uow:
            now = c.clock.now()
            heads = await uow.outbox.heads(now, limit, only, but)
            parcels = await parcels_of(uow, heads, worker, now, rules) if heads else []
            await uow.commit()
        if parcels or len(heads) < limit:
            return [await _as_read(c, parcel) for parcel in parcels]


async def _as_read(c: Community, parcel: Parcel) -> Parcel:
    """With what only this resident may read of a secret ballot put in: our rows do not have it."""
    envelopes = [replace(one, text=await reveal(c, parcel.resident_id, one.text)) for one in parcel.envelopes]
    return parcel if envelopes == list(parcel.envelopes) else replace(parcel, envelopes=tuple(envelopes))


async def release_gone(c: Community, is_gone: Callable[[str], bool]) -> int:
    """Take from workers that are gone what they hold, so that nobody waits for their lease to run out."""
    async with c.uow() as uow:
        now, released = c.clock.now(), 0
        for worker in await uow.outbox.workers():
            if is_gone(worker):
                released += await uow.outbox.end_leases(worker, now - timedelta(seconds=1))
        await uow.commit()
        return released


async def sent(c: Community, worker: str, taken: Sequence[tuple[Parcel, Envelope]]) -> list[bool]:
    """The platform took these, each of a parcel of its own. False for each whose lease was lost to another worker: stop sending it."""
    async with c.uow() as uow:
        now = c.clock.now()
        await _land(uow, [parcel for parcel, envelope in taken if not envelope.template], now)
        ids = [row.id for parcel, _ in taken for row in parcel.rows]
        held = {row.id: row for row in await uow.outbox.owned(ids, worker)}
        outcomes = []
        for parcel, envelope in taken:
            progress = envelope.progress()
            theirs = [held[row.id] for row in parcel.rows if row.id in held]
            for row in theirs:
                if row.id in progress:
                    row.progress, whole = progress[row.id]
                    if whole:
                        row.status, row.sent_at, row.error, row.worker, row.lease_until = OutboxStatus.SENT, now, "", None, None
                    if envelope.again and row.id == envelope.row_ids[0]:
                        # By the key of that try the platform names it when it could not deliver it.
                        row.attempts = envelope.again
            # In the same write: from here on, what comes next may be on its way.
            fate.mark(following(parcel, envelope), theirs, now)
            for row in theirs:
                if row.status is not OutboxStatus.SENDING:
                    continue
                if envelope is parcel.envelopes[-1]:
                    # Rows of which only a part had room: looked at again, and set to wait then.
                    row.status, row.worker, row.lease_until = OutboxStatus.PENDING, None, None
                else:
                    row.lease_until = now + LEASE
            outcomes.append(progress.keys() <= held.keys())
            uow.announce("sent", resident_id=parcel.resident_id)
        await uow.commit()
        return outcomes


def following(parcel: Parcel, envelope: Envelope) -> Envelope | None:
    """The message after this one of a parcel."""
    place = next(n for n, one in enumerate(parcel.envelopes) if one is envelope)
    return parcel.envelopes[place + 1] if place + 1 < len(parcel.envelopes) else None


async def _land(uow: UnitOfWork, parcels: Sequence[Parcel], now: datetime) -> None:
    """Count one message of each of these in the ledger of its address, where the channel counts."""
    for channel in sorted({parcel.channel for parcel in parcels if way_of(parcel.channel).metered}):
        addresses = [parcel.address for parcel in parcels if parcel.channel == channel]
        windows = await uow.windows.lock_all(channel, set(addresses))
        for address in addresses:
            windows[address].land(1, now)


async def all_sent(c: Community, worker: str, parcels: Sequence[Parcel]) -> None:
    """Everything in these parcels of channels that count nothing was taken."""
    async with c.uow() as uow:
        ids = [row.id for parcel in parcels for row in parcel.rows]
        for resident_id in sorted(set(await uow.outbox.sent(ids, worker, c.clock.now()))):
            uow.announce("sent", resident_id=resident_id)
        await uow.commit()


async def failed(c: Community, worker: str, parcel: Parcel, done: int, failure: Failure) -> None:
    """The envelope after the first `done` of this parcel did not leave, and those after it were not tried."""
    async with c.uow() as uow:
        now = c.clock.now()
        tried = parcel.envelopes[done]
        window = await _settle(uow, parcel, done, failure, now) if way_of(parcel.channel).metered else None
        for row in await uow.outbox.owned([row.id for row in parcel.rows], worker):
            row.worker = row.lease_until = row.next_try_at = None
            row.status = OutboxStatus.PENDING
            if not failure.unknown and not (tried.again and failure.trouble in (Trouble.CLOSED, Trouble.AGAIN)):
                row.begun = None  # A repeated one that was only put off is as doubtful as before.
            if failure.trouble is Trouble.CLOSED:
                # Renewed since we asked: then it may be sent at once, and no news will wake it.
                renewed = window is not None and window.renewed_at is not None and window.renewed_at > parcel.claimed_at
                row.status = OutboxStatus.PENDING if renewed else OutboxStatus.WAITING
            elif row.id in tried.row_ids:
                _mark(row, failure, now)
        await uow.flush()
        if failure.trouble is Trouble.GONE:
            await uow.outbox.bury(parcel.resident_id, parcel.channel, failure.error[:300])
        await uow.commit()


async def _settle(uow: UnitOfWork, parcel: Parcel, done: int, failure: Failure, now: datetime) -> Window:
    """Put right in the ledger what was taken for messages that did not leave."""
    window = await uow.windows.lock(parcel.channel, parcel.address)
    not_tried = sum(1 for envelope in parcel.envelopes[done + 1 :] if not envelope.template)
    this_one = 0 if parcel.envelopes[done].template else 1
    if failure.trouble is Trouble.CLOSED and not (window.renewed_at and window.renewed_at > parcel.claimed_at):
        window.exhaust()
    elif failure.unknown and _first_try(parcel, done):
        # Counted once. If each try of an outage were, the answer would wait for a word of the resident long after it is over;
        # if the platform did take several, it says so.
        window.land(this_one, now)
        window.give_back(not_tried)
    else:
        window.give_back(this_one + not_tried)
    if failure.trouble is Trouble.GONE:
        window.follows(False, now)
    return window


def _first_try(parcel: Parcel, done: int) -> bool:
    tried = parcel.envelopes[done].row_ids
    return all(row.attempts <= 1 for row in parcel.rows if row.id in tried)


def _mark(row: OutboxMessage, failure: Failure, now: datetime) -> None:
    row.error = failure.error[:300]
    if failure.trouble is Trouble.FAILED:
        row.failures += 1
    if (
        failure.trouble in (Trouble.REFUSED, Trouble.GONE)
        or row.failures >= MAX_ATTEMPTS
        or row.attempts >= MAX_OUTAGE_TRIES
    ):
        row.status = OutboxStatus.DEAD
        return
    longest = 600 if failure.trouble is Trouble.FAILED else 60
    pause = failure.pause or timedelta(seconds=min(longest, 2 ** min(row.attempts, 10)))
    row.next_try_at = now + pause


async def history(c: Community, resident_id: int, limit: int = 50) -> list[HistoryLine]:
    """The last lines of a resident's own conversation, oldest first, as they read them."""
    async with c.reading() as uow:
        lines = await uow.conversations.history(resident_id, max(1, min(limit, 200)))
    return await reveal_lines(c, resident_id, lines)
