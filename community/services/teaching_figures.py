"""How the assistant is doing, week by week and topic by topic; every number has the messages behind it.

Everything is counted in the database: a city's year is not read to be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from community.errors import Forbidden, InvalidInput
from community.model.calendar import local
from community.model.chat import CHATTER
from community.model.intents import INTENT_NAMES, TOPICS
from community.model.teaching import LabelState
from community.model.understanding import UNSURE, Doubt
from community.ports import Community, Talked, UnitOfWork, Wanted
from community.services.access import staff_of
from community.services.teaching import Line, hide_names, line_of, names_of
from community.services.trainers import TEACHES

WEEKS = 8
RECENT = 4
"""Weeks of what is asked lately, held against the WEEKS before them."""
MOST = 200
"""Messages shown behind a number."""
MOVED = 8
"""Intents shown whose share has moved most."""
NOTICED = 0.005
"""A share that moved less than this has not."""
KINDS = (Doubt.UNCLEAR, Doubt.CLOSE, Doubt.WEAK, Doubt.HANDOFF, Doubt.USELESS, Doubt.RECATEGORISED, Doubt.ABANDONED)
LEARNT = (LabelState.READY, LabelState.TAUGHT)

Kind = Literal["", "all", "plain", "any", "alone", "handed", "unclear", "useful", "useless"]
KIND_NAMES: dict[Kind, str] = {
    "": "有疑问的",
    "all": "全部",
    "plain": "没有疑问的",
    "any": "会话里的话",
    "alone": "自己办成的会话",
    "handed": "转了人工的会话",
    "unclear": "会话里没听懂的",
    "useful": "说有用的",
    "useless": "说没用的",
}


@dataclass(frozen=True)
class Talks:
    """Sessions (model/chat.py): `alone` without a person, `handed` with one asked for; `messages` typed in them, `unclear` not understood.
    Votes on answers."""

    sessions: int = 0
    alone: int = 0
    handed: int = 0
    messages: int = 0
    unclear: int = 0
    useful: int = 0
    useless: int = 0


@dataclass(frozen=True)
class Week:
    """From a Monday (local) on. `by_doubt` in the order of KINDS. `plain`: understood without any doubt."""

    begins: datetime
    messages: int
    plain: int
    by_doubt: tuple[int, ...]
    talks: Talks

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
class TopicTalks:
    code: str
    name: str
    talks: Talks


@dataclass(frozen=True)
class Moved:
    """An intent's share of all messages in the last RECENT weeks and in the WEEKS before them, with the messages; `taught`: its labels,
    `taught_share` their share of all labels."""

    intent: str
    name: str
    now: int
    now_share: float
    before: int
    before_share: float
    taught: int
    taught_share: float


@dataclass(frozen=True)
class Figures:
    """`weeks` the present one first, their talks of `topic` ('' all); `topics` by intent and `talks` by topic, of the last RECENT weeks.
    `drift_from`: the Monday that the last RECENT weeks begin with."""

    weeks: tuple[Week, ...]
    topics: tuple[Topic, ...]
    talks: tuple[TopicTalks, ...]
    drift: tuple[Moved, ...]
    drift_from: datetime
    topic: str = ""


async def figures(c: Community, staff_id: int, topic: str = "") -> Figures:
    """The last WEEKS weeks, the present one first, and what the last four hold. Forbidden but for trainers and operators."""
    intents = _intents(topic)
    async with c.reading() as uow:
        await _trainer(uow, staff_id)
        monday = _monday(c.clock.now())
        weeks: list[Week] = []
        asked: Counter[str] = Counter()
        doubted: Counter[str] = Counter()
        talked: list[Talked] = []
        votes: Counter[tuple[str, str]] = Counter()
        for back in range(WEEKS):
            begins = monday - timedelta(weeks=back)
            ends = begins + timedelta(weeks=1)
            taken = await uow.understandings.by_intent(begins, ends)
            kinds = await uow.understandings.by_doubt(begins, ends, [str(kind) for kind in KINDS])
            sessions = await uow.chats.counted(begins, ends)
            voted = await uow.understandings.votes(begins, ends)
            total, wrong = sum(number for number, _ in taken.values()), sum(number for _, number in taken.values())
            talks = _talks(sessions, voted, intents)
            weeks.append(Week(begins, total, total - wrong, tuple(kinds[str(kind)] for kind in KINDS), talks))
            if back < RECENT:
                asked.update({intent: number for intent, (number, _) in taken.items()})
                doubted.update({intent: number for intent, (_, number) in taken.items()})
                talked += sessions
                votes.update(voted)
        since = monday - timedelta(weeks=RECENT - 1)
        earlier = {
            intent: number
            for intent, (number, _) in (await uow.understandings.by_intent(since - timedelta(weeks=WEEKS), since)).items()
        }
        taught = await uow.labels.by_intent(LEARNT)
    topics = [Topic(one, _name(one), number, doubted[one]) for one, number in asked.items()]
    topics.sort(key=lambda one: (-one.messages, one.intent))
    by_topic = [TopicTalks(code, name, _talks(talked, votes, frozenset(own))) for code, (name, own) in TOPICS.items()]
    by_topic = [one for one in by_topic if one.talks.sessions]
    return Figures(tuple(weeks), tuple(topics), tuple(by_topic), _drift(asked, earlier, taught), since, topic)


def _intents(topic: str) -> frozenset[str] | None:
    if not topic:
        return None
    if topic not in TOPICS:
        raise InvalidInput("没有这个主题。")
    return frozenset(TOPICS[topic][1])


def _talks(sessions: Iterable[Talked], votes: dict[tuple[str, str], int], intents: frozenset[str] | None) -> Talks:
    mine = [one for one in sessions if intents is None or one.intent in intents]
    said = Counter[str]()
    for (intent, vote), number in votes.items():
        if intents is None or intent in intents:
            said[vote] += number
    return Talks(
        sessions=sum(one.sessions for one in mine),
        alone=sum(one.alone for one in mine),
        handed=sum(one.handed for one in mine),
        messages=sum(one.messages for one in mine),
        unclear=sum(one.unclear for one in mine),
        useful=said["useful"],
        useless=said["useless"],
    )


def _drift(now: dict[str, int], before: dict[str, int], taught: dict[str, int]) -> tuple[Moved, ...]:
    """What is asked about more or less than it was; answers to forms' questions and small talk follow the rest, and are left out. Nothing
    where there is nothing to hold it against."""
    all_now, all_before, all_taught = sum(now.values()), sum(before.values()), sum(taught.values())
    if not all_now or not all_before:
        return ()
    found = [
        Moved(
            intent=one,
            name=_name(one),
            now=now.get(one, 0),
            now_share=now.get(one, 0) / all_now,
            before=before.get(one, 0),
            before_share=before.get(one, 0) / all_before,
            taught=taught.get(one, 0),
            taught_share=taught.get(one, 0) / all_taught if all_taught else 0.0,
        )
        for one in {*now, *before}
        if one not in CHATTER or one == UNSURE
    ]
    found = [one for one in found if abs(one.now_share - one.before_share) >= NOTICED]
    found.sort(key=lambda one: (-abs(one.now_share - one.before_share), one.intent))
    return tuple(found[:MOVED])


def _name(intent: str) -> str:
    return INTENT_NAMES.get(intent, "没听懂" if intent == UNSURE else intent)


async def behind(
    c: Community,
    staff_id: int,
    begins: datetime,
    weeks: int = 1,
    doubt: str = "",
    intent: str = "",
    kind: str = "",
    topic: str = "",
) -> list[Line]:
    """The messages behind a number, the newest MOST: of these weeks, with this doubt, taken for this intent, of this kind (KIND_NAMES) and
    topic. Raises InvalidInput for a kind or topic there is not."""
    if kind not in KIND_NAMES:
        raise InvalidInput("没有这种数。")
    intents = frozenset({intent}) if intent else _intents(topic)
    wanted = Wanted(
        begins,
        begins + timedelta(weeks=weeks),
        doubted=kind == "",
        plain=kind == "plain",
        doubt=doubt,
        intents=intents,
        unclear=kind == "unclear",
        vote=kind if kind in ("useful", "useless") else "",
        talk="alone" if kind == "alone" else "handed" if kind == "handed" else "any" if kind in ("any", "unclear") else "",
    )
    async with c.reading() as uow:
        await _trainer(uow, staff_id)
        found = await uow.understandings.wanted(wanted, MOST)
        names = await names_of(uow, found)
    hide_names(found, names)
    return [line_of(one) for one in found]


async def _trainer(uow: UnitOfWork, staff_id: int) -> None:
    if (await staff_of(uow, staff_id)).role not in TEACHES:
        raise Forbidden("教小邻是训练师的事。")


def _monday(now: datetime) -> datetime:
    here = local(now)
    return (here - timedelta(days=here.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
