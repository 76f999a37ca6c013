"""The files of knowledge as staff change them: what they say, and what is wrong with a change before anybody reads it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from chinese.laws import find_citations
from community.errors import InvalidInput, Unavailable
from community.knowledge.answer_ranking import body_of
from community.knowledge.answers import FOLDER as ANSWERS
from community.knowledge.answers import answer_of
from community.knowledge.checks import uncited
from community.knowledge.entries import from_json, to_json
from community.knowledge.guides import FOLDER as GUIDES
from community.knowledge.guides import guide_entry
from community.model.danger import (
    LONGEST_PHRASE,
    MOST_GAPS,
    SHORTEST_HARMLESS,
    SHORTEST_RING,
    Added,
    DangerRule,
    added_of,
    find_danger,
    phrase,
    pieces,
    with_added,
)
from community.model.guide import Guide
from community.model.law import CuratedAnswer, paragraphs
from community.model.revision import ItemKind
from community.ports import Checked, KnowledgeEntry, LegalSearch

FILE = "file"
"""Beside an entry's own fields: the file it stands in."""
NEAR_ARTICLES = 100
"""An article that is not among so many nearest to the words of an answer is worth a second look."""
MOST_SHOWN = 5
MOST_PHRASES = 60
MOST_ALARMS = 10
"""More sentences of any day that would ring (of 15,660) are no danger, but a phrase that is too wide."""
_RULES = re.compile(r"《([^》]+(?:条例|办法|规定|解释))》")
_NUMBER = re.compile(r"(?<!\d)\d{3,12}(?!\d)")
_MARKS = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Sentences:
    """What danger is judged on: real ones, what only sounds like it, and what people say on any day."""

    danger: tuple[str, ...]
    harmless: tuple[str, ...]


