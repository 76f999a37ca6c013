"""What is wrong with the curated answers as they stand today. Run by a test over all of data/knowledge/legal."""

from __future__ import annotations

import re
from dataclasses import replace

from chinese.laws import article_label, find_citations
from chinese.numerals import CHARS, to_int
from community.knowledge.names import normal_label
from community.model.calendar import local
from community.model.law import CuratedAnswer, paragraphs
from community.ports import Community

_ARTICLE = re.compile(rf"第([{CHARS}0-9０-９]+)条(?:之([一二三四五六七八九十]+))?")
_LAW = re.compile(r"《([^》]+)》")


async def check_answers(community: Community) -> list[str]:
    """One sentence a problem, starting with the answer's id; an empty list when all is well."""
    today = local(community.clock.now()).date()
    problems: list[str] = []
    async with community.reading() as uow:
        # Copies: the rows are only readable while the unit of work is open.
        answers = [replace(answer) for answer in await uow.laws.answers()]
    wordings: dict[str, str] = {}
    codes = {answer.code for answer in answers}
    for answer in answers:
        cited = set()
        for citation in answer.citations:
            law, label = citation["law"], citation["article"]
            found = await community.legal.cite(law, label, today)
            if found is None:
                problems.append(f"{answer.code}: {law}{label} is not in the table or not in force today")
                continue
            if citation.get("paragraph", 1) > len(paragraphs(found.text)):
                problems.append(f"{answer.code}: {law}{label} has no paragraph {citation['paragraph']}")
            if found.law != law:
                problems.append(f"{answer.code}: {law} should be written in full: {found.law}")
            cited.add((found.law, found.label))
        problems += [f"{answer.code}: {problem}" for text in _texts(answer) for problem in _unsupported(text, cited)]
        if answer.checked_on > today:
            problems.append(f"{answer.code}: checked_on {answer.checked_on} is ahead")
        for option in answer.asks.get("options", ()):
            if option["answer"] not in codes:
                problems.append(f"{answer.code}: asks leads to {option['answer']}, which there is not")
        for wording in answer.questions:
            other = wordings.setdefault(wording.strip(), answer.code)
            if other != answer.code:
                problems.append(f"{answer.code}: “{wording}” is also a wording of {other}")
    return problems


def _texts(answer: CuratedAnswer) -> list[str]:
    return [answer.answer, *answer.steps, *answer.bring, answer.where]


def _unsupported(text: str, cited: set[tuple[str, str]]) -> list[str]:
    return [f"the text names {name}, which is not among its citations" for name in uncited(text, cited)]


def uncited(text: str, cited: set[tuple[str, str]]) -> list[str]:
    """Articles (第九百四十二条) and laws (《民法典》) that the text speaks of and the citations do not carry."""
    labels = {label for _, label in cited}
    laws = {law for law, _ in cited}
    named = {normal_label(ref.label) for ref in find_citations(text)}
    for match in _ARTICLE.finditer(text):
        number = to_int(match[1])
        if number and number <= 9999:
            named.add(article_label(number, to_int(match[2]) if match[2] else None))
    out = sorted(named - labels)
    for law in _LAW.findall(text):
        if law.endswith(("法", "法典")) and not any(full.endswith(law) for full in laws):
            out.append(f"《{law}》")
    return out
