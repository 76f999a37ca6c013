"""Articles by their meaning: vectors are made once and kept, and what was learnt is laid over them. Without them, by words alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from community.errors import InvalidInput
from community.knowledge.fusion import Fusion, PhrasingIndex, text_of
from community.knowledge.phrasings import all_texts, read_phrasings
from community.knowledge.ranker import Ranker
from community.knowledge.ranker import load as load_ranker
from community.knowledge.ranking import ArticleIndex
from community.knowledge.vectors import Encodes, VectorStore
from encoder.errors import EncoderError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Meaning:
    """All that a search by meaning needs, ready."""

    fusion: Fusion
    ranker: Ranker


def make_vectors(
    encoder: Callable[[], Encodes],
    index: ArticleIndex,
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
    queries = list(all_texts(read_phrasings()))
    texts = [text_of(row) for row in index.rows]
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


def load(encoder: Callable[[], Encodes], index: ArticleIndex, folder: Path) -> Meaning | None:
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
    return Meaning(Fusion(index, phrasings, articles, asked, ranker.adapter, opened), ranker)
