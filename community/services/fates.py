"""Messages of unknown fate, once the platform's record of what it took was asked for, or could not be.

Lost is worse than read twice: what is not clearly there is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from community.model import fate
from community.model.delivery import way_of
from community.model.fate import Begun
from community.model.message import OutboxStatus
from community.ports import Community, UnitOfWork
from community.services.parcels import Parcel

Record = Mapping[str, Sequence[tuple[datetime, str]]]
"""By address: when the platform took which text."""


class Fate(StrEnum):
    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    UNKNOWN = "unknown"
    """Nobody could be asked: it is sent again, as if it had not been."""
    OTHERS = "others"
    """Somebody else has these rows by now."""


async def settle(
    c: Community, worker: str, doubts: Sequence[Parcel], record: Record | None
) -> list[Fate]:
    """What became of each of these, which this worker holds; written down. `record`: from the earliest `Begun.since` of them on; None when
    it could not be asked.
    """
    async with c.uow() as uow:
        fates = [await _settle(uow, worker, parcel, record, c.clock.now()) for parcel in doubts]
        await uow.commit()
        return fates


async def _settle(
    uow: UnitOfWork, worker: str, parcel: Parcel, record: Record | None, now: datetime
) -> Fate:
    begun = parcel.doubt
    rows = await uow.outbox.owned([row.id for row in parcel.rows], worker)
    if begun is None or len(rows) < len(parcel.rows):
        return Fate.OTHERS
    found = Fate.UNKNOWN
    if record is not None:
        others = await uow.outbox.out_since(parcel.resident_id, parcel.channel, parcel.address, begun.since)
        limit = way_of(parcel.channel).limit_bytes
        taken = fate.was_taken(begun, others, record.get(parcel.address, ()), limit)
        found = Fate.TAKEN if taken else Fate.NOT_TAKEN
    for row in rows:
        mark = Begun.of(row)
        row.begun = row.next_try_at = row.worker = row.lease_until = None
        row.status = OutboxStatus.PENDING
        if found is Fate.TAKEN and mark is not None:
            row.progress = mark.upto
            if mark.whole:
                row.status, row.sent_at, row.error = OutboxStatus.SENT, now, ""
                row.attempts = mark.attempt
    if found is Fate.TAKEN:
        uow.announce("sent", resident_id=parcel.resident_id)
    elif found is Fate.NOT_TAKEN and parcel.counted:
        window = await uow.windows.lock(parcel.channel, parcel.address)
        if window.renewed_at is None or window.renewed_at < begun.at:
            window.give_back(1)
    return found
