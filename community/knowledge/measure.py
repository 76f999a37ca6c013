"""How well the search works, on questions kept outside the project: `python -m community.knowledge.measure DATA`.

DATA has a JSON object a line: {"query": …, "gold": [[law, article number], …]}. Needs the statute file, no database.
docs/legal.md says what came out, and with which command.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from community.knowledge.answers import read_answers
from community.knowledge.corrections import KNOWLEDGE, load_corrections
from community.knowledge.matcher import AnswerMatcher
from community.knowledge.names import PREFIX, normal_label
from community.knowledge.ranking import ArticleIndex
from community.knowledge.search import row_of
from community.knowledge.text import SearchWords, load_search_words
from community.knowledge.versions import AMENDING, compute_versions
from community.knowledge.wheel import find_wheel, read_wheel
from community.model.law import Article, CuratedAnswer, Statute

LEFT_OUT = range(6)
"""Which wordings of every answer are taken out and asked, one round each."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m community.knowledge.measure", description=__doc__)
    parser.add_argument("data", type=Path, help="questions with gold articles, JSON lines")
    parser.add_argument("--lay", type=Path, help='questions without gold, JSON lines {"text": …}: the share answered')
    parser.add_argument("--other", type=Path, help='what is no legal question, JSON lines {"text": …}')
    parser.add_argument("--sample", type=int, help="so many of --lay only, and list them with their answers")
    parser.add_argument("--seed", type=int, default=11, help="which sample")
    parser.add_argument("--laws-db", type=Path, help="the statute file (default: the installed package's)")
    parser.add_argument("--day", type=date.fromisoformat, default=date.today(), help="in force on this day")
    chosen = parser.parse_args(arguments)
    words, answers = load_search_words(), list(read_answers(KNOWLEDGE))
    index = build_index(find_wheel(chosen.laws_db), chosen.day, words)
    matcher = AnswerMatcher(answers, words)
    result: dict[str, Any] = {
        "day": chosen.day.isoformat(),
        "articles": measure_articles(index, _lines(chosen.data)),
        "answers": measure_answers(answers, words),
    }
    if chosen.lay:
        texts = [line["text"] for line in _lines(chosen.lay)]
        if chosen.sample:
            random.Random(chosen.seed).shuffle(texts)  # noqa: S311
            texts = texts[: chosen.sample]
        result["lay"] = measure_share(matcher, texts, show=bool(chosen.sample))
    if chosen.other:
        result["other"] = measure_share(matcher, [line["text"] for line in _lines(chosen.other)], show=False)
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def build_index(wheel: Path, day: date, words: SearchWords) -> ArticleIndex:
    corrections = load_corrections()
    versions, _ = compute_versions(read_wheel(wheel, corrections), corrections)
    rows = []
    for version in versions:
        raw = version.raw
        if raw.kind in AMENDING or not version.in_force(day):
            continue
        statute = Statute(0, raw.source_id, raw.name, raw.kind, raw.version_on, raw.effective_on, version.in_force_from)
        rows += [row_of(Article(0, 0, a.label, a.number, a.chapter, a.text), statute) for a in raw.articles]
    return ArticleIndex.build(rows, words)


def measure_articles(index: ArticleIndex, lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Any gold article in the best k, over the questions that have one in the table."""
    there = {(row.law.removeprefix(PREFIX), row.label) for row in index.rows}
    hits = dict.fromkeys((1, 5, 10), 0)
    took: list[float] = []
    skipped = 0
    for line in lines:
        gold = {(str(law), normal_label(str(number))) for law, number in line["gold"]} & there
        if not gold:
            skipped += 1
            continue
        began = time.perf_counter()
        found = [(row.law.removeprefix(PREFIX), row.label) for row, _ in index.search(line["query"], 10)]
        took.append((time.perf_counter() - began) * 1000)
        for k in hits:
            hits[k] += bool(gold.intersection(found[:k]))
    asked = len(took)
    return {
        "in_force": len(index.rows),
        "questions": asked,
        "without_gold_in_the_table": skipped,
        **{f"hit@{k}": round(n / asked, 3) if asked else None for k, n in hits.items()},
        "ms_median": round(statistics.median(took), 2) if took else None,
        "ms_p99": round(statistics.quantiles(took, n=100)[98], 2) if len(took) > 1 else None,
    }


def measure_answers(answers: list[CuratedAnswer], words: SearchWords) -> dict[str, Any]:
    """Take a wording out of every answer and ask it: how many are answered, and how many by the same law or answer."""
    asked = answered = same = right = 0
    cites = {a.code: {(c["law"], c["article"]) for c in a.citations} for a in answers}
    for out in LEFT_OUT:
        shorter = [replace(a, questions=[q for n, q in enumerate(a.questions) if n != out]) for a in answers]
        matcher = AnswerMatcher(shorter, words)
        for answer in answers:
            if len(answer.questions) <= out:
                continue
            asked += 1
            for found, _ in matcher.best(answer.questions[out], 1):
                answered += 1
                same += found.code == answer.code
                right += found.code == answer.code or bool(cites[found.code] & cites[answer.code])
    return {
        "asked": asked,
        "answered": round(answered / asked, 3) if asked else None,
        "by_the_same_answer": round(same / answered, 3) if answered else None,
        "by_it_or_one_citing_the_same_article": round(right / answered, 3) if answered else None,
    }


def measure_share(matcher: AnswerMatcher, texts: list[str], show: bool) -> dict[str, Any]:
    answered = 0
    for number, text in enumerate(texts):
        best = matcher.best(text, 1)
        answered += bool(best)
        if show:
            said = f"{best[0][1]:.2f} {best[0][0].code}" if best else "-"
            sys.stderr.write(f"{number}\t{said}\t{text[:120]}\n")
    return {"asked": len(texts), "answered": round(answered / len(texts), 3) if texts else None}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


if __name__ == "__main__":
    main()
