"""What a comparison tells a trainer, and what forbids publishing."""

from __future__ import annotations

from typing import Any

from ops.teaching import compare


def row(text: str, intent: str, category: str = "") -> dict[str, Any]:
    return {"text": text, "intent": intent, "set": "holdout", **({"category": category} if category else {})}


def said(intent: str, category: str | None = None) -> dict[str, Any]:
    return {"intent": intent, "confidence": 0.9, "category": category, "about": category}


ROWS = [row(f"第{n}句", "urge") for n in range(10)] + [row(f"漏{n}", "report", "leak") for n in range(10)]
RIGHT = [said("urge") for _ in range(10)] + [said("report", "leak") for _ in range(10)]


def test_what_was_lost_comes_first_and_a_category_nobody_labelled_is_no_change() -> None:
    after = [said("urge", "noise"), said("ask_progress"), *RIGHT[2:10], said("report", "noise"), *RIGHT[11:]]
    before = [RIGHT[0], *RIGHT[1:9], said("ask_progress"), *RIGHT[10:]]
    found = compare.figures(ROWS, before, after)
    assert [(one["text"], one["right"]) for one in found["changed"]] == [
        ("第1句", [True, False]), ("漏0", [True, False]), ("第9句", [False, True]),
    ]  # fmt: skip
    assert found["changed"][1]["after"] == "report/noise"
    assert found["messages"] == 20


def test_a_loss_of_one_kind_wants_a_reason_and_a_failing_conversation_forbids() -> None:
    after = [said("ask_progress"), *RIGHT[1:]]
    found = compare.figures(ROWS, RIGHT, after) | {"conversation": {"passed": 217, "failed": 0}}
    blocked, losses = compare.judged(found)
    assert any("催办" in text for text in losses)
    found["conversation"] = {"passed": 216, "failed": 1}
    assert "1个对话测试没通过" in compare.judged(found)[0]
    same = compare.figures(ROWS, RIGHT, RIGHT) | {"conversation": {"passed": 217, "failed": 0}}
    assert compare.judged(same) == ([], [])
    assert compare.judged({**same, "conversation": {"passed": 0, "failed": 0}}) == ([], ["对话测试没有跑"])


def test_losing_much_of_everything_forbids_whatever_the_reason() -> None:
    after = [said("ask_progress") for _ in range(5)] + RIGHT[5:]
    blocked, _ = compare.judged(compare.figures(ROWS, RIGHT, after) | {"conversation": {"passed": 217, "failed": 0}})
    assert ["整体" in text for text in blocked] == [True]
