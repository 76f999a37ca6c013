"""A candidate beside the model that serves: what each understands of the messages nobody taught them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any
from xml.etree import ElementTree

from ops.context import Context
from ops.nlu import evaluation
from ops.nlu.parsing import parsed
from ops.testing import read_junit

FEW = 5
"""Messages of an intent below which its F1 says nothing."""
LOSS = 0.03
"""Of an intent's F1: named, and wants a lead's reason."""
WHOLE_LOSS = 0.003
WHOLE_BLOCKS = 0.03
"""Of all intents' macro F1: from the first on it wants a reason, from the second on it forbids. Chosen, not measured: how much
two trainings of the same examples differ is not known yet."""
MOST_CHANGED = 200
MOST_CONFUSIONS, MOST_TEXTS = 25, 6


def rows_of(root: Path) -> list[dict[str, Any]]:
    """Every held-out message, with the set it stands in."""
    found = []
    for path in sorted((root / "tests" / "nlu").glob("holdout*.jsonl")):
        found += [{**row, "set": path.stem} for row in evaluation.read_rows(path)]
    return found


def model_id(path: Path) -> str:
    """What a model calls itself in each answer. Raises KeyError, tarfile.TarError or OSError for what is no model."""
    with tarfile.open(path) as tar:
        member = tar.extractfile(next(one for one in tar.getmembers() if Path(one.name).name == "metadata.json"))
        assert member is not None
        return str(json.load(member)["model_id"])


def read(context: Context, rows: list[dict[str, Any]], model: Path, stop: Event) -> list[dict[str, Any]]:
    """What a model makes of the rows; read once and kept beside it, for as long as the rows are the same."""
    kept = model.with_suffix(".read.json")
    texts = [row["text"] for row in rows]
    identity = model_id(model)
    if kept.is_file():
        known = json.loads(kept.read_text(encoding="utf-8"))
        if known["texts"] == texts and known["model"] == identity:
            return list(known["answers"])
    answers = []
    for answer in parsed(context, texts, model):
        if stop.is_set():
            raise InterruptedError
        answers.append({name: answer[name] for name in ("intent", "confidence", "category", "about")})
    kept.write_text(json.dumps({"model": identity, "texts": texts, "answers": answers}, ensure_ascii=False), encoding="utf-8")
    return answers


def figures(rows: list[dict[str, Any]], before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    """Both sides of everything: [before, after]."""
    one, two = ({report.field: report for report in evaluation.reports(rows, _whole(side))} for side in (before, after))
    whole: dict[str, Any] = {"messages": len(rows)}
    labels: list[dict[str, Any]] = []
    for field in ("intent", "category"):
        if field not in one or field not in two:
            continue
        whole[field] = [round(one[field].macro_f1, 4), round(two[field].macro_f1, 4)]
        old = {score.label: score for score in one[field].scores}
        new = {score.label: score for score in two[field].scores}
        for label in sorted(old | new):
            a, b = old.get(label), new.get(label)
            known = b or a
            if known is None or not known.support:
                continue
            pair = [round(a.f1, 3) if a else 0.0, round(b.f1, 3) if b else 0.0]
            labels.append({"field": field, "label": label, "f1": pair, "messages": known.support})
    return {**whole, "labels": labels, "changed": _changed(rows, before, after), "confusions": _confusions(rows, before, after)}


def _whole(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"entities": [], "problems": [], **answer} for answer in answers]


def _confusions(rows: list[dict[str, Any]], before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """By field the commonest mistakes, those of the candidate first: {said, heard, times: [before, after], texts (some of them)}."""
    found: dict[str, list[Any]] = {}
    for field in ("intent", "category"):
        pairs: dict[tuple[str, str], dict[str, Any]] = {}
        for row, *sides in zip(rows, before, after, strict=True):
            for side, answer in enumerate(sides):
                said, heard = row.get(field), str(answer[field] or "-")
                if not said or said == heard:
                    continue
                one = pairs.setdefault((said, heard), {"said": said, "heard": heard, "times": [0, 0], "texts": []})
                one["times"][side] += 1
                if row["text"] not in one["texts"] and len(one["texts"]) < MOST_TEXTS:
                    one["texts"].append(row["text"])
        found[field] = sorted(pairs.values(), key=lambda one: (-one["times"][1], -one["times"][0]))[:MOST_CONFUSIONS]
    return found


def _changed(rows: list[dict[str, Any]], before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Messages that changed sides, the lost ones first."""
    found = []
    for row, old, new in zip(rows, before, after, strict=True):
        asked = [field for field in ("intent", "category") if row.get(field)]
        if all(old[field] == new[field] for field in asked):
            continue
        right = [_right(row, old), _right(row, new)]
        found.append({
            "text": row["text"], "set": row["set"], "said": _said(row.get("intent"), row.get("category")),
            "before": _of(old, asked), "after": _of(new, asked), "right": right,
        })  # fmt: skip
    found.sort(key=lambda one: (one["right"] != [True, False], one["right"] != [False, True]))
    return found[:MOST_CHANGED]


