"""Teaching changes one line and nothing else of the files people keep."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ops.nlu.lint import read_examples
from ops.teaching import changes
from ops.teaching.examples import HELD_OUT, CannotTeach, Change, apply, blocks

ROOT = Path(__file__).resolve().parents[4]
FILE = """# For whoever teaches: short ones first.
version: "3.1"
nlu:
- intent: greet   # said by everybody
  examples: |
    - 你好
    -   在吗

# Reports of one kind stay together.
- intent: report
  metadata:
    category: leak
  examples: |
    - 漏水了: 天花板 "滴答"
    - 水管爆了

- intent: report
  metadata:
    category: noise
  examples: |
    - 太吵了
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data/nlu").mkdir(parents=True)
    (tmp_path / "data/nlu/all.yml").write_text(FILE, encoding="utf-8")
    return tmp_path


def text_of(project: Path) -> str:
    return (project / "data/nlu/all.yml").read_text(encoding="utf-8")


Spans = tuple[tuple[int, int, str], ...]


def teach(
    number: int, text: str, intent: str, category: str = "", *, held_out: bool = False, gone: bool = False, spans: Spans = ()
) -> Change:
    return Change(number, text, intent, category, held_out, gone, spans)


def test_an_example_comes_after_the_last_of_its_kind_and_comments_stay(project: Path) -> None:
    where = apply(project, [teach(1, "卫生间渗水", "report", "leak"), teach(2, "哈喽", "greet")])
    assert where == {1: "all.yml", 2: "all.yml"}
    assert text_of(project) == FILE.replace("    - 水管爆了\n", "    - 水管爆了\n    - 卫生间渗水\n").replace(
        "    -   在吗\n", "    -   在吗\n    - 哈喽\n"
    )


def test_what_is_taken_back_leaves_the_file_as_it_was(project: Path) -> None:
    apply(project, [teach(1, "卫生间渗水", "report", "leak")])
    apply(project, [teach(1, "卫生间渗水", "report", "leak", gone=True)])
    assert text_of(project) == FILE


def test_the_same_sentence_is_not_taught_twice_also_with_other_signs(project: Path) -> None:
    apply(project, [teach(1, "水管爆了！", "report", "leak"), teach(2, "太吵了", "report", "noise")])
    assert text_of(project) == FILE


def test_what_has_no_place_yet_is_refused_and_nothing_is_written(project: Path) -> None:
    with pytest.raises(CannotTeach, match="report/gas"):
        apply(project, [teach(1, "哈喽", "greet"), teach(2, "有煤气味", "report", "gas")])
    assert text_of(project) == FILE


def test_a_line_that_yaml_would_read_otherwise_is_still_that_line(project: Path) -> None:
    odd = ["- 先打个叉", "冒号: 在后", "# 像注释", "'引号", "  前后有空格  ", "{括号"]
    apply(project, [teach(n, text.strip(), "report", "noise") for n, text in enumerate(odd)])
    assert [one.text for one in read_examples(project / "data/nlu") if one.category == "noise"] == [
        "太吵了", *[text.strip() for text in odd]
    ]  # fmt: skip


def test_words_that_name_something_are_marked_and_the_sentence_stays_the_same_one(project: Path) -> None:
    marked = teach(1, "后街3幢2单元昨晚水管爆了", "report", "leak", spans=((0, 7, "place"), (7, 9, "time")))
    apply(project, [marked])
    assert "    - [后街3幢2单元](place)[昨晚](time)水管爆了\n" in text_of(project)
    [read] = [one for one in read_examples(project / "data/nlu") if "后街" in one.text]
    assert (read.text, read.spans) == (marked.text, ((0, 7), (7, 9)))
    apply(project, [teach(2, marked.text, "report", "leak")])  # the same words without marks are not another sentence
    assert text_of(project).count("昨晚") == 1
    apply(project, [teach(1, marked.text, "report", "leak", gone=True)])
    assert text_of(project) == FILE


