"""The trainers' tools: what the linter finds, what the measure says, what a parsed message looks like."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from community.model.danger import DangerRule, Verdict
from ops.nlu import evaluation
from ops.nlu.lint import Example, Finding, lint, read_examples
from ops.nlu.parsing import told, verdict_of


def examples(*pairs: tuple[str, str]) -> list[Example]:
    return [Example(text, intent, "", f"{intent}.yml") for text, intent in pairs]


def rules(found: list[Finding], level: str = "error") -> set[str]:
    return {finding.rule for finding in found if finding.level == level}


def test_one_text_under_two_intents_is_an_error_that_names_both() -> None:
    found = lint(examples(("电梯坏了", "report"), ("电梯坏了！", "urge")), list, frozenset())
    (error,) = [finding for finding in found if finding.rule == "two intents"]
    assert error.level == "error"
    assert "report, urge" in error.says


def test_one_text_under_two_categories_is_an_error() -> None:
    both = [Example("灯坏了", "report", "lighting", "a.yml"), Example("灯坏了", "report", "power", "a.yml")]
    assert "two categories" in rules(lint(both, list, frozenset()))


def test_a_text_that_is_measured_on_must_not_be_taught() -> None:
    found = lint(examples(("楼道灯坏了三天", "report")), list, frozenset({"楼道灯坏了三天。"}))
    assert "held out" in rules(found)


def test_near_duplicates_of_two_intents_are_an_error_and_of_one_a_warning() -> None:
    close = ("剡溪花园三幢楼道的灯坏了没有人修", "剡溪花园三幢楼道的灯坏了没有人修了")
    assert "near duplicate" in rules(lint(examples((close[0], "report"), (close[1], "urge")), list, frozenset()))
    assert "near duplicate" in rules(
        lint(examples((close[0], "urge"), (close[1], "urge")), list, frozenset()), "warning"
    )


def test_too_few_examples_are_a_warning() -> None:
    assert "too few" in rules(lint(examples(("你好", "greet")), list, frozenset()), "warning")


def test_a_mark_that_cuts_a_word_is_an_error() -> None:
    cut = {"剡溪花园灯坏了": ["剡溪花园", "灯", "坏", "了"]}.__getitem__
    whole = Example("剡溪花园灯坏了", "report", "", "a.yml", ((0, 4),))
    half = Example("剡溪花园灯坏了", "report", "", "a.yml", ((0, 2),))
    assert "off a word" not in rules(lint([whole], cut, frozenset()))
    assert "off a word" in rules(lint([half], cut, frozenset()))


def test_examples_are_read_with_their_marks_and_categories(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: report\n  metadata:\n    category: leak\n  examples: |\n    - [三幢](place)漏水\n',
        encoding="utf-8",
    )
    (example,) = read_examples(tmp_path)
    assert (example.text, example.intent, example.category, example.spans) == ("三幢漏水", "report", "leak", ((0, 2),))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("nlu: [", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.yml"):
        read_examples(tmp_path)


def test_the_data_of_the_project_has_no_errors() -> None:
    root = Path(__file__).resolve().parents[3]
    held = {r["text"] for p in (root / "tests" / "nlu").glob("holdout*.jsonl") for r in evaluation.read_rows(p)}
    errors = [f for f in lint(read_examples(root / "data" / "nlu"), list, frozenset(held)) if f.level == "error"]
    assert not errors, errors[:5]


def test_f1_counts_every_label_alike() -> None:
    report = evaluation.measure("intent", [("a", "a")] * 8 + [("b", "a"), ("b", "b")])
    assert report.accuracy == pytest.approx(0.9)
    assert [round(score.f1, 3) for score in report.scores] == [0.941, 0.667]
    assert report.macro_f1 == pytest.approx((16 / 17 + 2 / 3) / 2)
    assert report.wrong == (("b", "a", 1),)


def test_a_category_of_a_message_not_taken_as_a_report_counts_as_wrong() -> None:
    rows = [{"text": "灯坏了", "intent": "report", "category": "lighting"}]
    answers = [{"intent": "urge", "category": None, "entities": []}]
    assert [report.accuracy for report in evaluation.reports(rows, answers)] == [0.0, 0.0]


def test_the_most_exact_of_several_places_is_compared() -> None:
    rows = [{"text": "…", "place": "江滨小区/14/3"}]
    named = [{"entity": "place", "value": value} for value in ("home", "江滨小区/14/3", "江滨小区")]
    (report,) = evaluation.reports(rows, [{"intent": "report", "entities": named}])
    assert report.accuracy == 1


@pytest.mark.parametrize(
    ("line", "says"), [("{", "line 1 is not JSON"), ('{"intent":"report"}', 'has no "text"'), ("", "no rows")]
)
def test_a_bad_file_is_refused_with_the_line(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(evaluation.BadRow, match=says):
        evaluation.read_rows(path)


def test_the_picture_shows_what_was_taken_for_what_and_escapes_it() -> None:
    page = evaluation.picture(evaluation.measure("intent", [("<b>", "a"), ("a", "a")]))
    assert "&lt;b&gt; → a" in page
    assert "<b>" not in page


def test_a_parsed_message_says_what_others_rely_on() -> None:
    import re

    gas = DangerRule("gas", "燃气", "gas", "…", (re.compile("煤气味"),))  # type: ignore[arg-type]
    entities = [
        {"entity": "category", "value": "gas", "start": 0, "end": 9, "confidence_entity": 0.8},
        {"entity": "problem", "value": "gas", "start": 0, "end": 4, "confidence_entity": 0.8},
        {"entity": "place", "value": "home", "start": 0, "end": 2},
    ]
    answer = {"intent": "report", "confidence": 0.9, "entities": entities, "ranking": [["report", 0.9]], "ms": 3.0}
    said = told("我家有煤气味，灯也坏", answer, verdict_of("我家有煤气味，灯也坏", None, (gas,)))
    assert (said["intent"], said["category"], said["danger"], said["out_of_scope"]) == ("report", "gas", "gas", False)
    assert said["problems"] == [{"category": "gas", "text": "我家有煤", "start": 0, "end": 4}]
    assert [e["entity"] for e in said["entities"]] == ["place"]
    assert json.dumps(said, ensure_ascii=False)


def test_what_is_not_a_report_has_no_category() -> None:
    entities = [{"entity": "category", "value": "gas", "start": 0, "end": 2, "confidence_entity": 0.8}]
    answer = {"intent": "out_of_scope", "confidence": 0.9, "entities": entities, "ranking": [], "ms": 1.0}
    said = told("讲个笑话", answer, Verdict())
    assert (said["category"], said["out_of_scope"]) == (None, True)


def test_an_encoder_named_in_the_settings_file_is_meant_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from community import config
    from ops import context

    chosen = config.Settings(_env_file=None, LINSHE_ENCODER="somewhere/else", LINSHE_VAR=tmp_path)  # type: ignore[call-arg]
    monkeypatch.setattr(config, "load_settings", lambda: chosen)
    monkeypatch.setenv("LINSHE_ENCODER", "")
    context.load()
    assert os.environ["LINSHE_ENCODER"] == "somewhere/else"
