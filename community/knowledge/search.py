"""Search over curated answers and articles in force, and the exact article somebody names."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from chinese.laws import find_citations
from community.errors import InvalidInput
from community.knowledge import meaning as meanings
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.names import NameBook, normal_label
from community.knowledge.ranking import ArticleIndex, Row
from community.knowledge.text import SearchWords, load_search_words
from community.knowledge.vectors import Encodes
from community.knowledge.versions import AMENDING
from community.model.calendar import local
from community.model.law import LEVELS, AnswerFlag, Article, Citation, CuratedAnswer, Statute
from community.model.region import holds_in, read_scope
from community.model.revision import due
from community.ports import AnswerHit, ArticleHit, Community, UnitOfWork
from encoder.errors import EncoderError

log = logging.getLogger(__name__)

FORMAT = "2"
"""Raise when the index on disk is written differently."""
SURE, SURE_BY_WORDS, OFFERED = 0.78, 0.7, 0.25
"""Chances from which an answer is simply given (by meaning, by words alone), and from which it is offered (docs/legal.md)."""
SCORE_FLOOR, CHANCE_FLOOR = 0.12, 0.05
"""Below these even the best article, found by words or by meaning, is about something else (docs/legal.md)."""
LOOK_AGAIN = 30.0
"""Seconds between two looks at whether the corpus changed."""
KEEP = 2
NEAR = 0.03
"""Articles whose chances are no further apart fit alike: of these the one of the higher rank (位阶) comes first."""


@dataclass(frozen=True)
class Hit:
    """What `./linshe laws search` shows."""

    law: str
    article_no: str
    score: float
    text: str


@dataclass(frozen=True)
class _Corpus:
    day: date
    articles_key: str
    answers_key: str


class KnowledgeSearch:
    """See `community.ports.LegalSearch`. Opening costs nothing: the first question builds or loads what it needs.

    Answers and citations are checked against the index of the day asked for; `cite` always asks the database.
    """

    def __init__(
        self,
        reading: Callable[[], UnitOfWork],
        folder: Path,
        words: SearchWords | None = None,
        encoder: Callable[[], Encodes] | None = None,
        region: str = "",
    ) -> None:
        self._reading = reading
        self._region = region
        self._flags: list[AnswerFlag] = []
        self._folder = folder
        self._given_words = words
        self._encoder = encoder
        self._meaning: meanings.Meaning | None = None
        self._lock = asyncio.Lock()
        self._corpus: _Corpus | None = None
        self._looked = 0.0
        self._articles: ArticleIndex | None = None
        self._matcher: AnswerMatcher | None = None
        self._by_label: dict[tuple[str, str], Row] = {}
        self._names = NameBook(())
        self._names_of: frozenset[str] = frozenset()
        self._named = -LOOK_AGAIN

    async def answers(self, query: str, day: date, limit: int = 3) -> list[AnswerHit]:
        """Curated answers that fit well enough, best first; a question about something else has none."""
        await self._ready(day)
        if self._matcher is None:
            return []
        meaning, sure = self._meaning, SURE
        if meaning is not None and meaning.answers is not None and meaning.weights is not None:
            found = await asyncio.to_thread(meaning.answers.best, query, limit, meaning.weights, OFFERED)
        else:
            found, sure = await asyncio.to_thread(self._matcher.best, query, limit), SURE_BY_WORDS
        flagged = {flag.answer_code for flag in self._flags if flag.from_on <= day}
        # Copies, so that whoever gets one may change it.
        return [
            AnswerHit(
                replace(answer),
                score,
                self._citations(answer),
                score >= sure and answer.code not in flagged and not due(answer.expires_on, day),
            )
            for answer, score in found
        ]

    async def articles(self, query: str, day: date, limit: int = 5) -> list[ArticleHit]:
        """Articles in force on `day`, best first. The score says how well they fit at all, from 0 to 1."""
        await self._ready(day)
        if self._articles is None:
            return []
        meaning = self._meaning
        if meaning is not None:
            found, floor = await asyncio.to_thread(meaning.fusion.search, query, limit, meaning.ranker), CHANCE_FLOOR
        else:
            found, floor = await asyncio.to_thread(self._articles.search, query, limit), SCORE_FLOOR
        return [ArticleHit(_citation(row), score, score >= floor) for row, score in by_rank(found)]

    async def cite(self, law: str, label: str, day: date) -> Citation | None:
        """The article in force on `day`; None when the law or the article is unknown or not in force then."""
        async with self._reading() as uow:
            if time.monotonic() - self._named > LOOK_AGAIN:
                self._book(await uow.laws.statutes())
            name = self._names.find(law)
            for statute in await uow.laws.versions(name) if name else []:
                if not statute.in_force(day) or not holds_in(statute.scope, self._region):
                    continue
                article = await uow.laws.article(statute.id, normal_label(label))
                if article is not None:
                    return Citation(statute.name, article.label, article.text, statute.in_force_from)
        return None

    async def warm(self, day: date) -> int:
        """Build or load the indexes now instead of at the first question; the number of articles searched."""
        await self._ready(day)
        return len(self._articles.rows) if self._articles else 0

    @property
    def by_meaning(self) -> bool:
        """Whether articles are found by their meaning, too, as of the last question."""
        return self._meaning is not None

    async def understand(
        self, day: date, progress: Callable[[int, int], None] | None = None, stop: Callable[[], bool] = lambda: False
    ) -> bool:
        """Encode what is not encoded yet, so that articles are found by their meaning, too. Minutes the first time; searching goes on by
        words meanwhile. False without an encoder, without what was learnt for it, or when `stop` said so."""
        await self._ready(day)
        index = self._articles
        if self._meaning is not None:
            return True
        if self._encoder is None or index is None or not index.rows:
            return False
        encoder, folder, answers = self._encoder, self._folder, self._matcher.answers if self._matcher else []
        made = await _in_the_background(lambda over: meanings.make_vectors(encoder, index, answers, folder, progress, over), stop)
        if made:
            await self._load_meaning(index)
        return self._meaning is not None

    async def _load_meaning(self, index: ArticleIndex) -> None:
        if self._encoder is None:
            self._meaning = None
            return
        answers, words = self._matcher.answers if self._matcher else [], self._words()
        self._meaning = await asyncio.to_thread(meanings.load, self._encoder, index, answers, words, self._folder)

    def _words(self) -> SearchWords:
        if self._given_words is None:
            self._given_words = load_search_words()
        return self._given_words

    def _book(self, statutes: list[Statute]) -> None:
        """Names only: whether a version is in force is asked of the database each time."""
        here = sorted((s for s in statutes if holds_in(s.scope, self._region)), key=lambda s: (s.level, s.name))
        names = frozenset(statute.name for statute in here)
        if names != self._names_of:
            self._names, self._names_of = NameBook(dict.fromkeys(statute.name for statute in here)), names
        # An empty table is asked again at once: the statutes may be on their way in.
        self._named = time.monotonic() if names else -LOOK_AGAIN

    def _citations(self, answer: CuratedAnswer) -> tuple[Citation, ...]:
        out = []
        for citation in answer.citations:
            law = self._names.find(citation["law"])
            row = self._by_label.get((law or "", normal_label(citation["article"])))
            if row is not None:
                out.append(_citation(row))
        return tuple(out)

    async def _ready(self, day: date) -> None:
        if self._is_fresh(day):
            return
        async with self._lock:
            if self._is_fresh(day):
                return
            words = await asyncio.to_thread(self._words)
            async with self._reading() as uow:
                statutes = await uow.laws.statutes()
                self._book(statutes)
                self._flags = [replace(flag) for flag in await uow.answer_flags.open_ones()]
                here = [s for s in statutes if holds_in(s.scope, self._region)]
                corpus = _Corpus(day, _articles_key(here, day, words), _answers_key(await uow.laws.answers(), words))
            before, self._corpus = self._corpus, None
            if self._matcher is None or before is None or before.answers_key != corpus.answers_key:
                await self._build_matcher(words)
                await self._take_answers(words)
            if self._articles is None or before is None or before.articles_key != corpus.articles_key:
                await self._load_articles(corpus.articles_key, day, words)
            self._corpus, self._looked = corpus, time.monotonic()

    def _is_fresh(self, day: date) -> bool:
        corpus = self._corpus
        return corpus is not None and corpus.day == day and time.monotonic() - self._looked < LOOK_AGAIN

    async def _build_matcher(self, words: SearchWords) -> None:
        async with self._reading() as uow:
            # Copies: the rows are only readable while the unit of work is open.
            answers = [replace(answer) for answer in await uow.laws.answers() if holds_in(read_scope(answer.scope), self._region)]
        self._matcher = await asyncio.to_thread(AnswerMatcher, answers, words)

    async def _take_answers(self, words: SearchWords) -> None:
        """New or changed answers are found by their meaning at once, where the articles are."""
        meaning, encoder, matcher = self._meaning, self._encoder, self._matcher
        if meaning is not None and encoder is not None and matcher is not None:
            try:
                self._meaning = await asyncio.to_thread(
                    lambda: meanings.with_answers(meaning, encoder(), matcher.answers, words, self._folder)
                )
            except (InvalidInput, EncoderError) as error:
                log.warning("answers are found by their words alone: %s", error)
                self._meaning = replace(meaning, answers=None, weights=None)

    async def _load_articles(self, key: str, day: date, words: SearchWords) -> None:
        place = self._folder / key
        index = await asyncio.to_thread(_load, place, words)
        if index is None:
            async with self._reading() as uow:
                rows = [
                    row_of(article, statute)
                    for article, statute in await uow.laws.articles_in_force(day)
                    if statute.kind not in AMENDING and holds_in(statute.scope, self._region)
                ]
            index = await asyncio.to_thread(_build, place, rows, words)
        self._meaning = None  # of other rows
        self._articles = index
        await self._load_meaning(index)
        self._by_label = {(row.law, row.label): row for row in index.rows}


async def _in_the_background(work: Callable[[Callable[[], bool]], bool], stop: Callable[[], bool]) -> bool:
    """In a thread that yields the processor to everybody else, as do those it starts. Cancelled, it is told to stop and not waited for."""

    def last() -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)

    cancelled = threading.Event()
    alone = ThreadPoolExecutor(1, thread_name_prefix="meaning", initializer=last)
    try:
        over = lambda: cancelled.is_set() or stop()  # noqa: E731
        return await asyncio.get_running_loop().run_in_executor(alone, work, over)
    finally:
        cancelled.set()
        alone.shutdown(wait=False)


def open_search(
    reading: Callable[[], UnitOfWork], folder: Path, encoder: Callable[[], Encodes] | None = None, region: str = ""
) -> KnowledgeSearch:
    """`region` (浙江省/杭州市): local rules of this place are searched and cited, those of others are not there."""
    return KnowledgeSearch(reading, folder, encoder=encoder, region=region)


async def search_articles(community: Community, query: str, limit: int) -> list[Hit]:
    """For the command line: articles that `query` names come first, then the nearest ones."""
    today = local(community.clock.now()).date()
    named = [await community.legal.cite(ref.law, ref.label, today) for ref in find_citations(query)]
    hits = [Hit(c.law, c.label, 1.0, c.text) for c in named if c is not None]
    for found in await community.legal.articles(query, today, limit):
        hits.append(Hit(found.citation.law, found.citation.label, found.score, found.citation.text))
    unique = {(hit.law, hit.article_no): hit for hit in reversed(hits)}
    return sorted(unique.values(), key=lambda hit: -hit.score)[:limit]


def _citation(row: Row) -> Citation:
    return Citation(row.law, row.label, row.text, date.fromisoformat(row.effective_on))


def row_of(article: Article, statute: Statute) -> Row:
    context = re.sub(r"第\S+(?:编|分编|章|节)\s*", "", article.chapter)
    return Row(statute.name, article.label, article.text, statute.in_force_from.isoformat(), context, statute.level)


def by_rank(found: Sequence[tuple[Row, float]]) -> list[tuple[Row, float]]:
    """Best first; of those that fit alike the higher rank first. The Constitution stands with the laws, which say it nearer to life."""
    out: list[tuple[Row, float]] = []
    alike: list[tuple[Row, float]] = []
    for row, score in found:
        if alike and alike[0][1] - score > NEAR:
            out += sorted(alike, key=_rank)
            alike = []
        alike.append((row, score))
    return out + sorted(alike, key=_rank)


def _rank(found: tuple[Row, float]) -> int:
    return max(found[0].level, LEVELS["法律"])


def _articles_key(statutes: list[Statute], day: date, words: SearchWords) -> str:
    """Names the set of texts in force, not the day: most days change nothing."""
    in_force = sorted((s.source_id, s.digest) for s in statutes if s.in_force(day) and s.kind not in AMENDING)
    return hashlib.sha256(json.dumps([FORMAT, words.digest, in_force]).encode()).hexdigest()[:32]


def _answers_key(answers: list[CuratedAnswer], words: SearchWords) -> str:
    return hashlib.sha256(json.dumps([words.digest, sorted((a.code, a.digest) for a in answers)]).encode()).hexdigest()


def _load(place: Path, words: SearchWords) -> ArticleIndex | None:
    if not place.is_dir():
        return None
    try:
        index = ArticleIndex.load(place, words)
        os.utime(place)
        return index
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        log.warning("search index %s is damaged (%s), building it again", place, error)
        shutil.rmtree(place, ignore_errors=True)
        return None


def _build(place: Path, rows: list[Row], words: SearchWords) -> ArticleIndex:
    """Build and keep it. Losing the race against another process, or a full disk, costs nothing but the next start."""
    index = ArticleIndex.build(rows, words)
    draft = place.with_name(f".{place.name}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        index.save(draft)
        draft.replace(place)
        _sweep(place.parent)
    except OSError as error:
        log.warning("search index not kept in %s: %s", place, error)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return index


def _sweep(folder: Path) -> None:
    kept = sorted((p for p in folder.iterdir() if p.is_dir() and len(p.name) == 32), key=lambda p: -p.stat().st_mtime)
    for old in kept[KEEP:]:
        shutil.rmtree(old, ignore_errors=True)
