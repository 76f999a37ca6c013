"""What residents asked and nothing answered, with counts: what somebody writes next. And who answers a question now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chinese.laws import find_citations
from chinese.masking import mask
from community.errors import InvalidInput
from community.model.calendar import local
from community.model.danger import find_danger
from community.model.revision import ItemKind
from community.ports import Community
from community.services.access import communities_of
from community.services.guide_text import whole
from community.services.inbound import danger_in
from community.services.legal import still_in_force
from community.services.legal_text import answered
from community.services.revision_views import member_for

DAYS = 90
READ_AT_ONCE = 4000
MOST_TEXTS = 400
"""Different questions that are compared with each other: the most asked, then the newest."""
MOST_HITS = 3


@dataclass(frozen=True)
class Gap:
    """Questions that say nearly the same. `times` asked, `useless` of them answered and found of no use; `about` the title of what they
    got, '' where it was nothing."""

    kind: ItemKind
    texts: tuple[str, ...]
    times: int
    useless: int
    last_at: datetime
    code: str = ""
    about: str = ""


@dataclass(frozen=True)
class _Asked:
    text: str
    at: datetime
    times: int
    useless: int = 0
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    code: str
    title: str
    chance: float
    sure: bool


@dataclass(frozen=True)
class Now:
    """What is said to words now. `danger` is the rule that rings, and how the model grades them, '' without either."""

    hits: tuple[Hit, ...] = ()
    danger: str = ""
    said: str = ""


async def gaps(c: Community, staff_id: int, kind: ItemKind) -> list[Gap]:
    """Of the last DAYS days, most asked first. Texts are masked. Of danger there are none: the trainers' queue has what was misjudged."""
    now = c.clock.now()
    async with c.reading() as uow:
        member = await member_for(uow, staff_id, kind)
        if kind is ItemKind.ANSWER:
            found = await uow.advice.wanting(now - timedelta(days=DAYS), READ_AT_ONCE, 0)
            names = await uow.people.names_of({given.resident_id for given in found})
            titles = {one.code: one.title for one in await uow.laws.answers()}
            asked = [
                _Asked(
                    mask(one.question, [names.get(one.resident_id, "")]), one.asked_at, 1, int(one.useful is False), tuple(one.codes[:1])
                )
                for one in found
            ]
        elif kind is ItemKind.GUIDE:
            misses = await uow.guides.misses(await communities_of(uow, member), READ_AT_ONCE)
            asked, titles = [_Asked(one.text, one.last_at, one.times) for one in misses], {}
        else:
            return []
    return await _grouped(c, kind, asked, titles)


async def _grouped(c: Community, kind: ItemKind, asked: Sequence[_Asked], titles: dict[str, str]) -> list[Gap]:
    asked = _distinct(asked)
    out = []
    for numbers in await c.sameness.groups([one.text for one in asked]):
        members = [asked[n] for n in numbers]
        codes = [code for one in members for code in one.codes]
        code = max(set(codes), key=codes.count) if codes else ""
        out.append(
            Gap(
                kind,
                tuple(dict.fromkeys(one.text for one in members)),
                sum(one.times for one in members),
                sum(one.useless for one in members),
                max(one.at for one in members),
                code,
                titles.get(code, ""),
            )
        )
    return sorted(out, key=lambda gap: (-gap.times, -gap.last_at.timestamp()))


def _distinct(asked: Sequence[_Asked]) -> list[_Asked]:
    """The same words once, with how often; the most asked MOST_TEXTS, then the newest."""
    found: dict[str, _Asked] = {}
    for one in asked:
        known = found.get(one.text)
        if known is not None:
            one = _Asked(
                one.text, max(one.at, known.at), one.times + known.times, one.useless + known.useless, (*known.codes, *one.codes)
            )
        found[one.text] = one
    return sorted(found.values(), key=lambda one: (-one.times, -one.at.timestamp()))[:MOST_TEXTS]


async def answers_now(c: Community, staff_id: int, kind: ItemKind, text: str) -> Now:
    """What a resident who says `text` gets now."""
    if not text.strip():
        raise InvalidInput("先写一句居民会怎么问。")
    async with c.reading() as uow:
        await member_for(uow, staff_id, kind)
    if kind is ItemKind.ANSWER:
        found = await c.legal.answers(text, local(c.clock.now()).date(), MOST_HITS)
        return Now(tuple(Hit(one.answer.code, one.answer.title, one.score, one.sure) for one in found))
    if kind is ItemKind.GUIDE:
        return Now(tuple(Hit(one.guide.code, one.guide.title, one.score, one.sure) for one in await c.guides.find(text, MOST_HITS)))
    verdict = await danger_in(c, text)
    rule = verdict.alarm or verdict.care
    rings = find_danger(text, await c.danger_rules.in_force())
    how = "先报电话，马上建急单" if verdict.alarm else "回答旁边带一句电话" if verdict.care else ""
    return Now(danger=rule.name if rule else "", said=how + ("" if rings or rule is None else "（是模型听出来的，规则里没有这种说法）"))


async def preview(c: Community, staff_id: int, kind: ItemKind, entry: dict[str, Any]) -> str:
    """The entry as a resident will read it. Raises InvalidInput for what has not the shape of one."""
    async with c.reading() as uow:
        await member_for(uow, staff_id, kind)
    today = local(c.clock.now()).date()
    if kind is ItemKind.DANGER:
        return str(entry.get("number_first") or "")
    if kind is ItemKind.GUIDE:
        return whole(c.curation.guide(entry), today)
    answer = c.curation.answer(entry)
    return answered(answer, await still_in_force(c, answer, today))


async def citations_of(c: Community, lines: str) -> list[dict[str, Any]]:
    """《民法典》第九百四十二条第二款, one or more a line, as an answer keeps them. Raises InvalidInput for what is no article in force."""
    today = local(c.clock.now()).date()
    out: list[dict[str, Any]] = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        named = find_citations(line)
        if not named:
            raise InvalidInput(f"“{line[:40]}”里没有看到法律和第几条，请写成《民法典》第九百四十二条。")
        for ref in named:
            found = await c.legal.cite(ref.law, ref.label, today)
            if found is None:
                raise InvalidInput(f"《{ref.law}》{ref.label}今天查不到，或者不在施行。")
            one: dict[str, Any] = {"law": found.law, "article": found.label}
            if ref.paragraph:
                one["paragraph"] = ref.paragraph
            if one not in out:
                out.append(one)
    return out