def _of(answer: dict[str, Any], asked: list[str]) -> str:
    return _said(answer["intent"], answer["category"] if "category" in asked else None)


def _right(row: dict[str, Any], answer: dict[str, Any]) -> bool:
    return all(row.get(field) in (None, answer[field]) for field in ("intent", "category"))


def _said(intent: str | None, category: str | None) -> str:
    return f"{intent}/{category}" if category else str(intent or "-")


def judged(found: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(what forbids publishing, what wants a lead's reason), in words for people."""
    from community.model.category import Category, category_name
    from community.model.intents import INTENT_NAMES

    blocked, losses = [], []
    old, new = found.get("intent", [0.0, 0.0])
    if old - new >= WHOLE_BLOCKS:
        blocked.append(f"整体听懂程度从{old:.3f}降到{new:.3f}")
    elif old - new >= WHOLE_LOSS:
        losses.append(f"整体听懂程度从{old:.3f}降到{new:.3f}")
    for one in found["labels"]:
        before, after = one["f1"]
        if one["messages"] >= FEW and before - after >= LOSS:
            label = one["label"]
            name = category_name(Category(label)) if one["field"] == "category" and label in set(Category) else label
            losses.append(f"“{INTENT_NAMES.get(name, name)}”从{before:.2f}降到{after:.2f}（{one['messages']}句）")
    talks = found.get("conversation") or {}
    if talks.get("failed"):
        blocked.append(f"{talks['failed']}个对话测试没通过")
    elif not talks.get("passed"):
        losses.append("对话测试没有跑")
    return blocked, losses


def report_of(context: Context) -> Path:
    return context.var / "teaching" / "conversation.xml"


def conversations(
    context: Context, model: Path, tell: Callable[[str], None], stop: Event, folder: Path | None = None
) -> dict[str, Any]:
    """The conversation tests with a candidate: how many passed and failed, and the names of those that failed. `folder`:
    only the conversations that trainers kept and that lie there.

    Where the test tools are not installed (`./linshe setup --dev` brings them) nothing ran, and that is what it says.
    """
    report = report_of(context)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    if subprocess.run([sys.executable, "-c", "import pytest"], capture_output=True).returncode:
        return {"passed": 0, "failed": 0, "names": [], "why": "没有装测试工具（./linshe setup --dev）"}
    plain = {k: v for k, v in os.environ.items() if not k.startswith("LINSHE_") and k not in ("DATABASE_URL", "REDIS_URL")}
    env = {**plain, "PYTHONPATH": str(context.root), "LINSHE_RASA_TEST_MODEL": str(model)}
    what = ["-m", "not waits", "tests/conversation"]
    if folder is not None:
        env["LINSHE_TAUGHT"] = str(folder)
        what = ["tests/conversation/test_taught.py", "-k", KEPT_TEST.rstrip("[")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *what, f"--junitxml={report}"]
    log = context.var / "log" / "conversation.log"
    with log.open("wb") as kept, subprocess.Popen(command, cwd=context.root, env=env, stdout=kept, stderr=kept) as running:
        while running.poll() is None:
            if stop.wait(0.5):
                running.terminate()
                running.wait(30)
                raise InterruptedError
    return told(report)


KEPT_TEST = "test_a_kept_conversation_goes_on_as_it_did["


_GONE = re.compile(r"“(?P<words>[^\n]+)” is gone")


def kept_conversations(report: Path) -> dict[int, str]:
    """Of the conversations that trainers kept, by their number: '' where it went on as it did, else the words or the button that were
    gone. Empty where nothing ran."""
    found: dict[int, str] = {}
    if report.is_file():
        for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 - written by our own pytest
            name = case.get("name") or ""
            if name.startswith(KEPT_TEST) and (number := name.removeprefix(KEPT_TEST).rstrip("]")).isdigit():
                fault = next((one for kind in ("failure", "error") if (one := case.find(kind)) is not None), None)
                gone = _GONE.search(fault.get("message") or "") if fault is not None else None
                found[int(number)] = "" if fault is None else gone["words"] if gone else "没有跑完"
    return found


def told(report: Path) -> dict[str, Any]:
    if not report.is_file():
        return {"passed": 0, "failed": 1, "names": ["tests/conversation"], "why": "对话测试没有跑起来"}
    result = read_junit(report)
    return {"passed": result.passed, "failed": result.failed, "names": result.names[:20]}
