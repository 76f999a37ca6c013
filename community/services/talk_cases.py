"""A conversation as it went on around one message, and keeping it as a test: the assistant is to go on as it did.

Trainers read masked text. What is kept has stand-ins for everything personal (`model/stand_ins.py`), and of each answer only words that
name nobody, no place and no number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chinese.masking import mask
from chinese.ticket_numbers import find_number_mentions
from community.errors import Conflict, InvalidInput, NotFound
from community.model.message import HistoryLine
from community.model.people import Resident
from community.model.stand_ins import replaced, sentences, steady
from community.model.taught import TalkCase, Taught, written_as
from community.model.teaching import LABEL_STATE_NAMES, LabelState
from community.ports import Community, UnitOfWork
from community.services.ballot_papers import closed
from community.services.trainers import names_of_staff, note, trainer_of

WAITING = (LabelState.READY, LabelState.UNDONE)
MOST_LINES = 12
LOOKED_BACK = 300
"""Lines of a resident among which a message is looked for."""
MOST_TRIED = 6
MOST_SAID = 300
SILENCE = timedelta(minutes=60)
"""After so long the assistant begins anew (`session_expiration_time` of the domain)."""


@dataclass(frozen=True)
class Said:
    """One line around a message, masked. `direction` is 'in', 'out' or 'staff'; `here` marks the message itself."""

    direction: str
    text: str
    buttons: tuple[str, ...]
    at: datetime
    here: bool


@dataclass(frozen=True)
class Turn:
    """What a resident said, and of the answer what may be asked for in a test. `usual`: what is, unless the trainer says otherwise."""

    key: str
    say: str
    answer: tuple[str, ...]
    usual: tuple[str, ...]
    buttons: tuple[str, ...]
    why_not: str = ""
    """Why this cannot be said again, '' when it can."""


@dataclass(frozen=True)
class Around:
    """`turns` are those of the conversation that led to the message `id`, it included; empty, with `why_not`, when none is left."""

    id: int
    lines: tuple[Said, ...]
    turns: tuple[Turn, ...]
    why_not: str = ""


@dataclass(frozen=True)
class Kept:
    """Of one turn: the words of the answer and the titles of buttons that must stay."""

    key: str
    answer: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    say: str = ""
    """What is said instead, where the trainer put it in other words: names of others are known to nobody but them."""


@dataclass(frozen=True)
class CaseView:
    id: int
    says: tuple[str, ...]
    state: str
    state_name: str
    ran: str
    """通过, 没通过 or 还没跑过."""
    missing: str
    """What was not said any more when it ran last."""
    by: str
    at: datetime
    why: str
    change: str
    file: str


async def around(c: Community, staff_id: int, understanding_ids: Sequence[int]) -> Around:
    """What was said before and after the first of these messages that has anything around it, masked, at most MOST_LINES. NotFound when
    none of them is there any more."""
    estates = await _estates(c)
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
        for number in understanding_ids[:MOST_TRIED]:
            shown = (await _read(uow, number, estates))[0]
            if shown.lines:
                return shown
    if not understanding_ids:
        raise NotFound("这句话已经不在了。")
    return shown


async def keep(c: Community, staff_id: int, understanding_id: int, wanted: Sequence[Kept], why: str = "") -> CaseView:
    """Keep these turns as a test, one a message. The same again changes nothing; while it waits, other turns take its place.

    Raises InvalidInput for what cannot be said again or asks for nothing, Conflict for what is among the tests already.
    """
    estates = await _estates(c)
    async with c.uow() as uow:
        member = await trainer_of(uow, staff_id)
        shown, key, home = await _read(uow, understanding_id, estates)
        turns = _checked(shown, wanted, estates)
        now = c.clock.now()
        found = await uow.talk_cases.by_key(key)
        if found is not None and found.state is LabelState.UNDONE:
            raise Conflict("这段撤回后还没从测试里拿掉：先训练一次，再重新做。")
        if found is not None and found.turns == turns and found.state is not LabelState.REMOVED:
            return _view(found, {member.id: member.name})
        if found is not None and found.state is LabelState.TAUGHT:
            raise Conflict("这段已经是对话测试了，要改先撤回。")
        if found is None:
            found = TalkCase(0, key, turns, home, member.id, now, why.strip()[:200], sources=[understanding_id])
            await uow.talk_cases.add(found)
        else:
            found.turns, found.home, found.by_id, found.at = turns, home, member.id, now
            found.why, found.state, found.passed, found.ran_at = why.strip()[:200], LabelState.READY, None, None
            found.missing = ""
        await note(uow, member, Taught.TALK, found.id, now, f"做成对话测试：{turns[-1]['say'][:40]}", why)
        uow.announce("models")
        await uow.commit()
        return _view(found, {member.id: member.name})


async def listed(c: Community, staff_id: int) -> list[CaseView]:
    """The newest first."""
    async with c.reading() as uow:
        await trainer_of(uow, staff_id)
        found = await uow.talk_cases.in_state(list(LabelState), 200)
        who = await names_of_staff(uow, {one.by_id for one in found})
    return [_view(one, who) for one in found]


async def undo(c: Community, staff_id: int, case_id: int, why: str = "") -> CaseView:
    """Take a test back; one that is among the files goes with the next training. Raises Conflict twice."""
    async with c.uow() as uow:
        member = await trainer_of(uow, staff_id)
        found = await uow.talk_cases.get(case_id)
        if found is None:
            raise NotFound("没有找到这段对话。")
        found.undo()
        await note(uow, member, Taught.TALK, found.id, c.clock.now(), f"撤回对话测试：{found.turns[-1]['say'][:40]}", why)
        await uow.commit()
        return _view(found, {member.id: member.name})


async def to_write(c: Community) -> list[TalkCase]:
    """Conversations that the tests must gain (READY) or lose (UNDONE), the oldest first."""
    async with c.reading() as uow:
        return list(reversed(await uow.talk_cases.in_state(WAITING, 2000)))


async def written(c: Community, files: dict[int, str], change: str, gone: Collection[int]) -> None:
    """These (id: file) are among the tests now by that change, those of `gone` no longer."""
    async with c.uow() as uow:
        for number, file in files.items():
            found = await uow.talk_cases.get(number)
            if found is not None:
                found.change, found.file = change[:64], file[:64]
                found.state = written_as(found.state, gone=number in gone)
        await uow.commit()


async def ran(c: Community, missing: Mapping[int, str]) -> None:
    """What a run found of each: '' where it went on as it did, else what was not said or offered any more."""
    async with c.uow() as uow:
        for number, gone in missing.items():
            found = await uow.talk_cases.get(number)
            if found is not None and found.state is not LabelState.REMOVED:
                found.passed, found.missing, found.ran_at = not gone, gone[:200], c.clock.now()
        await uow.commit()


async def _estates(c: Community) -> tuple[tuple[str, str], ...]:
    known = await c.wording.lexicon()
    return tuple((name, of) for of, others in known.estates for name in (of, *others))


async def _read(uow: UnitOfWork, understanding_id: int, estates: tuple[tuple[str, str], ...]) -> tuple[Around, str, bool]:
    """What was said around it, the key of its case, and whether the resident has a home."""
    found = next(iter(await uow.understandings.get_all([understanding_id])), None)
    resident = await uow.people.resident(found.resident_id) if found is not None else None
    if found is None or resident is None:
        raise NotFound("这句话已经不在了。")
    room = await uow.places.get(resident.room_id) if resident.room_id else None
    lines = closed(await uow.conversations.history(resident.id, LOOKED_BACK))
    place = next((n for n, line in enumerate(lines) if line.key == found.key and line.direction == "in"), None)
    if place is None:
        return Around(found.id, (), (), "这一句没有留下前后文。"), found.key, room is not None
    first = max(0, min(place - MOST_LINES // 2, len(lines) - MOST_LINES))
    home = room.full_name if room else ""
    shown = tuple(_said(line, resident, home, line.key == found.key) for line in lines[first : first + MOST_LINES])
    staff = [one.name for one in await uow.people.all_staff()]
    led = _led(lines, place)
    why = "这段里有工作人员说的话，不能做成测试。" if any(line.direction == "staff" for line in led) else ""
    turns = () if why else tuple(_turns(led, resident, staff, estates))
    if len(turns) > MOST_LINES:
        why, turns = "这段对话太长，不能做成测试。", ()
    return Around(found.id, shown, turns, why), found.key, room is not None


def _said(line: HistoryLine, resident: Resident, home: str, here: bool) -> Said:
    def masked(text: str) -> str:
        return mask(text, [resident.name], rooms=[home])

    text = masked(line.text) or ("［照片］" if line.photos else "")
    return Said(line.direction, text, tuple(masked(button["title"]) for button in line.buttons), line.at, here)


def _led(lines: Sequence[HistoryLine], place: int) -> list[HistoryLine]:
    """The lines that led to the message, it and its answers: from the last long silence before it on, beginning with the resident."""
    last = next((n for n in range(place + 1, len(lines)) if lines[n].direction == "in"), len(lines))
    first = place
    while first > 0 and lines[first].at - lines[first - 1].at < SILENCE:
        first -= 1
    while lines[first].direction != "in":
        first += 1
    return list(lines[first:last])


def _turns(lines: Sequence[HistoryLine], resident: Resident, staff: list[str], estates: tuple[tuple[str, str], ...]) -> list[Turn]:
    made = []
    for line in lines:
        if line.direction != "in":
            continue
        # Only what answers it: news of a ticket may have come between.
        answers = [one for one in lines if one.direction == "out" and f"in-{one.in_reply_to}" == line.key]
        said = [sentence for one in answers for sentence in sentences(one.text) if steady(sentence, [*staff, resident.name], estates)]
        titles = [button["title"] for button in (answers[-1].buttons if answers else ())]
        buttons = tuple(title for title in titles if steady(title, [*staff, resident.name], estates))
        why = ""
        if line.photos or not line.text.strip():
            why = "照片不能再发一遍"
        elif any(mention.right for mention in find_number_mentions(line.text)):
            why = "话里有工单号，换一个地方就没有这个工单"
        elif not answers:
            why = "小邻没有回答"
        say = replaced(line.text.strip(), [resident.name], estates)
        made.append(Turn(line.key, say, tuple(dict.fromkeys(said)), tuple(said[:1]), buttons, why))
    return made


def _checked(shown: Around, wanted: Sequence[Kept], estates: tuple[tuple[str, str], ...]) -> list[dict[str, Any]]:
    by_key = {turn.key: turn for turn in shown.turns}
    if not wanted or not all(one.key in by_key for one in wanted):
        raise InvalidInput(shown.why_not or "先选要放进测试的话。")
    turns: list[dict[str, Any]] = []
    for one in wanted:
        turn = by_key[one.key]
        if turn.why_not:
            raise InvalidInput(f"“{turn.say[:12]}”：{turn.why_not}，不能做成测试。")
        if not set(one.answer) <= set(turn.answer) or not set(one.buttons) <= set(turn.buttons):
            raise InvalidInput("选的话和这段对话对不上，请关掉重新选。")
        say = replaced(" ".join(one.say.split())[:MOST_SAID], [], estates) if one.say.strip() else turn.say
        turns.append({"say": say, "answer": list(one.answer), "buttons": list(one.buttons)})
    if not turns[-1]["answer"] and not turns[-1]["buttons"]:
        raise InvalidInput("最后一句的回答里，至少选一处必须还在的话。")
    return turns


def _view(one: TalkCase, who: dict[int, str]) -> CaseView:
    return CaseView(
        id=one.id,
        says=tuple(str(turn["say"]) for turn in one.turns),
        state=str(one.state),
        state_name="已是测试" if one.state is LabelState.TAUGHT else LABEL_STATE_NAMES[one.state],
        ran="还没跑过" if one.passed is None else "通过" if one.passed else "没通过",
        missing=one.missing,
        by=who.get(one.by_id, ""),
        at=one.at,
        why=one.why,
        change=one.change,
        file=one.file,
    )
