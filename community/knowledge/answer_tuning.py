"""Learn how curated answers are found: `./linshe laws tune-answers LAY --also STARD --other FILE`.

The order is learnt on ways of asking that are left out of their answer one at a time. How sure one may be is learnt on lay questions whose
answers were judged by reading (`data/knowledge/judged*.yml`: rows of the files, never their texts), on what is beyond us, and on small
talk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from community.errors import InvalidInput
from community.knowledge.adapter import Adam, Matrix
from community.knowledge.answer_ranking import AnswerRanking, Left, alone, body_of, judge, with_asked, wordings_of
from community.knowledge.answer_weights import FEATURES, JUDGED, UNSEEN, AnswerWeights
from community.knowledge.answers import read_answers
from community.knowledge.asked import read_asked, read_beyond
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.frames import read_frames
from community.knowledge.fusion import Floats, Fusion
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.ranker import Ranker
from community.knowledge.text import SearchWords
from community.knowledge.vectors import VectorStore
from community.model.law import CuratedAnswer

JUDGED_FILE, JUDGED_ALSO = "judged.yml", "judged_stard.yml"
ROUNDS, RATE, DECAY = 300, 0.05, 0.01
ASKED_LEFT_OUT, LISTED_LEFT_OUT = 6, 3
"""So many of each answer's long and listed ways of asking are left out, one at a time."""
LISTED, BESIDE, SMALL_TALK, OWN, HALF = 0.3, 0.1, 0.015, 0.015, 0.5
"""What an example counts beside a judged question (1), or beside a long way of asking where the order is learnt. What meets a question
by half is a wrong example of that weight."""
ALSO_SEEN, OTHERWISE_SEEN, AS_IF = 0.5, 0.1, 3
"""What a judged question of the other file, and a wording left out, count in the record of an answer beside a judged one (1); and how many
there are as if of each, of which UNSEEN are right."""
LOGISTIC_DECAY = 1.0
MOST_CANDIDATES = 8
BY = ("share", "meaning", "adapted", "body", "articles", "votes")
FOLDS = 10

Say = Callable[[str], None]
Example = tuple[Floats, int, float]


@dataclass(frozen=True)
class Verdicts:
    """Of rows of one file of questions: which answers are right, which wrong, which meet it by half."""

    right: Mapping[int, set[str]]
    wrong: Mapping[int, set[str]]
    half: Mapping[int, set[str]]

    def rows(self) -> list[int]:
        return sorted({*self.right, *self.wrong, *self.half})

    def of(self, row: int, code: str) -> tuple[float, float] | None:
        """(1 for right, 0 for wrong; its weight), None for what was not judged."""
        if code in self.right.get(row, ()):
            return 1.0, 1.0
        if code in self.wrong.get(row, ()):
            return 0.0, 1.0
        return (0.0, HALF) if code in self.half.get(row, ()) else None


@dataclass(frozen=True)
class Told:
    """One judged question: what the chance is told from, the answers in order, and whether the first one's frame alone is met."""

    row: int
    judged: Floats
    order: Sequence[int]
    framed: bool


@dataclass(frozen=True)
class Parts:
    """Everything there is to learn with."""

    answers: list[CuratedAnswer]
    asked: dict[str, tuple[str, ...]]
    beyond: tuple[str, ...]
    words: SearchWords
    ranking: AnswerRanking
    wordings: list[tuple[int, str]]
    vectors: Matrix
    beyond_vectors: Matrix


def read_verdicts(folder: Path = KNOWLEDGE, name: str = JUDGED_FILE) -> Verdicts:
    """Raises InvalidInput when the file has not the shape {right: {row: [code]}, wrong: {row: [code]}, half: {row: [code]}}."""
    try:
        content = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        right, wrong, half = (
            {int(row): {str(code) for code in codes} for row, codes in content.get(kind, {}).items()}
            for kind in ("right", "wrong", "half")
        )
    except (OSError, yaml.YAMLError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"{name}: {error}") from error
    return Verdicts(right, wrong, half)


def gather(fusion: Fusion, ranker: Ranker, encoder: Any, folder: Path, words: SearchWords) -> Parts:
    """Vectors of all ways of asking and of the answers, made where they are missing."""
    answers, asked, beyond = list(read_answers(KNOWLEDGE)), read_asked(), read_beyond()
    wordings = wordings_of(answers, asked)
    texts, bodies = [text for _, text in wordings], [body_of(answer) for answer in answers]
    queries, passages = VectorStore(folder, encoder, "query"), VectorStore(folder, encoder, "passage")
    queries.make([*texts, *beyond])
    passages.make(bodies)
    vectors, beyond_vectors = queries.get(texts)[0], queries.get(beyond)[0]
    matcher = AnswerMatcher(with_asked(answers, asked), words)
    ranking = AnswerRanking(answers, matcher, wordings, vectors, passages.get(bodies)[0], beyond_vectors, fusion, ranker, read_frames())
    return Parts(answers, asked, beyond, words, ranking, wordings, vectors, beyond_vectors)


