"""Teaching the assistant: what was not understood, what it means, who says so. Training itself is `model_jobs.py`.

Texts are masked before they are kept (`understandings.py`), so that nothing here shows who said them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chinese.masking import mask
from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.category import Category, category_name
from community.model.intents import INTENT_NAMES
from community.model.people import Role, Staff
from community.model.teaching import LABEL_STATE_NAMES, REPORT, Label, LabelEvent, LabelState, held_out, same_text
from community.model.understanding import DOUBT_NAMES, LONGEST, UNSURE, Doubt, Looked, Understanding
from community.ports import Community, UnitOfWork
from community.services.access import staff_of
from community.services.understandings import without_faces

TEACHES = frozenset({Role.TRAINER, Role.OPERATOR})
LEADS = frozenset({Role.OPERATOR})
"""Who decides where two trainers disagree, and who may publish in spite of a loss."""
DAYS = 30
READ_AT_ONCE = 300
"""Messages grouped at once: the newest doubted ones."""
SHORTEST = 2
NEW_FROM = 3
"""Messages of one kind that nothing covers, from which they may be an intent of their own."""
NOT_COVERED = 0.3
"""Below this chance of its first guess a message is near to nothing that is taught."""
MOST_ALIKE = 20


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


@dataclass(frozen=True)
class NewLabel:
    """What a text means. `said`: other residents' words for the same; `alike`: more ways to say it, in the trainer's own words."""

    text: str
    intent: str
    category: str = ""
    why: str = ""
    sources: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    alike: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class LabelView:
    id: int
    text: str
    meaning: str
    intent: str
    category: str
    state: str
    state_name: str
    held_out: bool
    by: str
    at: datetime
    why: str
    second: str
    second_meaning: str
    change: str
    file: str
    mine: bool


def meaning_of(intent: str, category: str) -> str:
    name = INTENT_NAMES.get(intent, "没听懂" if intent == UNSURE else intent)
    return f"{name} · {category_name(Category(category))}" if intent == REPORT and category else name


async def _trainer(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in TEACHES:
        raise Forbidden("教小邻是训练师的事。")
    return member


async def queue(c: Community, staff_id: int, doubt: str = "", days: int = DAYS) -> Queue:
    """What was doubted in the last `days`, grouped, what is most worth teaching first. Forbidden but for trainers and operators."""
    async with c.reading() as uow:
        await _trainer(uow, staff_id)
        now = c.clock.now()
        since = now - timedelta(days=days)
        found = await uow.understandings.doubted(since, Looked.OPEN, READ_AT_ONCE)
        shares = await uow.understandings.share(since, now)
        waiting = await uow.labels.in_state((LabelState.READY, LabelState.UNDONE, LabelState.DISPUTED))
        names = await names_of(uow, found)
    hide_names(found, names)
    counts = Counter(why for one in found for why in one.doubts)
    kept = [one for one in found if not doubt or doubt in one.doubts]
    groups = [_group([kept[n] for n in numbers]) for numbers in await c.sameness.groups([one.text for one in kept])]
    return Queue(
        groups=tuple(sorted(groups, key=lambda group: -group.want)),
        total=len(kept),
        by_doubt=tuple((str(why), DOUBT_NAMES[why], counts[why]) for why in Doubt if counts[why]),
        messages=shares["all"],
        ready=sum(1 for one in waiting if one.state in (LabelState.READY, LabelState.UNDONE)),
        disputed=sum(1 for one in waiting if one.state is LabelState.DISPUTED),
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
    )


def _named(category: str) -> str:
    return category_name(Category(category)) if category in set(Category) else ""


async def label(c: Community, staff_id: int, new: NewLabel) -> list[LabelView]:
    """Say what a text means; `alike` are labelled with it. The sources leave the queue.

    A fixed share goes to the measuring set by its words (`model.teaching.held_out`), but never a trainer's own rewording.
    Raises InvalidInput for what cannot be learnt, Conflict for a text that somebody labelled otherwise.
    """
    _check(new.intent, new.category)
    said = [_clean(new.text), *(_clean(text) for text in new.said if len(same_text(without_faces(text))) >= SHORTEST)]
    alike = [_clean(text) for text in new.alike if text.strip()]
    if len(alike) > MOST_ALIKE:
        raise InvalidInput(f"一次最多写{MOST_ALIKE}种说法。")
    async with c.uow() as uow:
        member = await _trainer(uow, staff_id)
        now = c.clock.now()
        made = []
        for text in dict.fromkeys((*said, *alike)):
            made.append(await _one(uow, member, new, text, now, own=text not in said))
        for source in await uow.understandings.get_all(new.sources):
            source.looked = Looked.TAUGHT
        await uow.commit()
        return [_view(one, member, {member.id: member.name}) for one in made]


async def _one(uow: UnitOfWork, member: Staff, new: NewLabel, text: str, now: datetime, *, own: bool) -> Label:
    key = same_text(text)
    known = await uow.labels.by_text(key)
    category = new.category if new.intent == REPORT else ""
    if known is not None:
        if known.state is LabelState.UNDONE:
            raise Conflict(f"“{text[:20]}”撤回后还没从资料里拿掉：先训练一次，再重新教。")
        if known.state is LabelState.REMOVED:
            known.intent, known.category, known.by_id, known.at, known.why = new.intent, category, member.id, now, new.why[:200]
            known.second_id, known.state = None, LabelState.READY
            known.held_out = held_out(text) and not own
        elif (known.intent, known.category) != (new.intent, category):
            raise Conflict(f"“{text[:20]}”已经标成“{meaning_of(known.intent, known.category)}”了，要改先撤回那一条。")
        found = known
        did = "再标"
    else:
        found = Label(0, text, key, new.intent, category, member.id, now, new.why.strip()[:200])
        found.held_out, found.sources = held_out(text) and not own, list(new.sources) if not own else []
        await uow.labels.add(found)
        did = "标为"
    await _note(uow, found, member, now, f"{did}{meaning_of(found.intent, found.category)}"[:32], new.why)
    return found


def _check(intent: str, category: str) -> None:
    if intent not in INTENT_NAMES:
        raise InvalidInput("没有这个意图，请从列表里选。")
    if intent == REPORT and category not in set(Category):
        raise InvalidInput("反映问题要选一个类别。")


def _clean(text: str) -> str:
    said = mask(re.sub(r"\s+", " ", without_faces(text)).strip(), rooms=())
    if not SHORTEST <= len(said) <= LONGEST or not same_text(said):
        raise InvalidInput(f"一句话要有{SHORTEST}到{LONGEST}个字。")
    # Single brackets that are left: data/nlu would read them as the mark of an entity.
    return re.sub(r"[\[\]{}]", "", said)


async def pass_over(c: Community, staff_id: int, ids: Sequence[int]) -> int:
    """Nothing to learn from these: they leave the queue. How many did."""
    async with c.uow() as uow:
        await _trainer(uow, staff_id)
        found = [one for one in await uow.understandings.get_all(ids) if one.looked is Looked.OPEN]
        for one in found:
            one.looked = Looked.PASSED
        await uow.commit()
        return len(found)


async def labels(c: Community, staff_id: int, state: str = "") -> list[LabelView]:
    """Labels, the newest first; `state` '' means all."""
    states = [LabelState(state)] if state else list(LabelState)
    async with c.reading() as uow:
        member = await _trainer(uow, staff_id)
        found = await uow.labels.in_state(states, 200)
        names = {member.id: member.name}
        for one in found:
            for who in (one.by_id, one.second_id):
                if who is not None and who not in names:
                    person = await uow.people.staff(who)
                    names[who] = person.name if person else ""
        return [_view(one, member, names) for one in found]


async def second(c: Community, staff_id: int, label_id: int, intent: str, category: str = "") -> LabelView:
    """Another trainer's opinion; a different one waits for a lead. Raises Conflict for one's own."""
    _check(intent, category)
    async with c.uow() as uow:
        member, found, now = await _open(c, uow, staff_id, label_id)
        found.second(member.id, intent, category if intent == REPORT else "")
        did = "同意" if found.state is LabelState.READY else f"认为是{meaning_of(intent, category)}"
        await _note(uow, found, member, now, did[:32])
        await uow.commit()
        return _view(found, member, {member.id: member.name})


async def settle(c: Community, staff_id: int, label_id: int, intent: str, category: str = "", why: str = "") -> LabelView:
    """A lead decides between two opinions. Forbidden but for operators."""
    _check(intent, category)
    async with c.uow() as uow:
        member, found, now = await _open(c, uow, staff_id, label_id)
        if member.role not in LEADS:
            raise Forbidden("意见不一的由负责人（运维）来定。")
        found.settle(intent, category if intent == REPORT else "")
        await _note(uow, found, member, now, f"定为{meaning_of(found.intent, found.category)}"[:32], why)
        await uow.commit()
        return _view(found, member, {member.id: member.name})


async def undo(c: Community, staff_id: int, label_id: int, why: str = "") -> LabelView:
    """Take a label back; what is learnt already goes with the next training. Its messages come back into the queue."""
    async with c.uow() as uow:
        member, found, now = await _open(c, uow, staff_id, label_id)
        found.undo()
        for source in await uow.understandings.get_all(found.sources):
            source.looked = Looked.OPEN
        await _note(uow, found, member, now, "撤回", why)
        await uow.commit()
        return _view(found, member, {member.id: member.name})


async def history(c: Community, staff_id: int, label_id: int | None = None) -> list[LabelEvent]:
    """Who taught what and why, the newest first."""
    async with c.reading() as uow:
        await _trainer(uow, staff_id)
        return await uow.labels.events(label_id)


async def _open(c: Community, uow: UnitOfWork, staff_id: int, label_id: int) -> tuple[Staff, Label, datetime]:
    member = await _trainer(uow, staff_id)
    found = await uow.labels.get(label_id)
    if found is None:
        raise NotFound("没有找到这一条。")
    return member, found, c.clock.now()


async def _note(uow: UnitOfWork, one: Label, member: Staff, now: datetime, did: str, note: str = "") -> None:
    await uow.flush()
    await uow.labels.add_event(LabelEvent(0, one.id, now, member.id, member.name, did, note.strip()[:300]))


def _view(one: Label, member: Staff, names: dict[int, str]) -> LabelView:
    return LabelView(
        id=one.id,
        text=one.text,
        meaning=meaning_of(one.intent, one.category),
        intent=one.intent,
        category=one.category,
        state=str(one.state),
        state_name=LABEL_STATE_NAMES[one.state],
        held_out=one.held_out,
        by=names.get(one.by_id, ""),
        at=one.at,
        why=one.why,
        second=names.get(one.second_id, "") if one.second_id else "",
        second_meaning=meaning_of(one.second_intent, one.second_category) if one.second_intent else "",
        change=one.change,
        file=one.file,
        mine=one.by_id == member.id,
    )
