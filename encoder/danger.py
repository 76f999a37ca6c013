"""Danger by examples: what the rules have no word for. Served in the heart, trained beside the assistant (bot/danger_training.py).

A message is weighed sentence by sentence and whole, first by its characters alone, which takes a fraction of a millisecond; only what is
not surely harmless is read by the encoder too, and the mean of both counts: they err on different messages. A model is a folder: `signs/`
and `full/` (two linear models) and `danger.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import encoder
from chinese.normalise import normalise
from encoder.linear import TextModel
from encoder.signs import Signs

NONE = "none"
Grade = Literal["sure", "ask", "none", "doubt"]
LONGEST = 400
"""Characters that are weighed; what follows in a longer message is weighed by the rules only."""
MOST_PARTS = 8
_SENTENCE = re.compile(r"[。！？!?；;\n]+")
_DIGIT = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Weighed:
    """The kind of danger a message most likely tells of, and how likely it is that it tells of any (0 to 1)."""

    kind: str
    chance: float


@dataclass(frozen=True)
class Limits:
    """Chances, found by cross-validation in training. Below `look` the characters alone settle it; from `ask` on it is worth a word of
    care; from `sure` on it is danger, whether or not a rule says so; below `doubt` a rule that rings is doubted."""

    look: float
    doubt: float
    ask: float
    sure: float


def plain(text: str) -> str:
    """One way of writing, in lower case, digits alike."""
    return _DIGIT.sub("0", _SPACE.sub(" ", normalise(text[:LONGEST]).text.lower())).strip()


def parts(text: str) -> Iterator[str]:
    """The message whole, and each of its sentences when it has several: a long story must not drown one."""
    whole = plain(text)
    yield whole
    sentences = [s for one in _SENTENCE.split(whole) if len(s := one.strip(" ,，")) > 3]
    if len(sentences) > 1:
        yield from sentences[:MOST_PARTS]


def together(quick: float, full: float) -> float:
    """The chance of danger by both models: of the dangers not learnt from, the mean finds a fifth more than the better one alone
    (docs/nlu.md, "Danger")."""
    return (quick + full) / 2


def signs_of(flat: str) -> Signs:
    return flat, []


class DangerModel:
    """Safe to share between threads. Raises ValueError when the folder holds no model, or one of another encoder."""

    def __init__(self, folder: Path, vectors: encoder.Encoder | None = None) -> None:
        try:
            kept = json.loads((folder / "danger.json").read_text(encoding="utf-8"))
            self.limits = Limits(**kept["limits"])
            trained_with = str(kept["encoder"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{folder} holds no danger model: {error}") from error
        self._vectors = vectors or encoder.load()
        if trained_with != self._vectors.fingerprint:
            raise ValueError("the danger model was trained with another encoder: run `./linshe train`")
        self._quick, self._full = TextModel.load(folder / "signs"), TextModel.load(folder / "full")

    def grade(self, chance: float) -> Grade:
        """How a chance stands to the limits; see Limits."""
        limits = self.limits
        if chance >= limits.sure:
            return "sure"
        if chance >= limits.ask:
            return "ask"
        return "doubt" if chance < limits.doubt else "none"

    def weigh(self, text: str) -> Weighed:
        """The most dangerous reading of the message or one of its sentences."""
        worst = Weighed(NONE, 0.0)
        for part in parts(text):
            if not part:
                continue
            signs = signs_of(part)
            quick = self._quick.chances(signs, self._quick.mean)
            chance = 1.0 - float(quick[self._quick.labels.index(NONE)])
            if chance >= self.limits.look:
                full = self._full.chances(signs, self._vectors.encode([part])[0])
                chance = together(chance, 1.0 - float(full[self._full.labels.index(NONE)]))
                kind = max(
                    (label for label in self._full.labels if label != NONE),
                    key=lambda label: full[self._full.labels.index(label)],
                )
                if chance > worst.chance:
                    worst = Weighed(kind, chance)
        return worst
