"""What was put aside: messages that could not be handled, and answers that could not be sent. Seen and tried again by staff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from community.errors import Forbidden, IllegalMove, NotFound
from community.model.message import InboxMessage, InboxStatus, OutboxMessage, OutboxStatus
from community.model.people import Role, Staff
from community.model.staffing import StaffMessage
from community.ports import Community, UnitOfWork
from community.services import staff_letters
from community.services.access import scope_of, staff_of

MAY_SEE = frozenset({Role.OPERATOR, Role.COMMUNITY_STAFF})
LOOKED_THROUGH = 500
"""The newest of each kind, of which those the asker may see are shown."""


Letter = InboxMessage | OutboxMessage
AnyLetter = Letter | staff_letters.Letter


@dataclass(frozen=True)
class DeadLetter:
    """`key` is 'in-7' or 'out-12', as in a resident's history. `error` is for people who run the city, not for residents.

    Of what staff sent or were to be told in WeCom the key is like 'in-s7', `resident_id` 0 and `resident_name` theirs.
    """

    key: str
    channel: str
    resident_id: int
    resident_name: str
    text: str
    error: str
    at: datetime
    attempts: int
    photos: int = 0


async def dead(c: Community, staff_id: int, limit: int = 100) -> list[DeadLetter]:
    """The dead letters this member of staff may see, newest first. Forbidden for who sees none by their role."""
    async with c.reading() as uow:
        member = await _allowed(uow, staff_id)
        letters = []
        found: list[Letter] = [*await uow.inbox.dead(LOOKED_THROUGH), *await uow.outbox.dead(LOOKED_THROUGH)]
        residents = {message.resident_id for message in found}
        covered = {resident_id for resident_id in residents if await _covers(uow, member, resident_id)}
        for message in found:
            if message.resident_id in covered:
                resident = await uow.people.resident(message.resident_id)
                letters.append(_letter(message, resident.name if resident else ""))
        scope = await scope_of(uow, member)
        for letter, name, text in await staff_letters.dead(uow, scope, LOOKED_THROUGH):
            letters.append(_staff_letter(letter, name, text))
        letters.sort(key=lambda letter: letter.at, reverse=True)
        return letters[:limit]


async def resend(c: Community, staff_id: int, letter_key: str, key: str) -> None:
    """Try a dead letter again from the beginning. `key` makes a double click one try.

    Raises NotFound for what the asker may not see, IllegalMove for what is not dead (any more).
    """
    async with c.uow() as uow:
        member = await _allowed(uow, staff_id)
        if await uow.keys.ref(key) is not None:
            return
        message = await _found(uow, member, letter_key)
        if message.status not in (InboxStatus.DEAD, OutboxStatus.DEAD):
            raise IllegalMove("这条消息已经在处理了。")
        if not isinstance(message, InboxMessage | OutboxMessage):
            await staff_letters.begin_again(uow, message, c.clock.now())
            uow.announce("staff")
            await uow.keys.put(key, letter_key, c.clock.now())
            await uow.commit()
            return
        message.attempts, message.error = 0, ""
        message.worker = message.lease_until = message.next_try_at = None
        if isinstance(message, InboxMessage):
            message.status, message.handled_at = InboxStatus.NEW, None
            # Its day of patience begins anew: else the next failure would end it at once.
            message.received_at = c.clock.now()
        else:
            message.status, message.failures, message.begun = OutboxStatus.PENDING, 0, None
        uow.announce("inbox" if isinstance(message, InboxMessage) else "outbox", resident_id=message.resident_id)
        await uow.keys.put(key, letter_key, c.clock.now())
        await uow.commit()


async def number_of_dead(c: Community, staff_id: int) -> int:
    """How many dead letters this member of staff may see, without reading them. Forbidden as with `dead`."""
    async with c.reading() as uow:
        member = await _allowed(uow, staff_id)
        scope = await scope_of(uow, member)
        communities = None if scope.everything else scope.community_ids
        homeless = member.role is Role.COMMUNITY_STAFF
        of_staff = len(await staff_letters.dead(uow, scope, LOOKED_THROUGH))
        return of_staff + await uow.inbox.number_of_dead(communities, homeless) + await uow.outbox.number_of_dead(
            communities, homeless
        )


async def whereabouts(c: Community, staff_id: int, letter_keys: Collection[str]) -> dict[str, str]:
    """What became of these letters since they were sent again: their status. One that may not be seen is left out."""
    async with c.reading() as uow:
        member = await _allowed(uow, staff_id)
        found: dict[str, str] = {}
        for key in letter_keys:
            try:
                found[key] = str((await _found(uow, member, key)).status)
            except NotFound:
                continue
        return found


async def _found(uow: UnitOfWork, member: Staff, letter_key: str) -> AnyLetter:
    """The message of this key, dead or not. NotFound also for what the asker may not see."""
    kind, _, number = letter_key.partition("-")
    of_staff = number.startswith(staff_letters.OF_STAFF)
    number = number.removeprefix(staff_letters.OF_STAFF)
    if kind not in ("in", "out") or not number.isdecimal() or len(number) > 18:
        raise NotFound("没有这条消息。")
    if of_staff:
        letter = await staff_letters.get(uow, kind, int(number))
        if letter is None or not await staff_letters.covers(uow, await scope_of(uow, member), letter):
            raise NotFound("没有这条消息。")
        return letter
    message: Letter | None
    message = await uow.inbox.get(int(number)) if kind == "in" else await uow.outbox.get(int(number))
    if message is None or not await _covers(uow, member, message.resident_id):
        raise NotFound("没有这条消息。")
    return message


async def _allowed(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in MAY_SEE:
        raise Forbidden("只有社区工作者和运维可以查看没有送达的消息。")
    return member


async def _covers(uow: UnitOfWork, member: Staff, resident_id: int) -> bool:
    """Whose home is in nobody's community is everybody's business, as with conversations."""
    scope = await scope_of(uow, member)
    if scope.everything:
        return True
    resident = await uow.people.resident(resident_id)
    home = await uow.places.get(resident.room_id) if resident is not None and resident.room_id else None
    if home is None or home.community_id is None:
        return member.role is Role.COMMUNITY_STAFF
    return home.community_id in scope.community_ids


def _letter(message: Letter, name: str) -> DeadLetter:
    incoming = isinstance(message, InboxMessage)
    at = message.received_at if isinstance(message, InboxMessage) else message.created_at
    return DeadLetter(
        f"{'in' if incoming else 'out'}-{message.id}",
        message.channel,
        message.resident_id,
        name,
        message.text,
        message.error,
        at,
        message.attempts,
        len(message.photos),
    )


def _staff_letter(letter: staff_letters.Letter, name: str, text: str) -> DeadLetter:
    incoming = isinstance(letter, StaffMessage)
    at = letter.received_at if isinstance(letter, StaffMessage) else letter.created_at
    key = f"{'in' if incoming else 'out'}-{staff_letters.OF_STAFF}{letter.id}"
    photos = 1 if isinstance(letter, StaffMessage) and letter.photo else 0
    return DeadLetter(key, staff_letters.CHANNEL, 0, name, text, letter.error, at, letter.attempts, photos)
