"""Learn how curated answers are found: `./linshe laws tune-answers LAY --other FILE`.

The order is learnt on ways of asking that are left out of their answer one at a time. How sure one may be is learnt on lay questions whose
answers were judged by reading (`data/knowledge/judged.yml`: rows of the file, never their texts), on what is beyond us, and on small talk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from community.errors import InvalidInput
from community.knowledge.adapter import Adam, Matrix
from community.knowledge.answer_ranking import AnswerRanking, Left, body_of, judge, with_asked, wordings_of
from community.knowledge.answer_weights import FEATURES, JUDGED, AnswerWeights
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

JUDGED_FILE = "judged.yml"
ROUNDS, RATE, DECAY = 300, 0.05, 0.01
ASKED_LEFT_OUT, LISTED_LEFT_OUT = 6, 3
"""So many of each answer's long and listed ways of asking are left out, one at a time."""
LISTED, BESIDE, SMALL_TALK, OWN = 0.3, 0.1, 0.015, 0.015
"""What an example counts beside a judged question (1), or beside a long way of asking where the order is learnt."""
LOGISTIC_DECAY = 1.0
MOST_CANDIDATES = 8
BY = ("share", "meaning", "adapted", "body", "articles", "votes")
FOLDS = 10

Say = Callable[[str], None]
Example = tuple[Floats, int, float]


@dataclass(frozen=True)
class Verdicts:
    """Of rows of one file of questions: which answers are right, which wrong."""

    right: dict[int, set[str]]
    wrong: dict[int, set[str]]


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


def read_verdicts(folder: Path = KNOWLEDGE) -> Verdicts:
    """Raises InvalidInput when the file has not the shape {right: {row: [code]}, wrong: {row: [code]}}."""
    try:
        content = yaml.safe_load((folder / JUDGED_FILE).read_text(encoding="utf-8"))
        right, wrong = (
            {int(row): {str(code) for code in codes} for row, codes in content[name].items()} for name in ("right", "wrong")
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"{JUDGED_FILE}: {error}") from error
    return Verdicts(right, wrong)


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


def tune(parts: Parts, lay: Sequence[str], others: Sequence[str], verdicts: Verdicts, encoder: str, say: Say) -> AnswerWeights:
    say("asking each answer with one of its wordings left out")
    told = list(_left_out(parts, long=True))
    listed = list(_left_out(parts, long=False))
    say("learning the order")
    mean, spread, order = learn_order([(f, own, 1.0) for f, own in told] + [(f, own, LISTED) for f, own in listed])
    draft = AnswerWeights(mean, spread, order, np.zeros(len(JUDGED), np.float32), encoder)
    say("learning how sure one may be")
    rows = sorted({*verdicts.right, *verdicts.wrong})
    beside = list(_beside(parts, told, listed, others, draft))
    seen = {row: judge(parts.ranking.features(lay[row]), draft) for row in rows}
    code = [answer.code for answer in parts.answers]
    lines = [
        (row, judged[number], float(code[number] in verdicts.right.get(row, ())), number == ranked[0])
        for row, (judged, ranked) in seen.items()
        for number in range(len(code))
        if code[number] in verdicts.right.get(row, ()) or code[number] in verdicts.wrong.get(row, ())
    ]
    figures = _crossed(lines, beside)
    chance = _logistic([*((line, mark, 1.0) for _, line, mark, _ in lines), *beside])
    described = {
        "answers": len(code), "wordings": len(parts.wordings), "judged": len(rows),
        "own_wording_first": round(_first(listed, draft), 3), "told_at_length_first": round(_first(told, draft), 3),
        "judged_questions_held_out_in_turn": figures,
    }  # fmt: skip
    return replace(draft, chance=chance, described=described)


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
    parts: Parts, told: Sequence[tuple[Floats, int]], listed: Sequence[tuple[Floats, int]], others: Sequence[str], draft: AnswerWeights
) -> Iterator[Example]:
    for features, own in told:
        judged, order = judge(features, draft)
        yield judged[order[0]], int(order[0] == own), BESIDE
    for features, own in listed:
        judged, order = judge(features, draft)
        if order[0] == own:
            yield judged[own], 1, OWN
    for number, text in enumerate(parts.beyond):
        judged, order = judge(parts.ranking.features(text, parts.beyond_vectors[number], Left(beyond=number)), draft)
        yield judged[order[0]], 0, BESIDE
    for text in others:
        judged, order = judge(parts.ranking.features(text), draft)
        yield judged[order[0]], 0, SMALL_TALK


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


def _crossed(lines: Sequence[tuple[int, Floats, float, bool]], beside: Sequence[Example]) -> dict[str, Any]:
    """Of the judged questions, each judged by what the others taught: how many reach a chance, and the share of these that is right."""
    rows = np.array(sorted({row for row, *_ in lines}))
    np.random.default_rng(2).shuffle(rows)
    told: list[tuple[float, float]] = []
    for fold in np.array_split(rows, FOLDS):
        held = set(fold.tolist())
        chance = _logistic([*((line, mark, 1.0) for row, line, mark, _ in lines if row not in held), *beside])
        told += [(1 / (1 + float(np.exp(-line @ chance))), mark) for row, line, mark, first in lines if row in held and first]
    out: dict[str, Any] = {"questions": len(told)}
    for least in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        reached = [mark for sure, mark in told if sure >= least]
        out[str(least)] = {"share": round(len(reached) / len(told), 3), "right": round(float(np.mean(reached)), 3) if reached else None}
    return out
