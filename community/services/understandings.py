"""Keeping what messages were taken for, and noting later that one of them went wrong. Inside other use cases' units of work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from chinese.masking import mask
from community.model.category import Category
from community.model.chat import OpenForm
from community.model.message import InboxMessage
from community.model.ticket import Move, Ticket, TicketEvent
from community.model.understanding import LONGEST, SHORTEST, Doubt, Heard, Looked, Understanding, doubts_of
from community.ports import UnitOfWork

_FACES = re.compile(r"[\[［][^\[\]［］\s]{1,8}[\]］]")
JUST_NOW = timedelta(minutes=10)
"""So long after an answer asking for a person is a verdict on it."""


async def keep_in(
    uow: UnitOfWork, answered: Sequence[tuple[InboxMessage, Heard | None]], now: datetime, sessions: Mapping[int, int]
) -> None:
    """Keep what typed words were taken for, with the session of each message; a message that is finished twice is kept once."""
    rows = []
    for message, heard in answered:
        if heard is not None and counts(message, heard):
            row = of_message(f"in-{message.id}", message.resident_id, now, message.text, heard)
            row.session_id = sessions.get(message.id)
            rows.append(row)
    await uow.understandings.add_all(rows)


def counts(message: InboxMessage, heard: Heard | None) -> bool:
    """Whether there is anything in a message to be understood: words that were typed."""
    if heard is None or message.payload is not None or len(message.text.strip()) < SHORTEST:
        return False
    return len(without_faces(message.text).strip()) >= SHORTEST


def of_message(key: str, resident_id: int, at: datetime, text: str, heard: Heard) -> Understanding:
    doubts = [str(why) for why in doubts_of(heard)]
    return Understanding(
        id=0,
        key=key,
        resident_id=resident_id,
        at=at,
        text=masked(text),
        intent=heard.intent[:48],
        confidence=round(heard.confidence, 4),
        ranking=[[name[:48], round(chance, 4)] for name, chance in heard.ranking],
        category=heard.category[:32],
        category_confidence=round(heard.category_confidence, 4),
        model=heard.model[:64],
        doubts=doubts,
        doubted=bool(doubts),
    )


def masked(text: str) -> str:
    return mask(without_faces(text).strip(), rooms=())[:LONGEST]


def without_faces(text: str) -> str:
    """Without WeChat's faces, which arrive as words in brackets: 电梯又坏了[发怒]."""
    return _FACES.sub("", text)


async def doubt_latest(uow: UnitOfWork, resident_id: int, why: Doubt, now: datetime, *, but: str = "") -> None:
    """The resident shows that the answer just given was not what they wanted. `but`: the key of the message that shows it."""
    latest = await uow.understandings.latest_of(resident_id, now - JUST_NOW, but)
    if latest is not None:
        latest.doubt(why)


async def voted(uow: UnitOfWork, key: str, useful: bool) -> None:
    """What the resident said of the answer to the message known by its key ('in-7'); a second word takes the place of the first."""
    found = await uow.understandings.by_key(key)
    if found is None:
        return
    found.vote = "useful" if useful else "useless"
    if useful:
        found.settle(Doubt.USELESS)
    else:
        found.doubt(Doubt.USELESS)


SAID_BEFORE = timedelta(hours=24)
"""So long before its ticket the first words of a report may have been said: a form waits for a day."""
FILED_AFTER = timedelta(days=1)
"""What was left half way and is filed within this after all, by whomever, was not left."""
ENOUGH = 6
"""Characters of a ticket's words that are in a message, or the other way round, from which they are the same report."""


async def put_right(uow: UnitOfWork, ticket: Ticket, events: Sequence[TicketEvent], category: Category) -> None:
    """Staff gave a ticket another category: the words it was made from come into the trainers' queue with it. Nothing where staff filed
    it, or the words were changed before it was filed, or the assistant had said the same."""
    filed = next((event for event in events if event.move is Move.FILE), None)
    if filed is None or filed.actor_kind != "resident":
        return
    said = masked(filed.note)
    lately = await uow.understandings.said_by(filed.actor_id, filed.at - SAID_BEFORE, filed.at + timedelta(minutes=1))
    found = next((one for one in lately if one.text == said), None) or next((one for one in lately if _part(one.text, said)), None)
    if found is None:
        return
    if str(category) == found.category:
        found.staff_category = ""
        found.settle(Doubt.RECATEGORISED)
    elif found.looked is Looked.OPEN:
        found.staff_category = str(category)
        found.doubt(Doubt.RECATEGORISED)


def _part(text: str, said: str) -> bool:
    return (len(said) >= ENOUGH and said in text) or (len(text) >= ENOUGH and text in said)


async def abandoned(uow: UnitOfWork, form: OpenForm, *, at_once: bool = False) -> None:
    """The form that a message opened was left half way; `at_once`: with the next word. Not when a ticket of the same was filed since."""
    found = await uow.understandings.by_key(form.key)
    if found is None:
        return
    for ticket in await uow.tickets.of_resident(form.resident_id, 5):
        if ticket.created_at >= form.opened_at and str(ticket.category) == found.category:
            return
    found.doubt(Doubt.ABANDONED)
    if at_once:
        found.doubt(Doubt.DROPPED)


async def filed(uow: UnitOfWork, ticket: Ticket) -> None:
    """A ticket was filed: what its resident said of the same shortly before and left half way was not left after all."""
    if ticket.resident_id is None:
        return
    for one in await uow.understandings.said_by(ticket.resident_id, ticket.created_at - FILED_AFTER, ticket.created_at, doubted=True):
        if one.category == str(ticket.category):
            one.settle(Doubt.ABANDONED, Doubt.DROPPED)
