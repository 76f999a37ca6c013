"""办事指南 from `data/knowledge/guides/<field>.yml`, and which of them a question means.

A question is compared with every wording a guide lists, by characters and words (`matcher`) and by meaning (the encoder). Weights and
floors were chosen on one half of `data/knowledge/guide_questions.yml` and measured on the other (docs/guides.md).
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.entries import from_json
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.text import SearchWords
from community.knowledge.vectors import Encodes, VectorStore
from community.model.guide import Guide, GuideHit
from community.model.law import CuratedAnswer
from community.model.revision import ItemKind
from community.model.site import SiteKind
from community.ports import UnitOfWork
from encoder.errors import EncoderError

log = logging.getLogger(__name__)

FOLDER = "guides"
LEAST_QUESTIONS = 8
LOOK_AGAIN = 15.0
"""Seconds between two looks at what staff changed."""
_TEXTS = {"id": 40, "title": 40, "where": 120, "owner": 40}
_MAYBE = {"fee": 80, "takes": 80, "online": 120, "others": 120, "note": 200}
_KNOWN = {*_TEXTS, *_MAYBE, "questions", "site", "papers", "steps", "citations", "checked_on", "expires_on"}

ORDER = (1.0, 12.0)
"""Weights of alike (matcher) and of likeness of meaning, by which guides are ordered; likeness lies between .8 and 1 with this encoder."""
CHANCE = (3.769, 90.367, -3.423)
"""A logistic over alike and (likeness - that of the nearest line of what is beyond us), fitted on the even half of the questions."""
SURE, MAYBE, ALSO, CLEAR = 0.7, 0.2, 0.1, 0.05
"""One is shown from SURE on when it is CLEAR (in the order) of the next; from MAYBE on titles are offered, further ones from ALSO."""
WORDS_SURE, WORDS_MAYBE = 0.6, 0.35
"""Of alike, where there is no encoder."""
BEYOND = "guides_beyond.yml"
_BARE = re.compile(
    r"^(?:那|请问|办|这个|我|要|去|得|需要|带|拿|什么|啥|哪些|哪里|哪儿|哪个|窗口|材料|证件|手续|清单|多少钱|怎么|办理|办事|指南|吗|呢|啊|的|了|\W)*$"
)
"""Words that every question has and that name no matter: 去哪个窗口, 要带什么材料."""
_ASKS = re.compile(
    r"[，,]?(?:都?要|需要|得)?(?:带|准备|提供|交)?(?:什么|啥|哪些|些什么)(?:材料|证件|手续|东西)|"
    r"[，,]?(?:应该|要|得)?[去到上]哪(?:个窗口|里办理?|儿办理?|办理?|个部门)"
)
"""What any matter is asked with: left out where enough is left."""
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
            guide = guide_of(entry, path.stem, path.name)
            if guide.code in found:
                raise InvalidInput(f"{path.name}: {guide.code}: 这个 id 已经用过。")
            found[guide.code] = guide
    return list(found.values())


def guide_entry(body: Mapping[str, Any]) -> Guide:
    """A guide as a revision keeps it: the entry of a file, with `field` beside it and dates as ISO text. Raises InvalidInput."""
    entry = from_json(body)
    return guide_of(entry, str(entry.pop("field", "")), "修订")


def guide_of(entry: Any, field: str, file: str) -> Guide:
    """An entry as YAML gives it. Raises InvalidInput naming `file` and id."""
    if not isinstance(entry, dict):
        raise InvalidInput(f"{file}: {str(entry)[:40]}: 应当是有 id 的条目。")
    where = f"{file}: {entry.get('id', '（没有 id）')}"
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
    if type(entry.get("expires_on")) not in (date, type(None)):
        raise InvalidInput(f"{where}: expires_on 应当是日期，如 2027-11-23。")
    try:
        site = SiteKind(entry["site"]) if entry.get("site") else None
        citations = tuple((str(one["law"]), str(one["article"])) for one in entry.get("citations") or ())
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{where}: site 或 citations：{error}") from error
    return Guide(
        texts["id"], field, texts["title"], lists["questions"], texts["where"], site, lists["papers"], lists["steps"], texts["fee"],
        texts["takes"], texts["online"], texts["others"], texts["note"], citations, entry["checked_on"], texts["owner"],
        entry.get("expires_on"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Ready:
    guides: Sequence[Guide]
    matcher: AnswerMatcher
    owners: np.ndarray
    vectors: np.ndarray | None
    beyond: np.ndarray | None
    encoder: Encodes | None


@dataclass(frozen=True)
class Judged:
    """Of every guide, in the order of `all()`: by what it is ordered, and how likely it is meant."""

    scores: np.ndarray
    chances: np.ndarray


class GuideFinder:
    """The files, read when first asked, with what staff changed, looked at every LOOK_AGAIN seconds. Without an encoder by words alone."""

    def __init__(
        self,
        var: Path,
        encoder: Callable[[], Encodes],
        folder: Path | None = None,
        reading: Callable[[], UnitOfWork] | None = None,
    ) -> None:
        self._var, self._encoder, self._folder, self._reading = var, encoder, folder, reading
        self._guides: list[Guide] | None = None
        self._made: _Ready | None = None
        self._lock = asyncio.Lock()
        self._stamp, self._looked = "", -LOOK_AGAIN

    def all(self) -> Sequence[Guide]:
        if self._guides is None:
            self._guides = self._of_files()
        return self._guides

    def _of_files(self) -> list[Guide]:
        try:
            return read_guides(self._folder)
        except InvalidInput as error:
            # A slip in a file is the operator's to mend and no resident's to read: they get the honest no.
            log.error("no guides: %s", error.message)
            return []

    def get(self, code: str) -> Guide | None:
        return next((guide for guide in self.all() if guide.code == code), None)

    async def refresh(self) -> None:
        """Take in what staff changed since the last look, if that is LOOK_AGAIN seconds ago."""
        if self._reading is None or time.monotonic() - self._looked < LOOK_AGAIN:
            return
        async with self._lock:
            if time.monotonic() - self._looked < LOOK_AGAIN:
                return
            async with self._reading() as uow:
                stamp = await uow.revisions.stamp(ItemKind.GUIDE)
                changed = await uow.revisions.live(ItemKind.GUIDE) if stamp != self._stamp else []
            if stamp != self._stamp:
                guides = {guide.code: guide for guide in await asyncio.to_thread(self._of_files)}
                for revision in changed:
                    try:
                        new = None if revision.gone else guide_entry(revision.body)
                    except InvalidInput as error:
                        # Kept before a field was given up: one entry of the file stands in for it, and all others stay.
                        log.error("a revision of the guide %s does not fit any more: %s", revision.code, error.message)
                        continue
                    guides.pop(revision.code, None)
                    if new is not None:
                        guides[revision.code] = new
                # Found by their meaning at once: the new wordings alone are encoded.
                made = await asyncio.to_thread(self._ready, list(guides.values()))
                self._guides, self._made, self._stamp = list(guides.values()), made, stamp
            self._looked = time.monotonic()

    async def find(self, question: str, limit: int = 3) -> list[GuideHit]:
        await self.refresh()
        if not self.all():
            return []
        async with self._lock:
            if self._made is None:
                self._made = await asyncio.to_thread(self._ready, self.all())
        return await asyncio.to_thread(self._find, self._made, question, limit)

    def judge(self, question: str) -> Judged:
        if self._made is None:
            self._made = self._ready(self.all())
        return self._judge(self._made, question)

    def _ready(self, guides: Sequence[Guide]) -> _Ready:
        wordings = [(n, text) for n, guide in enumerate(guides) for text in (guide.title, *guide.questions)]
        matcher = AnswerMatcher([_as_answer(guide) for guide in guides], SearchWords(frozenset(), frozenset(), (), ""))
        owners = np.array([n for n, _ in wordings], np.int64)
        try:
            encoder = self._encoder()
            store = VectorStore(self._var / FOLDER, encoder, "query")
            texts, beyond = [text for _, text in wordings], read_beyond()
            store.make([*texts, *beyond])
            vectors, away = store.get(texts)[0], store.get(beyond)[0]
        except EncoderError as error:
            log.warning("guides are found by their words alone: %s", error)
            return _Ready(guides, matcher, owners, None, None, None)
        return _Ready(guides, matcher, owners, vectors, away, encoder)

    def _judge(self, made: _Ready, question: str) -> Judged:
        said = spoken(question)
        bare = _ASKS.sub("", said).strip(" ，,。？?")
        said = bare if len(bare) >= 4 else said
        tokens = made.matcher.tokens(said)
        alike = made.matcher.compare(tokens)[0] if tokens else np.zeros(len(made.guides))
        if made.vectors is None or made.beyond is None or made.encoder is None:
            return Judged(alike, np.interp(alike, (0, WORDS_MAYBE, WORDS_SURE, 1), (0, MAYBE, SURE, 1)))
        vector = np.asarray(made.encoder.encode([said]), np.float32)[0]
        likeness = np.full(len(made.guides), -1.0)
        np.maximum.at(likeness, made.owners, (made.vectors @ vector).astype(np.float64))
        away = float((made.beyond @ vector).max()) if len(made.beyond) else 0.8
        logit = CHANCE[0] * alike + CHANCE[1] * (likeness - away) + CHANCE[2]
        return Judged(ORDER[0] * alike + ORDER[1] * likeness, 1 / (1 + np.exp(-np.clip(logit, -30, 30))))

    def _find(self, made: _Ready, question: str, limit: int) -> list[GuideHit]:
        if not made.guides or _BARE.match(question):
            return []
        judged = self._judge(made, question)
        order = np.argsort(-judged.scores, kind="stable")
        first = int(order[0])
        if judged.chances[first] < MAYBE:
            return []
        clear = len(order) < 2 or judged.scores[first] - judged.scores[order[1]] >= CLEAR
        sure = bool(clear and judged.chances[first] >= SURE)
        found = [GuideHit(made.guides[first], float(judged.chances[first]), sure)]
        also = (int(number) for number in order[1:limit] if judged.chances[number] >= ALSO)
        return found + [GuideHit(made.guides[number], float(judged.chances[number]), False) for number in also]


def read_beyond(path: Path | None = None) -> list[str]:
    """What no guide is about. Raises InvalidInput."""
    path = path or KNOWLEDGE / BEYOND
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not isinstance(content, dict) or not all(isinstance(texts, list) for texts in content.values()):
        raise InvalidInput(f"{path.name}: 应当是“名字: 问法的列表”。")
    return [str(text) for texts in content.values() for text in texts]


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


def open_guides(
    var: Path, encoder: Callable[[], Encodes], folder: Path | None = None, reading: Callable[[], UnitOfWork] | None = None
) -> GuideFinder:
    """Reads nothing yet. Without `reading` the files alone."""
    return GuideFinder(var, encoder, folder, reading)
