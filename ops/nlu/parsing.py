"""What the trained assistant understands of single messages, asked of Rasa in its own environment, line by line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from community.knowledge.danger import TrainedDangerSense
from community.model.danger import DangerRule, Verdict, Weighed, find_danger, judge
from ops import environments, training
from ops.children import rasa_env
from ops.context import Context, OperationFailed

ANSWERING = "out_of_scope"
UNSURE = "nlu_fallback"
MAY_BE = 0.1
"""From this chance of being a report on, a message's category is told: it is what a ticket would be filed under."""


def parsed(context: Context, texts: Iterable[str], model: Path | None = None) -> Iterator[dict[str, Any]]:
    """One object a text, in their order: text, intent, confidence, category, entities, problems, danger, out_of_scope, ranking, ms.

    `intent` is `nlu_fallback` where the assistant would ask back; `category` is there for reports and for what may be one, `about` for
    every message as if it were one; `danger` is the code of what raises an alarm, `danger_care` of what only puts a number beside the
    answer, or None. `model`: another one than the serving. Raises OperationFailed when there is no model or Rasa cannot load it.
    """
    rules = _danger_rules(context)
    sense = TrainedDangerSense(context.root / context.settings.danger_model)
    python = str(environments.both(context.root)[1].python)
    log = context.var / "log" / "parse.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            [python, "-m", "bot.parse", str(model or training.model(context.root))],
            cwd=context.root,
            env=rasa_env(context),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=kept,
            encoding="utf-8",
        ) as rasa,
    ):
        assert rasa.stdin is not None
        assert rasa.stdout is not None
        try:
            if not rasa.stdout.readline():
                raise OperationFailed(f"Rasa could not load the model. Run ./linshe train; what it said is in {log}.")
            for text in texts:
                rasa.stdin.write(json.dumps(text) + "\n")
                rasa.stdin.flush()
                line = rasa.stdout.readline()
                if not line:
                    raise OperationFailed(f"Rasa ended in the middle; what it said is in {log}.")
                yield told(text, json.loads(line), verdict_of(text, sense.weigh_now(text), rules))
        finally:
            rasa.kill()


def verdict_of(text: str, weighed: Weighed | None, rules: tuple[DangerRule, ...]) -> Verdict:
    """What the gateway does with the same text (community.services.inbound.danger_in)."""
    return judge(find_danger(text, rules), weighed, {rule.code: rule for rule in rules})


def told(text: str, answer: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
    """Rasa's answer as others read it."""
    # Where it would ask back, too: the category is what the ticket gets if the answer is that it is a report.
    of_report = answer["intent"] in ("report", UNSURE) or dict(answer["ranking"]).get("report", 0.0) >= MAY_BE
    entities = answer["entities"]
    category = next((e for e in entities if e["entity"] == "category"), None)
    problems = [
        {"category": e["value"], "text": text[e["start"] : e["end"]], "start": e["start"], "end": e["end"]}
        for e in entities
        if e["entity"] == "problem"
    ]
    return {
        "text": text,
        "intent": answer["intent"],
        "confidence": answer["confidence"],
        "category": category["value"] if category and of_report else None,
        "about": category["value"] if category else None,
        "entities": [e for e in entities if e["entity"] not in ("category", "problem")],
        "problems": problems,
        "danger": verdict.alarm.code if verdict.alarm else None,
        "danger_care": verdict.care.code if verdict.care else None,
        "out_of_scope": answer["intent"] == ANSWERING,
        "ranking": answer["ranking"],
        "ms": answer["ms"],
    }


def _danger_rules(context: Context) -> tuple[DangerRule, ...]:
    from community.store.danger_rules import load_danger_rules

    return load_danger_rules(context.root / context.settings.danger_rules)
