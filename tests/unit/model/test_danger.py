"""Two judges of danger: what a rule has a word for, and what the model has learnt from examples."""

from __future__ import annotations

import re

import pytest

from community.model.category import Category
from community.model.danger import DangerRule, Verdict, Weighed, judge

GAS = DangerRule("gas", "燃气泄漏", Category.GAS, "请开窗", (re.compile("煤气味"),))
FIRE = DangerRule("fire", "火情", Category.FIRE_SAFETY, "请拨打119", (re.compile("着火"),))
RULES = {"gas": GAS, "fire": FIRE}


def test_without_a_model_a_rule_that_rings_is_an_alarm_as_ever() -> None:
    assert judge(GAS, None, RULES) == Verdict(alarm=GAS)
    assert judge(None, None, RULES) == Verdict()


@pytest.mark.parametrize("grade", ["sure", "ask", "none"])
def test_a_rule_that_rings_is_an_alarm_unless_the_model_is_sure_that_it_is_harmless(grade: str) -> None:
    assert judge(GAS, Weighed("fire", grade), RULES) == Verdict(alarm=GAS)  # type: ignore[arg-type]


def test_a_rule_that_rings_for_a_film_still_puts_the_number_beside_the_answer() -> None:
    assert judge(FIRE, Weighed("fire", "doubt"), RULES) == Verdict(care=FIRE)


def test_danger_that_no_rule_has_a_word_for_is_an_alarm_when_the_model_is_sure() -> None:
    assert judge(None, Weighed("gas", "sure"), RULES) == Verdict(alarm=GAS)


def test_what_may_be_danger_gets_the_number_beside_the_usual_answer() -> None:
    assert judge(None, Weighed("gas", "ask"), RULES) == Verdict(care=GAS)


@pytest.mark.parametrize("grade", ["none", "doubt"])
def test_an_ordinary_message_is_left_alone(grade: str) -> None:
    assert judge(None, Weighed("gas", grade), RULES) == Verdict()  # type: ignore[arg-type]


def test_a_kind_that_this_city_has_no_rule_for_raises_nothing() -> None:
    assert judge(None, Weighed("flood", "sure"), RULES) == Verdict()
