"""Several problems in one breath: where one ends and the next begins. Knows nothing of Rasa or of models.

A message may be cut before each clause. What both sides of a cut would be reported as is weighed (`features`) by a small logistic model
learnt from data/several/several.yml; the likeliest cut is taken when it is likely enough, and each side is looked at again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

LEAST = 4
"""Characters of a clause that can be a problem by itself: 灯不亮了."""
MOST = 5
"""Problems of one message: as many as a card has drafts (actions/report_drafts.py)."""
MOST_CUTS = 12
NOTHING = "other"
EFFECTS = frozenset({"elderly_care", "dispute", "property_service", "public_health", "public_security"})
"""What people tell as the cause or effect of something else: 老人下不了楼, 物业不管."""
_BREAK = re.compile(r"[。！？!?；;\n，,、 ：:]+")
_NEXT = re.compile(
    r"(?:还有(?!人|没有|没|半|几)|另外|再就是|再有|再一个|还有一个|另一个|另有|顺便|对了|其次|第[二三四]|[二三四]是|二来|三来|同时|此外|"
    r"还要(?:说|反映|报)|再说(?!了)|加上|以及|接着|然后就是|最后)"
)
_OPENS = re.compile(rf"^{_NEXT.pattern}")
_DICTATED = 10
"""Characters without a break after which a word like 了 may end a clause: dictation has no commas."""
_ENDS = re.compile(r"(?<=[了哉的啊呢伐嘛])(?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Judged:
    """What some words would be: how likely a report (0 to 1), and how likely each category."""

    report: float
    categories: np.ndarray


Judge = Callable[[str], Judged]


@dataclass(frozen=True)
class Problem:
    """`text[start:end]` tells of it."""

    category: str
    start: int
    end: int
    sure: float


@dataclass(frozen=True)
class Cut:
    """A place where the text may be cut: the first half ends at `end`, the second begins at `start` (what lies between is a comma or
    a word like 还有)."""

    end: int
    start: int
    announced: bool
    stop: bool
    """Whether a sentence ends there."""


def cuts(text: str) -> List[Cut]:
    """Every place worth a look, in order. At most MOST_CUTS, the plainest ones first when there are more."""
    found: Dict[int, Cut] = {}
    for match in _BREAK.finditer(text):
        opener = _OPENS.match(text[match.end() :])
        begins = match.end() + (opener.end() if opener else 0)
        stop = bool(re.search(r"[。！？!?；;\n]", match.group()))
        found[match.end()] = Cut(match.start(), begins, opener is not None, stop)
    for match in _NEXT.finditer(text):
        found.setdefault(match.start(), Cut(match.start(), match.end(), True, False))
    edges = sorted({0, len(text), *found})
    for left, right in zip(edges, edges[1:], strict=False):
        if right - left >= 2 * _DICTATED:
            last = left
            for match in _ENDS.finditer(text, left + LEAST, right - LEAST):
                if match.start() - last >= _DICTATED // 2:
                    found.setdefault(match.start(), Cut(match.start(), match.start(), False, False))
                    last = match.start()
    kept = [cut for cut in found.values() if cut.end >= LEAST and len(text) - cut.start >= LEAST]
    plain_first = sorted(kept, key=lambda cut: (not cut.announced, not cut.stop, cut.end))[:MOST_CUTS]
    return sorted(plain_first, key=lambda cut: cut.end)


Places = Callable[[str], Sequence[Cut]]
"""Says where a text may be cut."""

NAMES = ("surer", "less sure", "shared", "whole", "report", "announced", "stop", "effect left", "effect right", "bias")
"""What `features` says of a cut, in this order."""


def features(text: str, cut: Cut, judge: Judge, labels: Sequence[str]) -> Optional[np.ndarray]:
    """The numbers named in NAMES; None where both sides are of one category, or one is of none: an opening or closing phrase."""
    left, right, whole = judge(text[: cut.end]), judge(text[cut.start :]), judge(text)
    a, b = int(left.categories.argmax()), int(right.categories.argmax())
    if a == b or NOTHING in (labels[a], labels[b]) and not cut.announced:
        return None
    sure = sorted((_log(left.categories[a]), _log(right.categories[b])))
    return np.array([
        sure[1],
        sure[0],
        # A word of the one problem on the other side: the story of one problem, not two.
        max(_log(left.categories[b]), _log(right.categories[a])),
        min(_log(whole.categories[a]), _log(whole.categories[b])),
        min(_log(left.report), _log(right.report)),
        float(cut.announced),
        float(cut.stop),
        float(labels[a] in EFFECTS),
        float(labels[b] in EFFECTS),
        1.0,
    ])  # fmt: skip


def _log(chance: float) -> float:
    return float(np.log(max(float(chance), 1e-3)))


@dataclass
class Cutter:
    """`weights` of NAMES, and how likely a cut must be to be made."""

    weights: List[float]
    threshold: float

    def chance(self, numbers: np.ndarray) -> float:
        return float(1 / (1 + np.exp(-float(numbers @ np.array(self.weights)))))

    def chances(self, rows: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(rows @ np.array(self.weights))))

    def ranked(self, text: str, among: Sequence[Cut], judge: Judge, labels: Sequence[str]) -> List[Tuple[float, Cut]]:
        """The cuts that can be made with how likely each is, the likeliest first."""
        found = []
        for cut in among:
            numbers = features(text, cut, judge, labels)
            if numbers is not None:
                found.append((self.chance(numbers), cut))
        return sorted(found, key=lambda one: (-one[0], one[1].end))

    def find(
        self,
        text: str,
        judge: Judge,
        labels: Sequence[str],
        threshold: Optional[float] = None,
        places: Places = cuts,
    ) -> List[Problem]:
        """The problems in the order they are told, each a stretch of the text; one when it is about one thing.

        `places` says where a piece of the text may be cut at all.
        """
        least = self.threshold if threshold is None else threshold
        pieces = [(0, len(text))]
        whole: List[Tuple[int, int]] = []
        while pieces:
            start, end = pieces.pop(0)
            piece = text[start:end]
            room = len(whole) + len(pieces) + 1 < MOST
            best = self.ranked(piece, places(piece), judge, labels)[:1] if room else []
            if not best or best[0][0] < least:
                whole.append((start, end))
                continue
            cut = best[0][1]
            pieces[:0] = [(start, start + cut.end), (start + cut.start, end)]
        found: List[Problem] = []
        for start, end in whole:
            judged = judge(text[start:end])
            place = int(judged.categories.argmax())
            if any(problem.category == labels[place] for problem in found):
                # The same thing again, after something else: it belongs to the one told just before it.
                found[-1] = Problem(found[-1].category, found[-1].start, end, found[-1].sure)
            else:
                found.append(Problem(labels[place], start, end, float(judged.categories[place])))
        return found


Told = Sequence[Tuple[str, str]]
"""The parts of a message, (category, words) each; joined they are the message."""
TORN = 0.025
"""Of messages about one thing, at most this share may be torn apart."""
LOOKED_AT = 0.85
"""Share of the messages about several things that come through the first look. What the words alone give no hint of is rarely cut
by the encoder either (tests/nlu/several.jsonl), and looking at every report took five times as long as understanding it."""

HINT = 0.1
"""Less than this by the words alone is no hint at all."""

FAINT = 0.04
"""So faint a hint still teaches what not to cut: with HINT itself it learnt from 36 of 450 cuts fewer, and
two more of 774 single reports were torn."""


def pieces(messages: Sequence[Told], places: Places = cuts) -> List[str]:
    """All words that `learn` has judged: each message that may be cut, and both sides of every cut that it learns from."""
    found = []
    for _, text, cut, _ in _taught(messages, places):
        found += [text, text[: cut.end], text[cut.start :]]
    return found


def _taught(messages: Sequence[Told], places: Places) -> Iterator[Tuple[int, str, Cut, bool]]:
    """(number of the message, its text, a cut, whether it is right to cut there).

    A message about several things teaches its right cuts, wherever they are; a wrong cut in it says nothing about whether there is one to
    make. One about a single thing teaches the wrong cuts at `places`.
    """
    for number, told in enumerate(messages):
        text = "".join(words for _, words in told)
        borders = np.cumsum([len(words) for _, words in told])[:-1]
        for cut in cuts(text) if len(told) > 1 else places(text):
            here = any(cut.end - 2 <= border <= cut.start for border in borders)
            if here or len(told) == 1:
                yield number, text, cut, here


def learn(
    messages: Sequence[Told], judge: Judge, labels: Sequence[str], first_look: bool = False, places: Places = cuts
) -> Cutter:
    """A cutter from messages; those of several parts tell of several problems. The threshold is found by cross-validation.

    `first_look`: it only decides which messages are worth the encoder's time, and lets through nearly all that tell of several.
    `places` are where a message about one thing might be torn, the others being no danger to it.
    """
    rows: List[np.ndarray] = []
    right: List[bool] = []
    of: List[int] = []
    for number, text, cut, here in _taught(messages, places):
        numbers = features(text, cut, judge, labels)
        if numbers is not None:
            rows.append(numbers)
            right.append(here)
            of.append(number)
    if not any(right) or all(right):
        raise ValueError("needs messages of several problems and of one")
    x, y, groups = np.stack(rows), np.array(right), np.array(of)
    folds = np.random.default_rng(5).permutation(len(messages)) % 5
    chances = np.zeros(len(y))
    for fold in range(5):
        held = folds[groups] == fold
        chances[held] = Cutter(_fit(x[~held], y[~held]), 0.5).chances(x[held])
    best = [max(chances[groups == number], default=0.0) for number in range(len(messages))]
    one = [chance for chance, told in zip(best, messages, strict=True) if len(told) == 1]
    several = [chance for chance, told in zip(best, messages, strict=True) if len(told) > 1]
    if first_look:
        return Cutter(_fit(x, y), max(HINT, float(np.quantile(several, 1 - LOOKED_AT))))
    return Cutter(_fit(x, y), float(np.quantile(one, 1 - TORN)) if one else 0.5)


def _fit(x: np.ndarray, y: np.ndarray) -> List[float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0, fit_intercept=False, max_iter=1000).fit(x, y)
    return [float(weight) for weight in fitted.coef_[0]]
