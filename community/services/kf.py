"""微信客服: messages are fetched page by page, and each page is kept together with the cursor behind it.

A push is kept as a count that went up, and acknowledged. Whoever has the account's lease fetches; a process that dies between two
pages leaves the cursor of the last page that was kept, and one that dies before keeping a page leaves nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import Conflict
from community.model.kf import KfAccount
from community.model.message import OutboxStatus
from community.ports import Community, UnitOfWork
from community.services import together, windows
from community.services.wechat import ATTEMPTS, Arrival, Heard, take_in

CHANNEL = "wecom_kf"
LEASE = timedelta(seconds=60)
"""Longer than fetching and keeping one page takes; it starts anew with each page."""
EVERY = timedelta(minutes=5)
"""An account is looked at this often also when nothing says that there is something: pushes get lost."""


@dataclass(frozen=True)
class Notice:
    """A push of `at`: this account has something, to be fetched with `token`."""

    open_kfid: str
    token: str
    at: datetime


@dataclass(frozen=True)
class Errand:
    """What one worker fetches now: from `cursor` on, with `token` where one may still be used. `attempts` failed before."""

    open_kfid: str
    cursor: str
    token: str
    noted: int
    attempts: int = 0


@dataclass(frozen=True)
class Bounce:
    """The platform says afterwards that it did not deliver the rows `first` to `last` of this address, sent at try `attempt`.

    `index` is the first piece of the first row that was in it. `waits`: they may be sent after the person's next word.
    """

    address: str
    first: int
    last: int
    index: int
    attempt: int
    waits: bool
    error: str


@dataclass(frozen=True)
class Kept:
    """What a page brought for the assistant, and the next errand; None when the end is reached."""

    heard: tuple[Heard, ...]
    errand: Errand | None
    came_back: int = 0


def address_of(open_kfid: str, external_userid: str) -> str:
    """Somebody at one account: each account has its own window, and answers only who wrote to it."""
    return f"{open_kfid}/{external_userid}"


def parts_of(address: str) -> tuple[str, str]:
    """(open_kfid, external_userid)"""
    open_kfid, _, external_userid = address.partition("/")
    return open_kfid, external_userid


async def begin(c: Community, open_kfids: Collection[str]) -> None:
    """A process starts: what came while none ran is fetched, whatever the pushes said."""
    if open_kfids:
        await noted(c, [Notice(open_kfid, "", c.clock.now()) for open_kfid in open_kfids])


async def noted(c: Community, notices: Sequence[Notice]) -> list[None]:
    """Keep durably that these accounts have something, together: under load all pushes are of one account, and would wait in line for
    its row. Repeated deliveries only cost a look. Returns a None for each."""
    async with c.uow() as uow:
        now = c.clock.now()
        # Always locked in the same order.
        for open_kfid in sorted({notice.open_kfid for notice in notices}):
            account = await uow.kf.lock(open_kfid)
            for notice in notices:
                if notice.open_kfid == open_kfid:
                    account.note(notice.token, min(notice.at, now))
        uow.announce("kf")
        await uow.commit()
        return [None] * len(notices)


async def claim(c: Community, worker: str, open_kfids: Collection[str]) -> list[Errand]:
    """Accounts for this worker to fetch from now. Nobody else does meanwhile."""
    now = c.clock.now()
    async with c.reading() as uow:
        if not await uow.kf.any_due(open_kfids, now, now - EVERY):
            return []
    async with c.uow() as uow:
        now = c.clock.now()
        taken = await uow.kf.due(open_kfids, now, now - EVERY)
        for account in taken:
            account.worker, account.lease_until = worker, now + LEASE
        errands = [_errand(account, now) for account in taken]
        await uow.commit()
        return errands


async def keep(
    c: Community, worker: str, errand: Errand, items: Sequence[Arrival | Bounce], cursor: str, *, more: bool
) -> Kept | None:
    """Keep a page and the cursor behind it, together or not at all. None, and nothing written, when the lease was lost."""
    for attempt in range(ATTEMPTS):
        try:
            # What went wrong together is tried one by one.
            return await _keep(c, worker, errand, _runs(items, alone=bool(attempt or errand.attempts)), cursor, more)
        except Conflict:
            # Somebody made the same resident at the same moment, on another account: nothing of the page is kept yet.
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("not reached")


async def _keep(
    c: Community, worker: str, errand: Errand, runs: Sequence[list[Arrival] | Arrival | Bounce], cursor: str, more: bool
) -> Kept | None:
    async with c.uow() as uow:
        account = await uow.kf.lock(errand.open_kfid)
        if account.worker != worker or account.cursor != errand.cursor:
            return None
        heard: list[Heard] = []
        came_back = 0
        for run in runs:
            if isinstance(run, Bounce):
                came_back += await _bounced(uow, run)
            elif isinstance(run, Arrival):
                heard.append(await take_in(uow, run, c.clock.now()))
            else:
                kept = await together.take_words_in(uow, CHANNEL, run, c.clock.now())
                # Nobody waits for this page as for a callback, and who has just written may look into the chat again at once.
                await windows.open_of(uow, {one.resident_id for one in kept}, c.clock.now())
                heard += kept
        now = c.clock.now()
        # A platform that gives no new cursor gives the same page again: what is in it is known by then.
        account.cursor = cursor or account.cursor
        if more:
            account.lease_until = now + LEASE
            following = _errand(account, now)
        else:
            account.reached_end(errand.noted, now)
            following = None
        await uow.commit()
        return Kept(tuple(heard), following, came_back)


def _runs(items: Sequence[Arrival | Bounce], *, alone: bool) -> list[list[Arrival] | Arrival | Bounce]:
    """The items in their order, words that follow one another as one list: they are kept at a fraction of the cost, and while a page is
    kept nobody else writes to SQLite."""
    runs: list[list[Arrival] | Arrival | Bounce] = []
    for item in items:
        if alone or not isinstance(item, Arrival) or not together.plain_words(item):
            runs.append(item)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


async def failed(
    c: Community, worker: str, errand: Errand, error: str, *, pause: timedelta | None = None, restart: bool = False
) -> None:
    """Nothing came, or it could not be kept: tried again later. `error` names no person.

    `restart`: the platform does not know our cursor. All it still has is fetched again; what is known is not kept twice.
    """
    async with c.uow() as uow:
        account = await uow.kf.lock(errand.open_kfid)
        if account.worker != worker:
            return
        account.attempts += 1
        account.error = error[:300]
        if restart:
            account.cursor = ""
        account.worker = account.lease_until = None
        account.next_try_at = c.clock.now() + (pause or timedelta(seconds=min(60, 2 ** min(account.attempts, 6))))
        await uow.commit()


async def release_gone(c: Community, is_gone: Callable[[str], bool]) -> int:
    """Take from workers that are gone what they hold, so that nobody waits for their lease to run out."""
    async with c.uow() as uow:
        released = 0
        for account in await uow.kf.held():
            if account.worker is not None and is_gone(account.worker):
                account.worker = account.lease_until = None
                released += 1
        await uow.commit()
        return released


def _errand(account: KfAccount, now: datetime) -> Errand:
    return Errand(account.open_kfid, account.cursor, account.token_at(now), account.noted, account.attempts)


async def _bounced(uow: UnitOfWork, bounce: Bounce) -> int:
    """Rows that counted as sent are not: they wait, or are put aside where staff see them. Told again, it changes nothing."""
    rows = await uow.outbox.sent_between(CHANNEL, bounce.address, bounce.first, bounce.last)
    if not any(row.id == bounce.first and row.attempts == bounce.attempt for row in rows):
        return 0
    window = await uow.windows.lock(CHANNEL, bounce.address)
    for row in rows:
        renewed = window.renewed_at is not None and row.sent_at is not None and window.renewed_at > row.sent_at
        row.status = OutboxStatus.DEAD
        if bounce.waits:
            row.status = OutboxStatus.PENDING if renewed else OutboxStatus.WAITING
            if not renewed:
                window.exhaust()
        row.progress = bounce.index if row.id == bounce.first else 0
        row.sent_at, row.error = None, bounce.error[:300]
    return len(rows)
