"""The staff's half of the dead letters: what they sent in WeCom and could not be handled, what they could not be told there."""

from __future__ import annotations

from datetime import datetime

from community.errors import IllegalMove
from community.model.message import InboxStatus, OutboxStatus
from community.model.people import Staff
from community.model.staffing import Heard, StaffLetter, StaffMessage, Told
from community.ports import Scope, UnitOfWork

SENT, TOLD = "staffin", "staffout"
"""How the keys of such letters begin."""
BUTTON, PHOTO = "[按钮]", "[图片]"
MARKS = {Heard.CLICK: BUTTON, Heard.PHOTO: PHOTO, Told.CARD: "[卡片] "}

StaffDead = StaffMessage | StaffLetter


async def dead_for(uow: UnitOfWork, scope: Scope, limit: int) -> list[tuple[StaffDead, Staff | None]]:
    """The dead of staff this scope covers, each with whom it is of; None for who is not registered."""
    found: list[StaffDead] = [*await uow.staff_inbox.dead(limit), *await uow.staff_outbox.dead(limit)]
    covered: list[tuple[StaffDead, Staff | None]] = []
    for letter in found:
        if await covers(uow, scope, letter):
            covered.append((letter, await uow.people.staff(letter.staff_id) if letter.staff_id else None))
    return covered


async def get(uow: UnitOfWork, kind: str, letter_id: int) -> StaffDead | None:
    found: StaffDead | None
    if kind == SENT:
        found = await uow.staff_inbox.get(letter_id)
    else:
        found = await uow.staff_outbox.get(letter_id)
    return found


async def covers(uow: UnitOfWork, scope: Scope, letter: StaffDead) -> bool:
    """Colleagues of one's own communities; whose place is in none of them, or who is a stranger, is the city's operator's."""
    if scope.everything:
        return True
    member = await uow.people.staff(letter.staff_id) if letter.staff_id else None
    place = await uow.places.get(member.place_id) if member is not None and member.place_id else None
    return place is not None and place.community_id in scope.community_ids


def again(uow: UnitOfWork, letter: StaffDead, now: datetime) -> None:
    """From the beginning, with a new day of patience: else the next failure would end it at once. Raises IllegalMove."""
    if letter.status not in (InboxStatus.DEAD, OutboxStatus.DEAD):
        raise IllegalMove("这条消息已经在处理了。")
    letter.attempts, letter.error = 0, ""
    letter.worker = letter.lease_until = letter.next_try_at = None
    if isinstance(letter, StaffMessage):
        letter.status, letter.handled_at, letter.received_at = InboxStatus.NEW, None, now
    else:
        letter.status, letter.failures, letter.created_at = OutboxStatus.PENDING, 0, now
    uow.announce("staff")


def key_of(letter: StaffDead) -> str:
    return f"{SENT if isinstance(letter, StaffMessage) else TOLD}-{letter.id}"


def text_of(letter: StaffDead) -> str:
    """What it was, for a list: a press by its button, a card by why it came."""
    return (MARKS.get(letter.kind, "") + letter.text).strip()


def at_of(letter: StaffDead) -> datetime:
    return letter.received_at if isinstance(letter, StaffMessage) else letter.created_at
