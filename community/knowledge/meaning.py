"""Articles and answers by their meaning: vectors are made once and kept, what was learnt is laid over. Without them, by words alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from community.errors import InvalidInput
from community.knowledge import answer_ranking
from community.knowledge.answer_ranking import AnswerRanking, body_of, wordings_of
from community.knowledge.answer_weights import AnswerWeights
from community.knowledge.answer_weights import load as load_answer_weights
from community.knowledge.asked import read_asked, read_beyond
from community.knowledge.frames import read_frames
from community.knowledge.fusion import Fusion, PhrasingIndex, text_of
from community.knowledge.phrasings import all_texts, read_phrasings
from community.knowledge.ranker import Ranker
from community.knowledge.ranker import load as load_ranker
from community.knowledge.ranking import ArticleIndex
from community.knowledge.text import SearchWords
from community.knowledge.vectors import Encodes, VectorStore
from community.model.law import CuratedAnswer
from encoder.errors import EncoderError

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Texts of answers that are encoded on the spot when an answer is new or changed: two seconds. More wait for `make_vectors`."""


@dataclass(frozen=True)
class Meaning:
    """All that a search by meaning needs, ready. Without `answers` these are found by words alone."""

    fusion: Fusion
    ranker: Ranker
    answers: AnswerRanking | None = None
    weights: AnswerWeights | None = None


def make_vectors(
    encoder: Callable[[], Encodes],
    index: ArticleIndex,
    answers: Sequence[CuratedAnswer],
    folder: Path,
    progress: Callable[[int, int], None] | None,
    stop: Callable[[], bool],
) -> bool:
    """Encode what is missing, and forget what is no more. False without an encoder, without what was learnt for it, or when stopped."""
    try:
        opened = encoder()
    except EncoderError as error:
        log.warning("articles are searched by their words alone: %s", error)
        return False
    if load_ranker(opened.fingerprint) is None:
        return False
    queries, bodies = _texts_of(answers)
    queries = list(dict.fromkeys([*queries, *all_texts(read_phrasings())]))
    texts = [*bodies, *(text_of(row) for row in index.rows)]
    passages = VectorStore(folder, opened, "passage")
    asked = VectorStore(folder, opened, "query")
    first = len(asked.missing(queries))
    whole = first + len(passages.missing(texts))

    def told(before: int) -> Callable[[int, int], None]:
        return lambda done, _: progress(before + done, whole) if progress is not None else None

    done = asked.make(queries, told(0), stop) and passages.make(texts, told(first), stop)
    if done:
        asked.forget_but(queries)
        passages.forget_but(texts)
    return done


def _texts_of(answers: Sequence[CuratedAnswer]) -> tuple[list[str], list[str]]:
    """(how the answers are asked and what is beyond them, what they say)."""
    return [*(text for _, text in wordings_of(answers, read_asked())), *read_beyond()], [body_of(answer) for answer in answers]


def with_answers(meaning: Meaning, encoder: Encodes, answers: Sequence[CuratedAnswer], words: SearchWords, folder: Path) -> Meaning:
    """The same with these curated answers; without them where nothing was learnt, or too many are not encoded yet."""
    weights = load_answer_weights(encoder.fingerprint)
    if weights is None or not answers:
        return replace(meaning, answers=None, weights=None)
    asked, beyond = read_asked(), read_beyond()
    queries, passages = VectorStore(folder, encoder, "query"), VectorStore(folder, encoder, "passage")
    texts, bodies = _texts_of(answers)
    new = len(queries.missing(texts)) + len(passages.missing(bodies))
    if new > AT_ONCE:
        return replace(meaning, answers=None, weights=None)
    if new:
        queries.make(texts)
        passages.make(bodies)
    wordings = [text for _, text in wordings_of(answers, asked)]
    vectors = queries.get(wordings)[0], queries.get(beyond)[0]
    made = passages.get(bodies)[0]
    ranking = answer_ranking.build(answers, asked, words, meaning.fusion, meaning.ranker, vectors, made, read_frames())
    return replace(meaning, answers=ranking, weights=weights)


def load(
    encoder: Callable[[], Encodes], index: ArticleIndex, answers: Sequence[CuratedAnswer], words: SearchWords, folder: Path
) -> Meaning | None:
    """None while anything that it needs is not there: the words alone are searched then."""
    try:
        opened = encoder()
        ranker = load_ranker(opened.fingerprint)
        if ranker is None or not index.rows:
            return None
        phrasings = PhrasingIndex(index.rows, read_phrasings())
        asked, all_asked = VectorStore(folder, opened, "query").get(phrasings.texts)
        articles, there = VectorStore(folder, opened, "passage").get([text_of(row) for row in index.rows])
    except (EncoderError, InvalidInput) as error:
        log.warning("articles are searched by their words alone: %s", error)
        return None
    if not all_asked.all() or not there.all():
        return None
    meaning = Meaning(Fusion(index, phrasings, articles, asked, ranker.adapter, opened), ranker)
    try:
        return with_answers(meaning, opened, answers, words, folder)
    except (InvalidInput, EncoderError) as error:
        log.warning("answers are found by their words alone: %s", error)
        return meaning
