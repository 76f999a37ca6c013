"""What trainers taught reaches the files as one change, or none of it does; and leaves them as they were when it is taken back."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import yaml

from chinese.lexicon import read_estates
from community.knowledge.wording import LexiconWording
from community.model.taught import Part, Span, WordKind
from community.ports import Community
from community.services import labelling, labels, lexicon
from community.services.labelling import NewLabel
from community.services.lexicon import NewWord
from ops.context import Context
from ops.nlu.lint import read_examples
from ops.teaching import writing
from ops.teaching.examples import CannotTeach
from tests.small_city import SmallCity

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("data/nlu", "data/lexicon", "data/several", "tests/nlu")
SAID = "我们后街里昨晚的路灯又灭了三盏"
PARTS = (Part("lighting", "地库的灯灭了一大半，"), Part("sanitation", "扫地的阿姨也好几天没影子"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def c(community: Community, project: Path) -> Community:
    return dataclasses.replace(community, wording=LexiconWording(project / "data/lexicon"))


def everything(root: Path) -> dict[str, bytes]:
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


async def write(c: Community, root: Path, tell: list[str]) -> None:
    context = cast(Context, SimpleNamespace(root=root, var=root / "var"))
    found = await writing.waiting(c)
    await writing.keep(c, found, writing.write(context, found, 3, tell.append))


async def test_marks_names_words_and_parts_go_in_together_and_out_again_byte_for_byte(c: Community, city: SmallCity, project: Path) -> None:
    trainer, before, told = city.staff["trainer"].id, everything(project), list[str]()
    halves = (Span(7, 9, "place", "的路"), Span(9, 11, "place", "灯又"))
    spans = (Span(2, 4, "place", "后街", "西后街小区"), Span(5, 7, "time", "昨晚"), *halves)
    [marked] = await labelling.label(c, trainer, NewLabel(SAID, "report", "lighting", spans=spans))
    assert not marked.held_out
    [apart] = await labelling.label(c, trainer, NewLabel("".join(part.words for part in PARTS), parts=PARTS))
    word = await lexicon.add(c, trainer, NewWord("后街", WordKind.WORD))
    await write(c, project, told)
    # 后街 is a word now, so its mark is written; the others end or begin in 路灯.
    line = "我们[后街](place)里[昨晚](time)的路灯又灭了三盏"
    assert f"    - {line}\n" in (project / "data/nlu" / (await labels.listed(c, trainer))[1].file).read_text("utf-8")
    assert told == [f"“{SAID[:20]}”：2处标记切开了词，没有写进去"]
    assert SAID in {one.text for one in read_examples(project / "data/nlu")}
    assert dict(read_estates(project / "data/lexicon"))["后街"] == "西后街小区"
    several = yaml.safe_load((project / "data/several/several.yml").read_text("utf-8"))["several"]
    assert several[-1] == [[part.category, part.words] for part in PARTS]
    patch = (project / "var/teaching/change-3.patch").read_text("utf-8")
    files = ("lexicon/words.txt", "lexicon/estates.lst", "several/several.yml", "nlu/")
    assert all(f"b/data/{name}" in patch for name in files)
    assert {one.state for one in await labels.listed(c, trainer)} == {"taught"}
    assert {(one.word, one.state, one.change) for one in await lexicon.words(c, trainer)} == {("后街", "taught", "change-3")}
    assert not await writing.waiting(c)
    for label in (marked, apart):
        await labels.undo(c, trainer, label.id)
    for one in await lexicon.words(c, trainer):
        await lexicon.undo(c, trainer, one.id)
    await write(c, project, told)
    kept = {name: text for name, text in everything(project).items() if name in before or text}
    assert kept == before
    assert word.id in {one.id for one in await lexicon.words(c, trainer) if one.state == "removed"}


async def test_one_thing_that_cannot_be_taught_keeps_all_of_it_out(c: Community, city: SmallCity, project: Path) -> None:
    trainer, before = city.staff["trainer"].id, everything(project)
    await lexicon.add(c, trainer, NewWord("后街苑", WordKind.ESTATE, "西后街小区"))
    other = next(one for one in read_examples(project / "data/nlu") if one.intent == "ask_points")
    await labelling.label(c, trainer, NewLabel(other.text, "greet"))
    with pytest.raises(CannotTeach, match="矛盾"):
        await write(c, project, [])
    assert everything(project) == before
    assert [one.state for one in await lexicon.words(c, trainer)] == ["ready"]
