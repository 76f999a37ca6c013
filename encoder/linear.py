"""Texts to labels: characters and words weighed by TF-IDF beside the encoder's vector, under one linear classifier.

Serves in both Pythons: intents and categories inside Rasa, danger in the heart. What was tried, and the figures, are in docs/nlu.md.
Training uses scipy, which only Rasa's Python has; serving is a few sums in numpy over a dictionary, because building
scikit-learn's sparse matrices for one short text costs more than everything else together. A saved model is two plain files, numbers
(npz) and signs (JSON): nothing in them can run.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoder.signs import Counted, Signs, grams


class TextModel:
    """`strength` is the inverse of regularisation, `characters` the longest n-gram, `share` how much the vector weighs beside the
    signs, `balance` how far a label of few examples is made up for (0 not at all, 1 wholly), `seen_twice` leaves out signs of one text,
    `sharpness` multiplies the scores: with many labels the fit is less sure than it is right (docs/nlu.md, "Calibration"). `favour` is
    added to the scores of some labels, for what people say far more often than its share of the examples: .5 makes it 1.6 times likelier.

    Deterministic: the same texts give the same model.
    """

    def __init__(
        self,
        strength: float = 20.0,
        characters: int = 3,
        share: float = 1.0,
        balance: float = 1.0,
        seen_twice: bool = True,
        sharpness: float = 1.0,
        favour: Mapping[str, float] | None = None,
    ) -> None:
        self._strength, self._longest, self._share = strength, characters, share
        self._balance, self._least = balance, 2 if seen_twice else 1
        self._sharpness = sharpness
        self._favour = dict(favour or {})
        self._signs: dict[str, int] = {}
        self._idf = np.zeros(0, np.float32)
        self._weights = np.zeros((0, 0), np.float32)
        """(signs, labels): one row a sign, so that a text reads a few rows that lie together."""
        self._dense = np.zeros((0, 0), np.float32)
        """(dimensions of the vector, labels), with the scaling of the vectors worked in."""
        self._bias = np.zeros(0, np.float32)
        self.mean = np.zeros(0, np.float32)
        """The mean vector of what was learnt from: stands for "no opinion" where a text's own vector would take too long."""
        self.labels: list[str] = []

    def train(self, texts: Sequence[Signs] | Counted, vectors: np.ndarray, labels: Sequence[str]) -> None:
        """Learn from `texts` with their vectors of shape (texts, dimensions). Raises ValueError for fewer than two labels."""
        from encoder.logistic import fit

        if len(set(labels)) < 2:
            raise ValueError("needs examples of at least two labels")
        counted = self._counted(texts)
        seen = counted.texts_with()
        kept = np.flatnonzero(seen >= self._least)
        self._signs = {counted.names[place]: i for i, place in enumerate(kept)}
        # Smoothed, as scikit-learn weighs: a sign of every text still counts a little.
        self._idf = (np.log((1 + len(counted)) / (1 + seen[kept])) + 1).astype(np.float32)
        # The encoder's vectors lie close together around one direction: as they are, the fit crawls and the common part drowns the rest.
        self.mean = vectors.mean(0).astype(np.float32)
        mean, spread = vectors.mean(0), vectors.std(0) + 1e-6
        scale = self._share / np.sqrt(vectors.shape[1]) / spread
        dense = ((vectors - mean) * scale).astype(np.float32)
        often = Counter(labels)
        weight = {label: (len(labels) / len(often) / count) ** self._balance for label, count in often.items()}
        self.labels = sorted(often)
        place = {label: i for i, label in enumerate(self.labels)}
        coefficients, bias = fit(
            self._weighed(counted),
            dense,
            np.array([place[label] for label in labels]),
            np.array([weight[label] for label in labels], np.float32) * self._strength,
        )
        coefficients, bias = coefficients * self._sharpness, bias * self._sharpness
        self._weights = np.ascontiguousarray(coefficients[: len(self._signs)], dtype=np.float32)
        self._dense = np.ascontiguousarray(coefficients[len(self._signs) :] * scale[:, None], dtype=np.float32)
        favour = np.array([self._favour.get(label, 0.0) for label in self.labels])
        self._bias = (bias + favour - mean @ self._dense).astype(np.float32)

    def chances(self, signs: Signs, vector: np.ndarray) -> np.ndarray:
        """The probability of each of `labels`, float32."""
        places, values = self._weigh(grams(signs, self._longest))
        scores = self._bias + values @ self._weights[places] + vector @ self._dense
        scores = np.exp(scores - scores.max())
        return np.asarray(scores / scores.sum(), dtype=np.float32)

    def chances_of(self, texts: Counted, vectors: np.ndarray) -> np.ndarray:
        """`chances` of many texts at once, (texts, labels), in training: it needs scipy."""
        scores = self._bias + self._weighed(texts) @ self._weights + vectors @ self._dense
        scores = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(scores / scores.sum(1, keepdims=True), dtype=np.float32)

    def familiar(self, signs: Signs) -> float:
        """The share of the text's character pairs that are known, from 0 to 1; 1 for a text of one character."""
        flat = signs[0]
        pairs = [flat[i : i + 2] for i in range(len(flat) - 1)]
        return sum(pair in self._signs for pair in pairs) / len(pairs) if pairs else 1.0

    def rank(self, signs: Signs, vector: np.ndarray) -> list[tuple[str, float]]:
        """Every label with its probability, best first. Empty for an untrained model."""
        if not self.labels:
            return []
        chances = self.chances(signs, vector)
        return [(self.labels[i], float(chances[i])) for i in np.argsort(-chances, kind="stable")]

    def _counted(self, texts: Sequence[Signs] | Counted) -> Counted:
        if not isinstance(texts, Counted):
            return Counted.of(texts, self._longest)
        if texts.longest != self._longest:
            raise ValueError(f"counted up to {texts.longest} characters, not {self._longest}")
        return texts

    def _weighed(self, counted: Counted) -> Any:
        """`_weigh` for many texts: a sparse matrix (texts, signs)."""
        return counted.weighed(np.array([self._signs.get(name, -1) for name in counted.names]), self._idf)

    def _weigh(self, counted: tuple[Counter[str], Counter[str]]) -> tuple[np.ndarray, np.ndarray]:
        """(rows, weights) of the known signs; characters and words each of length one, so that neither drowns the other."""
        rows: list[int] = []
        weights: list[np.ndarray] = []
        for kind in counted:
            known = [(self._signs[sign], times) for sign, times in kind.items() if sign in self._signs]
            if not known:
                continue
            places = [place for place, _ in known]
            values = (1 + np.log(np.array([times for _, times in known], dtype=np.float32))) * self._idf[places]
            rows += places
            weights.append(values / np.linalg.norm(values))
        if not rows:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        return np.array(rows, dtype=np.int64), np.concatenate(weights).astype(np.float32)

    def save(self, folder: Path) -> None:
        np.savez(
            folder / "model.npz",
            idf=self._idf,
            weights=self._weights,
            dense=self._dense,
            bias=self._bias,
            mean=self.mean,
        )
        signs = {"signs": list(self._signs), "labels": self.labels, "characters": self._longest}
        (folder / "model.json").write_text(json.dumps(signs, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TextModel:
        """Raises ValueError when the files are missing or do not belong together."""
        try:
            kept = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "model.npz", allow_pickle=False) as numbers:
                names = ("idf", "weights", "dense", "bias", "mean")
                idf, weights, dense, bias, mean = (numbers[name] for name in names)
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"{folder} holds no text model: {error}") from error
        if weights.shape != (len(kept["signs"]), len(kept["labels"])) or dense.shape[1] != len(kept["labels"]):
            raise ValueError(f"{folder}: model.npz and model.json are of different models")
        model = cls(characters=int(kept["characters"]))
        model._signs = {sign: i for i, sign in enumerate(kept["signs"])}
        model._idf, model._weights, model._dense, model._bias, model.mean = idf, weights, dense, bias, mean
        model.labels = list(kept["labels"])
        return model
