"""The figures that decide whether a tuned encoder is kept: intents by a linear probe, and statutes by search."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoder.errors import EncoderBuildFailed

Encode = Callable[[Sequence[str], str], np.ndarray]
FIFTH = 5
DISTRACTORS = 1000
A_LABEL = 60
"""So many examples of an intent are enough to see how well it is told apart, and measuring stays short."""
TEN = 10


@dataclass(frozen=True)
class Probe:
    """Examples to fit a linear classifier on, and held-out ones to measure it with."""

    texts: list[str]
    labels: list[str]
    held_texts: list[str]
    held_labels: list[str]


@dataclass(frozen=True)
class Search:
    """Questions, the articles they are searched in, and which of those are right."""

    questions: list[str]
    articles: list[str]
    right: list[set[int]]


def read_probe(examples: Sequence[tuple[str, str]], held_out: Path) -> Probe:
    """`examples` are (text, intent). Held-out rows of an intent without examples say nothing about the encoder."""
    known = {intent for _, intent in examples}
    rows = [json.loads(line) for line in held_out.read_text("utf-8").splitlines() if line.strip()]
    held = [(row["text"], row["intent"]) for row in rows if row.get("intent") in known]
    dice = random.Random(5)  # noqa: S311 - no secret
    fitted: list[tuple[str, str]] = []
    for intent in sorted(known):
        texts = sorted({text for text, label in examples if label == intent})
        fitted += [(text, intent) for text in dice.sample(texts, min(A_LABEL, len(texts)))]
    return Probe([e[0] for e in fitted], [e[1] for e in fitted], [h[0] for h in held], [h[1] for h in held])


def macro_f1(probe: Probe, encode: Encode) -> float:
    """How well a linear classifier over these vectors tells the held-out intents apart."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score

    # e5 vectors lie close together: without stretching, the classifier would hardly move in its first steps.
    fitted = LogisticRegression(C=10, max_iter=300).fit(10 * encode(probe.texts, "query"), probe.labels)
    told = fitted.predict(10 * encode(probe.held_texts, "query"))
    return float(f1_score(probe.held_labels, told, average="macro", labels=sorted(set(probe.held_labels))))


def read_search(questions: Path, laws: Path) -> Search:
    """A fifth of the questions; their articles, and as many others again as make it hard."""
    rows = [json.loads(line) for line in questions.read_text("utf-8").splitlines() if line.strip()][::FIFTH]
    try:
        with sqlite3.connect(f"file:{laws}?mode=ro", uri=True) as base:
            # The latest version of a law is the one people ask about.
            found = base.execute(
                "SELECT law_name, article_no_arabic, article_text FROM articles JOIN laws USING (law_id, law_name)"
                " ORDER BY version_date"
            ).fetchall()
    except sqlite3.Error as error:
        raise EncoderBuildFailed(f"{laws} is not a file of statutes: {error}") from error
    texts = {(name.removeprefix("中华人民共和国"), number): f"{name} {text}" for name, number, text in found}
    places: dict[tuple[str, int], int] = {}
    kept: list[str] = []
    right: list[set[int]] = []
    for row in rows:
        answers = {(name.removeprefix("中华人民共和国"), number) for name, number in row["gold"]} & texts.keys()
        if answers:
            kept.append(row["query"])
            right.append({places.setdefault(answer, len(places)) for answer in sorted(answers)})
    others = sorted(key for key in texts if key not in places and key[1] is not None)
    for key in random.Random(3).sample(others, min(DISTRACTORS, len(others))):  # noqa: S311 - no secret
        places[key] = len(places)
    return Search(kept, [texts[key] for key in places], right)


def found_in_ten(search: Search, encode: Encode) -> float:
    """The share of questions with a right article among the first ten."""
    scores = encode(search.questions, "query") @ encode(search.articles, "passage").T
    first = np.argsort(-scores, axis=1, kind="stable")[:, :TEN]
    return float(np.mean([bool(right & set(row.tolist())) for right, row in zip(search.right, first, strict=True)]))
