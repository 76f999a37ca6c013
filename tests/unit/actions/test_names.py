"""What Rasa and the actions call by name must be the same on both sides: a typo on either is silent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions import slots
from actions.forms import Form
from actions.smalltalk import LATER, SPOKEN

ROOT = Path(__file__).resolve().parents[3]


def sections() -> dict[str, Any]:
    lists: dict[str, list[Any]] = {"actions": [], "entities": [], "intents": []}
    maps: dict[str, dict[str, Any]] = {"slots": {}, "forms": {}, "responses": {}}
    for path in [ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))]:
        for section, content in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if section in lists:
                lists[section] += content
            elif section in maps:
                maps[section] |= content
    return {**lists, **maps}


@pytest.fixture(scope="module")
def executor() -> ActionExecutor:
    made = ActionExecutor()
    made.register_package("actions")
    return made


def forms() -> list[Form]:
    return [kind() for kind in Form.__subclasses__()]


def test_every_action_of_the_domain_exists_and_every_action_is_in_the_domain(executor: ActionExecutor) -> None:
    assert set(sections()["actions"]) == set(executor.actions)


def test_every_form_has_its_validator_and_every_validator_its_form() -> None:
    assert {form.form for form in forms()} == set(sections()["forms"])
    assert {form.name() for form in forms()} <= set(sections()["actions"])


def test_every_required_slot_can_be_asked_and_read() -> None:
    required = {name: form["required_slots"] for name, form in sections()["forms"].items()}
    for form in forms():
        for slot in required[form.form]:
            assert callable(getattr(form, f"read_{slot}", None)), f"{form.form} cannot read {slot}"
            assert callable(getattr(form, f"ask_{slot}", None)), f"{form.form} cannot ask {slot}"


def test_every_question_of_a_form_is_about_a_slot_it_keeps() -> None:
    for form in forms():
        asked = {name.removeprefix("ask_") for name in dir(form) if name.startswith("ask_")}
        read = {name.removeprefix("read_") for name in dir(form) if name.startswith("read_")}
        assert asked == read
        assert asked <= {slot.name for slot in form.fields}


def test_the_slots_used_are_exactly_those_of_the_domain() -> None:
    assert set(slots.EVERY) - {"requested_slot"} == set(sections()["slots"])


def test_no_slot_influences_the_dialogue() -> None:
    """Rules follow intents and forms only; a slot that influenced them would multiply the states to think of."""
    for name, slot in sections()["slots"].items():
        assert slot["type"] == "any" or slot["influence_conversation"] is False, name


def test_texts_fit_their_slots_types() -> None:
    for name, slot in sections()["slots"].items():
        assert (slots.EVERY[name].kind is str) == (slot["type"] == "text"), name


def test_every_sentence_of_smalltalk_is_there_in_and_out_of_a_form() -> None:
    expected = {f"utter_{intent}" for intent in SPOKEN} | {f"utter_{intent}_aside" for intent in SPOKEN + LATER}
    assert set(sections()["responses"]) == expected


def test_an_unknown_slot_is_an_error_and_a_wrong_type_too() -> None:
    from tests.unit.actions.tracking import tracker

    sent = tracker()
    with pytest.raises(KeyError):
        slots.Slot("no_such_slot_ever", str).of(sent)
    del slots.EVERY["no_such_slot_ever"]
    with pytest.raises(TypeError):
        slots.REPORT_PLACE_ID.of(tracker(values={"report_place_id": "12"}))
    assert slots.REPORT_PLACE_ID.of(tracker(values={"report_place_id": 12.0})) == 12


def test_importing_the_actions_opens_nothing() -> None:
    code = (
        "import socket, sqlite3\n"
        "def no(*a, **k): raise AssertionError('opened something')\n"
        "socket.socket.connect = no; sqlite3.connect = no\n"
        "import actions.__main__, actions.report, actions.followup, actions.legal, actions.fallback, actions.server"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