class KnowledgeFiles:
    """See `community.ports.Curation`. Files are read when first asked for, and again when they changed."""

    def __init__(
        self, folder: Path, rules: tuple[DangerRule, ...], added: Callable[[], Mapping[str, Mapping[str, Any]]], legal: LegalSearch
    ) -> None:
        """`rules` as their file has them, `added` reads what stands beside them in a file."""
        self._folder, self._rules, self._added, self._legal = folder, rules, added, legal
        self._read: dict[ItemKind, tuple[object, dict[str, dict[str, Any]]]] = {}
        self._sentences: Sentences | None = None

    async def entries(self, kind: ItemKind) -> dict[str, dict[str, Any]]:
        if kind is ItemKind.DANGER:
            added = await asyncio.to_thread(self._added)
            return {
                one.code: {"id": one.code, "title": one.name, "number_first": one.number_first, **added.get(one.code, {})}
                for one in self._rules
            }
        return await asyncio.to_thread(self._entries, kind)

    def _entries(self, kind: ItemKind) -> dict[str, dict[str, Any]]:
        paths = sorted((self._folder / (ANSWERS if kind is ItemKind.ANSWER else GUIDES)).glob("*.yml"))
        stamp = tuple((path, path.stat().st_mtime_ns) for path in paths)
        known = self._read.get(kind)
        if known is None or known[0] != stamp:
            known = stamp, {code: entry for path in paths for code, entry in _file(path, kind)}
            self._read[kind] = known
        return known[1]

    def answer(self, entry: KnowledgeEntry) -> CuratedAnswer:
        return answer_of(from_json(_plain(entry)), "修订")

    def guide(self, entry: KnowledgeEntry) -> Guide:
        return guide_entry(_plain(entry))

    async def check(self, kind: ItemKind, entry: KnowledgeEntry, standing: Mapping[str, KnowledgeEntry], today: date) -> Checked:
        plain = _plain(entry)
        try:
            if kind is ItemKind.DANGER:
                return await asyncio.to_thread(self._check_danger, plain, standing)
            if kind is ItemKind.ANSWER:
                return await self._check_answer(self.answer(plain), standing, today)
            guide = guide_entry(plain)
            wrong = [*_ahead(guide.checked_on, guide.expires_on, today), *_taken(guide.code, guide.questions, standing)]
            texts = (guide.title, guide.where, *guide.papers, *guide.steps, guide.fee, guide.takes, guide.online, guide.others, guide.note)
            named = [ref for text in texts for ref in find_citations(text) if await self._legal.cite(ref.law, ref.label, today) is None]
            wrong += [f"文中说到的《{ref.law}》{ref.label}今天查不到，或者不在施行。" for ref in named]
            for law, label in guide.citations:
                if await self._legal.cite(law, label, today) is None:
                    wrong.append(f"《{law}》{label}今天查不到，或者不在施行。")
            return Checked(tuple(wrong))
        except InvalidInput as error:
            return Checked((error.message.partition("：")[2] or error.message,))

    async def _check_answer(self, answer: CuratedAnswer, standing: Mapping[str, KnowledgeEntry], today: date) -> Checked:
        wrong = [*_ahead(answer.checked_on, answer.expires_on, today), *_taken(answer.code, answer.questions, standing)]
        cited: set[tuple[str, str]] = set()
        for one in answer.citations:
            found = await self._legal.cite(one["law"], one["article"], today)
            name = f"《{one['law'].removeprefix('中华人民共和国')}》{one['article']}"
            if found is None:
                wrong.append(f"{name}今天查不到，或者不在施行。")
                continue
            if one.get("paragraph", 1) > len(paragraphs(found.text)):
                wrong.append(f"{name}没有第{one['paragraph']}款。")
            if found.law != one["law"]:
                wrong.append(f"法律请写全名：{found.law}。")
            cited.add((found.law, found.label))
        asks = [str(answer.asks.get("question", "")), *(str(option["say"]) for option in answer.asks.get("options", ()))]
        for text in (answer.title, answer.answer, *answer.steps, *answer.bring, answer.where, *asks):
            named = [*uncited(text, cited), *await self._named_otherwise(text, cited, today)]
            wrong += [f"文中说到{name}，依据里却没有它。" for name in named]
        for option in answer.asks.get("options", ()):
            if option["answer"] not in standing and option["answer"] != answer.code:
                wrong.append(f"反问里的选项“{option['say']}”指向不存在的条目 {option['answer']}。")
        look = await self._unlike(answer, cited, today) if not wrong else []
        return Checked(tuple(dict.fromkeys(wrong)), tuple(look))

    async def _named_otherwise(self, text: str, cited: set[tuple[str, str]], today: date) -> list[str]:
        """Articles of a law that is named, where another law's article of that number is cited; and rules that are no 法."""
        found = []
        for ref in find_citations(text):
            real = await self._legal.cite(ref.law, ref.label, today)
            if real is None or (real.law, real.label) not in cited:
                found.append(f"《{ref.law}》{ref.label}")
        laws = [law for law, _ in cited]
        return found + [f"《{name}》" for name in _RULES.findall(text) if not any(law.endswith(name) for law in laws)]

    async def _unlike(self, answer: CuratedAnswer, cited: set[tuple[str, str]], today: date) -> list[str]:
        try:
            near = await self._legal.articles(body_of(answer), today, NEAR_ARTICLES)
            hits = await self._legal.answers(answer.title, today, 1)
        except Unavailable:
            return ["没能自动比对条文和别的解答（回答服务没有应答），请对着条文看一遍。"]
        found = {(hit.citation.law, hit.citation.label) for hit in near}
        far = [f"《{law.removeprefix('中华人民共和国')}》{label}" for law, label in sorted(cited - found)]
        look = [f"{name}和这段话说的不太像，请对着条文看一遍。" for name in far] if found else []
        if hits and hits[0].sure and hits[0].answer.code != answer.code:
            look.append(f"“{answer.title}”这样问，现在由“{hits[0].answer.title}”来答，会不会重复？")
        return look

    def _check_danger(self, entry: Mapping[str, Any], standing: Mapping[str, KnowledgeEntry]) -> Checked:
        code, added = str(entry.get("id", "")), added_of(entry)
        rule = next((one for one in self._rules if one.code == code), None)
        if rule is None:
            return Checked(("没有这一种危险。",))
        wrong = _phrases(added)
        if added.number_first:
            lost = [number for number in _NUMBER.findall(rule.number_first) if number not in added.number_first]
            wrong += [f"电话{number}不能去掉。" for number in lost]
            if len(added.number_first) > 120:
                wrong.append("先说的话最多120字，着急的人读不了更长的。")
        if wrong:
            return Checked(tuple(wrong))
        before = self._rules_with({one: added_of(standing[one]) for one in standing})
        after = self._rules_with({**{one: added_of(standing[one]) for one in standing}, code: added})
        seen = self._seen()
        silent = [text for text in seen.danger if find_danger(text, before) and not find_danger(text, after)]
        if silent:
            wrong.append(f"有{len(silent)}句真的危险就不响了，比如“{'”“'.join(silent[:3])}”。")
        for text in added.rings:
            if find_danger("".join(pieces(text)), after) is None:
                wrong.append(f"“{text}”自己都不响：和原来的例外、或者“听到就不算”的话撞上了。")
        patterns = [phrase(text) for text in added.rings]
        asked = [text for text in seen.harmless if any(one.search(re.sub(r"\s+", "", text)) for one in patterns)]
        alarms = [text for text in asked if not find_danger(text, before) and find_danger(text, after)]
        told = f"有{len(alarms)}句平常话也会当成危险，比如“{'”“'.join(alarms[:MOST_SHOWN])}”"
        if len(alarms) > MOST_ALARMS:
            return Checked((*wrong, f"说得太宽：{told}。"))
        return Checked(tuple(wrong), (f"{told}。",) if alarms else ())

    def _rules_with(self, added: Mapping[str, Added]) -> tuple[DangerRule, ...]:
        return tuple(with_added(rule, added[rule.code]) if rule.code in added else rule for rule in self._rules)

    def _seen(self) -> Sentences:
        if self._sentences is None:
            self._sentences = read_sentences(self._folder.parent)
        return self._sentences


