"""Articles found by words, by meaning, and by how laypeople ask, weighed together.

Some two hundred candidates, the best of each way, get eighteen features; a learnt sum of these orders them. What each way finds
alone, and what they find together, is in docs/legal.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from community.knowledge.adapter import Adapter, Matrix
from community.knowledge.phrasings import Phrasings
from community.knowledge.ranker import Ranker
from community.knowledge.ranking import LEGAL_WEIGHT, ArticleIndex, Row, TokenIndex, fit
from community.knowledge.text import bigrams, substance, words
from community.knowledge.vectors import Encodes

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

BY_WORDS, BY_ADAPTED, BY_MEANING, BY_PHRASING = 60, 100, 40, 30
"""Candidates of each way. With these a right article is among them for 96.9 % of the questions that were tuned on."""
TOP = 20
"""Whose laws and chapters count as what the question is about."""
LONGEST = 260
"""Characters of an article that are encoded, name and chapter included: its first paragraphs say what it is about."""
NO_LIKENESS, SPREAD = 0.5, 5.0
RANK_OFFSET = 3


def text_of(row: Row) -> str:
    """What is encoded of an article."""
    return f"{row.law.removeprefix('中华人民共和国')} {row.context} {row.text}"[:LONGEST]


@dataclass(frozen=True)
class Candidates:
    """`places` of rows, a line of features for each, and what the chance is told from beside the logit."""

    places: Places
    features: Floats
    adapted: Floats
    phrasing: Floats
    fits: Floats

    def evidence(self, logits: Floats) -> Floats:
        return np.stack([logits, self.adapted, self.phrasing, self.fits, np.ones_like(logits)], axis=1)


class PhrasingIndex:
    """The phrasings of the articles of an index: words and vectors, one place an article."""

    def __init__(self, rows: Sequence[Row], phrasings: Phrasings) -> None:
        place = {(row.law, row.label): number for number, row in enumerate(rows)}
        owned = sorted((place[key], texts) for key, texts in phrasings.items() if key in place)
        self.owners: Places = np.array([number for number, _ in owned], np.int64)
        self.texts = [text for _, texts in owned for text in texts]
        counts = [len(texts) for _, texts in owned]
        self.starts: Places = np.cumsum([0, *counts[:-1]], dtype=np.int64) if counts else np.zeros(0, np.int64)
        documents = [("", " ".join(texts)) for _, texts in owned]
        self._pairs = TokenIndex.build(bigrams, documents) if documents else None
        self._words = TokenIndex.build(words, documents) if documents else None

    def by_words(self, pairs: list[str], terms: list[str], size: int) -> Floats:
        out = np.zeros(size, np.float32)
        for index, tokens in ((self._pairs, pairs), (self._words, terms)):
            scores = index.scores(tokens) if index else None
            if scores is not None:
                out[self.owners] += scores
        return out

    def by_meaning(self, question: Floats, vectors: Matrix, size: int) -> Floats:
        """The likeness of the nearest phrasing; -1 where an article has none."""
        out = np.full(size, -1, np.float32)
        if len(self.owners):
            out[self.owners] = np.maximum.reduceat(vectors @ question, self.starts)
        return out


class Fusion:
    """Ready to be asked. `articles` are unit rows in the order of the index."""

    def __init__(
        self,
        index: ArticleIndex,
        phrasings: PhrasingIndex,
        articles: Matrix,
        phrasing_vectors: Matrix,
        adapter: Adapter,
        encoder: Encodes,
    ) -> None:
        self.index, self._phrasings, self._encoder, self._adapter = index, phrasings, encoder, adapter
        self._articles = articles
        self._adapted_phrasings = adapter(phrasing_vectors) if len(phrasing_vectors) else phrasing_vectors
        rows = index.rows
        self._law = _numbered([row.law for row in rows])
        self._chapter = _numbered([(row.law, row.context) for row in rows])
        self._length = np.log([max(2, len(row.text)) for row in rows]).astype(np.float32)
        self._has = np.zeros(len(rows), np.float32)
        self._has[phrasings.owners] = 1
        self._first, self._second = index.community_laws()
        self._last: tuple[str, Candidates] | None = None

    def vector(self, question: str) -> Floats:
        """The question's own, a unit row."""
        return np.asarray(self._encoder.encode([question])[0], np.float32)

    def candidates(self, question: str, vector: Floats | None = None) -> Candidates | None:
        """None when there is nothing to search in. `vector` is the question's own, where it is known already.

        The last ones are kept: a question is asked of the answers first, then of the articles.
        """
        last = self._last
        if last is not None and last[0] == question:
            return last[1]
        size = len(self.index.rows)
        if not size:
            return None
        if vector is None:
            vector = self.vector(question)
        moved = self._adapter(vector[None])[0]
        meaning, adapted = np.stack([vector, moved]) @ self._articles.T
        said = substance(question)
        pairs, terms = bigrams(said), words(said)
        by_pairs, by_words, by_legal = self.index.parts(question, pairs, terms)
        by_phrasing_words = self._phrasings.by_words(pairs, terms, size)
        by_phrasing = self._phrasings.by_meaning(moved, self._adapted_phrasings, size)
        lexical = by_pairs + by_words
        weighed = (lexical + LEGAL_WEIGHT * by_legal) * self.index.prior
        ways = (
            (weighed, BY_WORDS), (adapted, BY_ADAPTED), (meaning, BY_MEANING), (by_phrasing, BY_PHRASING), (by_phrasing_words, BY_PHRASING),
        )  # fmt: skip
        chosen: Places = np.unique(np.concatenate([_best(scores, limit) for scores, limit in ways]))
        about = _best(adapted, TOP)
        has = self._has[chosen]
        spread = _standard(adapted)
        near = (spread[np.maximum(chosen - 1, 0)] + spread[np.minimum(chosen + 1, size - 1)]) / 2
        likeness = (by_phrasing[chosen] - NO_LIKENESS) * SPREAD * has
        columns = [
            _standard(by_pairs)[chosen], _standard(by_words)[chosen], _standard(by_legal)[chosen],
            _standard(meaning)[chosen], spread[chosen], _standard(by_phrasing_words)[chosen], likeness, has,
            self._first[chosen], self._second[chosen], self._length[chosen],
            _share(self._law, about)[chosen], _share(self._chapter, about)[chosen], near,
            _rank(adapted[chosen]), _rank((lexical * self.index.prior)[chosen]),
            _rank(by_phrasing_words[chosen]), _rank(by_phrasing[chosen]),
        ]  # fmt: skip
        most, length = self.index.most(pairs, terms), len(set(pairs)) + len(set(terms))
        fits = np.array([fit(float(weighed[i]), float(lexical[i]) / most if most else 0.0, length) for i in chosen], np.float32)
        made = Candidates(chosen, np.stack(columns, axis=1).astype(np.float32), adapted[chosen], likeness, fits)
        self._last = (question, made)
        return made

    def search(self, question: str, limit: int, ranker: Ranker) -> list[tuple[Row, float]]:
        """The best rows, each with the chance that it answers, from 0 to 1."""
        found = self.candidates(question)
        if found is None:
            return []
        logits = found.features @ ranker.weights
        best = np.argsort(-logits, kind="stable")[:limit]
        sure = found.evidence(logits)[best] @ ranker.chance
        return [
            (self.index.rows[int(found.places[n])], 1 / (1 + math.exp(-float(z)))) for n, z in zip(best, sure, strict=True)
        ]


def _numbered(things: Sequence[object]) -> Places:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(thing, len(numbers)) for thing in things], np.int64)


def _best(scores: Floats, limit: int) -> Places:
    limit = min(limit, len(scores))
    return np.argpartition(-scores, limit - 1)[:limit]


def _standard(scores: Floats) -> Floats:
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-6), np.float32)


def _share(groups: Places, about: Places) -> Floats:
    """For every row, how much of what the question is about is of its group."""
    counts = np.bincount(groups[about], minlength=int(groups.max()) + 1) / max(1, len(about))
    return np.asarray(counts[groups], np.float32)


def _rank(scores: Floats) -> Floats:
    order = np.empty(len(scores), np.int64)
    order[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return np.asarray(1 / (RANK_OFFSET + order), np.float32)
