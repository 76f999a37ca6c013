"""How the assistant is doing, week by week and topic by topic; every number has the messages behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import Forbidden
from community.model.calendar import local
from community.model.intents import INTENT_NAMES
from community.model.understanding import UNSURE, Doubt, Understanding
from community.ports import Community
from community.services.access import staff_of
from community.services.teaching import Line, hide_names, line_of, names_of
from community.services.trainers import TEACHES

WEEKS = 8
MOST = 2000
"""Doubted messages of a week that are read; more than a city's trainers could look at."""
KINDS = (Doubt.UNCLEAR, Doubt.CLOSE, Doubt.WEAK, Doubt.HANDOFF, Doubt.USELESS)


@dataclass(frozen=True)
class Week:
    """From a Monday (local) on. `by_doubt` in the order of KINDS. `plain`: understood without any doubt."""

    begins: datetime
    messages: int
    plain: int
    by_doubt: tuple[int, ...]

    @property
    def share(self) -> float:
        return self.plain / self.messages if self.messages else 0.0


@dataclass(frozen=True)
class Topic:
    intent: str
    name: str
    messages: int
    doubted: int


@dataclass(frozen=True)
class Figures:
    weeks: tuple[Week, ...]
    topics: tuple[Topic, ...]


async def figures(c: Community, staff_id: int) -> Figures:
    """The last WEEKS weeks, the present one first, and the topics of the last four. Forbidden but for trainers and operators."""
    async with c.reading() as uow:
        if (await staff_of(uow, staff_id)).role not in TEACHES:
            raise Forbidden("教小邻是训练师的事。")
        monday = _monday(c.clock.now())
        weeks: list[Week] = []
        messages: Counter[str] = Counter()
        doubted: Counter[str] = Counter()
        for back in range(WEEKS):
            begins = monday - timedelta(weeks=back)
            ends = begins + timedelta(weeks=1)
            asked = await uow.understandings.by_intent(begins, ends)
            found = await uow.understandings.between(begins, ends, MOST)
            kinds = Counter(why for one in found for why in one.doubts)
            total = sum(asked.values())
            weeks.append(Week(begins, total, total - len(found), tuple(kinds[str(kind)] for kind in KINDS)))
            if back < 4:
                messages.update(asked)
                doubted.update(one.intent for one in found)
        names = INTENT_NAMES | {UNSURE: "没听懂"}
        topics = [Topic(one, names.get(one, one), number, doubted[one]) for one, number in messages.items()]
        topics.sort(key=lambda one: (-one.messages, one.intent))
        return Figures(tuple(weeks), tuple(topics))


async def behind(c: Community, staff_id: int, begins: datetime, weeks: int = 1, doubt: str = "", intent: str = "") -> list[Line]:
    """The messages behind a number: of these weeks, with this doubt, taken for this intent."""
    async with c.reading() as uow:
        if (await staff_of(uow, staff_id)).role not in TEACHES:
            raise Forbidden("教小邻是训练师的事。")
        found = await uow.understandings.between(begins, begins + timedelta(weeks=weeks), MOST)
        found = [one for one in found if _wanted(one, doubt, intent)]
        names = await names_of(uow, found)
    hide_names(found, names)
    return [line_of(one) for one in found]


def _wanted(one: Understanding, doubt: str, intent: str) -> bool:
    return (not doubt or doubt in one.doubts) and (not intent or one.intent == intent)


def _monday(now: datetime) -> datetime:
    here = local(now)
    return (here - timedelta(days=here.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
