"""How well labelled messages are understood: counts, precision, recall, F1, and what is taken for what. Pure functions."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIELDS = ("intent", "category", "place")


class BadRow(ValueError):
    """A line of a file that cannot be measured on; the text says which and why."""


@dataclass(frozen=True)
class Score:
    """Of one label. `support` is how many messages carry it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Report:
    """Of one field. `wrong` holds (said, taken for, times), most frequent first."""

    field: str
    accuracy: float
    macro_f1: float
    scores: tuple[Score, ...]
    wrong: tuple[tuple[str, str, int], ...]
    rows: int


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file: `text` and, as far as known, intent, category, place. Raises BadRow, OSError."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadRow(f"{path.name}, line {number} is not JSON: {error}") from None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
            raise BadRow(f'{path.name}, line {number} has no "text"')
        rows.append(row)
    if not rows:
        raise BadRow(f"{path.name} holds no rows")
    return rows


def measure(field: str, pairs: Sequence[tuple[str, str]]) -> Report:
    """`pairs` are (said, taken for). Macro F1 is over the labels that were said, each counted alike."""
    said, taken = Counter(s for s, _ in pairs), Counter(t for _, t in pairs)
    right = Counter(s for s, t in pairs if s == t)
    scores = []
    for label in sorted(said):
        precision = right[label] / taken[label] if taken[label] else 0.0
        recall = right[label] / said[label]
        f1 = 2 * precision * recall / (precision + recall) if right[label] else 0.0
        scores.append(Score(label, precision, recall, f1, said[label]))
    wrong = Counter((s, t) for s, t in pairs if s != t)
    return Report(
        field,
        sum(right.values()) / len(pairs),
        sum(score.f1 for score in scores) / len(scores),
        tuple(scores),
        tuple((s, t, n) for (s, t), n in wrong.most_common()),
        len(pairs),
    )


def reports(rows: Sequence[dict[str, Any]], answers: Sequence[dict[str, Any]]) -> list[Report]:
    """One report for every field that rows carry. A category counts as wrong too when the message was not taken as a report."""
    found = []
    for field in FIELDS:
        pairs = [
            (str(row[field]), str(_value(answer, field)))
            for row, answer in zip(rows, answers, strict=True)
            if row.get(field)
        ]
        if pairs:
            found.append(measure(field, pairs))
    return found


def _value(answer: dict[str, Any], field: str) -> str:
    if field == "place":
        # 我们单元停电了，江滨小区14幢: of several the most exact one is what a report is filed under.
        named = [str(e["value"]) for e in answer["entities"] if e["entity"] == "place"]
        return max(named, key=lambda value: (value != "home", value.count("/")), default="-")
    return answer.get(field) or "-"


def as_json(report: Report) -> dict[str, Any]:
    return {
        "field": report.field,
        "rows": report.rows,
        "accuracy": round(report.accuracy, 4),
        "macro_f1": round(report.macro_f1, 4),
        "classes": {
            s.label: {
                "precision": round(s.precision, 3),
                "recall": round(s.recall, 3),
                "f1": round(s.f1, 3),
                "support": s.support,
            }
            for s in report.scores
        },
        "confusions": [list(one) for one in report.wrong[:20]],
    }


def picture(report: Report) -> str:
    """A confusion matrix as one HTML page that needs nothing else: rows are what was said, columns what it was taken for."""
    labels = [score.label for score in report.scores]
    others = sorted({t for _, t, _ in report.wrong} - set(labels))
    counts: Counter[tuple[str, str]] = Counter({(s, t): n for s, t, n in report.wrong})
    for score in report.scores:
        counts[score.label, score.label] = round(score.recall * score.support)
    columns = [*labels, *others]
    head = "".join(f"<th class=c><span>{html.escape(label)}</span></th>" for label in columns)
    body = "".join(
        f"<tr><th>{html.escape(score.label)}</th>"
        + "".join(_cell(counts[score.label, column], score, column) for column in columns)
        + f"<td class=f>{score.f1:.2f}</td></tr>"
        for score in report.scores
    )
    title = f"{report.field}: accuracy {report.accuracy:.3f}, macro F1 {report.macro_f1:.3f}, {report.rows} messages"
    return f"""<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>
body{{font:13px system-ui,sans-serif;margin:16px}}table{{border-collapse:collapse}}td,th{{padding:2px 4px;text-align:right;font-weight:400}}
td{{min-width:20px;text-align:center;border:1px solid #eee}}th.c{{height:120px;vertical-align:bottom}}
th.c span{{writing-mode:vertical-rl;transform:rotate(180deg)}}td.f{{border:0;color:#555;padding-left:10px}}</style>
<h1 style="font-size:16px">{html.escape(title)}</h1><p>Rows: what was meant. Columns: what it was taken for. Last: F1.</p>
<table><tr><th></th>{head}<th>F1</th></tr>{body}</table></html>"""


def _cell(count: int, score: Score, column: str) -> str:
    share = count / score.support
    colour = f"rgba(30,120,60,{share:.2f})" if column == score.label else f"rgba(200,40,40,{min(1, share * 3):.2f})"
    style = f' style="background:{colour}"' if count else ""
    return f"<td{style} title='{html.escape(score.label)} → {html.escape(column)}'>{count or ''}</td>"


def lines(texts: Iterable[str]) -> Iterable[str]:
    """Messages of a stream, one a line, empty ones left out."""
    return (line.strip() for line in texts if line.strip())
