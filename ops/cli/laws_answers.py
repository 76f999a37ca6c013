"""laws tune-answers, laws answers: how curated answers are found, and what they would say."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import console, sentences, with_community

if TYPE_CHECKING:
    from community.ports import Community


def tune_answers(
    lay: Annotated[Path, typer.Argument(help="The questions of data/knowledge/judged.yml, a line each: {text}.", exists=True)],
    also: Annotated[
        Path, typer.Option(help="The questions of data/knowledge/judged_stard.yml, a line each: {query}.", exists=True)
    ],
    other: Annotated[Path | None, typer.Option(help="Lines that no answer meets: {text}.", exists=True)] = None,
    limit: Annotated[int, typer.Option(help="So many of the other lines at most.")] = 600,
) -> None:
    """Learn how curated answers are found and how sure one may be of one; three minutes."""
    from datetime import date

    import encoder
    from community.knowledge import answer_tuning, ranker, tuning
    from community.knowledge.measure import build_index
    from community.knowledge.text import load_search_words
    from community.knowledge.wheel import find_wheel
    from ops import context as contexts
    from ops import steps
    from ops.context import OperationFailed

    with sentences(), steps.step(console, "tuning") as work:
        opened = encoder.load()
        kept = ranker.load(opened.fingerprint)
        if kept is None:
            raise OperationFailed("The search of articles comes first: ./linshe laws tune")
        folder = contexts.load().settings.var / "knowledge"
        words = load_search_words()
        fusion = tuning.gather(build_index(find_wheel(None), date.today(), words), opened, folder, work.tell).fusion(kept.adapter)
        parts = answer_tuning.gather(fusion, kept, opened, folder, words)
        others = _texts(other)[:: max(1, len(_texts(other)) // limit)] if other else []
        judged = _texts(lay), answer_tuning.read_verdicts()
        judged_also = _texts(also), answer_tuning.read_verdicts(name=answer_tuning.JUDGED_ALSO)
        made = answer_tuning.tune(parts, judged, judged_also, others, opened.fingerprint, work.tell)
        made.save()
        work.result = json.dumps(made.described, ensure_ascii=False)


def answers(
    data: Annotated[Path, typer.Argument(help="Questions, a line each: {text}.", exists=True)],
    sample: Annotated[int, typer.Option(help="So many of those that are answered, drawn by --seed; 0: all lines.")] = 0,
    seed: Annotated[int, typer.Option()] = 1,
    odd: Annotated[bool, typer.Option("--odd", help="Lines with an odd number only: none of them was learnt from.")] = False,
) -> None:
    """What each question would be answered with: a JSON object a line {row, kind, chance, titles, text}, then how many of each kind."""
    with_community(lambda community: _say(community, _texts(data), sample, seed, odd))


async def _say(community: Community, texts: list[str], sample: int, seed: int, odd: bool) -> None:
    from community.services import legal

    rows = [row for row in range(len(texts)) if row % 2 or not odd]
    counts: dict[str, int] = {}
    said: list[dict[str, Any]] = []
    for row in rows:
        advice = await legal.advise(community, texts[row])
        counts[advice.kind] = counts.get(advice.kind, 0) + 1
        titles = [advice.answer.title] if advice.answer else [answer.title for answer in advice.choices]
        chance = round(advice.score, 2)
        said.append({"row": row, "kind": advice.kind, "chance": chance, "titles": titles, "text": texts[row][:160]})
    if sample:
        said = [line for line in said if line["kind"] == "answer"]
        said = random.Random(seed).sample(said, min(sample, len(said)))  # noqa: S311
    for line in said:
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps({"asked": len(rows), **counts}) + "\n")


def _texts(path: Path | None) -> list[str]:
    if path is None:
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [str(line["text"] if "text" in line else line["query"]) for line in lines]


def register(app: typer.Typer) -> None:
    app.command("tune-answers")(tune_answers)
    app.command("answers")(answers)
