"""Answers whose cited article changed or was repealed: found at each import, and open until a person clears them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from community.errors import InvalidInput, NotFound
from community.knowledge.law_diff import plain
from community.model.calendar import local
from community.model.law import AnswerFlag, Change, CuratedAnswer, Statute
from community.model.region import holds_in
from community.ports import Community, UnitOfWork

Pair = tuple[str, str]
"""(law in full, label of the article)."""


@dataclass(frozen=True)
class Point:
    """From `day` on the article reads so; '' when it is not in force."""

    day: date
    digest: str
    text: str
    version: str


Standing = dict[Pair, list[Point]]


async def cited_pairs(uow: UnitOfWork, names: Iterable[str] | None = None) -> dict[Pair, list[str]]:
    """(law, article) -> codes of the answers that cite it; of the laws `names` only, of all without."""
    wanted = None if names is None else set(names)
    found: dict[Pair, list[str]] = {}
    for answer in await uow.laws.answers():
        for citation in answer.citations:
            pair = citation["law"], citation["article"]
            if (wanted is None or pair[0] in wanted) and answer.code not in found.setdefault(pair, []):
                found[pair].append(answer.code)
    return {pair: codes for pair, codes in found.items() if codes}


async def standing(uow: UnitOfWork, pairs: Iterable[Pair], today: date, region: str) -> Standing:
    """How each article reads today, and from which day on it reads otherwise as far as is known."""
    versions: dict[str, list[Statute]] = {}
    out: Standing = {}
    for law, label in pairs:
        if law not in versions:
            versions[law] = [s for s in await uow.laws.versions(law) if holds_in(s.scope, region)]
        ahead = {day for s in versions[law] for day in (s.in_force_from, s.repealed_on) if day and day > today}
        points: list[Point] = []
        for day in (today, *sorted(ahead)):
            text, version = "", ""
            for statute in versions[law]:
                article = await uow.laws.article(statute.id, label) if statute.in_force(day) else None
                if article is not None:
                    text, version = article.text, f"{statute.id}"
                    break
            if not points or points[-1].digest != digest_of(text):
                points.append(Point(day, digest_of(text), text, version))
        out[law, label] = points
    return out


def digest_of(text: str) -> str:
    return hashlib.sha256(plain(text).encode()).hexdigest() if text else ""


async def flag_changes(
    uow: UnitOfWork, c: Community, cited: dict[Pair, list[str]], before: Standing, region: str
) -> list[AnswerFlag]:
    """Flag the answers of every article that no longer reads as it did `before`. Returns what is newly flagged, as copies."""
    now = c.clock.now()
    today = local(now).date()
    after = await standing(uow, cited, today, region)
    found: list[AnswerFlag] = []
    for pair, codes in cited.items():
        known = set(_turns(before[pair], before[pair][0]))
        for old, new in _turns(after[pair], before[pair][0]):
            if (old, new) in known or not old.digest:
                continue
            what = Change.CHANGED if new.digest else Change.GONE
            note = await _note(uow, pair, old, new, region)
            for code in codes:
                found.append(AnswerFlag(0, code, *pair, what, old.digest, new.digest, new.day, now, note))
    left = [flag for flag in found if not await _taken_back(uow, flag)]
    return [replace(flag) for flag in await uow.answer_flags.add_new(left)]


def _turns(points: list[Point], at_first: Point) -> list[tuple[Point, Point]]:
    """Each change of the wording, the one since `at_first` among them."""
    chain = [at_first, *points] if points[0].digest != at_first.digest else points
    return list(zip(chain, chain[1:], strict=False))


async def _taken_back(uow: UnitOfWork, flag: AnswerFlag) -> bool:
    """A wrong file was imported and then the right one: the article reads again as it did when the answer was checked."""
    for other in await uow.answer_flags.all_of(flag.answer_code):
        same = (other.law, other.article, other.old_digest, other.new_digest) == (
            flag.law, flag.article, flag.new_digest, flag.old_digest,
        )  # fmt: skip
        if other.open and same:
            _clear(other, flag, "import", "the article reads again as it did before")
            return True
    return False


def _clear(flag: AnswerFlag, at: AnswerFlag, by: str, why: str) -> None:
    flag.cleared_by, flag.cleared_on, flag.why = by[:64], at.found_on, why[:256]


async def _note(uow: UnitOfWork, pair: Pair, old: Point, new: Point, region: str) -> str:
    """Where the old words are now, if they stand under another number; that the law has ended, if it has."""
    law, label = pair
    for statute in await uow.laws.versions(law):
        if holds_in(statute.scope, region) and statute.in_force(new.day):
            for article in await uow.laws.articles_of(statute.id):
                if article.label != label and digest_of(article.text) == old.digest:
                    return f"同样的内容现在是{article.label}"
            return "" if new.digest else f"《{statute.short_name}》里不再有{label}"
    return f"《{law.removeprefix('中华人民共和国')}》不再施行"[:256]


async def open_flags(c: Community) -> list[tuple[AnswerFlag, str]]:
    """Every open flag with the owner of its answer."""
    async with c.reading() as uow:
        owners = {answer.code: answer.owner for answer in await uow.laws.answers()}
        return [(replace(flag), owners.get(flag.answer_code, "")) for flag in await uow.answer_flags.open_ones()]


async def clear(c: Community, code: str, by: str, why: str) -> int:
    """A person has looked: the open flags of the answer are cleared. Returns how many; repeated, 0.

    Raises InvalidInput without a name or a reason, NotFound when the answer never had a flag.
    """
    by, why = by.strip(), why.strip()
    if not by or not why:
        raise InvalidInput("请写明是谁核对的、结论是什么。")
    if len(by) > 64 or len(why) > 256:
        raise InvalidInput("姓名最多 64 字，说明最多 256 字。")
    async with c.uow() as uow:
        flags = await uow.answer_flags.all_of(code)
        if not flags:
            raise NotFound(f"知识条目 {code} 没有待核对的法条。")
        cleared = [flag for flag in flags if flag.open]
        for flag in cleared:
            flag.cleared_by, flag.cleared_on, flag.why = by, c.clock.now(), why
        await uow.commit()
    return len(cleared)


async def clear_checked(uow: UnitOfWork, c: Community, answers: dict[str, CuratedAnswer], moved: set[str]) -> None:
    """Whoever puts a later `checked_on` into the file has looked, too; and an answer that is no more needs nobody to."""
    for flag in await uow.answer_flags.open_ones():
        answer = answers.get(flag.answer_code)
        if answer is None:
            flag.cleared_by, flag.cleared_on, flag.why = "import", c.clock.now(), "the answer is no more"
        elif flag.answer_code in moved and answer.checked_on >= max(flag.from_on, local(flag.found_on).date()):
            why = f"checked again on {answer.checked_on}, says its file"
            flag.cleared_by, flag.cleared_on, flag.why = answer.owner[:64], c.clock.now(), why
