"""The danger model: what it learns from, and what it makes of messages nobody wrote a rule for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import danger_training
from encoder.danger import DangerModel, parts

KIND = "kind: gas\ndanger: |\n  - 一股煤气味\n  - 阀门漏气\nnear: |\n  - 燃气费怎么交\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("models") / "danger"
    danger_training.main(target)
    return target


@pytest.fixture(scope="module")
def model(folder: Path) -> DangerModel:
    return DangerModel(folder)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我妈突然倒下去，喊她一点反应也没有", "collapsed"),
        ("门外有个人在撬锁，我一个人不敢出声", "violence"),
        ("仓库那边浓烟滚滚，火苗都窜出来了", "fire"),
    ],
)
def test_danger_is_known_with_its_kind(model: DangerModel, text: str, kind: str) -> None:
    weighed = model.weigh(text)
    assert weighed.kind == kind
    assert model.grade(weighed.chance) in ("sure", "ask")


@pytest.mark.parametrize("text", ["你们几点上班", "楼道灯坏了", "周六有什么志愿活动", "讲个笑话", "", "😀", "。。。"])
def test_ordinary_messages_are_left_alone(model: DangerModel, text: str) -> None:
    assert model.grade(model.weigh(text).chance) in ("none", "doubt")


def test_a_danger_in_the_middle_of_a_long_story_is_not_drowned(model: DangerModel) -> None:
    story = "我今天去菜场买了点青菜豆腐。回来路上碰到老同事聊了半天。家里有人打我，他拿着刀。晚上还要接孙子放学。明天要去交水费。"
    assert model.weigh(story).chance >= model.weigh("家里有人打我，他拿着刀").chance


def test_what_was_not_learnt_from_is_what_the_figures_are_of(folder: Path) -> None:
    kept = json.loads((folder / "danger.json").read_text())
    limits, held_out = kept["limits"], kept["held_out"]
    assert limits["doubt"] < limits["ask"] <= limits["sure"]
    assert held_out["worth_a_word"] >= 0.6
    assert held_out["near_taken_for_danger"] <= 0.06


def test_a_model_of_another_encoder_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "danger.json").write_text((folder / "danger.json").read_text().replace('"encoder": "', '"encoder": "x'))
    with pytest.raises(ValueError, match="linshe train"):
        DangerModel(tmp_path)


def test_a_broken_file_of_examples_is_named(tmp_path: Path) -> None:
    (tmp_path / "gas.yml").write_text("kind: gas\ndanger: |\n  - 漏气\n")
    with pytest.raises(ValueError, match="gas.yml"):
        danger_training.read_kinds(tmp_path)


def test_both_lists_of_a_kind_are_read(tmp_path: Path) -> None:
    (tmp_path / "gas.yml").write_text(KIND)
    assert danger_training.read_kinds(tmp_path) == ([("一股煤气味", "gas"), ("阀门漏气", "gas")], ["燃气费怎么交"])


def test_an_example_that_a_rule_rings_for_is_not_taught_as_ordinary(tmp_path: Path) -> None:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu/report.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: report\n  examples: |\n    - [3幢](place)煤气味好重\n    - [3幢](place)路灯不亮\n'
    )
    (tmp_path / "danger.yml").write_text("rules:\n  - any_of: [煤气味]\n")
    assert danger_training.read_ordinary(tmp_path / "nlu", tmp_path / "danger.yml") == ["3幢路灯不亮"]


def test_a_message_is_weighed_whole_and_by_its_sentences() -> None:
    assert list(parts("电梯坏了。有人被困了！快来")) == ["电梯坏了。有人被困了!快来", "电梯坏了", "有人被困了"]
