"""Curated answers whose cited article changed: who owns them is told, once a flag, and sees what is still to be looked at.

An answer's `owner` is a member's name, or a group's (社区法律顾问组): then all lawyers are it, and where there is none, the trainers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from community.errors import Forbidden
from community.model.law import AnswerFlag, Change
from community.model.people import Role, Staff
from community.ports import Community, UnitOfWork
from community.services import staff_notify
from community.services.access import staff_of

SEES = frozenset({Role.LAWYER, Role.TRAINER, Role.OPERATOR})
FACT = "answer_flags.told"
NAMED = 5


@dataclass(frozen=True)
class FlagLine:
    """`title` of the answer, which article, what became of it, and from when (already so, or ahead)."""

    title: str
    article: str
    what: str
    from_on: date
    note: str
    owner: str


async def run(c: Community) -> int:
    """Tell owners of flags that were raised since the last look. Returns how many flags. In several processes at once each is told once."""
    async with c.reading() as uow:
        told = await uow.facts.get(FACT) or ""
        if not [flag for flag in await uow.answer_flags.open_ones() if _mark(flag) > told]:
            return 0
    async with c.uow() as uow:
        now = c.clock.now()
        told = await uow.facts.get(FACT) or ""
        new = [flag for flag in await uow.answer_flags.open_ones() if _mark(flag) > told]
        known = {answer.code: answer for answer in await uow.laws.answers()}
        people = [one for one in await uow.people.all_staff() if one.active]
        theirs: dict[int, list[AnswerFlag]] = {}
        for flag in new:
            for owner in owners_of(known[flag.answer_code].owner if flag.answer_code in known else "", people):
                theirs.setdefault(owner.id, []).append(flag)
        for one in people:
            if flags := theirs.get(one.id):
                titles = list(dict.fromkeys(known[flag.answer_code].title for flag in flags if flag.answer_code in known))
                more = f"等{len(titles)}条" if len(titles) > NAMED else ""
                said = (
                    f"法条有变化，有{len(titles)}条法律解答请您核对：{'、'.join(f'“{title}”' for title in titles[:NAMED])}{more}。"
                    "核对之前，居民看到时会先被提醒法条有变动。在工作台“律师”里看改了哪一条。"
                )
                await staff_notify.say(uow, one, said, key=f"flags-{_digest(flags)}:{one.id}", now=now)
        if new:
            await uow.facts.put(FACT, max(_mark(flag) for flag in new))
        await uow.commit()
        return len(new)


def owners_of(owner: str, people: Sequence[Staff]) -> list[Staff]:
    named = [one for one in people if owner and one.name == owner]
    lawyers = [one for one in people if one.role is Role.LAWYER]
    return named or lawyers or [one for one in people if one.role is Role.TRAINER]


async def waiting(c: Community, staff_id: int) -> list[FlagLine]:
    """What is still to be looked at, the newest first. Forbidden for who answers for no answers."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role not in SEES:
            raise Forbidden("核对法律解答由律师和培训人员来做。")
        return await _lines(uow, c.clock.now())


async def _lines(uow: UnitOfWork, now: datetime) -> list[FlagLine]:
    known = {answer.code: answer for answer in await uow.laws.answers()}
    lines = []
    for flag in sorted(await uow.answer_flags.open_ones(), key=_mark, reverse=True):
        answer = known.get(flag.answer_code)
        law = flag.law.removeprefix("中华人民共和国")
        what = "已改" if flag.what is Change.CHANGED else "已删"
        title, owner = (answer.title, answer.owner) if answer else (flag.answer_code, "")
        lines.append(FlagLine(title, f"《{law}》{flag.article}", what, flag.from_on, flag.note, owner))
    return lines


def _mark(flag: AnswerFlag) -> str:
    """When it was raised, and which: a flag that was raised again is news again."""
    return f"{flag.found_on.isoformat()}|{flag.id:012d}"


def _digest(flags: Sequence[AnswerFlag]) -> str:
    return hashlib.sha256("|".join(_mark(flag) for flag in flags).encode()).hexdigest()[:32]
