"""The danger rules on sentences written apart from them: real danger happening now, and what only sounds like it."""

from __future__ import annotations

import json
from pathlib import Path

from community.model.danger import find_danger
from community.store.danger_rules import load_danger_rules

HERE = Path(__file__).parent
RULES = load_danger_rules(HERE.parents[1] / "data" / "lexicon" / "danger.yml")
LEAST_RECALL = 0.90
MOST_FALSE_ALARMS = 0.10


def _rows(name: str) -> list[dict[str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def test_real_danger_is_caught() -> None:
    rows = _rows("danger.jsonl")
    missed = [f"{row['rule']}: {row['text']}" for row in rows if find_danger(row["text"], RULES) is None]
    recall = 1 - len(missed) / len(rows)
    assert recall >= LEAST_RECALL, f"recall {recall:.3f}, {len(missed)} of {len(rows)} missed:\n" + "\n".join(missed)


def test_what_only_sounds_like_danger_raises_no_alarm() -> None:
    rows = _rows("near_danger.jsonl")
    found = [(find_danger(row["text"], RULES), row["text"]) for row in rows]
    alarms = [f"{rule.code}: {text}" for rule, text in found if rule is not None]
    rate = len(alarms) / len(rows)
    assert rate <= MOST_FALSE_ALARMS, f"false alarms {rate:.3f}, {len(alarms)} of {len(rows)}:\n" + "\n".join(alarms)
