"""Multinomial logistic regression on sparse signs beside dense vectors, by L-BFGS made for its shape.

The same loss as scikit-learn's LogisticRegression. That one takes one matrix for all (as a sparse one, the vectors alone cost it two
thirds of its time), and both it and scipy's L-BFGS-B, which it calls, carry bounds for each of two million numbers, work in double
precision and ask for all products again at each try of a step. What is different here (docs/nlu.md, "Speed"):

- the scores of a step are a straight line, so that trying another length of it costs no product;
- a sign of many texts moves less than one of two: steps are scaled by what each sign weighs in all (`_scale`), which takes 30 to 70 rounds
  where it took 100 and more;
- single precision, which the saved model has anyway.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

ROUNDS = 100
"""Steps at most."""
SETTLED = 1e-5
"""Of the loss: when the last three steps gained less than this each, the fit is done. With 1e-4 it saved a fifth and one figure of four was
.003 lower; with 1e-6 none changed by .001 (docs/nlu.md, "Speed")."""
MEMORY = 6
"""Steps that are remembered: more need fewer rounds, but each round costs as much more."""
SHARE, POWER = 0.01, 0.6
"""Of the curvature at the start as how much is left in the end, when nearly all is learnt; and how far to trust it. Of 15 pairs
between .003 and .1, and .5 and 1, these settled soonest on intents, categories and danger alike."""
TRIES = 12
"""Lengths of one step that are tried."""
_ENOUGH, _TOO_STEEP = 1e-4, 0.9
"""Wolfe's conditions: a step must gain this share of what its slope promised, and leave less than that share of the slope."""


class _Loss:
    """`signs` is (texts, signs) in sparse float32, `dense` (texts, dimensions) float32, `labels` the place of each text's label, `weights`
    how much each text counts. A point is (signs + dimensions + 1, labels); its last row, the bias, is not held small."""

    def __init__(self, signs: Any, dense: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        self._signs, self._turned, self._dense = signs, signs.T.tocsr(), dense
        self._weights = weights.astype(np.float32)
        self._right = (np.arange(len(labels)), labels)
        self._known = signs.shape[1]
        self.shape = (signs.shape[1] + dense.shape[1] + 1, int(labels.max()) + 1)

    def missed(self, scores: np.ndarray) -> tuple[float, np.ndarray]:
        """The loss of these scores without what holds the weights small, and its slope by each score."""
        scores = scores - scores.max(1, keepdims=True)
        chances = np.exp(scores)
        total = chances.sum(1)
        loss = float((self._weights * (np.log(total) - scores[self._right])).sum(dtype=np.float64))
        chances *= (self._weights / total)[:, None]
        chances[self._right] -= self._weights
        return loss, chances

    def scores(self, point: np.ndarray) -> np.ndarray:
        found = self._signs @ point[: self._known]
        found += self._dense @ point[self._known : -1]
        found += point[-1]
        return np.asarray(found)

    def slope(self, by_score: np.ndarray, point: np.ndarray) -> np.ndarray:
        """By each number of the point."""
        found = np.empty_like(point)
        found[: self._known] = self._turned @ by_score
        found[self._known : -1] = self._dense.T @ by_score
        found[-1] = by_score.sum(0)
        found[:-1] += point[:-1]
        return found

    def scale(self) -> np.ndarray:
        """How far each row may move, by how much it weighs in all texts."""
        squares = self._turned.copy()
        squares.data = np.square(squares.data)
        curved = np.concatenate((squares @ self._weights, np.square(self._dense).T @ self._weights, [self._weights.sum()]))
        return ((1 + SHARE * curved) ** -POWER).astype(np.float32)[:, None]


def fit(signs: Any, dense: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of shape (signs + dimensions, labels) and the bias of each label, float32. For the arguments see `_Loss`."""
    loss = _Loss(signs, dense, labels, weights)
    point = np.zeros(loss.shape, np.float32)
    scores = np.zeros((len(labels), loss.shape[1]), np.float32)
    way = _Way(loss.scale())
    missed, by_score = loss.missed(scores)
    slope = loss.slope(by_score, point)
    values = [missed]
    for _ in range(ROUNDS):
        direction = way.down(slope)
        ahead = loss.scores(direction)
        found = _step(loss, scores, ahead, missed, by_score, point[:-1], direction[:-1], way.first_try(direction))
        if found is None:
            break
        length, missed, by_score, value = found
        step = np.float32(length) * direction
        point += step
        scores += np.float32(length) * ahead
        before, slope = slope, loss.slope(by_score, point)
        way.remember(step, slope - before)
        values.append(value)
        if len(values) > 3 and values[-4] - value < 3 * SETTLED * value:
            break
    return point[:-1], point[-1]


def _step(
    loss: _Loss,
    scores: np.ndarray,
    ahead: np.ndarray,
    missed: float,
    by_score: np.ndarray,
    held: np.ndarray,
    move: np.ndarray,
    length: float,
) -> tuple[float, float, np.ndarray, float] | None:
    """(length, missed, slope by score, loss) of a step that is long enough and not too long; None where there is nothing to gain. `held`
    and `move` are what is held small of the point and the direction."""
    size, both, moved = _dot(held, held), _dot(held, move), _dot(move, move)
    start = missed + size / 2
    steep = _dot(by_score, ahead) + both
    if not steep < 0:
        return None
    short, long = 0.0, np.inf
    best = None
    for _ in range(TRIES):
        missed, by_score = loss.missed(scores + np.float32(length) * ahead)
        value = missed + (size + 2 * length * both + length * length * moved) / 2
        left = _dot(by_score, ahead) + both + length * moved
        if value > start + _ENOUGH * length * steep:
            long = length
        else:
            best = (length, missed, by_score, value)
            if left >= _TOO_STEEP * steep:
                break
            short = length
        length = (short + long) / 2 if np.isfinite(long) else length * 4
    return best


class _Way:
    """The last steps and what they did to the slope: enough to guess the way down (L-BFGS, Nocedal & Wright, algorithm 7.4)."""

    def __init__(self, scale: np.ndarray) -> None:
        self._scale = scale
        self._last: deque[tuple[np.ndarray, np.ndarray, float]] = deque(maxlen=MEMORY)

    def remember(self, step: np.ndarray, change: np.ndarray) -> None:
        along = _dot(step, change)
        if along > 0:  # else rounding alone
            self._last.append((step, change, along))

    def down(self, slope: np.ndarray) -> np.ndarray:
        found = slope.copy()
        shares = []
        for step, change, along in reversed(self._last):
            shares.append(_dot(step, found) / along)
            found -= np.float32(shares[-1]) * change
        found *= self._scale
        if self._last:
            _, change, along = self._last[-1]
            found *= np.float32(along / _dot(change, change * self._scale))
        for (step, change, along), share in zip(self._last, reversed(shares), strict=True):
            found += np.float32(share - _dot(change, found) / along) * step
        np.negative(found, out=found)
        return found

    def first_try(self, direction: np.ndarray) -> float:
        """A length: 1 is right nearly always, but for the very first step, of which nothing is known."""
        return 1.0 if self._last else 1 / max(1.0, float(np.linalg.norm(direction)))


def _dot(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.dot(one.ravel(), other.ravel()))
