"""What staff are told in WeCom, on its way: one letter a member at a time, in order, and never more than the platform shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from community.model.message import OutboxStatus
from community.model.staffing import (
    A_MINUTE,
    AN_HOUR,
    CODE_LASTS,
    MAX_TRIES,
    SAME_AGAIN,
    SLACK,
    CardFace,
    StaffLetter,
    Told,
)
from community.ports import Community, UnitOfWork
from community.services.staff_cards import face_of
from community.services.staff_notify import renew

LEASE = timedelta(seconds=60)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=24)
"""How long an outage is waited out."""
UNTOLD = timedelta(hours=1)
"""How long letters are kept where no WeCom is set up: a sender may only be starting with other settings."""
ESCALATED = "e"
"""How the task of a card begins whose reader may press without holding the ticket."""


@dataclass(frozen=True)
class Errand:
    """One letter for this worker to send now. `face`: the card as it is by now; without one `text` is sent.

    `check`: the platform may be asked to look for duplicates; not where the same was rightly said a while ago. `version`: of the
    ticket that the card shows.
    """

    id: int
    member: str
    kind: Told
    text: str
    task: str = ""
    code: str = ""
    face: CardFace | None = None
    check: bool = True
    version: int = 0


async def claim(c: Community, worker: str, limit: int) -> list[Errand]:
    """Letters to send now, the first of each member; who was sent as much as a minute takes waits."""
    async with c.reading() as uow:
        if not await uow.staff_outbox.any_due(c.clock.now()):
            return []
    async with c.uow() as uow:
        now = c.clock.now()
        errands = []
        for letter in await uow.staff_outbox.heads(now, limit):
            if now - letter.created_at > GIVE_UP_AFTER:
                # WeCom was away, or not set up: by now the console has told it.
                letter.status, letter.error = OutboxStatus.DEAD, (letter.error or "older than a day")
                continue
            if letter.kind is not Told.UPDATE:
                if pause := await _full(uow, letter.member, now):
                    letter.status, letter.worker, letter.lease_until = OutboxStatus.PENDING, None, None
                    letter.next_try_at = now + pause
                    continue
                letter.uses, letter.used_at = letter.uses + 1, now
            letter.status, letter.worker, letter.lease_until = OutboxStatus.SENDING, worker, now + LEASE
            letter.attempts += 1
            errands.append(await _errand(uow, c, letter))
        await uow.commit()
        return errands


async def drop_untold(c: Community) -> int:
    """For a city without WeCom: what nobody will send is not kept, and is no dead letter on the day somebody does. Returns how many.

    The console has told it all. Who writes a letter does not know how the city is set up: rows are written where a member has an
    account of WeCom, by processes that need none of its keys.
    """
    async with c.uow() as uow:
        dropped = await uow.staff_outbox.drop_untried(c.clock.now() - UNTOLD)
        await uow.commit()
        return dropped


async def _full(uow: UnitOfWork, member: str, now: datetime) -> timedelta | None:
    """How long to wait, when more would be dropped without a word."""
    if await uow.staff_outbox.used(member, now - MINUTE - SLACK) >= A_MINUTE:
        return timedelta(seconds=3)
    if await uow.staff_outbox.used(member, now - HOUR - SLACK) >= AN_HOUR:
        return MINUTE
    return None


async def _errand(uow: UnitOfWork, c: Community, letter: StaffLetter) -> Errand:
    now = c.clock.now()
    face, text, version = None, letter.text, 0
    if letter.kind is not Told.TEXT:
        ticket = await uow.tickets.get(letter.ticket_id) if letter.ticket_id else None
        member = await uow.people.staff(letter.staff_id) if letter.staff_id else None
        if ticket is not None and member is not None:
            escalated = letter.task.startswith(ESCALATED)
            grey = letter.text if letter.kind is Told.UPDATE else ""
            face = await face_of(uow, ticket, member, "" if grey else letter.text, now, may_press=escalated)
            face = replace(face, buttons=(), done=grey) if grey else face
            text, version = face.plain, ticket.version
    check = letter.kind is Told.CARD or not await uow.staff_outbox.same_lately(
        letter.member, letter.text, now - SAME_AGAIN - SLACK, letter.id
    )
    return Errand(letter.id, letter.member, letter.kind, text, letter.task, letter.code, face, check, version)


async def sent(c: Community, worker: str, errand: Errand, code: str = "", note: str = "") -> bool:
    """The platform took it; `code` changes the card once. False: the lease was lost, another has it."""
    async with c.uow() as uow:
        letter = await uow.staff_outbox.owned(errand.id, worker)
        if letter is None:
            return False
        now = c.clock.now()
        letter.status, letter.sent_at, letter.error = OutboxStatus.SENT, now, note[:300]
        letter.worker = letter.lease_until = letter.next_try_at = None
        if letter.kind is Told.CARD and code:
            letter.code, letter.code_until = code, now + CODE_LASTS
            ticket = await uow.tickets.get(letter.ticket_id) if letter.ticket_id else None
            if ticket is not None and ticket.version != errand.version:
                # It was moved while the card was on its way.
                await renew(uow, letter, now)
        await uow.commit()
        return True


async def failed(
    c: Community,
    worker: str,
    letter_id: int,
    error: str,
    *,
    ours: bool = False,
    for_good: bool = False,
    not_taken: bool = False,
    pause: timedelta | None = None,
) -> None:
    """It did not leave. `ours`: for a reason that waiting does not mend; `for_good`: it never will; `not_taken`: surely not shown."""
    async with c.uow() as uow:
        letter = await uow.staff_outbox.owned(letter_id, worker)
        if letter is None:
            return
        now = c.clock.now()
        letter.failures += int(ours)
        letter.error, letter.worker, letter.lease_until = error[:300], None, None
        letter.status = OutboxStatus.PENDING
        letter.next_try_at = now + (pause or timedelta(seconds=min(60, 2 ** min(letter.attempts, 6))))
        if not_taken and letter.uses:
            letter.uses -= 1
        if for_good or letter.failures >= MAX_TRIES or now - letter.created_at > GIVE_UP_AFTER:
            letter.status = OutboxStatus.DEAD
        await uow.commit()


async def release_gone(c: Community, is_gone: Callable[[str], bool]) -> int:
    """Letters of workers that ended on this machine are free at once."""
    async with c.uow() as uow:
        before = c.clock.now() - timedelta(seconds=1)
        freed = 0
        for worker in await uow.staff_outbox.workers():
            if is_gone(worker):
                freed += await uow.staff_outbox.end_leases(worker, before)
        await uow.commit()
        return freed
