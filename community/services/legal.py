"""Legal questions: the article somebody names, a curated answer, or the nearest articles. Never what is not in force."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from chinese.laws import CitationRef, find_citations
from community.model.calendar import local
from community.model.law import CAUTION, OLD, Citation, CuratedAnswer, Statute
from community.model.revision import due
from community.ports import Community

MOST_ARTICLES = 3
MOST_CHOICES = 3
MOST_NAMED = 5
MOST_WORDS = 500
"""A question is asked in its first lines; the rest of a 20,000 character message only costs time."""

LONGEST_NAME = 20
"""Longer than this it is a sentence that happens to end like a law."""

_A_LAW = re.compile(r"(?:法|法典|条例)$")


@dataclass(frozen=True)
class Advice:
    """`kind`: 'cited' (the articles asked for), 'answer' (a curated answer), 'choices' (answers to choose from, none of them sure),
    'articles' (perhaps relevant), 'none'.

    `note` is a sentence to say before the rest, about an article that was named and is not there or not in force; with
    'none' it is all there is to say, when it is not empty.
    """

    kind: str
    answer: CuratedAnswer | None = None
    citations: list[Citation] = field(default_factory=list)
    score: float = 0.0
    note: str = ""
    choices: list[CuratedAnswer] = field(default_factory=list)


async def advise(c: Community, text: str) -> Advice:
    """The best that can be said to `text` with what is in force today."""
    text = text[:MOST_WORDS]
    today = local(c.clock.now()).date()
    cited, note, certain = await _named_articles(c, text, today)
    if cited:
        return Advice("cited", citations=cited, score=1.0, note=note)
    if certain:
        return Advice("none", note=note)
    choices: list[CuratedAnswer] = []
    chance = 0.0
    for place, hit in enumerate(await c.legal.answers(text, today, limit=MOST_CHOICES)):
        citations = await still_in_force(c, hit.answer, today)
        # What stands behind one that does not stand any more is about something else.
        if citations and hit.sure and place == 0:
            return Advice("answer", hit.answer, citations, hit.score, note)
        if citations:
            choices.append(hit.answer)
            chance = max(chance, hit.score)
    if choices:
        return Advice("choices", choices=choices, score=chance, note=note)
    return await nearest_articles(c, text, note)


async def laws_with(c: Community, label: str, first: Sequence[str] = ()) -> list[str]:
    """Short names of the laws that may be meant by an article's number alone: of `first`, then the Civil Code, those that have it today."""
    today = local(c.clock.now()).date()
    found: dict[str, None] = {}
    for law in (*first, "民法典"):
        citation = await c.legal.cite(law, label, today)
        if citation is not None:
            found[citation.law.removeprefix("中华人民共和国")] = None
    return list(found)


async def nearest_articles(c: Community, text: str, note: str = "") -> Advice:
    """The articles that may be about `text`, where no answer is; 'none' when there are none."""
    text = text[:MOST_WORDS]
    hits = await c.legal.articles(text, local(c.clock.now()).date(), limit=MOST_ARTICLES)
    found = [hit for hit in hits if hit.fits]
    if found:
        return Advice("articles", citations=[hit.citation for hit in found], score=found[0].score, note=note)
    return Advice("none", note=note)


async def others(c: Community, text: str, without: Collection[str]) -> list[CuratedAnswer]:
    """What may be meant by `text` beside the answers of these codes, likeliest first."""
    today = local(c.clock.now()).date()
    found = [hit.answer for hit in await c.legal.answers(text, today, limit=MOST_CHOICES + len(without))]
    standing = [answer for answer in found if answer.code not in without and await still_in_force(c, answer, today)]
    return standing[: MOST_CHOICES - 1]


async def answer_of(c: Community, code: str) -> Advice:
    """The curated answer that was chosen; 'none' when it has gone, or one of its citations does not stand today."""
    async with c.reading() as uow:
        answer = next((replace(one) for one in await uow.laws.answers() if one.code == code), None)
    citations = await still_in_force(c, answer, local(c.clock.now()).date()) if answer else []
    return Advice("answer", answer, citations, 1.0, await caution(c, answer)) if answer and citations else Advice("none")


async def caution(c: Community, answer: CuratedAnswer) -> str:
    """A sentence to say before the answer while an article that it cites has changed and nobody has looked at it since, or it was not
    checked for too long; else ''."""
    today = local(c.clock.now()).date()
    async with c.reading() as uow:
        flags = await uow.answer_flags.all_of(answer.code)
        if any(flag.open and flag.from_on <= today for flag in flags):
            return CAUTION
    return OLD if due(answer.expires_on, today) else ""


async def still_in_force(c: Community, answer: CuratedAnswer, today: date) -> list[Citation]:
    """Every citation of the answer as it stands today; nothing when one of them does not stand any more."""
    citations = []
    for named in answer.citations:
        citation = await c.legal.cite(named["law"], named["article"], today)
        if citation is None:
            return []
        citations.append(citation)
    return citations


async def _named_articles(c: Community, text: str, today: date) -> tuple[list[Citation], str, bool]:
    """(articles that `text` names, a sentence about those that are not to be had, whether that sentence is the answer)."""
    cited: dict[tuple[str, str], Citation] = {}
    missing: list[CitationRef] = []
    for ref in find_citations(text)[:MOST_NAMED]:
        citation = await c.legal.cite(ref.law, ref.label, today)
        if citation is None:
            missing.append(ref)
        else:
            cited[citation.law, citation.label] = citation.part(ref.paragraph, ref.item)
    if not missing:
        return list(cited.values()), "", False
    async with c.reading() as uow:
        # Copies: the rows are only readable while the unit of work is open.
        known = [replace(statute) for statute in await uow.laws.statutes()]
    notes: dict[str, None] = {}
    certain = False
    for ref in missing:
        first = await c.legal.cite(ref.law, "第一条", today)
        if first is not None:
            certain = True
            notes[
                f"《{first.law.removeprefix('中华人民共和国')}》现行有效，但里面没有{ref.label}，请核对一下条号。"
            ] = None
        else:
            notes[_why_not(ref, known, today)] = None
    return list(cited.values()), "".join(notes), certain


def _why_not(ref: CitationRef, known: list[Statute], today: date) -> str:
    """What to say of a law that is not in force; '' when the words only end like a law (按物业的办法第三条)."""
    versions = [statute for statute in known if ref.law.endswith(statute.short_name)]
    longest = max((len(statute.short_name) for statute in versions), default=0)
    versions = [statute for statute in versions if len(statute.short_name) == longest]
    if not versions or any(statute.in_force(today) for statute in versions):
        if not _A_LAW.search(ref.law) or len(ref.law) > LONGEST_NAME:
            return ""
        return f"没有查到现行有效的《{ref.law}》{ref.label}，它可能已经废止，或者不在我的法律库里。"
    name = f"《{versions[0].short_name}》"
    begins = min((s.in_force_from for s in versions if s.in_force_from > today), default=None)
    if begins is not None:
        return f"{name}到{_day(begins)}才开始施行，现在还不能引用。"
    ended = max((s.repealed_on for s in versions if s.repealed_on and s.repealed_on > s.in_force_from), default=None)
    return f"{name}{f'自{_day(ended)}起' if ended else ''}已经不再施行，不能再引用。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
