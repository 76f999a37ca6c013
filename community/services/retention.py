"""Keeping nothing longer than said: deletions that are due, and what grew old. Safe in several processes, and to be broken off anywhere."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from community.errors import LinsheError
from community.model.calendar import local
from community.model.household import WARN_BEFORE, DeletionState
from community.ports import Community, UnitOfWork
from community.services.notify import tell
from community.services.privacy import day_of

log = logging.getLogger(__name__)
FACT = "retention_day"
DRAFTS_DAYS = 30
"""What was passed on from a group and decided: a ticket has its own words by then, and what was dropped nobody needs."""
KEYS_DAYS = 90
"""Longer than any message is tried again; then its key protects nothing."""


@dataclass(frozen=True)
class RetentionReport:
    """`old`: rows past their time by table; `erased`: deletions carried out (or, dry, due); `warned`: residents told the day before."""

    old: dict[str, int] = field(default_factory=dict)
    erased: int = 0
    warned: int = 0
    dry: bool = False


async def run(c: Community, *, dry: bool = False) -> RetentionReport:
    """Warn, erase what is due, drop what is old. `dry` only counts."""
    now = c.clock.now()
    async with c.reading() as uow:
        warn = await uow.privacy.to_warn(now + WARN_BEFORE, 500)
        due = await uow.privacy.due(now, 500)
    warned, erased = len(warn), len(due)
    if not dry:
        warned = sum([await _warn(c, one) for one in warn])
        erased = sum([await _erase(c, one) for one in due])
    async with c.uow() as uow:
        old = await uow.erasure.old(_before(c, now), drop=not dry)
        if not dry:
            await uow.commit()
    if not dry and "messages" in (before := _before(c, now)):
        old["rasa: events"] = await c.memory.forget_before(before["messages"])
    return RetentionReport(old, erased, warned, dry)


async def daily(c: Community) -> int:
    """The clock's part: due deletions at every tick, the rest once a (local) day. Returns how many residents were erased."""
    now = c.clock.now()
    today = local(now).date().isoformat()
    async with c.reading() as uow:
        if await uow.facts.get(FACT) == today and not await uow.privacy.due(now, 1):
            return 0
    report = await run(c)
    async with c.uow() as uow:
        await uow.facts.put(FACT, today)
        await uow.commit()
    return report.erased


def _before(c: Community, now: datetime) -> dict[str, datetime]:
    settings = c.extras["settings"]
    found = {"letters": now - timedelta(days=90), "links": now - timedelta(days=30), "keys": now - timedelta(days=KEYS_DAYS)}
    found["drafts"] = now - timedelta(days=DRAFTS_DAYS)
    if settings.keep_messages_days:
        found["messages"] = now - timedelta(days=settings.keep_messages_days)
    if settings.keep_contacts_days:
        found["contacts"] = now - timedelta(days=settings.keep_contacts_days)
    return found


async def _warn(c: Community, deletion_id: int) -> bool:
    try:
        async with c.uow() as uow:
            one = await uow.privacy.deletion_by_id(deletion_id, for_update=True)
            if one is None or one.state is not DeletionState.WAITING or one.warned_at is not None:
                return False
            one.warned_at = c.clock.now()
            text = f"您要删的资料{day_of(one.due_at)}就要删了，删了找不回来。还想留着，说“撤回删除”。"
            await tell(uow, one.resident_id, text, key=f"deletion-{one.id}:warn", now=one.warned_at, author="system")
            await uow.commit()
            return True
    except LinsheError:
        return False


async def _erase(c: Community, deletion_id: int) -> bool:
    try:
        async with c.uow() as uow:
            one = await uow.privacy.deletion_by_id(deletion_id, for_update=True)
            now = c.clock.now()
            if one is None or one.state is not DeletionState.WAITING or one.due_at > now:
                return False
            resident = await uow.people.resident(one.resident_id)
            if resident is not None:
                # Before the commit: broken off here, it is done again; the other way round the key to it would be gone.
                await c.memory.forget(resident.key)
            names, rooms = await _who(uow, one.resident_id)
            done, photos = await uow.erasure.erase(one.resident_id, names, rooms)
            one.state, one.ended_at, one.report = DeletionState.DONE, now, done
            uow.announce("privacy", community_id=one.community_id)
            await uow.commit()
    except LinsheError:
        return False  # Another process is at it, or the resident writes just now: the next round takes it.
    for photo in photos:
        try:
            c.media_files.path(photo).unlink(missing_ok=True)
        except OSError:
            log.exception("a photo's file could not be removed")
    return True


async def _who(uow: UnitOfWork, resident_id: int) -> tuple[list[str], list[str]]:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        return [], []
    rooms = [resident.room_id, *(home.room_id for home in await uow.homes.of_resident(resident_id))]
    found = [await uow.places.get(room) for room in rooms if room]
    return [resident.name] if resident.name else [], [place.full_name for place in found if place is not None]
