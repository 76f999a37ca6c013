"""BM25 over articles in force: character pairs and words, each an index of its own, added up.

Measured on lay questions with gold articles (docs/legal.md); each part is there because the figures asked for it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from community.knowledge.text import SearchWords, bigrams, substance, words

Floats = NDArray[np.float32]

K1, B = 1.2, 0.7
LEGAL_WEIGHT = 0.3
FIRST, SECOND = 1.25, 1.12
# A logistic over (log score, share of the question found, log question length): what fits at all, whatever the question.
FIT = (2.165, 5.421, 0.298, -10.027)


@dataclass(frozen=True)
class Row:
    """What is shown of an article, kept beside the index so that a search needs no database."""

    law: str
    label: str
    text: str
    effective_on: str
    context: str
    level: int = 2
    """位阶 (`community.model.law.level_of`)."""


class TokenIndex:
    """BM25 of one kind of token. Thin around bm25s, which scores at indexing time and only adds up when asked."""

    def __init__(self, model: Any, vocabulary: dict[str, int], ceiling: Floats) -> None:
        self._model, self._vocabulary = model, vocabulary
        self._ceiling = ceiling

    @classmethod
    def build(cls, tokenize: Callable[[str], list[str]], texts: Iterable[tuple[str, str]]) -> TokenIndex:
        """`texts` are (place, text); places repeat, so they are read once."""
        import bm25s

        vocabulary: dict[str, int] = {}
        read = lru_cache(1024)(tokenize)
        ids = [
            [vocabulary.setdefault(token, len(vocabulary)) for token in (*read(place), *tokenize(text))]
            for place, text in texts
        ]
        model = bm25s.BM25(k1=K1, b=B)
        model.index((ids, vocabulary), show_progress=False)
        return cls(model, vocabulary, _idf(ids, len(vocabulary)))

    def scores(self, tokens: Iterable[str]) -> Floats | None:
        """A score for every text, None when no token is known."""
        known = [self._vocabulary[token] for token in dict.fromkeys(tokens) if token in self._vocabulary]
        if not known:
            return None
        return np.asarray(self._model.get_scores_from_ids(np.array(known)), dtype=np.float32)

    def ceiling(self, tokens: Iterable[str]) -> float:
        """What a text could score at most that says all of it; a token nobody uses counts as a rare one."""
        rare = float(self._ceiling.max(initial=1.0))
        return sum(
            float(self._ceiling[self._vocabulary[token]]) if token in self._vocabulary else rare
            for token in dict.fromkeys(tokens)
        )

    def save(self, folder: Path) -> None:
        self._model.save(str(folder), corpus=None, show_progress=False)
        np.save(folder / "ceiling.npy", self._ceiling)
        (folder / "tokens.json").write_text(json.dumps(self._vocabulary, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TokenIndex:
        import bm25s

        model = bm25s.BM25.load(str(folder), load_corpus=False, load_vocab=False)
        vocabulary = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))
        return cls(model, vocabulary, np.load(folder / "ceiling.npy"))


def _idf(ids: list[list[int]], size: int) -> Floats:
    found = np.zeros(size, dtype=np.float64)
    for tokens in ids:
        found[np.unique(np.array(tokens, dtype=np.int64))] += 1
    return np.log(1 + (len(ids) - found + 0.5) / (found + 0.5)).astype(np.float32)


class ArticleIndex:
    """All articles in force on a day."""

    def __init__(self, rows: list[Row], pairs: TokenIndex | None, words_: TokenIndex | None, lay: SearchWords) -> None:
        self.rows = rows
        self._pairs, self._words, self._lay = pairs, words_, lay
        short = [row.law.removeprefix("中华人民共和国") for row in rows]
        self.prior: Floats = np.array(
            [FIRST if name in lay.first else SECOND if name in lay.second else 1.0 for name in short], dtype=np.float32
        )

    @classmethod
    def build(cls, rows: list[Row], lay: SearchWords) -> ArticleIndex:
        if not rows:
            return cls(rows, None, None, lay)
        texts = [(f"{row.law.removeprefix('中华人民共和国')} {row.context}", row.text) for row in rows]
        return cls(rows, TokenIndex.build(bigrams, texts), TokenIndex.build(words, texts), lay)

    def search(self, question: str, limit: int) -> list[tuple[Row, float]]:
        """The best rows with a score in [0, 1] that says how well they fit, comparable between questions."""
        asked = substance(question)
        pairs, terms = bigrams(asked), words(asked)
        scores = self._sum(pairs, terms)
        if scores is None or self._pairs is None or self._words is None:
            return []
        legal = self._lay.legal_words(question)
        more = self._sum(bigrams(legal), words(legal)) if legal else None
        total = (scores if more is None else scores + LEGAL_WEIGHT * more) * self.prior
        limit = min(limit, len(self.rows))
        best = np.argpartition(-total, limit - 1)[:limit]
        best = best[np.argsort(-total[best], kind="stable")]
        most = self._pairs.ceiling(pairs) + self._words.ceiling(terms)
        length = len(set(pairs)) + len(set(terms))
        return [(self.rows[i], fit(float(total[i]), float(scores[i]) / most, length)) for i in best if total[i] > 0]

    def parts(self, question: str, pairs: list[str], terms: list[str]) -> tuple[Floats, Floats, Floats]:
        """For every row what its pairs, its words, and the statutes' words behind the lay ones score; zeros where nothing is known."""
        nothing = np.zeros(len(self.rows), np.float32)
        by_pairs = self._pairs.scores(pairs) if self._pairs else None
        by_words = self._words.scores(terms) if self._words else None
        legal = self._lay.legal_words(question)
        by_legal = self._sum(bigrams(legal), words(legal)) if legal else None
        return tuple(nothing if part is None else part for part in (by_pairs, by_words, by_legal))  # type: ignore[return-value]

    def most(self, pairs: list[str], terms: list[str]) -> float:
        """What a row could score at most that says all of the question."""
        return (self._pairs.ceiling(pairs) if self._pairs else 0.0) + (self._words.ceiling(terms) if self._words else 0.0)

    def community_laws(self) -> tuple[Floats, Floats]:
        """1 for each row of the law that goes first where two fit alike, and of those that go second."""
        return (self.prior == np.float32(FIRST)).astype(np.float32), (self.prior == np.float32(SECOND)).astype(np.float32)

    def _sum(self, pairs: list[str], terms: list[str]) -> Floats | None:
        parts = [
            part
            for part in (
                self._pairs.scores(pairs) if self._pairs else None,
                self._words.scores(terms) if self._words else None,
            )
            if part is not None
        ]
        return sum(parts[1:], parts[0]) if parts else None

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, index in (("pairs", self._pairs), ("words", self._words)):
            if index is not None:
                (folder / name).mkdir()
                index.save(folder / name)
        rows = [astuple(row) for row in self.rows]
        (folder / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, lay: SearchWords) -> ArticleIndex:
        rows = [Row(*row) for row in json.loads((folder / "rows.json").read_text(encoding="utf-8"))]
        if not rows:
            return cls(rows, None, None, lay)
        return cls(rows, TokenIndex.load(folder / "pairs"), TokenIndex.load(folder / "words"), lay)


def fit(score: float, share: float, length: int) -> float:
    a, b, c, d = FIT
    return 1 / (1 + math.exp(-(a * math.log1p(score) + b * share + c * math.log1p(length) + d)))