def tune(
    parts: Parts,
    lay: tuple[Sequence[str], Verdicts],
    also: tuple[Sequence[str], Verdicts],
    others: Sequence[str],
    encoder: str,
    say: Say,
) -> AnswerWeights:
    """`lay` and `also` are the lines of two files of questions, with what was judged of their rows."""
    say("asking each answer with one of its wordings left out")
    told = list(_left_out(parts, long=True))
    listed = list(_left_out(parts, long=False))
    say("learning the order")
    mean, spread, order = learn_order([(f, own, 1.0) for f, own in told] + [(f, own, LISTED) for f, own in listed])
    draft = AnswerWeights(mean, spread, order, np.zeros(len(JUDGED), np.float32), encoder)
    say("learning how sure one may be")
    code = [answer.code for answer in parts.answers]
    seen = [_told(parts, lay[0][row], row, draft) for row in lay[1].rows()]
    seen_also = [_told(parts, also[0][row], row, draft) for row in also[1].rows()]
    beyond = [
        parts.ranking.features(text, parts.beyond_vectors[number], Left(beyond=number)) for number, text in enumerate(parts.beyond)
    ]
    beside = list(_beside(told, listed, beyond, (parts.ranking.features(text) for text in others), draft))
    further = [*_examples(seen_also, also[1], code), *beside]
    records = list(_otherwise(told + listed + [(f, -1) for f in beyond], draft)) + list(_record(seen_also, also[1], code, ALSO_SEEN))
    figures = _crossed(seen, lay[1], code, further, records)
    chance = _logistic([*_examples(seen, lay[1], code), *further])
    record = _records([*records, *_record(seen, lay[1], code, 1.0)])
    described = {
        "answers": len(code), "wordings": len(parts.wordings), "judged": len(seen), "judged_also": len(seen_also),
        "own_wording_first": round(_first(listed, draft), 3), "told_at_length_first": round(_first(told, draft), 3),
        "judged_questions_held_out_in_turn": figures,
    }  # fmt: skip
    kept = {code[number]: round(right, 4) for number, right in sorted(record.items())}
    return replace(draft, chance=chance, record=kept, described=described)


def _told(parts: Parts, text: str, row: int, draft: AnswerWeights) -> Told:
    features = parts.ranking.features(text)
    judged, order = judge(features, draft)
    return Told(row, judged, [int(number) for number in order], alone(features, int(order[0])))


def _examples(seen: Iterable[Told], verdicts: Verdicts, code: Sequence[str]) -> Iterator[tuple[Floats, float, float]]:
    for one in seen:
        for number in range(len(code)):
            verdict = verdicts.of(one.row, code[number])
            if verdict is not None:
                yield one.judged[number], *verdict


def _record(seen: Iterable[Told], verdicts: Verdicts, code: Sequence[str], counts: float) -> Iterator[tuple[int, float, float]]:
    """(answer, right or not, weight) of those that came first by their frame."""
    for one in seen:
        verdict = verdicts.of(one.row, code[one.order[0]]) if one.framed else None
        if verdict is not None:
            yield one.order[0], verdict[0], verdict[1] * counts


def _otherwise(examples: Sequence[tuple[Floats, int]], draft: AnswerWeights) -> Iterator[tuple[int, float, float]]:
    for features, own in examples:
        first = int(judge(features, draft)[1][0])
        if alone(features, first):
            yield first, float(first == own), OTHERWISE_SEEN


def _records(seen: Iterable[tuple[int, float, float]]) -> dict[int, float]:
    """Of every answer that was seen, the share that was right, drawn towards UNSEEN while there are few."""
    right: dict[int, float] = {}
    count: dict[int, float] = {}
    for number, mark, weight in seen:
        right[number] = right.get(number, 0.0) + mark * weight
        count[number] = count.get(number, 0.0) + weight
    return {number: (right[number] + AS_IF * UNSEEN) / (count[number] + AS_IF) for number in count}


def _left_out(parts: Parts, long: bool) -> Iterator[tuple[Floats, int]]:
    """(features of every answer, the number of the right one) for each way of asking, while it is not among the wordings."""
    place = {(number, text): n for n, (number, text) in enumerate(parts.wordings)}
    for turn in range(ASKED_LEFT_OUT if long else LISTED_LEFT_OUT):
        shorter, chosen = [], []
        for number, answer in enumerate(parts.answers):
            asked = list(parts.asked.get(answer.code, ()))
            from_these = asked if long else list(answer.questions)
            if turn < len(from_these):
                chosen.append((number, from_these[turn]))
                from_these = from_these[:turn] + from_these[turn + 1 :]
            questions = [*answer.questions, *from_these] if long else [*from_these, *asked]
            shorter.append(replace(answer, questions=questions))
        matcher = AnswerMatcher(shorter, parts.words)
        for number, text in chosen:
            where = place[number, text]
            yield parts.ranking.features(text, parts.vectors[where], Left(where, matcher=matcher)), number


