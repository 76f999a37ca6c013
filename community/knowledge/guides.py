"""办事指南 from `data/knowledge/guides/<field>.yml`, and which of them a question means.

A question is compared with every wording a guide lists, by characters and words (`matcher`) and by meaning (the encoder). Weights and
the two floors were chosen on one half of `data/knowledge/guide_questions.yml` and measured on the other (docs/guides.md).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.text import SearchWords
from community.knowledge.vectors import Encodes, VectorStore
from community.model.guide import Guide, GuideHit
from community.model.law import CuratedAnswer
from community.model.site import SiteKind
from encoder.errors import EncoderError

log = logging.getLogger(__name__)

FOLDER = "guides"
LEAST_QUESTIONS = 8
_TEXTS = {"id": 40, "title": 40, "where": 120, "owner": 40}
_MAYBE = {"fee": 80, "takes": 80, "online": 120, "others": 120, "note": 200}
_KNOWN = {*_TEXTS, *_MAYBE, "questions", "site", "papers", "steps", "citations", "checked_on"}

WEIGHTS = (1.0, 0.35, 6.0)
"""Of alike, held (matcher), and likeness of meaning, which lies between .8 and 1 with this encoder."""
WORDS_ONLY = (1.0, 0.35)
SURE, MAYBE, CLEAR = 6.35, 5.95, 0.12
"""From SURE on, and CLEAR of the next guide, one is shown; from MAYBE on its title is offered."""
WORDS_SURE, WORDS_MAYBE = 0.75, 0.45
"""The same where there is no encoder."""
_BARE = re.compile(
    r"^(?:那|请问|办|这个|我|要|去|得|需要|带|拿|什么|啥|哪些|哪里|哪儿|哪个|窗口|材料|证件|手续|清单|多少钱|怎么|办理|办事|指南|吗|呢|啊|的|了|\W)*$"
)
"""Words that every question has and that name no matter: 去哪个窗口, 要带什么材料."""
_SPOKEN = re.compile(r"^(?:喂|哎|诶|嗯|那个|你好|您好|请问一下|请问|麻烦问下|我想问一下|想问问|问一下|问下|同志|师傅|小邻)[，,。 ]*")


def read_guides(folder: Path | None = None) -> list[Guide]:
    """Every guide of the files, in order. Raises InvalidInput naming file and id."""
    found: dict[str, Guide] = {}
    for path in sorted((folder or KNOWLEDGE / FOLDER).glob("*.yml")):
        try:
            entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{path.name}: 不是有效的 YAML：{error}") from error
        if not isinstance(entries, list):
            raise InvalidInput(f"{path.name}: 应当是一个指南列表。")
        for entry in entries:
            guide = _guide(entry, path)
            if guide.code in found:
                raise InvalidInput(f"{path.name}: {guide.code}: 这个 id 已经用过。")
            found[guide.code] = guide
    return list(found.values())


def _guide(entry: Any, path: Path) -> Guide:
    if not isinstance(entry, dict):
        raise InvalidInput(f"{path.name}: {str(entry)[:40]}: 应当是有 id 的条目。")
    where = f"{path.name}: {entry.get('id', '（没有 id）')}"
    if unknown := set(entry) - _KNOWN:
        raise InvalidInput(f"{where}: 不认识的字段 {'、'.join(sorted(map(str, unknown)))}。")
    texts = {}
    for name, longest in (*_TEXTS.items(), *_MAYBE.items()):
        value = entry.get(name, "" if name in _MAYBE else None)
        if not isinstance(value, str) or len(value) > longest or (name in _TEXTS and not value.strip()):
            raise InvalidInput(f"{where}: {name} 应当是不超过 {longest} 字的文字。")
        texts[name] = value.strip()
    lists = {}
    for name, least in (("questions", LEAST_QUESTIONS), ("papers", 0), ("steps", 0)):
        value = entry.get(name) or []
        if not isinstance(value, list) or len(value) < least or not all(isinstance(one, str) and 0 < len(one) <= 120 for one in value):
            raise InvalidInput(f"{where}: {name} 应当是文字的列表，至少 {least} 条，每条不超过 120 字。")
        lists[name] = tuple(one.strip() for one in value)
    if type(entry.get("checked_on")) is not date:
        raise InvalidInput(f"{where}: checked_on 应当是日期，如 2026-11-23。")
    try:
        site = SiteKind(entry["site"]) if entry.get("site") else None
        citations = tuple((str(one["law"]), str(one["article"])) for one in entry.get("citations") or ())
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{where}: site 或 citations：{error}") from error
    return Guide(
        texts["id"], path.stem, texts["title"], lists["questions"], texts["where"], site, lists["papers"], lists["steps"], texts["fee"],
        texts["takes"], texts["online"], texts["others"], texts["note"], citations, entry["checked_on"], texts["owner"],
    )  # fmt: skip


@dataclass(frozen=True)
class _Ready:
    matcher: AnswerMatcher
    owners: np.ndarray
    vectors: np.ndarray | None
    encoder: Encodes | None


class GuideFinder:
    """Reads the files when first asked. Without an encoder by words alone."""

    def __init__(self, var: Path, encoder: Callable[[], Encodes], folder: Path | None = None) -> None:
        self._var, self._encoder, self._folder = var, encoder, folder
        self._guides: list[Guide] | None = None
        self._made: _Ready | None = None
        self._lock = asyncio.Lock()

    def all(self) -> Sequence[Guide]:
        if self._guides is None:
            self._guides = read_guides(self._folder)
        return self._guides

    def get(self, code: str) -> Guide | None:
        return next((guide for guide in self.all() if guide.code == code), None)

    async def find(self, question: str, limit: int = 3) -> list[GuideHit]:
        async with self._lock:
            if self._made is None:
                self._made = await asyncio.to_thread(self._ready)
        return await asyncio.to_thread(self._find, self._made, question, limit)

    def scores(self, question: str) -> tuple[np.ndarray, np.ndarray]:
        """(score, columns: alike, held, likeness) of every guide, in the order of `all()`."""
        if self._made is None:
            self._made = self._ready()
        return self._scores(self._made, question)

    def _ready(self) -> _Ready:
        guides = self.all()
        wordings = [(n, text) for n, guide in enumerate(guides) for text in (guide.title, *guide.questions)]
        matcher = AnswerMatcher([_as_answer(guide) for guide in guides], SearchWords(frozenset(), frozenset(), (), ""))
        owners = np.array([n for n, _ in wordings], np.int64)
        try:
            encoder = self._encoder()
            store = VectorStore(self._var / FOLDER, encoder, "query")
            texts = [text for _, text in wordings]
            store.make(texts)
            vectors: np.ndarray | None = store.get(texts)[0]
        except EncoderError as error:
            log.warning("guides are found by their words alone: %s", error)
            return _Ready(matcher, owners, None, None)
        return _Ready(matcher, owners, vectors, encoder)

    def _scores(self, made: _Ready, question: str) -> tuple[np.ndarray, np.ndarray]:
        said = spoken(question)
        tokens = made.matcher.tokens(said)
        alike, held = made.matcher.compare(tokens) if tokens else (np.zeros(len(self.all())), np.zeros(len(self.all())))
        if made.vectors is None or made.encoder is None:
            return WORDS_ONLY[0] * alike + WORDS_ONLY[1] * held, np.stack([alike, held, np.zeros_like(alike)], axis=1)
        vector = np.asarray(made.encoder.encode([said]), np.float32)[0]
        likeness = np.full(len(self.all()), -1.0)
        np.maximum.at(likeness, made.owners, (made.vectors @ vector).astype(np.float64))
        columns = np.stack([alike, held, likeness], axis=1)
        return columns @ np.array(WEIGHTS), columns

    def _find(self, made: _Ready, question: str, limit: int) -> list[GuideHit]:
        if not self.all() or _BARE.match(question):
            return []
        scores, _ = self._scores(made, question)
        sure, maybe = (SURE, MAYBE) if made.vectors is not None else (WORDS_SURE, WORDS_MAYBE)
        order = np.argsort(-scores, kind="stable")
        clear = len(order) < 2 or scores[order[0]] - scores[order[1]] >= CLEAR
        found = []
        for rank, number in enumerate(order[:limit]):
            if scores[number] < maybe:
                break
            found.append(GuideHit(self.all()[int(number)], float(scores[number]), rank == 0 and clear and bool(scores[number] >= sure)))
        return found


def spoken(question: str) -> str:
    """`question` without what somebody says before they ask."""
    said = question.strip()
    while (less := _SPOKEN.sub("", said)) != said and less:
        said = less
    return said


def _as_answer(guide: Guide) -> CuratedAnswer:
    """In the shape the matcher reads: wordings, and what it tells."""
    told = " ".join([guide.where, *guide.papers, guide.note])
    return CuratedAnswer(
        id=0, code=guide.code, topic=guide.field, title=guide.title, questions=list(guide.questions), answer=told, steps=list(guide.steps),
        bring=[], where=guide.where, citations=[], owner=guide.owner, checked_on=guide.checked_on, digest="",
    )  # fmt: skip


def open_guides(var: Path, encoder: Callable[[], Encodes], folder: Path | None = None) -> GuideFinder:
    """Reads nothing yet."""
    return GuideFinder(var, encoder, folder)
