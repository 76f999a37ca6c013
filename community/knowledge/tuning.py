"""Learn how articles are found, from questions with known articles: `./linshe laws tune FILE`.

Every fifth question is set aside and never learnt from; what is found for those is printed and kept with the numbers. The weights are
learnt on what maps of the other questions say of each (four folds), so that they know a map's mistakes rather than its memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from community.knowledge import adapter
from community.knowledge.adapter import Adapter, Matrix
from community.knowledge.answers import read_answers
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.fusion import Candidates, Fusion, PhrasingIndex, text_of
from community.knowledge.names import PREFIX, normal_label
from community.knowledge.phrasings import Phrasings, all_texts, read_phrasings
from community.knowledge.ranker import EVIDENCE, FEATURES, Ranker
from community.knowledge.ranking import ArticleIndex
from community.knowledge.vectors import Encodes, VectorStore

FIFTH = 5
SHARE = 0.2
"""Of every batch that is drawn from phrasings and wordings: more of them found less (docs/legal.md)."""
ROUNDS, RATE, DECAY = 400, 0.05, 0.003
TOLD_APART = 5
"""Of each question so many of the best candidates tell a right one from a wrong one."""

Floats = NDArray[np.float32]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Questions:
    """Those that have an article in the table: texts, unit rows, the numbers of their articles, and their fifth (0 is set aside)."""

    texts: list[str]
    vectors: Matrix
    right: list[set[int]]
    fifth: NDArray[np.int64]


@dataclass
class Material:
    index: ArticleIndex
    phrasings: Phrasings
    phrasing_index: PhrasingIndex
    articles: Matrix
    phrasing_vectors: Matrix
    encoder: Encodes

    def fusion(self, moved: Adapter) -> Fusion:
        return Fusion(self.index, self.phrasing_index, self.articles, self.phrasing_vectors, moved, self.encoder)


def gather(index: ArticleIndex, encoder: Encodes, folder: Path, say: Say) -> Material:
    """Vectors of all articles and phrasings, made where they are missing."""
    phrasings = read_phrasings()
    phrasing_index = PhrasingIndex(index.rows, phrasings)
    texts = [text_of(row) for row in index.rows]
    passages, queries = VectorStore(folder, encoder, "passage"), VectorStore(folder, encoder, "query")
    passages.make(texts, lambda done, of: say(f"articles: {done} of {of}"))
    queries.make(list(all_texts(phrasings)), lambda done, of: say(f"phrasings: {done} of {of}"))
    return Material(
        index, phrasings, phrasing_index, passages.get(texts)[0], queries.get(phrasing_index.texts)[0], encoder
    )


def read_questions(lines: Sequence[dict[str, Any]], index: ArticleIndex, encoder: Encodes) -> Questions:
    place = {(row.law.removeprefix(PREFIX), row.label): number for number, row in enumerate(index.rows)}
    kept: list[tuple[str, set[int], int]] = []
    for number, line in enumerate(lines):
        named = {(str(law).removeprefix(PREFIX), normal_label(str(label))) for law, label in line["gold"]}
        if right := {place[key] for key in named if key in place}:
            kept.append((str(line["query"]), right, number % FIFTH))
    texts = [text for text, _, _ in kept]
    return Questions(
        texts, np.asarray(encoder.encode(texts), np.float32), [right for _, right, _ in kept],
        np.array([fifth for _, _, fifth in kept], np.int64),
    )  # fmt: skip


def more_pairs(material: Material) -> tuple[Matrix, list[set[int]]]:
    """Phrasings with their article, wordings of curated answers with those they cite."""
    rows = material.index.rows
    place = {(row.law, row.label): number for number, row in enumerate(rows)}
    found: dict[str, set[int]] = {}
    for key, texts in material.phrasings.items():
        for text in texts:
            if key in place:
                found.setdefault(text, set()).add(place[key])
    for answer in read_answers(KNOWLEDGE):
        cited = {place[c["law"], c["article"]] for c in answer.citations if (c["law"], c["article"]) in place}
        for text in (answer.title, *answer.questions):
            if cited:
                found.setdefault(text, set()).update(cited)
    return np.asarray(material.encoder.encode(list(found)), np.float32), list(found.values())


def tune(material: Material, asked: Questions, others: Sequence[str], described: dict[str, Any], say: Say) -> Ranker:
    """`others` are lines that no article answers (small talk): the chance learns from them what fits nothing."""
    more = more_pairs(material)
    seen: list[tuple[Candidates, set[int]]] = []
    learnt = asked.fifth != 0
    for fold in range(1, FIFTH):
        say(f"learning the map without fold {fold} of {FIFTH - 1}")
        moved = _map(asked, np.flatnonzero(learnt & (asked.fifth != fold)), material, more, seed=fold)
        seen += _look(material.fusion(moved), asked, np.flatnonzero(asked.fifth == fold))
    say("learning the map of all")
    moved = _map(asked, np.flatnonzero(learnt), material, more, seed=0)
    fusion = material.fusion(moved)
    say("weighing")
    weights = learn_weights([(found.features, _marks(found, right)) for found, right in seen])
    beside = [found for found in map(fusion.candidates, others) if found is not None]
    chance = learn_chance(seen, beside, weights)
    figures = measure(fusion, Ranker(moved, weights, chance, material.encoder.fingerprint), asked, np.flatnonzero(asked.fifth == 0))
    said = {**described, "made_on": date.today().isoformat(), "learnt_from": int(learnt.sum()), "held_out": figures}
    return Ranker(moved, weights, chance, material.encoder.fingerprint, said)


def measure(fusion: Fusion, ranker: Ranker, asked: Questions, chosen: NDArray[np.int64]) -> dict[str, Any]:
    """Any right article among the best k of all articles in force; `ms` is the whole of a search, encoding included."""
    ranks, took = [], []
    place = {(row.law, row.label): number for number, row in enumerate(fusion.index.rows)}
    for number in chosen:
        began = time.perf_counter()
        found = fusion.search(asked.texts[number], 50, ranker)
        took.append((time.perf_counter() - began) * 1000)
        ordered = [place[row.law, row.label] for row, _ in found]
        ranks.append(next((n for n, row in enumerate(ordered, 1) if row in asked.right[number]), 10**9))
    return {
        "questions": len(ranks),
        **{f"hit@{k}": round(float(np.mean([rank <= k for rank in ranks])), 3) for k in (1, 5, 10)},
        "mrr": round(float(np.mean([1 / rank for rank in ranks])), 3),
        "ms_median": round(float(np.median(took)), 1),
        "ms_p99": round(float(np.quantile(took, 0.99)), 1),
    }


def _map(
    asked: Questions, chosen: NDArray[np.int64], material: Material, more: tuple[Matrix, list[set[int]]], seed: int
) -> Adapter:
    return adapter.train(asked.vectors[chosen], [asked.right[n] for n in chosen], material.articles, more, SHARE, seed)


def _look(fusion: Fusion, asked: Questions, chosen: NDArray[np.int64]) -> list[tuple[Candidates, set[int]]]:
    found = [(fusion.candidates(asked.texts[n], asked.vectors[n]), asked.right[n]) for n in chosen]
    return [(candidates, right) for candidates, right in found if candidates is not None]


def _marks(found: Candidates, right: set[int]) -> NDArray[np.bool_]:
    return np.isin(found.places, sorted(right))


def learn_weights(seen: Sequence[tuple[Floats, NDArray[np.bool_]]]) -> Floats:
    """Of the mean log chance, by a softmax over its candidates, that a right one comes first; a question without one teaches nothing."""
    useful = [(features, marks) for features, marks in seen if marks.any()]
    everything = np.concatenate([features for features, _ in useful])
    spread = everything.std(axis=0) + 1e-6
    starts = np.cumsum([0, *(len(features) for features, _ in useful[:-1])])
    lengths = np.array([len(features) for features, _ in useful])
    lines = everything / spread
    right = np.concatenate([marks for _, marks in useful])
    weights = np.zeros(len(FEATURES), np.float32)
    optimiser = adapter.Adam([weights])
    for number in range(ROUNDS):
        logits = lines @ weights
        chance = np.exp(logits - np.repeat(np.maximum.reduceat(logits, starts), lengths))
        wanted = chance * right
        chance /= np.repeat(np.add.reduceat(chance, starts), lengths)
        wanted /= np.repeat(np.add.reduceat(wanted, starts), lengths)
        gradient = lines.T @ (chance - wanted) / len(useful) + DECAY * weights
        optimiser.step([gradient.astype(np.float32)], RATE * (1 - 0.9 * number / ROUNDS), decay=0.0)
    return np.asarray(weights / spread, np.float32)


def learn_chance(seen: Sequence[tuple[Candidates, set[int]]], beside: Sequence[Candidates], weights: Floats) -> Floats:
    """A logistic over EVIDENCE: the right among the best candidates, against the wrong ones and the best of what asks nothing."""
    lines, marks = [], []
    for found, right in [*seen, *((found, set[int]()) for found in beside)]:
        logits = found.features @ weights
        best = np.argsort(-logits, kind="stable")[:TOLD_APART]
        lines.append(found.evidence(logits)[best])
        marks.append(_marks(found, right)[best])
    x, y = np.concatenate(lines).astype(np.float64), np.concatenate(marks).astype(np.float64)
    chance = np.zeros(len(EVIDENCE))
    for _ in range(30):  # Newton: five numbers
        told = 1 / (1 + np.exp(-(x @ chance)))
        slope = x.T @ (told - y) + 0.01 * chance
        bend = (x * (told * (1 - told))[:, None]).T @ x + 0.01 * np.eye(len(EVIDENCE))
        chance -= np.linalg.solve(bend, slope)
    return chance.astype(np.float32)