def test_what_is_measured_on_goes_to_its_own_file_and_out_of_it_again(project: Path) -> None:
    apply(project, [teach(1, "隔壁装修", "report", "noise", held_out=True), teach(2, "早上好", "greet", held_out=True)])
    assert (project / HELD_OUT).read_text("utf-8").splitlines() == [
        '{"text": "隔壁装修", "intent": "report", "category": "noise"}',
        '{"text": "早上好", "intent": "greet"}',
    ]
    assert text_of(project) == FILE
    apply(project, [teach(1, "隔壁装修", "report", "noise", held_out=True, gone=True)])
    assert (project / HELD_OUT).read_text("utf-8") == '{"text": "早上好", "intent": "greet"}\n'


def test_five_hundred_changes_there_and_back_leave_every_byte(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data/nlu", tmp_path / "data/nlu")
    before = {path.name: path.read_bytes() for path in (tmp_path / "data/nlu").glob("*.yml")}
    files = sorted((tmp_path / "data/nlu").glob("*.yml"))
    kinds = sorted({(one.intent, one.category) for path in files for one in blocks(path.read_text("utf-8"), path.name)})
    pick = random.Random(7)
    marks: list[Spans] = [(), ((0, 2, "place"),), ((2, 4, "time"), (8, 12, "activity"))]
    made = [teach(n, f"教一句第{n:03d}号的话，别的地方没有", *pick.choice(kinds), spans=marks[n % 3]) for n in range(500)]
    for some in (made[:1], made[1:40], made[40:]):
        apply(tmp_path, some)
    comments = {name: [line for line in raw.decode().splitlines() if line.lstrip().startswith("#")] for name, raw in before.items()}
    for path in (tmp_path / "data/nlu").glob("*.yml"):
        text = path.read_text("utf-8")
        assert [line for line in text.splitlines() if line.lstrip().startswith("#")] == comments[path.name]
        new = iter(text.splitlines())
        assert all(line in new for line in before[path.name].decode().splitlines()), "the order of the old lines"
        assert yaml.safe_load(text)["nlu"]
    taught = {one.text: (one.intent, one.category) for one in read_examples(tmp_path / "data/nlu")}
    assert all(taught[one.text] == (one.intent, one.category) for one in made)
    apply(tmp_path, [teach(one.id, one.text, one.intent, one.category, gone=True) for one in made])
    assert {path.name: path.read_bytes() for path in (tmp_path / "data/nlu").glob("*.yml")} == before


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    return subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True, text=True).stdout


def test_a_change_is_a_commit_on_its_own_branch_and_what_is_checked_out_stays(project: Path) -> None:
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-qm", "begin")
    (project / "half.txt").write_text("somebody's work")
    for number, words in ((1, "哈喽"), (2, "嗨")):
        before = {"data/nlu/all.yml": text_of(project)}
        apply(project, [teach(number, words, "greet")])
        made = changes.keep(project, project / "var", before, "Teach one message", number)
        assert git(project, "rev-parse", "taught").startswith(made)
    assert git(project, "log", "--format=%s", "main").splitlines() == ["begin"]
    assert git(project, "log", "--format=%s", "taught").splitlines() == ["Teach one message", "Teach one message", "begin"]
    assert git(project, "show", "taught:data/nlu/all.yml") == text_of(project)
    assert "half.txt" not in git(project, "ls-tree", "-r", "--name-only", "taught")


def test_without_git_the_change_is_a_patch_that_can_be_carried_elsewhere(project: Path, tmp_path: Path) -> None:
    before = {"data/nlu/all.yml": text_of(project)}
    apply(project, [teach(1, "哈喽", "greet")])
    name = changes.keep(project, project / "var", before, "Teach one message", 4)
    assert name == "change-4"
    other = tmp_path / "elsewhere"
    (other / "data/nlu").mkdir(parents=True)
    (other / "data/nlu/all.yml").write_text(FILE, encoding="utf-8")
    git(other, "apply", str(project / "var/teaching/change-4.patch"))
    assert (other / "data/nlu/all.yml").read_text("utf-8") == text_of(project)
