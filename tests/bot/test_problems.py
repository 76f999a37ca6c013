"""Where a message is cut that tells of several problems, with a judge that knows a few words."""

from __future__ import annotations

import numpy as np
import pytest

from bot.components.problems import Cut, Cutter, Judged, cuts, features, learn, pieces

LABELS = ["lighting", "elevator", "sanitation", "elderly_care", "other"]
WORDS = {"灯": 0, "电梯": 1, "垃圾": 2, "老人": 3}


def judge(words: str) -> Judged:
    """As likely as often as its word is said; nothing known is `other`."""
    counts = np.array([0.02 + sum(words.count(w) for w, i in WORDS.items() if i == place) for place in range(5)])
    counts[4] += 0.2
    return Judged(0.9, counts / counts.sum())


TWO = [("lighting", "楼道灯坏了，"), ("elevator", "还有电梯也停了")]
THREE = [("lighting", "灯坏了很久了"), ("elevator", "另外电梯一直响"), ("sanitation", "，垃圾也没人倒")]
ONE = [("elevator", "电梯坏了三天，电梯口贴了张纸，我们每天爬楼")]
EFFECT = [("elevator", "电梯坏了四天，老人下不了楼，老人买菜都难")]
TOLD = [TWO, THREE, [TWO[0], ("sanitation", "垃圾堆在门口")], [THREE[0], THREE[1]]] * 3 + [ONE, EFFECT] * 6


@pytest.fixture(scope="module")
def cutter() -> Cutter:
    return learn(TOLD, judge, LABELS)


def text_of(told: list[tuple[str, str]]) -> str:
    return "".join(words for _, words in told)


def test_a_message_is_cut_at_commas_and_before_words_that_announce_another_thing() -> None:
    text = "灯坏了很久了还有电梯一直响，垃圾没人倒"
    found = [(text[: cut.end], text[cut.start :], cut.announced) for cut in cuts(text)]
    assert found == [
        ("灯坏了很久了", "电梯一直响，垃圾没人倒", True),
        ("灯坏了很久了还有电梯一直响", "垃圾没人倒", False),
    ]


def test_dictation_without_a_comma_is_cut_after_words_that_end_a_clause() -> None:
    text = "我们楼道灯三楼到五楼都不亮了那个电梯按了六楼停到七楼了"
    assert any(text[: cut.end].endswith("都不亮了") for cut in cuts(text))


def test_a_flood_of_commas_does_not_take_all_day() -> None:
    assert len(cuts("灯坏了很久，" * 200)) <= 12


def test_two_and_three_problems_are_told_apart(cutter: Cutter) -> None:
    for told in (TWO, THREE):
        found = cutter.find(text_of(told), judge, LABELS, 0.5)
        assert [problem.category for problem in found] == [category for category, _ in told]


def test_the_pieces_cover_what_was_said_in_order(cutter: Cutter) -> None:
    text = text_of(THREE)
    found = cutter.find(text, judge, LABELS, 0.5)
    assert [text[p.start : p.end] for p in found] == ["灯坏了很久了", "电梯一直响", "垃圾也没人倒"]


def test_what_follows_from_a_problem_is_not_another_one(cutter: Cutter) -> None:
    assert len(cutter.find(text_of(EFFECT), judge, LABELS)) == 1


def test_the_same_thing_told_twice_is_one_problem(cutter: Cutter) -> None:
    assert len(cutter.find("电梯坏了，修了又坏，电梯天天坏", judge, LABELS, 0.3)) == 1


def test_an_opening_phrase_is_no_problem_of_its_own() -> None:
    text = "你们来看看这里，电梯又坏了"
    (cut,) = cuts(text)
    assert features(text, cut, judge, LABELS) is None


def test_learning_needs_both_kinds_of_messages() -> None:
    with pytest.raises(ValueError, match="of several problems and of one"):
        learn([ONE, EFFECT], judge, LABELS)


def test_only_words_that_may_teach_something_are_judged() -> None:
    """Each of them costs the encoder's time in every training from nothing."""

    def first_only(text: str) -> list[Cut]:
        return cuts(text)[:1]

    told = [TWO, THREE, ONE, EFFECT]
    known = pieces(told, first_only)

    def judged(words: str) -> Judged:
        assert words in known
        return judge(words)

    learn([*told, *told], judged, LABELS, places=first_only)
    assert {text_of(ONE), "电梯坏了三天", "电梯口贴了张纸，我们每天爬楼"} <= set(known)
    assert "我们每天爬楼" not in known  # behind a cut of a single problem that nobody asks about
    assert {"楼道灯坏了", "电梯也停了", "灯坏了很久了另外电梯一直响", "垃圾也没人倒"} <= set(known)
