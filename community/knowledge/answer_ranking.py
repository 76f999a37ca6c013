"""Which curated answer meets a question, by words and by meaning, and how surely.

Every answer gets a line of features; a learnt sum of these orders the answers, and a logistic tells the chance that one meets the question.
What both are learnt from: `answer_tuning.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from community.knowledge.adapter import Matrix
from community.knowledge.answer_weights import FEATURES, UNSEEN, AnswerWeights
from community.knowledge.frames import Frames
from community.knowledge.fusion import Floats, Fusion, Places
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.names import normal_label
from community.knowledge.ranker import Ranker
from community.knowledge.text import SearchWords, substance
from community.model.law import CuratedAnswer

BODY = 260
"""Characters of title and answer that are encoded."""
NEIGHBOURS, SHARP = 15, 30.0
"""So many of the nearest wordings vote for their answers, each by exp(SHARP * (its likeness - the best one's))."""
FEW = 3
"""What is beyond us is also measured by the mean of so many of the nearest."""
SHORT = 6
"""A question of fewer characters says so little that it must share some of them with the answer."""
BRIEF, BRIEF_CHANCE = 8, 0.7
"""A question of fewer characters (打给孩子的爸) is no surer than this, unless it meets a frame or is nearly a listed wording."""
ALIKE_ENOUGH, ALIKE_CHANCE, NEARLY = 0.5, 0.8, 0.7
"""Where words make the question this much like a wording, it was met by the answer or one citing the same article in 94 of 100 cases
(75 wordings left out)."""
STANDARD = ("score", "share", "meaning", "adapted", "body", "articles")
ASIDE = 5
"""The first answer stands out against the mean of so many."""
MOST_FRAMED = 3
"""A question that meets the frames of more answers than this says no less clearly that it asks for several things."""
ASKS = re.compile(r"[吗呢?？]|怎么|咋|如何|怎样|多少|多久|多长|几[个天年]|能不能|可不可以|是否|什么|哪")
"""Words that ask: a question with many of them asks several things, and an answer to one of these meets it by half."""
FRAMED = FEATURES.index("framed")
OTHERS = FEATURES.index("framed_others")

Wordings = list[tuple[int, str]]


def wordings_of(answers: Sequence[CuratedAnswer], asked: Mapping[str, Sequence[str]]) -> Wordings:
    """(number of the answer, a way to ask it): title, listed wordings, and how it is told at length."""
    return [
        (number, text)
        for number, answer in enumerate(answers)
        for text in (answer.title, *answer.questions, *asked.get(answer.code, ()))
    ]


def body_of(answer: CuratedAnswer) -> str:
    """What is encoded of an answer as a passage."""
    return f"{answer.title} {answer.answer}"[:BODY]


@dataclass(frozen=True)
class Left:
    """What a measurement leaves out: one wording (its place, and a matcher without it), or one line of what is beyond us."""

    wording: int | None = None
    beyond: int | None = None
    matcher: AnswerMatcher | None = None


class AnswerRanking:
    """Ready to be asked. `wordings` and `beyond` come with their vectors (unit rows, as queries), `bodies` are unit rows, one an answer."""

    def __init__(
        self,
        answers: Sequence[CuratedAnswer],
        matcher: AnswerMatcher,
        wordings: Wordings,
        vectors: Matrix,
        bodies: Matrix,
        beyond: Matrix,
        fusion: Fusion,
        ranker: Ranker,
        frames: Frames | None = None,
    ) -> None:
        self.answers, self.fusion = list(answers), fusion
        self._frames = frames or Frames()
        self._places = {answer.code: number for number, answer in enumerate(self.answers)}
        self._matcher, self._ranker = matcher, ranker
        self._owners: Places = np.array([number for number, _ in wordings], np.int64)
        self._wordings, self._adapted = vectors, ranker.adapter(vectors)
        self._bodies = bodies
        self._beyond = beyond
        self._beyond_adapted = ranker.adapter(beyond) if len(beyond) else beyond
        place = {(row.law, row.label): number for number, row in enumerate(fusion.index.rows)}
        pairs = {
            (number, place[key])
            for number, answer in enumerate(self.answers)
            for key in ((c["law"], normal_label(c["article"])) for c in answer.citations)
            if key in place
        }
        self._citing: Places = np.array([number for number, _ in sorted(pairs)], np.int64)
        self._cited: Places = np.array([row for _, row in sorted(pairs)], np.int64)

    def features(self, question: str, vector: Floats | None = None, left: Left | None = None) -> Floats:
        """A line an answer, in the order of FEATURES. `vector` is the question's own, where it is known."""
        left = left or Left()
        if vector is None:
            vector = self.fusion.vector(question)
        count = len(self.answers)
        moved = self._ranker.adapter(vector[None])[0]
        likeness, adapted = self._wordings @ vector, self._adapted @ moved
        if left.wording is not None:
            likeness[left.wording] = adapted[left.wording] = -1
        first, second = self._best_two(likeness)
        first_adapted, second_adapted = self._best_two(adapted)
        matcher = left.matcher or self._matcher
        tokens = matcher.tokens(question)
        alike, held = matcher.compare(tokens)
        scores, share = matcher.bm25(tokens)
        near = np.argsort(-likeness)[:NEIGHBOURS]
        votes = np.zeros(count, np.float32)
        np.add.at(votes, self._owners[near], np.exp(SHARP * (likeness[near] - likeness[near[0]])))
        beyond, beyond_adapted, few = self._how_beyond(vector, moved, left.beyond)
        framed = self._framed(question)
        columns = [
            np.log1p(scores), share, alike, held, first, first_adapted, second, second_adapted,
            self._bodies @ moved, self._by_articles(question, vector), votes,
            np.full(count, beyond), np.full(count, beyond_adapted), np.full(count, few),
            np.full(count, math.log1p(len(tokens))), np.full(count, math.log1p(len(question))),
        ]  # fmt: skip
        plain = np.stack(columns, axis=1).astype(np.float32)
        some = plain[:, [FEATURES.index(name) for name in STANDARD]]
        standard = (some - some.mean(axis=0)) / (some.std(axis=0) + 1e-6)
        against = np.stack([first - beyond, first_adapted - beyond_adapted, first - few], axis=1)
        others = np.minimum(framed.sum() - framed, MOST_FRAMED)
        asks = math.log1p(len(ASKS.findall(question)))
        frames = np.stack([framed, others, np.full(count, asks), np.ones(count)], axis=1)
        return np.concatenate([plain, standard, against, frames], axis=1).astype(np.float32)

    def _framed(self, question: str) -> Floats:
        """1 for every answer that a frame of `data/knowledge/frames.yml` says the question asks for."""
        out = np.zeros(len(self.answers), np.float32)
        out[[self._places[code] for code in self._frames.met(question) if code in self._places]] = 1
        return out

    def _best_two(self, likeness: Floats) -> tuple[Floats, Floats]:
        """Of every answer the likeness of its nearest wording, and of the next one; -1 where there is none."""
        first, second = np.full(len(self.answers), -1, np.float32), np.full(len(self.answers), -1, np.float32)
        np.maximum.at(first, self._owners, likeness)
        np.maximum.at(second, self._owners, np.where(likeness >= first[self._owners], -1, likeness))
        return first, second

    def _by_articles(self, question: str, vector: Floats) -> Floats:
        """Of every answer, how much of the search for articles falls on those it cites."""
        out = np.zeros(len(self.answers), np.float32)
        found = self.fusion.candidates(question, vector)
        if found is not None and len(self._cited):
            logits = found.features @ self._ranker.weights
            chance = np.exp(logits - logits.max())
            every = np.zeros(len(self.fusion.index.rows), np.float32)
            every[found.places] = chance / chance.sum()
            np.add.at(out, self._citing, every[self._cited])
        return out

    def _how_beyond(self, vector: Floats, moved: Floats, left: int | None) -> tuple[float, float, float]:
        if not len(self._beyond):
            return 0.0, 0.0, 0.0
        likeness, adapted = self._beyond @ vector, self._beyond_adapted @ moved
        if left is not None:
            likeness[left] = adapted[left] = -1
        return float(likeness.max()), float(adapted.max()), float(np.sort(likeness)[-FEW:].mean())

    def best(self, question: str, limit: int, weights: AnswerWeights, least: float) -> list[tuple[CuratedAnswer, float]]:
        """Answers whose chance of meeting the question is at least `least`, best first."""
        said = substance(question)
        if not self.answers or not said.strip():
            return []
        features = self.features(question)
        judged, order = judge(features, weights)
        told = 1 / (1 + np.exp(-np.clip(judged @ weights.chance, -30, 30)))
        alike = features[:, FEATURES.index("alike")]
        found: list[tuple[CuratedAnswer, float]] = []
        most = 1.0
        for number in order[:limit]:
            chance = float(told[number]) * weights.record.get(self.answers[int(number)].code, UNSEEN)
            if len(said.strip()) < BRIEF and alike[number] < NEARLY and not features[number, FRAMED]:
                chance = min(chance, BRIEF_CHANCE)
            elif alike[number] >= ALIKE_ENOUGH:
                chance = max(chance, ALIKE_CHANCE)
            most = min(most, chance)  # what stands behind is no surer than what stands before it
            if most < least or (len(said.strip()) < SHORT and not self._shares_enough(question, int(number))):
                break
            found.append((self.answers[int(number)], most))
        return found

    def _shares_enough(self, question: str, number: int) -> bool:
        return self._matcher.says_enough(question, self._matcher.tokens(question), number)


def alone(features: Floats, number: int) -> bool:
    """Whether a frame of this answer is met, and of no other."""
    return bool(features[number, FRAMED]) and not features[number, OTHERS]


def judge(features: Floats, weights: AnswerWeights) -> tuple[Floats, Places]:
    """(what the chance is told from, a line an answer; the answers in order)."""
    scaled = (features - weights.mean) / weights.spread
    scores = scaled @ weights.order
    order = np.argsort(-scores, kind="stable")
    share = np.exp(scores - scores.max())
    share /= share.sum()
    gap = scores - scores[order[0]]
    if len(order) > 1:
        gap[order[0]] = scores[order[0]] - scores[order[1]]
    few = np.full(len(scores), scores[order[:ASIDE]].mean())
    framed, others = features[:, FRAMED], features[:, OTHERS]
    first = np.zeros(len(scores))
    first[order[0]] = 1
    frames = (framed * (others == 0), framed * first, (1 - framed) * gap)
    judged = np.concatenate([scaled, np.stack([scores, gap, share, few, *frames], axis=1)], axis=1)
    return np.asarray(judged, np.float32), order


def build(
    answers: Sequence[CuratedAnswer],
    asked: Mapping[str, Sequence[str]],
    words: SearchWords,
    fusion: Fusion,
    ranker: Ranker,
    queries: tuple[Matrix, Matrix],
    bodies: Matrix,
    frames: Frames | None = None,
) -> AnswerRanking:
    """`queries` are the vectors of `wordings_of(answers, asked)` and of what is beyond us."""
    everything = with_asked(answers, asked)
    matcher = AnswerMatcher(everything, words)
    return AnswerRanking(answers, matcher, wordings_of(answers, asked), queries[0], bodies, queries[1], fusion, ranker, frames)


def with_asked(answers: Sequence[CuratedAnswer], asked: Mapping[str, Sequence[str]]) -> list[CuratedAnswer]:
    """Copies whose wordings are also how they are told at length."""
    return [replace(answer, questions=[*answer.questions, *asked.get(answer.code, ())]) for answer in answers]
