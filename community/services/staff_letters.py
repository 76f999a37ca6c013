"""What staff sent or were to be told in WeCom and was put aside: the staff side of the dead letters."""

from __future__ import annotations

from datetime import datetime

from community.model.message import InboxStatus, OutboxStatus
from community.model.staffing import StaffLetter, StaffMessage, Told
from community.ports import Scope, UnitOfWork

Letter = StaffMessage | StaffLetter
CHANNEL = "wecom"
OF_STAFF = "s"
"""Stands before the number in the key of such a letter: 'in-s7', 'out-s12'."""


async def dead(uow: UnitOfWork, scope: Scope, limit: int) -> list[tuple[Letter, str, str]]:
    """(letter, whose, what) of those whose member is in the scope. A change of a card is none: it has nothing to read."""
    found: list[Letter] = [*await uow.staff_inbox.dead(limit), *await uow.staff_outbox.dead(limit)]
    listed = []
    for letter in found:
        if isinstance(letter, StaffLetter) and letter.kind is Told.UPDATE:
            continue
        if await covers(uow, scope, letter):
            member = await uow.people.staff(letter.staff_id) if letter.staff_id else None
            listed.append((letter, member.name if member else str(getattr(letter, "member", "")), await _text(uow, letter)))
    return listed


async def get(uow: UnitOfWork, kind: str, number: int) -> Letter | None:
    return await uow.staff_inbox.get(number) if kind == "in" else await uow.staff_outbox.get(number)


async def covers(uow: UnitOfWork, scope: Scope, letter: Letter) -> bool:
    if scope.everything:
        return True
    member = await uow.people.staff(letter.staff_id) if letter.staff_id else None
    place = await uow.places.get(member.place_id) if member is not None and member.place_id else None
    return place is not None and place.community_id in scope.community_ids


async def begin_again(uow: UnitOfWork, letter: Letter, now: datetime) -> None:
    """From the beginning: its day of patience, too; to where the member is by now."""
    letter.attempts, letter.error = 0, ""
    letter.worker = letter.lease_until = letter.next_try_at = None
    if isinstance(letter, StaffMessage):
        letter.status, letter.handled_at, letter.received_at = InboxStatus.NEW, None, now
    else:
        letter.status, letter.failures, letter.created_at = OutboxStatus.PENDING, 0, now
        member = await uow.people.staff(letter.staff_id) if letter.staff_id else None
        if member is not None and member.wecom_id:
            letter.member = member.wecom_id


async def _text(uow: UnitOfWork, letter: Letter) -> str:
    if isinstance(letter, StaffMessage):
        return letter.text
    ticket = await uow.tickets.get(letter.ticket_id) if letter.kind is Told.CARD and letter.ticket_id else None
    return f"工单{ticket.number}：{letter.text}" if ticket is not None else letter.text
