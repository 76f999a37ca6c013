"""What one worker is to send to one resident now: planned from their rows, counted in the ledger of their window, and leased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from community.model import fate
from community.model.delivery import Envelope, plan, units_of, way_of
from community.model.fate import Begun
from community.model.message import OutboxMessage, OutboxStatus
from community.model.window import Window
from community.ports import UnitOfWork

LEASE = timedelta(seconds=60)
"""Longer than one message may take, with a new token and a photo to upload; it starts anew with each that is out."""
AT_ONCE = 100
"""Rows of one resident in one parcel."""
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parcel:
    """What one worker is to send to one resident now, in order. Nobody else sends to them meanwhile.

    `code` is what must go along where the chat was only entered and nothing said yet. With a `doubt` nothing is to be sent: whether these
    rows were, is to be found out (`fates.settle`). `counted`: they are counted in the ledger as if they had been.
    """

    resident_id: int
    channel: str
    address: str
    rows: tuple[OutboxMessage, ...]
    envelopes: tuple[Envelope, ...]
    claimed_at: datetime
    code: str = ""
    doubt: Begun | None = None
    counted: bool = False


@dataclass(frozen=True)
class Rules:
    """What the settings let us do: channels that may not push at all, and those with a template for news of tickets; channels whose
    platform has a record of what it took, and those whose platform knows a message again by its key.
    """

    silent: frozenset[str] = NOBODY
    templates: frozenset[str] = NOBODY
    recorded: frozenset[str] = NOBODY
    repeatable: frozenset[str] = NOBODY


async def parcels_of(
    uow: UnitOfWork, heads: Sequence[OutboxMessage], worker: str, now: datetime, rules: Rules
) -> list[Parcel]:
    orphaned = {(row.resident_id, row.channel) for row in heads if row.status is OutboxStatus.SENDING}
    first = {(row.resident_id, row.channel): row.id for row in heads}
    # Before the rows: an answer that is written between the two is then among them. The other way round its message would look answered
    # and the answer missing, and the last send, kept for it, would go to what was there.
    awaited = await _awaited(uow, heads)
    rows: dict[tuple[int, str], list[OutboxMessage]] = defaultdict(list)
    for row in await uow.outbox.unsent({r for r, _ in first}, {ch for _, ch in first}):
        rows[row.resident_id, row.channel].append(row)
    windows = await _windows(uow, heads)
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
        begun = Begun.of(under_way)
        if who in orphaned:
            _orphan(window, begun, now)
        if begun is not None and who[1] in rules.recorded and window.following and now - begun.at < fate.LONGEST:
            parcels.append(_doubt(theirs, begun, who in orphaned, worker, now))
            continue
        parcel = _metered(theirs, window, awaited(theirs), worker, now, rules)
        if parcel is not None:
            parcels.append(parcel)
    return parcels


def _orphan(window: Window, begun: Begun | None, now: datetime) -> None:
    """Whoever sent to this address is gone. The message that had begun counts as landed; those after it had not begun."""
    if begun is None:
        window.lose(now)
    elif window.in_flight:
        window.land(1, now)
        window.give_back(window.in_flight)


def _doubt(rows: Sequence[OutboxMessage], begun: Begun, orphaned: bool, worker: str, now: datetime) -> Parcel:
    """The rows of the message that had begun, held until it is known what became of it. Those after them wait behind."""
    doubtful = tuple(row for row in rows if (mark := Begun.of(row)) and mark.first == begun.first)
    # As `_settle` counts: of the tries of an outage the first.
    counted = orphaned or doubtful[0].attempts <= 1
    for row in doubtful:
        row.status, row.worker, row.lease_until = OutboxStatus.SENDING, worker, now + LEASE
    head = doubtful[0]
    return Parcel(head.resident_id, head.channel, head.address, doubtful, (), now, doubt=begun, counted=counted)


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
        if unfinished.get(rows[0].resident_id, set()) - {row.in_reply_to for row in rows}:
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
    if channel in rules.repeatable and (begun := Begun.of(going[0])) and begun.is_first_of(envelopes[0], going):
        envelopes[0] = replace(envelopes[0], again=begun.attempt)
    _lease(going, worker, now)
    fate.mark(envelopes[0], going, now, again=envelopes[0].again)
    return Parcel(rows[0].resident_id, channel, rows[0].address, going, tuple(envelopes), now, window.code)


def _lease(rows: Sequence[OutboxMessage], worker: str, now: datetime) -> None:
    for row in rows:
        row.status, row.worker, row.lease_until = OutboxStatus.SENDING, worker, now + LEASE
        row.attempts += 1