def _file(path: Path, kind: ItemKind) -> list[tuple[str, dict[str, Any]]]:
    """Raises InvalidInput naming the file."""
    try:
        rows = yaml.load(path.read_bytes(), yaml.CSafeLoader) or []
        found = []
        for row in rows:
            beside = {FILE: path.name} | ({"field": path.stem} if kind is ItemKind.GUIDE else {})
            found.append((str(row["id"]), to_json(row) | beside))
        return found
    except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(f"{path.name}: 不是有效的条目：{error}") from error


def _plain(entry: KnowledgeEntry) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != FILE}


def _ahead(checked_on: date, expires_on: date | None, today: date) -> list[str]:
    wrong = ["核对日期不能是以后的日子。"] if checked_on > today else []
    return wrong + (["复核期限要在今天以后。"] if expires_on is not None and expires_on <= today else [])


def _taken(code: str, questions: Sequence[str], standing: Mapping[str, KnowledgeEntry]) -> list[str]:
    known = {str(text).strip(): other for other, entry in standing.items() if other != code for text in entry.get("questions", ())}
    return [f"问法“{text}”已经在“{standing[known[text]].get('title', '')}”里了。" for text in questions if text in known]


def _phrases(added: Added) -> list[str]:
    wrong = []
    if len(added.rings) + len(added.harmless) > MOST_PHRASES:
        wrong.append(f"一种危险最多加{MOST_PHRASES}句。")
    for texts, shortest in ((added.rings, SHORTEST_RING), (added.harmless, SHORTEST_HARMLESS)):
        for text in texts:
            if len(pieces(text)) > MOST_GAPS + 1:
                wrong.append(f"“{text[:LONGEST_PHRASE]}”里的…最多{MOST_GAPS}处。")
            said = re.sub(r"[\s…．.。！？!?；;]+", "", text)
            if not shortest <= len(said) or len(text) > LONGEST_PHRASE:
                wrong.append(f"“{text[:LONGEST_PHRASE]}”要有{shortest}到{LONGEST_PHRASE}个字。")
    return wrong


def read_sentences(data: Path) -> Sentences:
    """Of data/danger and data/nlu, which stand beside data/knowledge."""
    danger: list[str] = []
    harmless: list[str] = []
    for path in sorted((data / "danger").glob("*.yml")):
        kept = yaml.load(path.read_bytes(), yaml.CSafeLoader)
        danger += _lines(kept["danger"])
        harmless += _lines(kept["near"])
    for path in sorted((data / "nlu").glob("*.yml")):
        for block in (yaml.load(path.read_bytes(), yaml.CSafeLoader) or {}).get("nlu") or []:
            harmless += [_MARKS.sub(r"\1", line) for line in _lines(block.get("examples") or "")]
    return Sentences(tuple(danger), tuple(harmless))


def _lines(block: str) -> list[str]:
    lines = (line.strip() for line in str(block).splitlines())
    return [line[2:].strip() for line in lines if line.startswith("- ") and line[2:].strip()]
