"""Who teaches the assistant, and the history of what they did beside labelling."""

from __future__ import annotations

from datetime import datetime

from community.errors import Forbidden
from community.model.people import Role, Staff
from community.model.taught import Taught, TaughtEvent
from community.model.teaching import LabelState
from community.ports import Community, UnitOfWork
from community.services.access import staff_of

TEACHES = frozenset({Role.TRAINER, Role.OPERATOR})
LEADS = frozenset({Role.OPERATOR})
"""Who decides where two trainers disagree, and who may publish in spite of a loss."""


async def trainer_of(uow: UnitOfWork, staff_id: int) -> Staff:
    """Raises Forbidden for whoever does not teach."""
    member = await staff_of(uow, staff_id)
    if member.role not in TEACHES:
        raise Forbidden("教小邻是训练师的事。")
    return member


async def trainers(c: Community, staff_id: int) -> list[tuple[int, str]]:
    """(id, name) of everybody who may be asked to look at something, oneself first."""
    async with c.reading() as uow:
        member = await trainer_of(uow, staff_id)
        found = [one for one in await uow.people.all_staff() if one.role in TEACHES and one.active]
    return [(one.id, one.name) for one in sorted(found, key=lambda one: (one.id != member.id, one.id))]


async def waiting(uow: UnitOfWork) -> int:
    """Labels, words and conversations that the next training puts into the data or takes out."""
    states = (LabelState.READY, LabelState.UNDONE)
    found = (await uow.labels.in_state(states, 2000), await uow.lexicon_words.in_state(states), await uow.talk_cases.in_state(states))
    return sum(len(some) for some in found)


async def names_of_staff(uow: UnitOfWork, ids: set[int]) -> dict[int, str]:
    return {number: one.name for number, one in (await uow.people.staff_with_ids(ids)).items()} if ids else {}


async def note(uow: UnitOfWork, member: Staff, kind: Taught, of_id: int, now: datetime, did: str, why: str = "") -> None:
    """A line of the history, in the same transaction as what it tells of."""
    await uow.taught_log.add(TaughtEvent(0, kind, of_id, now, member.id, member.name, did[:64], why.strip()[:300]))
