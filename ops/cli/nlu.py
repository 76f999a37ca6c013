"""parse, nlu eval, nlu lint."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import console, errors, sentences

if TYPE_CHECKING:
    from ops.context import Context

app = typer.Typer(help="What the assistant understands: measure it, check what it learns from.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    root.command(rich_help_panel="Look and mend")(parse)
    from ops.cli import teaching

    teaching.register(app)
    root.add_typer(app, name="nlu", rich_help_panel="Look and mend")


def parse(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What single messages are understood as: one a line from standard input."""
    from ops.nlu.evaluation import lines
    from ops.nlu.parsing import parsed

    with sentences():
        for answer in parsed(_trained(), lines(sys.stdin)):
            if as_json:
                print(json.dumps(answer, ensure_ascii=False), flush=True)
                continue
            what = f"{answer['intent']} {answer['confidence']:.2f}"
            what += f", {answer['category']}" if answer["category"] else ""
            what += f", danger: {answer['danger']}" if answer["danger"] else ""
            console.print(f"{answer['text']}\n  {what}", markup=False, highlight=False, soft_wrap=True)
            for problem in answer["problems"]:
                console.print(f"  - {problem['category']}: {problem['text']}", markup=False, highlight=False)
            for entity in answer["entities"]:
                console.print(f"  {entity['entity']}: {entity['value']}", markup=False, highlight=False)


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="JSONL: text and, as far as known, intent, category, place.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="Every message that was taken for something else.")] = False,
) -> None:
    """Accuracy, precision, recall and F1 on labelled messages, the worst confusions, and a picture of them."""
    from ops.nlu import evaluation
    from ops.nlu.parsing import parsed

    with sentences():
        try:
            rows = evaluation.read_rows(file)
        except (evaluation.BadRow, OSError) as error:
            errors.print(str(error), style="red", markup=False)
            raise typer.Exit(1) from None
        context = _trained()
        answers = list(parsed(context, [row["text"] for row in rows]))
    found = evaluation.reports(rows, answers)
    if not found:
        _shares(rows, answers, as_json)
        return
    folder = context.var / "nlu"
    folder.mkdir(parents=True, exist_ok=True)
    for report in found:
        (folder / f"{file.stem}-{report.field}.html").write_text(evaluation.picture(report), encoding="utf-8")
    if as_json:
        print(json.dumps({report.field: evaluation.as_json(report) for report in found}, ensure_ascii=False))
        return
    for report in found:
        _tell(report, folder / f"{file.stem}-{report.field}.html")
    if wrong:
        for row, answer in zip(rows, answers, strict=True):
            if row.get("intent", answer["intent"]) != answer["intent"] or row.get("category") != answer["category"]:
                said = f"{row.get('intent')}/{row.get('category')} -> {answer['intent']}/{answer['category']}"
                console.print(f"{said} {answer['confidence']:.2f}: {row['text']}", markup=False, soft_wrap=True)


def _shares(rows: list[dict[str, object]], answers: list[dict[str, object]], as_json: bool) -> None:
    """A file without labels: what its messages were taken for."""
    from collections import Counter

    shares = Counter(str(answer["intent"]) for answer in answers)
    if as_json:
        print(json.dumps({"rows": len(rows), "intents": dict(shares.most_common())}, ensure_ascii=False))
        return
    for intent, count in shares.most_common():
        console.print(f"{count:6d}  {count / len(rows):6.1%}  {intent}", highlight=False)


def _tell(report: object, picture: Path) -> None:
    from rich.table import Table

    from ops.nlu.evaluation import Report

    assert isinstance(report, Report)
    title = f"{report.field}: accuracy {report.accuracy:.3f}, macro F1 {report.macro_f1:.3f}, {report.rows} messages"
    table = Table("label", "precision", "recall", "F1", "messages", title=title, title_justify="left")
    for score in report.scores:
        figures = (f"{number:.2f}" for number in (score.precision, score.recall, score.f1))
        table.add_row(score.label, *figures, str(score.support))
    console.print(table)
    for said, taken, times in report.wrong[:12]:
        console.print(f"  {times:3d} x {said} taken for {taken}", highlight=False)
    console.print(f"  all of them: {picture}", highlight=False, soft_wrap=True)


@app.command()
def lint(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,
) -> None:
    """What is wrong with data/nlu: one text under two intents, near duplicates, too few, marks that cut words, taught hold-outs."""
    import jieba

    from ops.environments import ROOT
    from ops.nlu import evaluation
    from ops.nlu.lint import lint as findings
    from ops.nlu.lint import read_examples

    jieba.setLogLevel(40)
    cutter = jieba.Tokenizer()
    for path in sorted((ROOT / "data" / "lexicon").glob("*.txt")):
        cutter.load_userdict(str(path))
    try:
        examples = read_examples(ROOT / "data" / "nlu")
    except ValueError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    held_out = {
        row["text"] for path in (ROOT / "tests" / "nlu").glob("holdout*.jsonl") for row in evaluation.read_rows(path)
    }
    found = findings(examples, cutter.lcut, frozenset(held_out))
    for finding in found:
        if as_json:
            print(json.dumps(vars(finding), ensure_ascii=False))
        else:
            line = f"{finding.level}: {finding.rule} ({finding.where}): {finding.says}"
            console.print(
                line, style="red" if finding.level == "error" else None, markup=False, highlight=False, soft_wrap=True
            )
    bad = sum(finding.level == "error" for finding in found)
    if not as_json:
        console.print(f"{len(examples)} examples, {bad} errors, {len(found) - bad} warnings", highlight=False)
    raise typer.Exit(1 if bad else 0)


@app.command()
def check() -> None:
    """What Rasa itself finds wrong with domain, rules, forms and slots (half a minute). After a change of data/rules or domain/."""
    from ops import context as contexts
    from ops import training

    with sentences():
        context = contexts.load()
        raise typer.Exit(training.check(context))


def _trained() -> Context:
    """The settings, with a model that fits what is here: trained first if it does not, and said so on standard error."""
    from ops import context as contexts
    from ops import training

    context = contexts.load()
    if not training.is_fresh(context.root):
        errors.print("The model is not up to date: training first.", style="yellow")
        training.train(context)
    return context
