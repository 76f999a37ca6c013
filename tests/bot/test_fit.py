"""The fit of the linear models: what it settles on, and that counting once for many models changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from encoder import logistic
from encoder.linear import TextModel
from encoder.signs import Counted, Signs

dice = np.random.default_rng(7)
LABELS = dice.integers(0, 4, 300)
SPARSE = csr_matrix((dice.random((300, 80)) < 0.1) * dice.random((300, 80)), dtype=np.float32)
DENSE = (dice.normal(size=(300, 12)) + LABELS[:, None] * np.linspace(0, 0.5, 12)).astype(np.float32)
WEIGHTS = (1 + 9 * dice.random(300)).astype(np.float32)

TEXTS: list[Signs] = [
    ("电梯坏了", ["电梯", "坏", "了"]),
    ("灯坏了坏了", ["灯", "坏", "了", "坏", "了"]),
    ("你好", ["你好"]),
    ("你们好", ["你们", "好"]),
]
VECTORS = np.array([[1, 0], [0.8, 0.1], [0, 1], [0.1, 0.9]], np.float32)
SAID = ["report", "report", "greet", "greet"]


def loss(coefficients: np.ndarray, bias: np.ndarray) -> float:
    scores = np.hstack([SPARSE.toarray(), DENSE]) @ coefficients + bias
    missed = np.log(np.exp(scores).sum(1)) - scores[np.arange(len(LABELS)), LABELS]
    return float((WEIGHTS * missed).sum() + np.square(coefficients).sum() / 2)


def test_it_settles_where_scikit_learn_does() -> None:
    ours = logistic.fit(SPARSE, DENSE, LABELS, WEIGHTS)
    theirs = LogisticRegression(C=1.0, tol=1e-8, max_iter=5000).fit(hstack([SPARSE, DENSE]).tocsr(), LABELS, WEIGHTS)
    best = loss(theirs.coef_.T, theirs.intercept_)
    assert best * (1 - 1e-5) <= loss(*ours) <= best * 1.001


def test_the_same_texts_give_the_same_numbers() -> None:
    for first, second in zip(logistic.fit(SPARSE, DENSE, LABELS, WEIGHTS), logistic.fit(SPARSE, DENSE, LABELS, WEIGHTS), strict=True):
        assert np.array_equal(first, second)


def test_what_cannot_be_learnt_better_ends_at_once() -> None:
    nothing = csr_matrix((4, 3), dtype=np.float32)
    coefficients, bias = logistic.fit(nothing, np.zeros((4, 1), np.float32), np.array([0, 1, 0, 1]), np.ones(4, np.float32))
    assert not coefficients.any()
    assert bias == pytest.approx([0, 0])


def test_many_texts_weighed_at_once_are_weighed_as_each_alone() -> None:
    model = TextModel(characters=2, seen_twice=False)
    model.train(TEXTS, VECTORS, SAID)
    # 门 is unknown to the model, and so is every sign of the last one.
    asked: list[Signs] = [*TEXTS, ("电梯门坏了", ["电梯", "门", "坏", "了"]), ("", []), ("XYZ", ["XYZ"])]
    vectors = np.vstack([VECTORS, [[0.5, 0.5], [0, 0], [0.2, 0.1]]]).astype(np.float32)
    at_once = model.chances_of(Counted.of(asked, 2), vectors)
    for signs, vector, chances in zip(asked, vectors, at_once, strict=True):
        assert chances == pytest.approx(model.chances(signs, vector), abs=1e-5)


def test_some_of_what_was_counted_together_teaches_as_if_counted_alone() -> None:
    rows = np.array([0, 2, 3])
    alone, together = TextModel(characters=2, seen_twice=False), TextModel(characters=2, seen_twice=False)
    alone.train([TEXTS[i] for i in rows], VECTORS[rows], [SAID[i] for i in rows])
    together.train(Counted.of(TEXTS, 2).take(rows), VECTORS[rows], [SAID[i] for i in rows])
    for signs, vector in zip(TEXTS, VECTORS, strict=True):
        assert together.chances(signs, vector) == pytest.approx(alone.chances(signs, vector), abs=1e-5)
    assert "灯" not in together._signs  # what only the left-out text said is not known


def test_signs_counted_for_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="up to 3 characters, not 2"):
        TextModel(characters=2).train(Counted.of(TEXTS, 3), VECTORS, SAID)