def _beside(
    told: Sequence[tuple[Floats, int]],
    listed: Sequence[tuple[Floats, int]],
    beyond: Iterable[Floats],
    others: Iterable[Floats],
    draft: AnswerWeights,
) -> Iterator[Example]:
    for features, own in told:
        judged, order = judge(features, draft)
        yield judged[order[0]], int(order[0] == own), BESIDE
    for features, own in listed:
        judged, order = judge(features, draft)
        if order[0] == own:
            yield judged[own], 1, OWN
    for several, weight in ((beyond, BESIDE), (others, SMALL_TALK)):
        for features in several:
            judged, order = judge(features, draft)
            yield judged[order[0]], 0, weight


def learn_order(examples: Sequence[Example]) -> tuple[Floats, Floats, Floats]:
    """Mean, spread, and the weights of a softmax over the likeliest answers of each example."""
    columns = [FEATURES.index(name) for name in BY]
    chosen: list[tuple[Floats, int, float]] = []
    for features, own, weight in examples:
        best = np.argsort(-features[:, columns], axis=0)[:MOST_CANDIDATES].ravel()
        among = np.unique(np.append(best, own))
        chosen.append((features[among], int(np.searchsorted(among, own)), weight))
    everything = np.concatenate([lines for lines, _, _ in chosen])
    mean, spread = everything.mean(axis=0), everything.std(axis=0) + 1e-6
    mean[-1], spread[-1] = 0, 1
    scaled = (everything - mean) / spread
    starts = np.cumsum([0, *(len(lines) for lines, _, _ in chosen[:-1])])
    lengths = np.array([len(lines) for lines, _, _ in chosen])
    right = starts + np.array([own for _, own, _ in chosen])
    weight_of = np.repeat(np.array([weight for _, _, weight in chosen], np.float32), lengths)
    order = np.zeros(len(FEATURES), np.float32)
    optimiser = Adam([order])
    for _ in range(ROUNDS):
        scores = scaled @ order
        chance = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), lengths))
        chance /= np.repeat(np.add.reduceat(chance, starts), lengths)
        chance[right] -= 1
        optimiser.step([(scaled.T @ (weight_of * chance) / len(chosen) + DECAY * order).astype(np.float32)], RATE, decay=0.0)
    return mean.astype(np.float32), spread.astype(np.float32), order


def _first(examples: Sequence[tuple[Floats, int]], weights: AnswerWeights) -> float:
    return float(np.mean([judge(features, weights)[1][0] == own for features, own in examples])) if examples else 0.0


def _logistic(examples: Sequence[tuple[Floats, float, float]]) -> Floats:
    x = np.array([line for line, _, _ in examples], np.float64)
    y = np.array([mark for _, mark, _ in examples], np.float64)
    counts = np.array([weight for _, _, weight in examples], np.float64)
    chance = np.zeros(x.shape[1])
    for _ in range(40):  # Newton
        told = 1 / (1 + np.exp(-np.clip(x @ chance, -30, 30)))
        slope = x.T @ (counts * (told - y)) + LOGISTIC_DECAY * chance
        bend = (x * (counts * told * (1 - told))[:, None]).T @ x + LOGISTIC_DECAY * np.eye(x.shape[1])
        chance -= np.linalg.solve(bend, slope)
    return chance.astype(np.float32)


def _crossed(
    seen: Sequence[Told],
    verdicts: Verdicts,
    code: Sequence[str],
    further: Sequence[tuple[Floats, float, float]],
    records: Sequence[tuple[int, float, float]],
) -> dict[str, Any]:
    """Of the judged questions, each judged by what the others taught: how many reach a chance, and the shares right and wrong of these."""
    turns = np.arange(len(seen))
    np.random.default_rng(2).shuffle(turns)
    told: list[tuple[float, tuple[float, float] | None]] = []
    for fold in np.array_split(turns, FOLDS):
        held = set(fold.tolist())
        rest = [one for place, one in enumerate(seen) if place not in held]
        chance = _logistic([*_examples(rest, verdicts, code), *further])
        record = _records([*records, *_record(rest, verdicts, code, 1.0)])
        for one in (seen[place] for place in held):
            first = one.order[0]
            sure = 1 / (1 + float(np.exp(-one.judged[first] @ chance)))
            told.append((sure * record.get(first, UNSEEN), verdicts.of(one.row, code[first])))
    out: dict[str, Any] = {"questions": len(told)}
    for least in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85):
        reached = [verdict for sure, verdict in told if sure >= least and verdict is not None]
        right, wrong = (sum(v == kind for v in reached) for kind in ((1.0, 1.0), (0.0, 1.0)))
        out[str(least)] = {"reached": len(reached), "right": right, "wrong": wrong}
    return out
