"""What staff send in WeCom: kept before it is acknowledged, worked on one at a time a member, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.model.calendar import local
from community.model.message import MAX_TEXT, InboxStatus
from community.model.staffing import CODE_LASTS, MAX_TRIES, Heard, StaffMessage
from community.ports import Community
from community.services import staff_notify

LEASE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=10)
"""How long a photo is asked for again; the member's next words wait behind it."""
GIVE_UP_AFTER = timedelta(hours=24)
STRANGER = "您还没有登记为工作人员，请联系社区管理员登记您的企业微信账号。"
BROKEN = "刚才那条没有处理成功，请再发一次，或者到工作台处理。"


@dataclass(frozen=True)
class Incoming:
    """What a push said. Of a press: `task` the card, `text` the button's key, `code` changes the card once."""

    member: str
    dedup_key: str
    kind: Heard
    text: str = ""
    task: str = ""
    code: str = ""
    media_id: str = ""


async def receive(c: Community, said: Incoming) -> bool:
    """Keep it once. False for what was there already, and for strangers, who are told what to do once a day."""
    async with c.uow() as uow:
        now = c.clock.now()
        member = await uow.people.staff_by_wecom(said.member)
        if member is None or not member.active:
            if said.kind is not Heard.OTHER or said.text:
                key = f"stranger:{said.member}:{local(now):%Y-%m-%d}"
                await staff_notify.say_to(uow, said.member, STRANGER, key=key, now=now)
                await uow.commit()
            return False
        message = StaffMessage(
            0, said.dedup_key, member.id, said.kind, said.text[:MAX_TEXT], now, said.task[:128], said.code[:512], said.media_id
        )
        _, new = await uow.staff_inbox.insert(message)
        if new:
            if said.kind is Heard.CLICK:
                # What was pressed can be changed by the code of the press.
                card = await uow.staff_outbox.card(said.task)
                if card is not None and card.staff_id == member.id:
                    card.code, card.code_until = message.code, now + CODE_LASTS
            uow.announce("staff")
        await uow.commit()
        return new


async def claim(c: Community, worker: str, limit: int) -> list[StaffMessage]:
    async with c.reading() as uow:
        if not await uow.staff_inbox.any_unfinished():
            return []
    async with c.uow() as uow:
        now = c.clock.now()
        taken = await uow.staff_inbox.claim(worker, now, now + LEASE, limit)
        if taken:
            await uow.commit()
        return taken


async def keep_photo(c: Community, worker: str, message: StaffMessage, raw: bytes) -> StaffMessage | None:
    """None when the lease was lost. Raises InvalidInput when it is no photo."""
    kept = await c.media_files.put(raw, c.clock.now())
    async with c.uow() as uow:
        row = await uow.staff_inbox.owned(message.id, worker)
        if row is None:
            return None
        await uow.media.add(kept)
        row.photo = kept.hash
        await uow.commit()
        return row


def too_late(message: StaffMessage, now: datetime) -> bool:
    return now - message.received_at > PATIENCE


async def give_up(c: Community, worker: str, message: StaffMessage, words: str) -> None:
    """It cannot be done: said, and with that it is handled."""
    async with c.uow() as uow:
        row = await uow.staff_inbox.owned(message.id, worker)
        member = await uow.people.staff(message.staff_id)
        if row is None or member is None:
            return
        now = c.clock.now()
        await staff_notify.say(uow, member, words, key=f"staff-in-{row.id}", now=now)
        done(row, now)
        await uow.commit()


async def postpone(c: Community, worker: str, message_id: int, error: str, *, transient: bool) -> None:
    """Try it again later; put aside after 8 failures of its own or a day of others, the member told."""
    async with c.uow() as uow:
        row = await uow.staff_inbox.owned(message_id, worker)
        if row is None:
            return
        now = c.clock.now()
        row.error, row.worker, row.lease_until = error[:300], None, None
        row.status, row.next_try_at = InboxStatus.NEW, now + timedelta(seconds=min(60, 2 ** min(row.attempts, 6)))
        if now - row.received_at > GIVE_UP_AFTER or (not transient and row.attempts >= MAX_TRIES):
            row.status, row.handled_at = InboxStatus.DEAD, now
            member = await uow.people.staff(row.staff_id)
            if member is not None:
                await staff_notify.say(uow, member, BROKEN, key=f"staff-in-{row.id}:dead", now=now)
        await uow.commit()


async def release_gone(c: Community, is_gone: Callable[[str], bool]) -> int:
    """Messages of workers that ended on this machine are free at once."""
    async with c.uow() as uow:
        freed = 0
        for worker in await uow.staff_inbox.workers():
            if is_gone(worker):
                freed += await uow.staff_inbox.release(worker)
        await uow.commit()
        return freed


def done(row: StaffMessage, now: datetime) -> None:
    row.status, row.handled_at, row.error = InboxStatus.DONE, now, ""
    row.worker = row.lease_until = row.next_try_at = None
