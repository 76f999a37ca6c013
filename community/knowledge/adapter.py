"""A small linear map between what people ask and what statutes say, learnt on questions with known articles.

q' = unit(q + q A B), A and B of low rank: the encoder stays as it is, and so do the vectors of the articles. Learnt in a minute,
200 kB, and on questions never trained on it finds more than the tuned encoder did (docs/legal.md).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

RANK = 128
STEPS = 350
BATCH = 128
RATE, DECAY = 1e-3, 0.1
SCALE = 50.0
"""Cosines of this encoder lie close together: the inverse temperature of the softmax over all articles."""
WARM_UP = 20
BETA1, BETA2, TINY = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Adapter:
    """`down` is (dimensions, rank), `up` (rank, dimensions)."""

    down: Matrix
    up: Matrix

    def __call__(self, questions: Matrix) -> Matrix:
        """Unit rows in, unit rows out."""
        moved = questions + (questions @ self.down) @ self.up
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def train(
    questions: Matrix,
    right: Sequence[Set[int]],
    articles: Matrix,
    more: tuple[Matrix, Sequence[Set[int]]] | None = None,
    share: float = 0.0,
    seed: int = 0,
    steps: int = STEPS,
) -> Adapter:
    """Learn from questions (unit rows) and the numbers of the articles (unit rows) that answer each.

    `more` are further pairs, of which `share` of every batch is drawn. On one machine the same pairs and seed give the same map.
    """
    dice = np.random.default_rng(seed)
    size = questions.shape[1]
    adapter = Adapter(
        (dice.standard_normal((size, RANK)) * 0.02).astype(np.float32), np.zeros((RANK, size), np.float32)
    )
    optimiser = Adam([adapter.down, adapter.up])
    pairs = [(place, article) for place, found in enumerate(right) for article in sorted(found)]
    others = [(place, article) for place, found in enumerate(more[1]) for article in sorted(found)] if more else []
    from_others = int(BATCH * share) if others else 0
    for step in range(steps):
        chosen = [pairs[n] for n in dice.integers(len(pairs), size=BATCH - from_others)]
        asked = questions[[place for place, _ in chosen]]
        known = [right[place] for place, _ in chosen]
        if from_others and more:
            added = [others[n] for n in dice.integers(len(others), size=from_others)]
            asked = np.concatenate([asked, more[0][[place for place, _ in added]]])
            known += [more[1][place] for place, _ in added]
            chosen += added
        rate = RATE * min(1.0, (step + 1) / WARM_UP) * (1 - 0.9 * step / steps)
        optimiser.step(_gradients(adapter, asked, [article for _, article in chosen], known, articles), rate)
    return adapter


def _gradients(
    adapter: Adapter, asked: Matrix, wanted: Sequence[int], known: Sequence[Set[int]], articles: Matrix
) -> list[Matrix]:
    """Of the mean cross entropy of a softmax over all articles; other right ones of a question are not held against it."""
    hidden = asked @ adapter.down
    moved = asked + hidden @ adapter.up
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    unit = moved / length
    scores = SCALE * (unit @ articles.T)
    for row, (article, rights) in enumerate(zip(wanted, known, strict=True)):
        for other in rights:
            if other != article:
                scores[row, other] = -np.inf
    scores -= scores.max(axis=1, keepdims=True)
    chance = np.exp(scores, out=scores)
    chance /= chance.sum(axis=1, keepdims=True)
    chance[np.arange(len(wanted)), list(wanted)] -= 1
    of_unit = (SCALE / len(wanted)) * (chance @ articles)
    of_moved = (of_unit - (of_unit * unit).sum(axis=1, keepdims=True) * unit) / length
    return [asked.T @ (of_moved @ adapter.up.T), hidden.T @ of_moved]


class Adam:
    """AdamW, in place."""

    def __init__(self, weights: list[Matrix]) -> None:
        self._weights = weights
        self._first = [np.zeros_like(weight) for weight in weights]
        self._second = [np.zeros_like(weight) for weight in weights]
        self._count = 0

    def step(self, gradients: list[Matrix], rate: float, decay: float = DECAY) -> None:
        self._count += 1
        for weight, first, second, gradient in zip(self._weights, self._first, self._second, gradients, strict=True):
            first += (1 - BETA1) * (gradient - first)
            second += (1 - BETA2) * (gradient * gradient - second)
            towards = first / (1 - BETA1**self._count)
            size = np.sqrt(second / (1 - BETA2**self._count)) + TINY
            weight -= rate * decay * weight
            weight -= rate * towards / size
