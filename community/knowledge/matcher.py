"""Which curated answer meets a question, and how surely.

A question is compared with every wording an answer lists (what share of the weight do the two have in common) and with
the answer as a whole (BM25). A logistic over these turns them into the chance that the answer fits; its weights were
fitted on wordings left out one at a time, on lay questions with gold articles, and on small talk (docs/legal.md).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from community.knowledge.text import SearchWords, bigrams, substance, words
from community.model.law import CuratedAnswer

Numbers = NDArray[np.float64]

K1, B = 1.2, 0.6
BODY = 0.5
WHOLE, ALIKE, HELD = 1.0, 0.3, 0.15
FLOOR = 0.5
"""Below this chance an answer is not shown."""
FIT = (3.432, 3.977, -7.446, 3.235, -1.771, -6.758)
ALIKE_ENOUGH = 0.6
"""A wording this much like the question is the same question; the chance is then at least their likeness."""
TYPICAL_WORDINGS, TYPICAL_ANSWERS = 1400, 200
"""With fewer than these a token is weighed as if there were so many: the chances were fitted on such a collection."""
LEAST, LEAST_WITH_IDEA = 4, 2
"""A question that shares fewer characters than this with an answer says too little (怎么写, 打电话); fewer do when they
name a matter the lay words know (工伤怎么赔)."""


class AnswerMatcher:
    """All curated answers, ready to be asked. Building reads every wording once; asking takes about two milliseconds."""

    def __init__(self, answers: Sequence[CuratedAnswer], lay: SearchWords) -> None:
        self.answers = list(answers)
        self._lay = lay
        wordings: list[list[str]] = []
        owners: list[int] = []
        wholes: list[Counter[str]] = []
        for number, answer in enumerate(self.answers):
            whole: Counter[str] = Counter()
            for wording in (answer.title, *answer.questions):
                tokens = self.tokens(wording)
                wordings.append(tokens)
                owners.append(number)
                whole.update(tokens)
            for token in self.tokens(" ".join([answer.answer, *answer.steps])):
                whole[token] += BODY  # type: ignore[assignment]
            wholes.append(whole)
        self._owners = np.array(owners, dtype=np.int64)
        self._wordings(wordings)
        self._wholes(wholes)

    def _wordings(self, wordings: list[list[str]]) -> None:
        found = Counter(token for tokens in wordings for token in tokens)
        count = max(len(wordings), TYPICAL_WORDINGS)
        self._weight = {token: _idf(count, n) for token, n in found.items()}
        self._rare = _idf(count, 0)
        self._in_wording: defaultdict[str, list[int]] = defaultdict(list)
        for number, tokens in enumerate(wordings):
            for token in tokens:
                self._in_wording[token].append(number)
        weights = [[self._weight[token] for token in tokens] for tokens in wordings]
        self._norms = np.array([math.sqrt(sum(w * w for w in row)) or 1.0 for row in weights])
        self._sums = np.array([sum(row) or 1.0 for row in weights])

    def _wholes(self, wholes: list[Counter[str]]) -> None:
        count = max(len(wholes), TYPICAL_ANSWERS)
        found = Counter(token for whole in wholes for token in whole)
        self._whole_weight = {token: _idf(count, n) for token, n in found.items()}
        self._whole_rare = _idf(count, 0)
        lengths = [sum(whole.values()) for whole in wholes]
        average = sum(lengths) / len(wholes) if wholes else 1.0
        self._in_whole: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, whole in enumerate(wholes):
            slow = K1 * (1 - B + B * lengths[number] / average)
            for token, times in whole.items():
                score = self._whole_weight[token] * times * (K1 + 1) / (times + slow)
                self._in_whole[token].append((number, score))

    def tokens(self, text: str) -> list[str]:
        """Pairs, words and lay ideas of a question, each once."""
        said = substance(text)
        ideas = [f"idea:{number}" for number in self._lay.ideas(text)]
        return list(dict.fromkeys([*bigrams(said), *(f"word:{word}" for word in words(said)), *ideas]))

    def best(self, question: str, limit: int) -> list[tuple[CuratedAnswer, float]]:
        """Answers whose chance of fitting reaches FLOOR, best first."""
        tokens = self.tokens(question)
        if not self.answers or not tokens:
            return []
        alike, held = self.compare(tokens)
        scores, share = self.bm25(tokens)
        order = np.argsort(-(WHOLE * share + ALIKE * alike + HELD * held), kind="stable")
        out = []
        for number in order[:limit]:
            if not self.says_enough(question, tokens, int(number)):
                continue
            chance = _chance(scores[number], share[number], alike[number], held[number], len(tokens))
            if alike[number] >= ALIKE_ENOUGH:
                chance = max(chance, min(1.0, float(alike[number])))
            if chance >= FLOOR:
                out.append((self.answers[number], chance))
        return out

    def compare(self, tokens: list[str]) -> tuple[Numbers, Numbers]:
        """For every answer its best wording: how alike it and the question are, and how much of it the question holds."""
        weights = [self._weight.get(token, self._rare) for token in tokens]
        norm = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
        both, in_question = np.zeros(len(self._owners)), np.zeros(len(self._owners))
        for token, weight in zip(tokens, weights, strict=True):
            places = self._in_wording.get(token)
            if places:
                both[places] += weight * weight
                in_question[places] += weight
        alike, held = np.zeros(len(self.answers)), np.zeros(len(self.answers))
        np.maximum.at(alike, self._owners, both / (self._norms * norm))
        np.maximum.at(held, self._owners, in_question / self._sums)
        return alike, held

    def bm25(self, tokens: list[str]) -> tuple[Numbers, Numbers]:
        """For every answer its score as a whole, and that as a share of the most a question of these tokens could have."""
        scores = np.zeros(len(self.answers))
        for token in tokens:
            for number, score in self._in_whole.get(token, ()):
                scores[number] += score
        most = sum(self._whole_weight.get(token, self._whole_rare) for token in tokens)
        return scores, scores / (most or 1.0)

    def says_enough(self, question: str, tokens: list[str], number: int) -> bool:
        """Whether enough of the question stands in tokens that the answer has too."""
        said = substance(question)
        covered = [False] * len(said)
        least = LEAST
        for token in tokens:
            if all(number != other for other, _ in self._in_whole.get(token, ())):
                continue
            if token.startswith("idea:"):
                least = LEAST_WITH_IDEA
                continue
            piece = token.removeprefix("word:")
            start = said.find(piece)
            while start >= 0:
                covered[start : start + len(piece)] = [True] * len(piece)
                start = said.find(piece, start + 1)
        return sum(covered) >= least


def _idf(count: int, found: int) -> float:
    return math.log(1 + (count - found + 0.5) / (found + 0.5))


def _chance(score: float, share: float, alike: float, held: float, length: int) -> float:
    a, b, c, d, e, f = FIT
    z = a * math.log1p(score) + b * share + c * alike + d * held + e * math.log1p(length) + f
    return 1 / (1 + math.exp(-z))
