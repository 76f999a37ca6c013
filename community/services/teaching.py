"""The trainers' queue: what residents said and was not understood, what is most worth teaching first. Labelling is `labelling.py`,
training itself `model_jobs.py`.

Texts are masked before they are kept (`understandings.py`), so that nothing here shows who said them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chinese.masking import mask
from community.model.category import Category, category_name
from community.model.intents import INTENT_NAMES
from community.model.teaching import LabelState
from community.model.understanding import DOUBT_NAMES, UNSURE, Doubt, Looked, Understanding
from community.ports import Community, UnitOfWork
from community.services.trainers import trainer_of, trainers, waiting

DAYS = 30
READ_AT_ONCE = 300
"""Messages grouped at once: the newest doubted ones."""
NEW_FROM = 3
"""Messages of one kind that nothing covers, from which they may be an intent of their own."""
NOT_COVERED = 0.3
"""Below this chance of its first guess a message is near to nothing that is taught."""


@dataclass(frozen=True)
class Line:
    """One message in the queue. `guess_name` is what the assistant thought likeliest, `said` what it did with that."""

    id: int
    text: str
    at: datetime
    guess: str
    guess_name: str
    confidence: float
    second_name: str
    category: str
    category_name: str
    doubts: tuple[str, ...]
    model: str
    staff_category: str = ""
    """What staff made of its category, '' where they left it."""
    staff_category_name: str = ""
    assigned_to: int | None = None


@dataclass(frozen=True)
class Group:
    """Messages that say nearly the same, the first one shown. `want` orders the queue; `maybe_new` proposes a name for what no intent
    covers, '' otherwise."""

    lines: tuple[Line, ...]
    want: float
    maybe_new: str = ""

    @property
    def ids(self) -> list[int]:
        return [line.id for line in self.lines]

    @property
    def staff_category(self) -> str:
        """What staff say it is, of the first message where they said so."""
        return next((line.staff_category for line in self.lines if line.staff_category), "")


@dataclass(frozen=True)
class Queue:
    groups: tuple[Group, ...]
    total: int
    by_doubt: tuple[tuple[str, str, int], ...]
    """(code, name, messages)."""
    messages: int
    """All messages of the time looked at, understood or not."""
    ready: int
    disputed: int
    mine: int = 0
    """Messages that this member is asked to look at."""
    people: tuple[tuple[int, str], ...] = ()
    """(id, name) of who may be asked, oneself first."""


async def queue(c: Community, staff_id: int, doubt: str = "", days: int = DAYS, mine: bool = False) -> Queue:
    """What was doubted in the last `days`, grouped, what is most worth teaching first; `mine`: only what one is asked to look at.
    Forbidden but for trainers and operators."""
    people = await trainers(c, staff_id)
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
        now = c.clock.now()
        since = now - timedelta(days=days)
        found = await uow.understandings.doubted(since, Looked.OPEN, READ_AT_ONCE)
        shares = await uow.understandings.share(since, now)
        ready = await waiting(uow)
        disputed = await uow.labels.in_state((LabelState.DISPUTED,))
        names = await names_of(uow, found)
    hide_names(found, names)
    counts = Counter(why for one in found for why in one.doubts)
    kept = [one for one in found if (not doubt or doubt in one.doubts) and (not mine or one.assigned_to == staff_id)]
    groups = [_group([kept[n] for n in numbers]) for numbers in await c.sameness.groups([one.text for one in kept])]
    return Queue(
        groups=tuple(sorted(groups, key=lambda group: -group.want)),
        total=len(kept),
        by_doubt=tuple((str(why), DOUBT_NAMES[why], counts[why]) for why in Doubt if counts[why]),
        messages=shares["all"],
        ready=ready,
        disputed=len(disputed),
        mine=sum(1 for one in found if one.assigned_to == staff_id),
        people=tuple(people),
    )


async def names_of(uow: UnitOfWork, found: Sequence[Understanding]) -> dict[int, str]:
    """Of everybody who said any of these, in one reading."""
    ids = {one.resident_id for one in found}
    return dict.fromkeys(ids, "") | await uow.people.names_of(ids)


def hide_names(found: Sequence[Understanding], names: dict[int, str]) -> None:
    """Whoever said it is 李某 to a trainer. After the unit of work: what is kept stays as it is."""
    for one in found:
        one.text = mask(one.text, [names[one.resident_id]])


def _group(members: Sequence[Understanding]) -> Group:
    lines = tuple(line_of(one) for one in members)
    covered = any(one.intent != UNSURE or (one.ranking and float(str(one.ranking[0][1])) >= NOT_COVERED) for one in members)
    new = "" if covered or len(members) < NEW_FROM else _common([one.text for one in members])
    return Group(lines, round(sum(one.want for one in members), 3), new)


def _common(texts: Sequence[str]) -> str:
    """The longest piece of 2 to 6 characters that most of the texts share: what one might call them."""
    pieces = Counter(
        piece
        for text in texts
        for piece in {text[i : i + size] for size in range(2, 7) for i in range(len(text) - size + 1)}
        if re.fullmatch(r"[一-龥]+", piece)
    )
    shared = [piece for piece, number in pieces.items() if number * 3 >= len(texts) * 2]
    return max(shared, key=lambda piece: (len(piece), pieces[piece]), default="未命名")


def line_of(one: Understanding) -> Line:
    second = INTENT_NAMES.get(str(one.ranking[1][0]), "") if len(one.ranking) > 1 else ""
    return Line(
        id=one.id,
        text=one.text,
        at=one.at,
        guess=one.guess,
        guess_name=INTENT_NAMES.get(one.guess, "没听懂"),
        confidence=float(str(one.ranking[0][1])) if one.ranking else one.confidence,
        second_name=second,
        category=one.category,
        category_name=_named(one.category),
        doubts=tuple(DOUBT_NAMES[Doubt(why)] for why in one.doubts),
        model=one.model,
        staff_category=one.staff_category,
        staff_category_name=_named(one.staff_category),
        assigned_to=one.assigned_to,
    )


def _named(category: str) -> str:
    return category_name(Category(category)) if category in set(Category) else ""


async def pass_over(c: Community, staff_id: int, ids: Sequence[int]) -> int:
    """Nothing to learn from these: they leave the queue. How many did."""
    async with c.uow() as uow:
        await trainer_of(uow, staff_id)
        found = [one for one in await uow.understandings.get_all(ids) if one.looked is Looked.OPEN]
        for one in found:
            one.looked = Looked.PASSED
        await uow.commit()
        return len(found)
