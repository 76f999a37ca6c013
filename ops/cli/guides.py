"""guides measure: how well 办事指南 are found, on questions written apart from theirs."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ops.cli.common import console, sentences

app = typer.Typer(help="办事指南: what to bring, and where.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `measure` a command of its own while it is the only one."""


@app.command()
def measure(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    misses: Annotated[bool, typer.Option("--misses", help="Also what went wrong, a line each.")] = False,
) -> None:
    """hit@1, wrong guides shown, not found: on data/knowledge/guide_questions.yml, by half and by voice."""
    import encoder
    from community.config import load_settings
    from community.knowledge.guide_measure import measure as measured
    from community.knowledge.guide_measure import read_questions
    from community.knowledge.guides import open_guides

    with sentences():
        settings = load_settings()
        finder = open_guides(settings.var / "knowledge", lambda: encoder.load(settings.encoder or None))
        tallies = measured(finder, read_questions())
    if as_json:
        figures = {name: {**vars(tally), "hit@1": tally.first / (tally.known or 1)} for name, tally in tallies.items()}
        console.print_json(json.dumps(figures))
        return
    heads = (
        "questions", "a guide answers", "ranked first", "shown, right", "among titles", "shown, wrong", "not found", "none answers",
        "refused", "titles offered", "one shown",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = [heads, tuple("---" for _ in heads)]
    for name, t in tallies.items():
        rows.append(
            (name, t.known, t.first, t.right, t.listed, t.wrong, t.lost, t.beyond, t.refused, t.offered, t.wrong_none)
        )
    for row in rows:
        console.print(f"| {' | '.join(map(str, row))} |", soft_wrap=True)
    if misses:
        for line in tallies["all"].misses:
            console.print(line)
