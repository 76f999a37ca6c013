"""What stock Rasa's recommended pipeline (DIET) understands beside ours, from the same examples: `python -m ops.bench.understanding`.

DIET learns intents from data/nlu as it is, and categories from the reports alone, each category as an intent: two models, since it gives
a message one label. Both sides are asked the same held-out messages. Progress goes to stderr; the last line of stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from ops import context as contexts
from ops import environments, training
from ops.bench import stock
from ops.environments import ROOT
from ops.nlu import evaluation
from ops.nlu.parsing import parsed

HELD_OUT = ("holdout", "holdout_more", "holdout_third")
MEASURING = ("citizen_messages", "legal_lay_questions", "out_of_scope")
HARMLESS = frozenset({"out_of_scope", "greet", "thanks", "bye", "bot_challenge", "abuse", "help", "nlu_fallback", ""})
LEGAL = frozenset({"ask_legal", "ask_lawyer"})
ASK = """
import asyncio, json, sys, time
from rasa.core.agent import Agent
agent = Agent.load(sys.argv[1])
async def main():
    await agent.parse_message("你好")
    for line in sys.stdin:
        began = time.perf_counter()
        found = (await agent.parse_message(json.loads(line)))["intent"]
        print(json.dumps([found["name"] or "", (time.perf_counter() - began) * 1000]), flush=True)
asyncio.run(main())
"""


def tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def examples(of_category: bool) -> dict[str, Any]:
    """data/nlu as one file; with `of_category` the reports alone, their categories as intents."""
    blocks: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            name = (block.get("metadata") or {}).get("category") if of_category else block.get("intent")
            if name:
                blocks.setdefault(name, []).append(block["examples"])
    nlu = [{"intent": name, "examples": "".join(texts)} for name, texts in sorted(blocks.items())]
    return {"version": "3.1", "nlu": nlu}


def train_stock(folder: Path, of_category: bool, epochs: int) -> tuple[Path, float]:
    """(model, seconds it took)."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {name: part for name, part in stock.config(epochs).items() if name != "policies"}
    for name, content in (("config.yml", config), ("nlu.yml", examples(of_category))):
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    python = str(environments.both(ROOT)[1].python)
    command = [python, "-m", "rasa", "train", "nlu", "--config", "config.yml", "--nlu", "nlu.yml"]
    began = time.monotonic()
    with (folder / "train.log").open("wb") as log:
        subprocess.run(
            [*command, "--out", "models", "--fixed-model-name", "stock"],
            cwd=folder, env=stock.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
        )  # fmt: skip
    return folder / "models" / "stock.tar.gz", time.monotonic() - began


def ask_stock(model: Path, texts: list[str]) -> tuple[list[str], float]:
    """(labels, median milliseconds a message)."""
    python = str(environments.both(ROOT)[1].python)
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(
        [python, "-c", ASK, str(model)], input=lines, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=stock.environment(), cwd=model.parent, check=True,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    return [row[0] for row in rows], sorted(row[1] for row in rows)[len(rows) // 2]


def read(folder: Path | None) -> dict[str, list[dict[str, Any]]]:
    """The rows of every set that is here, by its name."""
    sets = {name: ROOT / "tests" / "nlu" / f"{name}.jsonl" for name in HELD_OUT}
    if folder:
        sets.update({name: folder / f"{name}.jsonl" for name in MEASURING})
    return {name: evaluation.read_rows(path) for name, path in sets.items() if path.exists()}


def figures(name: str, rows: list[dict[str, Any]], intents: list[str], categories: list[str]) -> dict[str, float]:
    """What a side makes of one set. A category counts whatever the intent, on both sides alike."""
    if name in MEASURING:
        shares = Counter(intents)
        found = {
            "citizen_messages": ("taken as report", shares["report"]),
            "legal_lay_questions": ("taken as legal", sum(shares[intent] for intent in LEGAL)),
            "out_of_scope": ("acted on", len(rows) - sum(shares[intent] for intent in HARMLESS)),
        }[name]
        return {found[0]: round(found[1] / len(rows), 4)}
    pairs = [(row["intent"], intent or "-") for row, intent in zip(rows, intents, strict=True)]
    of_reports = [(r["category"], c or "-") for r, c in zip(rows, categories, strict=True) if r.get("category")]
    return {
        "intents, macro F1": round(evaluation.measure("intent", pairs).macro_f1, 4),
        "categories, macro F1": round(evaluation.measure("category", of_reports).macro_f1, 4),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=100, help="of DIET; `rasa init` has 100")
    parser.add_argument("--data", type=Path, help="folder with citizen_messages.jsonl and the other measuring files")
    arguments = parser.parse_args()
    sets = read(arguments.data)
    texts = [row["text"].replace("\n", " ") for rows in sets.values() for row in rows]
    context = contexts.load()
    began = time.monotonic()
    trained = training.train(context, force=True)
    ours_s = time.monotonic() - began
    tell(f"ours trained: {trained}, {ours_s:.0f} s")
    answers = list(parsed(context, texts))
    ours = ([str(a["intent"] or "") for a in answers], [str(a["about"] or "") for a in answers])
    ours_ms = sorted(a["ms"] for a in answers)[len(answers) // 2]
    folder = context.var / "bench" / "diet"
    stock_s, theirs, stock_ms = 0.0, [], 0.0
    for name, of_category in (("intents", False), ("categories", True)):
        tell(f"training DIET on {name}, {arguments.epochs} epochs")
        model, seconds = train_stock(folder / name, of_category, arguments.epochs)
        labels, milliseconds = ask_stock(model, texts)
        stock_s, stock_ms = stock_s + seconds, stock_ms or milliseconds
        theirs.append(labels)
        tell(f"{seconds:.0f} s")
    result: dict[str, Any] = {"epochs": arguments.epochs, "training_s": {"stock": round(stock_s), "ours": round(ours_s)}}
    result["parse_p50_ms"] = {"stock": round(stock_ms, 2), "ours": round(ours_ms, 2)}
    at = 0
    for name, rows in sets.items():
        here = slice(at, at + len(rows))
        at += len(rows)
        result[name] = {
            "stock": figures(name, rows, theirs[0][here], theirs[1][here]),
            "ours": figures(name, rows, ours[0][here], ours[1][here]),
        }
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
