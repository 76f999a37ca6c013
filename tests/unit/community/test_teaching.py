"""Intents as a trainer reads them are the assistant's own."""

from __future__ import annotations

from pathlib import Path

import yaml

from community.model.intents import INTENT_NAMES
from community.model.understanding import Doubt, Heard, doubts_of

ROOT = Path(__file__).resolve().parents[3]


def test_every_intent_that_can_be_taught_has_a_name_and_no_other() -> None:
    blocks = [b for f in (ROOT / "data" / "nlu").glob("*.yml") for b in yaml.safe_load(f.read_text("utf-8"))["nlu"]]
    assert set(INTENT_NAMES) == {block["intent"] for block in blocks}
    assert len(set(INTENT_NAMES.values())) == len(INTENT_NAMES)


def heard(intent: str, *chances: float) -> Heard:
    names = ("report", "ask_legal", "urge")
    return Heard(intent, chances[0], tuple(zip(names, chances, strict=False)), "", 0.0, "m")


def test_what_was_surely_understood_is_nobodys_work() -> None:
    assert doubts_of(heard("report", 0.9, 0.05)) == []
    assert doubts_of(heard("report", 0.55, 0.2)) == []


def test_what_may_be_two_things_or_nothing_is_looked_at() -> None:
    assert doubts_of(heard("nlu_fallback", 0.3, 0.2)) == [Doubt.UNCLEAR]
    assert doubts_of(heard("report", 0.5, 0.4)) == [Doubt.CLOSE]
    assert doubts_of(heard("report", 0.4, 0.1)) == [Doubt.WEAK]
