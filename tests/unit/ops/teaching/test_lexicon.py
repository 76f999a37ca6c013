"""Words and messages of several problems go into the files and out of them, and no other byte changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from chinese.lexicon import read_activities, read_estates
from community.model.taught import WordKind
from ops.teaching.examples import CannotTeach
from ops.teaching.lexicon import WordChange, apply
from ops.teaching.several import SeveralChange
from ops.teaching.several import apply as apply_several

ROOT = Path(__file__).resolve().parents[4]
FOLDERS = ("data/lexicon", "data/several")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for folder in FOLDERS for path in (root / folder).iterdir()}


NEW = [
    WordChange(1, WordKind.WORD, "婴儿车棚", "", False),
    WordChange(2, WordKind.ESTATE, "后街苑", "西后街小区", False),
    WordChange(3, WordKind.ACTIVITY, "护河队", "剡溪清滩护河", False),
    WordChange(4, WordKind.ESTATE, "老后街", "西后街小区", False),
]


def gone(change: WordChange) -> WordChange:
    return WordChange(change.id, change.kind, change.word, change.of, True)


def test_another_name_is_heard_as_the_estate_or_activity_it_names(project: Path) -> None:
    where = apply(project, NEW)
    assert where == {1: "words.txt", 2: "estates.lst", 3: "activities.lst", 4: "estates.lst"}
    folder = project / "data/lexicon"
    assert dict(read_estates(folder))["后街苑"] == "西后街小区"
    assert dict(read_estates(folder))["西后街小区"] == "西后街小区"
    assert read_activities(folder)["护河队"] == "剡溪清滩护河"
    assert "婴儿车棚 100 n" in (folder / "words.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 2, 0), (1, 3, 0, 2)])
def test_words_taken_back_leave_every_byte_in_whatever_order(project: Path, order: tuple[int, ...]) -> None:
    before = everything(project)
    apply(project, NEW)
    assert everything(project) != before
    for number in order:
        apply(project, [gone(NEW[number])])
    assert everything(project) == before


def test_a_file_that_ends_without_a_line_break_still_does(project: Path) -> None:
    words = project / "data/lexicon/words.txt"
    words.write_text(words.read_text("utf-8").rstrip("\n"), encoding="utf-8")
    before = everything(project)
    apply(project, NEW[:1])
    apply(project, [gone(NEW[0])])
    assert everything(project) == before


def test_what_the_lexicon_had_before_is_not_taken_out_with_another_word(project: Path) -> None:
    half = (WordChange(9, WordKind.WORD, "楼道", "", False), WordChange(8, WordKind.ESTATE, "后街", "西后街小区", False))
    before = everything(project)
    apply(project, [gone(change) for change in half])
    assert everything(project) == before
    assert "西后街小区 后街小区" in (project / "data/lexicon/estates.lst").read_text("utf-8").splitlines()


def test_a_name_of_two_estates_is_refused_and_nothing_is_written(project: Path) -> None:
    before = everything(project)
    with pytest.raises(CannotTeach, match="两个名字"):
        apply(project, [NEW[0], WordChange(5, WordKind.ESTATE, "丽湖", "鹿山苑", False)])
    with pytest.raises(CannotTeach, match="云上"):
        apply(project, [WordChange(5, WordKind.ESTATE, "云上", "云上人家", False)])
    assert everything(project) == before


TWO = SeveralChange(1, (("lighting", "地库灯一半不亮，"), ("sanitation", '扫地的也"好几天"没来：脏')), False)
THREE = SeveralChange(2, (("noise", "对面打桩"), ("road", "路也挖断了，"), ("greening", "树还压在地上")), False)


def test_several_problems_are_a_line_that_reads_back_and_leave_no_trace_when_taken_back(project: Path) -> None:
    before = everything(project)
    assert apply_several(project, [TWO, THREE]) == {1: "several.yml", 2: "several.yml"}
    path = project / "data/several/several.yml"
    kept = yaml.safe_load(path.read_text("utf-8"))["several"]
    assert [tuple(tuple(part) for part in parts) for parts in kept[-2:]] == [TWO.parts, THREE.parts]
    old = iter(path.read_text("utf-8").splitlines())
    assert all(line in old for line in before["data/several/several.yml"].decode().splitlines()), "the old lines, in their order"
    apply_several(project, [TWO])  # the same once more
    assert len(yaml.safe_load(path.read_text("utf-8"))["several"]) == len(kept)
    for change in (TWO, THREE):
        apply_several(project, [SeveralChange(change.id, change.parts, True)])
    assert everything(project) == before


def test_what_is_measured_on_or_told_as_one_thing_is_not_taught_as_several(project: Path) -> None:
    before = everything(project)
    single = yaml.safe_load((project / "data/several/several.yml").read_text("utf-8"))["single"][0]
    half = len(single[1]) // 2
    parts = ((single[0], single[1][:half]), ("noise", single[1][half:]))
    with pytest.raises(CannotTeach, match="一件事"):
        apply_several(project, [TWO, SeveralChange(3, parts, False)])
    (project / "tests/nlu").mkdir(parents=True)
    (project / "tests/nlu/several.jsonl").write_text(json.dumps({"text": THREE.text, "problems": []}), encoding="utf-8")
    with pytest.raises(CannotTeach, match="考题"):
        apply_several(project, [THREE])
    assert everything(project) == before
