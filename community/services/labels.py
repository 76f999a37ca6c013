"""What trainers have labelled: who said what and why, a second opinion, a lead's word, taking back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.category import Category, category_name
from community.model.intents import INTENT_NAMES
from community.model.people import Staff
from community.model.taught import ENTITY_NAMES, TaughtEvent, spans_of
from community.model.teaching import LABEL_STATE_NAMES, REPORT, Label, LabelEvent, LabelState
from community.model.understanding import UNSURE, Looked
from community.ports import Community, UnitOfWork
from community.services.trainers import LEADS, trainer_of


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
    marks: tuple[tuple[str, str], ...] = ()
    """(words, what they name in Chinese)."""
    parts: tuple[tuple[str, str], ...] = ()
    """(name of the category, words), of a text that tells of several problems."""


def check_meaning(intent: str, category: str) -> None:
    """Raises InvalidInput."""
    if intent not in INTENT_NAMES:
        raise InvalidInput("没有这个意图，请从列表里选。")
    if intent == REPORT and category not in set(Category):
        raise InvalidInput("反映问题要选一个类别。")


def meaning_of(intent: str, category: str) -> str:
    name = INTENT_NAMES.get(intent, "没听懂" if intent == UNSURE else intent)
    return f"{name} · {category_name(Category(category))}" if intent == REPORT and category else name


async def listed(c: Community, staff_id: int, state: str = "") -> list[LabelView]:
    """Labels, the newest first; `state` '' means all."""
    states = [LabelState(state)] if state else list(LabelState)
    async with c.reading() as uow:
        member = await trainer_of(uow, staff_id)
        found = await uow.labels.in_state(states, 200)
        names = {member.id: member.name}
        for one in found:
            for who in (one.by_id, one.second_id):
                if who is not None and who not in names:
                    person = await uow.people.staff(who)
                    names[who] = person.name if person else ""
        return [view_of(one, member, names) for one in found]


async def second(c: Community, staff_id: int, label_id: int, intent: str, category: str = "") -> LabelView:
    """Another trainer's opinion; a different one waits for a lead. Raises Conflict for one's own."""
    check_meaning(intent, category)
    async with c.uow() as uow:
        member, found, now = await _open(c, uow, staff_id, label_id)
        found.second(member.id, intent, category if intent == REPORT else "")
        did = "同意" if found.state is LabelState.READY else f"认为是{meaning_of(intent, category)}"
        await note(uow, found, member, now, did[:32])
        await uow.commit()
        return view_of(found, member, {member.id: member.name})


async def settle(c: Community, staff_id: int, label_id: int, intent: str, category: str = "", why: str = "") -> LabelView:
    """A lead decides between two opinions. Forbidden but for operators."""
    check_meaning(intent, category)
    async with c.uow() as uow:
        member, found, now = await _open(c, uow, staff_id, label_id)
        if member.role not in LEADS:
            raise Forbidden("意见不一的由负责人（运维）来定。")
        if (intent, category) != (found.intent, found.category):
            found.parts = []  # one thing after all
        found.settle(intent, category if intent == REPORT else "")
        await note(uow, found, member, now, f"定为{meaning_of(found.intent, found.category)}"[:32], why)
        await uow.commit()
        return view_of(found, member, {member.id: member.name})


async def undo(c: Community, staff_id: int, label_id: int, why: str = "") -> LabelView:
    """Take a label back; what is learnt already goes with the next training. Its messages come back into the queue."""
    async with c.uow() as uow:
        member, found, now = await _open(c, uow, staff_id, label_id)
        found.undo()
        for source in await uow.understandings.get_all(found.sources):
            source.looked = Looked.OPEN
        await note(uow, found, member, now, "撤回", why)
        await uow.commit()
        return view_of(found, member, {member.id: member.name})


async def history(c: Community, staff_id: int, label_id: int | None = None) -> list[LabelEvent | TaughtEvent]:
    """Who taught what and why, the newest first: of one label, or of labels, words, kept conversations and the queue together."""
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
        found: list[LabelEvent | TaughtEvent] = [*await uow.labels.events(label_id)]
        if label_id is None:
            found += await uow.taught_log.latest()
    return sorted(found, key=lambda event: event.at, reverse=True)


async def _open(c: Community, uow: UnitOfWork, staff_id: int, label_id: int) -> tuple[Staff, Label, datetime]:
    member = await trainer_of(uow, staff_id)
    found = await uow.labels.get(label_id)
    if found is None:
        raise NotFound("没有找到这一条。")
    return member, found, c.clock.now()


async def note(uow: UnitOfWork, one: Label, member: Staff, now: datetime, did: str, note: str = "") -> None:
    await uow.flush()
    await uow.labels.add_event(LabelEvent(0, one.id, now, member.id, member.name, did, note.strip()[:300]))


def view_of(one: Label, member: Staff, names: dict[int, str]) -> LabelView:
    return LabelView(
        id=one.id,
        text=one.text,
        meaning=meaning_of(one.intent, one.category) if not one.parts else f"{len(one.parts)}件事",
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
        marks=tuple((span.words, f"{span.of}的叫法" if span.of else ENTITY_NAMES[span.entity]) for span in spans_of(one.spans)),
        parts=tuple((category_name(Category(category)), words) for category, words in one.parts),
    )
