"""Every citation in a text that does not stand on a day: the law is unknown or not in force, or has no such article or paragraph."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chinese.laws import LawMention, find_laws
from community.model.law import paragraphs
from community.ports import Community

__all__ = ["FalseCitation", "Wrong", "find_false", "paragraphs"]


class Wrong(StrEnum):
    UNKNOWN_LAW = "unknown_law"
    """Not in the table: it may exist elsewhere, but nobody here can say so."""
    NOT_IN_FORCE = "not_in_force"
    NO_ARTICLE = "no_article"
    NO_PARAGRAPH = "no_paragraph"


@dataclass(frozen=True)
class FalseCitation:
    """`start` and `end` are where it stands in the text, `said` what stands there."""

    start: int
    end: int
    said: str
    wrong: Wrong


async def find_false(c: Community, text: str, day: date) -> list[FalseCitation]:
    """In the order of the text; empty when every law, article and paragraph that it names stands on `day`."""
    found = []
    for mention in find_laws(text):
        wrong = await _wrong(c, mention, day)
        if wrong is not None:
            found.append(FalseCitation(mention.start, mention.end, text[mention.start : mention.end], wrong))
    return found


async def _wrong(c: Community, mention: LawMention, day: date) -> Wrong | None:
    citation = await c.legal.cite(mention.law, mention.label or "第一条", day)
    if citation is None:
        # Decisions may have no 第一条: their parts are 条目一 …, or 全文.
        stands = await _stands(c, mention.law, day) or await c.legal.cite(mention.law, "第一条", day) is not None
        if stands:
            return Wrong.NO_ARTICLE if mention.label else None
        return Wrong.NOT_IN_FORCE if await _is_known(c, mention.law) else Wrong.UNKNOWN_LAW
    if mention.label and mention.paragraph > len(citation.paragraphs):
        return Wrong.NO_PARAGRAPH
    return None


async def _stands(c: Community, law: str, day: date) -> bool:
    async with c.reading() as uow:
        return any(law in (statute.name, statute.short_name) and statute.in_force(day) for statute in await uow.laws.statutes())


async def _is_known(c: Community, law: str) -> bool:
    async with c.reading() as uow:
        return any(law.endswith(statute.short_name) for statute in await uow.laws.statutes())
