"""What leaves: claimed by one worker a resident, planned into messages, receipted one by one; and a resident's history.

A worker that dies between a call to the platform and its receipt leaves a message of unknown fate. It is sent again: towards
the platform this is at least once (docs/reliability.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.model.delivery import Envelope, plan, units_of, way_of
from community.model.message import HistoryLine, OutboxMessage, OutboxStatus
from community.model.window import Window
from community.ports import Community, UnitOfWork

LEASE = timedelta(seconds=60)
"""Longer than one message may take, with a new token and a photo to upload; it starts anew with each that is out."""
MAX_ATTEMPTS = 8
"""A message that fails this often for a reason of its own is put aside."""
MAX_OUTAGE_TRIES = 1440
"""About a day at one a minute: how long an outage is waited out."""
AT_ONCE = 100
"""Rows of one resident in one parcel."""
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parcel:
    """What one worker is to send to one resident now, in order. Nobody else sends to them meanwhile.

    `code` is what must go along where the chat was only entered and nothing said yet.
    """

    resident_id: int
    channel: str
    address: str
    rows: tuple[OutboxMessage, ...]
    envelopes: tuple[Envelope, ...]
    claimed_at: datetime
    code: str = ""


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


@dataclass(frozen=True)
class Rules:
    """What the settings let us do: channels that may not push at all, and those with a template for news of tickets."""

    silent: frozenset[str] = NOBODY
    templates: frozenset[str] = NOBODY


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
            parcels = await _parcels(uow, heads, worker, now, rules) if heads else []
            await uow.commit()
        if parcels or len(heads) < limit:
            return parcels


async def _parcels(
    uow: UnitOfWork, heads: Sequence[OutboxMessage], worker: str, now: datetime, rules: Rules
) -> list[Parcel]:
    orphaned = {(row.resident_id, row.channel) for row in heads if row.status is OutboxStatus.SENDING}
    first = {(row.resident_id, row.channel): row.id for row in heads}
    rows: dict[tuple[int, str], list[OutboxMessage]] = defaultdict(list)
    for row in await uow.outbox.unsent({r for r, _ in first}, {ch for _, ch in first}):
        rows[row.resident_id, row.channel].append(row)
    windows = await _windows(uow, heads)
    awaited = await _awaited(uow, heads)
    parcels = []
    for who, head_id in first.items():
        theirs = [row for row in rows.get(who, ()) if row.address == _address_of(heads, head_id)][:AT_ONCE]
        under_way = next((row for row in theirs if row.status is not OutboxStatus.WAITING), None)
        if under_way is None or under_way.id != head_id or any(_held(row, now) for row in theirs):
            # An earlier one came back meanwhile (a resend) while another worker sends later ones: the next look has it.
            continue
        if not way_of(who[1]).metered:
            parcels.append(_whole(theirs, worker, now))
            continue
        window = windows.get((who[1], theirs[0].address))
        if window is None:
            continue  # Somebody works on this ledger now; the next look has it.
        if who in orphaned:
            window.lose(now)
        parcel = _metered(theirs, window, awaited(theirs), worker, now, rules)
        if parcel is not None:
            parcels.append(parcel)
    return parcels


def _held(row: OutboxMessage, now: datetime) -> bool:
    return row.status is OutboxStatus.SENDING and row.lease_until is not None and row.lease_until >= now


def _address_of(heads: Sequence[OutboxMessage], head_id: int) -> str:
    return next(row.address for row in heads if row.id == head_id)


async def _windows(uow: UnitOfWork, heads: Sequence[OutboxMessage]) -> Mapping[tuple[str, str], Window]:
    addresses: dict[str, set[str]] = defaultdict(set)
    for row in heads:
        if way_of(row.channel).metered:
            addresses[row.channel].add(row.address)
    found = {}
    for channel, wanted in addresses.items():
        for address, window in (await uow.windows.lock_free(channel, wanted)).items():
            found[channel, address] = window
    return found


async def _awaited(uow: UnitOfWork, heads: Sequence[OutboxMessage]) -> Callable[[Sequence[OutboxMessage]], bool]:
    """Whether these residents still wait for the answer to what they said last, which is not among these rows.

    One send is kept for it then: news of a ticket must not use up the last one. It is the only reserve; to keep one always would
    cost everybody a message in five for a question that, once asked, opens a window of its own.
    """
    metered = [row.resident_id for row in heads if way_of(row.channel).metered]
    if not metered:
        return lambda rows: False
    unfinished = await uow.inbox.unfinished_of(metered)
    with_people = await uow.conversations.with_people(metered)

    def awaits(rows: Sequence[OutboxMessage]) -> bool:
        open_messages = unfinished.get(rows[0].resident_id, set())
        if open_messages and not any(row.in_reply_to in open_messages for row in rows):
            return True
        return rows[0].resident_id in with_people and not any(row.author == "staff" or row.in_reply_to for row in rows)

    return awaits


def _whole(rows: Sequence[OutboxMessage], worker: str, now: datetime) -> Parcel:
    """A channel that counts nothing takes rows as they are."""
    _lease(rows, worker, now)
    envelopes = tuple(Envelope(tuple(units_of(row, 0)), row.text) for row in rows)
    return Parcel(rows[0].resident_id, rows[0].channel, rows[0].address, tuple(rows), envelopes, now)


def _metered(
    rows: Sequence[OutboxMessage], window: Window, awaited: bool, worker: str, now: datetime, rules: Rules
) -> Parcel | None:
    channel = rows[0].channel
    if not window.following:
        for row in rows:
            row.status, row.error, row.worker, row.lease_until = OutboxStatus.DEAD, "unsubscribed", None, None
        return None
    limit_bytes = way_of(channel).limit_bytes
    left = 0 if channel in rules.silent else window.left(now)
    planned = plan(rows, left - int(awaited), limit_bytes)
    envelopes = list(planned.envelopes)
    window.take(len(envelopes), now)
    if left == 0 and channel in rules.templates and channel not in rules.silent:
        # A card beside the conversation: it may pass what waits in the conversation.
        envelopes += [
            Envelope(tuple(units_of(row, limit_bytes)), row.text, template=row.topic)
            for row in rows
            if row.topic.startswith("ticket:")
        ]
    leaving = {row_id for envelope in envelopes for row_id in envelope.row_ids}
    for row in rows:
        if row.id not in leaving:
            row.status, row.worker, row.lease_until, row.next_try_at = OutboxStatus.WAITING, None, None, None
    going = tuple(row for row in rows if row.id in leaving)
    if not going:
        return None
    _lease(going, worker, now)
    return Parcel(rows[0].resident_id, channel, rows[0].address, going, tuple(envelopes), now, window.code)


def _lease(rows: Sequence[OutboxMessage], worker: str, now: datetime) -> None:
    for row in rows:
        row.status, row.worker, row.lease_until = OutboxStatus.SENDING, worker, now + LEASE
        row.attempts += 1


async def release_gone(c: Community, is_gone: Callable[[str], bool]) -> int:
    """Take from workers that are gone what they hold, so that nobody waits for their lease to run out."""
    async with c.uow() as uow:
        now, released = c.clock.now(), 0
        for worker in await uow.outbox.workers():
            if is_gone(worker):
                released += await uow.outbox.end_leases(worker, now - timedelta(seconds=1))
        await uow.commit()
        return released


async def sent(c: Community, worker: str, parcel: Parcel, envelope: Envelope) -> bool:
    """The platform took this one of a parcel. False when the lease was lost to another worker: stop sending."""
    async with c.uow() as uow:
        now = c.clock.now()
        if way_of(parcel.channel).metered and not envelope.template:
            (await uow.windows.lock(parcel.channel, parcel.address)).land(1, now)
        progress = envelope.progress()
        held = await uow.outbox.owned(progress, worker)
        for row in held:
            row.progress, whole = progress[row.id]
            if whole:
                row.status, row.sent_at, row.error = OutboxStatus.SENT, now, ""
                row.worker = row.lease_until = None
        await uow.flush()
        everything = [row.id for row in parcel.rows]
        if envelope is parcel.envelopes[-1]:
            # Rows of which only a part had room: looked at again, and set to wait then.
            for row in await uow.outbox.owned(everything, worker):
                row.status, row.worker, row.lease_until = OutboxStatus.PENDING, None, None
        else:
            await uow.outbox.extend(everything, worker, now + LEASE)
        uow.announce("outbox", resident_id=parcel.resident_id)
        await uow.commit()
        return len(held) == len(progress)


async def all_sent(c: Community, worker: str, parcels: Sequence[Parcel]) -> None:
    """Everything in these parcels of channels that count nothing was taken."""
    async with c.uow() as uow:
        ids = [row.id for parcel in parcels for row in parcel.rows]
        for resident_id in sorted(set(await uow.outbox.sent(ids, worker, c.clock.now()))):
            uow.announce("outbox", resident_id=resident_id)
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
    """The last lines of a resident's own conversation, oldest first."""
    async with c.reading() as uow:
        return await uow.conversations.history(resident_id, max(1, min(limit, 200)))
