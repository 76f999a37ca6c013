"""Rasa sends an action only the events since the resident's message (bot/engine/calls.py, `events_of_the_turn`)."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from actions.forms import answered_already

ACTIONS = Path(__file__).resolve().parents[3] / "actions"
READS_EVENTS = {
    "events", "events_after_latest_restart", "get_last_event_for", "applied_events", "last_executed_action_has",
    "get_latest_input_channel", "copy", "get_intent_of_latest_message",
}  # fmt: skip
LOOKS_NO_FURTHER = {"answered_already"}
"""Functions that read events back to the resident's message; each has its proof below."""


def test_no_action_reads_an_event_of_an_earlier_turn() -> None:
    found = set()
    for path in sorted(ACTIONS.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                reads = isinstance(node, ast.Attribute) and node.attr in READS_EVENTS
                if reads and ast.unparse(node.value).endswith("tracker"):
                    found.add(function.name)
    assert found <= LOOKS_NO_FURTHER


@pytest.mark.parametrize(
    "before", [[], [{"event": "action_execution_rejected"}], [{"event": "action", "name": "action_x"}]]
)
@pytest.mark.parametrize(
    "since",
    [
        [],
        [{"event": "action", "name": "report_form"}],
        [{"event": "action", "name": "action_x"}, {"event": "action", "name": "report_form"}],
        [{"event": "action_execution_rejected"}, {"event": "action", "name": "report_form"}],
    ],
)
def test_earlier_turns_do_not_change_whether_a_message_was_answered(
    before: list[dict[str, Any]], since: list[dict[str, Any]]
) -> None:
    def answered(events: list[dict[str, Any]]) -> bool:
        turn: Any = SimpleNamespace(tracker=SimpleNamespace(events=events))
        return answered_already(turn, "report_form")

    turn_events = [{"event": "user"}, *since]
    assert answered([*before, *turn_events]) == answered(turn_events)
