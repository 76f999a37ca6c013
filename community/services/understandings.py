"""Keeping what messages were taken for, and noting later that one of them went wrong. Inside other use cases' units of work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from chinese.masking import mask
from community.model.message import InboxMessage
from community.model.understanding import LONGEST, SHORTEST, Doubt, Heard, Understanding, doubts_of
from community.ports import UnitOfWork

_FACES = re.compile(r"[\[［][^\[\]［］\s]{1,8}[\]］]")
JUST_NOW = timedelta(minutes=10)
"""So long after an answer asking for a person is a verdict on it."""


async def keep_in(uow: UnitOfWork, answered: Sequence[tuple[InboxMessage, Heard | None]], now: datetime) -> None:
    """Keep what typed words were taken for; a message that is finished twice is kept once."""
    rows = []
    for message, heard in answered:
        if heard is None or message.payload is not None or len(message.text.strip()) < SHORTEST:
            continue
        if len(without_faces(message.text).strip()) < SHORTEST:
            continue
        rows.append(of_message(f"in-{message.id}", message.resident_id, now, message.text, heard))
    await uow.understandings.add_all(rows)


def of_message(key: str, resident_id: int, at: datetime, text: str, heard: Heard) -> Understanding:
    doubts = [str(why) for why in doubts_of(heard)]
    return Understanding(
        id=0,
        key=key,
        resident_id=resident_id,
        at=at,
        text=mask(without_faces(text).strip(), rooms=())[:LONGEST],
        intent=heard.intent[:48],
        confidence=round(heard.confidence, 4),
        ranking=[[name[:48], round(chance, 4)] for name, chance in heard.ranking],
        category=heard.category[:32],
        category_confidence=round(heard.category_confidence, 4),
        model=heard.model[:64],
        doubts=doubts,
        doubted=bool(doubts),
    )


def without_faces(text: str) -> str:
    """Without WeChat's faces, which arrive as words in brackets: 电梯又坏了[发怒]."""
    return _FACES.sub("", text)


async def doubt_latest(uow: UnitOfWork, resident_id: int, why: Doubt, now: datetime, *, but: str = "") -> None:
    """The resident shows that the answer just given was not what they wanted. `but`: the key of the message that shows it."""
    latest = await uow.understandings.latest_of(resident_id, now - JUST_NOW, but)
    if latest is not None:
        latest.doubt(why)


async def doubt_one(uow: UnitOfWork, key: str, why: Doubt) -> None:
    """The same for the message that is known by its key ('in-7')."""
    found = await uow.understandings.by_key(key)
    if found is not None:
        found.doubt(why)
