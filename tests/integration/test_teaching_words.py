"""Marks, words for the lexicon, several problems in one message: from a trainer's choice to what a training writes."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from community.errors import Conflict, Forbidden, InvalidInput
from community.knowledge.wording import LexiconWording
from community.model.taught import Part, Span, WordKind
from community.ports import Community
from community.services import labelling, labels, lexicon, model_jobs, teaching
from community.services.labelling import NewLabel
from community.services.lexicon import NewWord
from tests.small_city import SmallCity

ROOT = Path(__file__).resolve().parents[2]
SAID = "后街苑昨晚路灯又灭了"
TWO = "楼道灯不亮了，垃圾也没人收"
PARTS = (Part("lighting", "楼道灯不亮了，"), Part("sanitation", "垃圾也没人收"))


@pytest.fixture
def c(community: Community) -> Community:
    """The heart with the city's own words, as the console has it."""
    return dataclasses.replace(community, wording=LexiconWording(ROOT / "data/lexicon"))


def who(city: SmallCity, login: str = "trainer") -> int:
    return city.staff[login].id


def alias(words: str = "后街苑", start: int = 0, of: str = "西后街小区") -> Span:
    return Span(start, start + len(words), "place", words, of)


async def test_a_sentence_comes_with_its_words_and_says_when_a_mark_cuts_one(c: Community, city: SmallCity) -> None:
    shown = await labelling.sentence(c, who(city), "剡溪花园3幢 路灯坏了[发怒]")
    assert shown.text == "".join(shown.tokens) == "剡溪花园3幢 路灯坏了"
    assert [(span.words, span.entity) for span in shown.found] == [("剡溪花园3幢", "place")]
    at = shown.text.index("路灯")
    assert not shown.cuts_a_word(at, at + 2)
    assert shown.cuts_a_word(at, at + 1)
    assert "西后街小区" in dict(shown.lexicon.estates)


async def test_a_mark_that_names_an_estate_is_kept_with_the_label_and_on_its_way_into_the_lexicon(c: Community, city: SmallCity) -> None:
    [made] = await labelling.label(c, who(city), NewLabel(SAID, "report", "lighting", spans=(Span(3, 5, "time", "昨晚"), alias())))
    assert made.marks == (("后街苑", "西后街小区的叫法"), ("昨晚", "时间"))
    [word] = await lexicon.words(c, who(city))
    assert (word.word, word.meaning, word.state_name) == ("后街苑", "西后街小区的叫法", "等下次训练")
    assert [one.spans[0][:3] for one in await model_jobs.to_write(c)] == [[0, 3, "place"]]
    assert (await teaching.queue(c, who(city))).ready == 2
    assert "加词“后街苑”：西后街小区的叫法" in [event.did for event in await labels.history(c, who(city))]
    # Once more the same: nothing is there twice.
    await labelling.label(c, who(city), NewLabel(SAID, "report", "lighting", spans=(alias(),)))
    assert len(await lexicon.words(c, who(city))) == 1
    events = len(await labels.history(c, who(city)))
    await labelling.label(c, who(city), NewLabel(SAID, "report", "lighting", spans=(alias(),)))
    assert len(await labels.history(c, who(city))) == events, "a second click is nothing new"
    await model_jobs.written(c, {made.id: "report.yml"}, "c1", ())
    with pytest.raises(Conflict, match="改标记先撤回"):
        await labelling.label(c, who(city), NewLabel(SAID, "report", "lighting", spans=(Span(3, 5, "time", "昨晚"),)))


@pytest.mark.parametrize(
    ("spans", "why"),
    [
        ((Span(0, 3, "place", "后街院"),), "对不上"),
        ((Span(0, 3, "place", "后街苑"), Span(2, 5, "time", "苑昨晚")), "叠在一起"),
        ((Span(0, 3, "planet", "后街苑"),), "没有这一种"),
        ((Span(3, 5, "time", "昨晚", "西后街小区"),), "只有小区"),
        ((alias(of="没有的小区"),), "没有“没有的小区”"),
    ],
)
async def test_marks_that_cannot_be_are_refused_and_nothing_is_kept(
    c: Community, city: SmallCity, spans: tuple[Span, ...], why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        await labelling.label(c, who(city), NewLabel(SAID, "report", "lighting", spans=spans))
    assert await labels.listed(c, who(city)) == []


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (NewWord("灯", WordKind.WORD), "2到12"),
        (NewWord("路 灯", WordKind.WORD), "只用汉字"),
        (NewWord("138000", WordKind.WORD), "数字"),
        (NewWord("李某", WordKind.WORD), "人名"),
        (NewWord("楼道灯", WordKind.WORD), "已经有"),
        (NewWord("小区", WordKind.ESTATE, "剡溪花园"), "人人都说"),
        (NewWord("丽湖", WordKind.ESTATE, "鹿山苑"), "“丽湖春天”的叫法"),
        (NewWord("鹿山苑", WordKind.ACTIVITY, "剡溪清滩护河"), "“鹿山苑”的叫法"),
        (NewWord("后街苑", WordKind.ESTATE), "哪一个"),
    ],
)
async def test_what_would_make_the_assistant_hear_wrong_is_no_word(c: Community, city: SmallCity, new: NewWord, why: str) -> None:
    with pytest.raises((InvalidInput, Conflict), match=why):
        await lexicon.add(c, who(city), new)
    assert await lexicon.words(c, who(city)) == []


async def test_one_name_of_two_things_is_refused_also_while_the_first_waits(c: Community, city: SmallCity) -> None:
    await lexicon.add(c, who(city), NewWord("清滩", WordKind.ESTATE, "剡溪花园"))
    for kind, of in ((WordKind.ACTIVITY, "剡溪清滩护河"), (WordKind.ESTATE, "鹿山苑")):
        with pytest.raises(Conflict, match="剡溪花园的叫法|“剡溪花园”的叫法"):
            await lexicon.add(c, who(city, "operator"), NewWord("清滩", kind, of))


async def test_a_word_goes_in_comes_out_and_may_come_again(c: Community, city: SmallCity) -> None:
    made = await lexicon.add(c, who(city), NewWord("婴儿车棚", WordKind.WORD, why="新造的"))
    await lexicon.written(c, {made.id: "words.txt"}, "c1", ())
    assert (await lexicon.undo(c, who(city), made.id)).state == "undone"
    with pytest.raises(Conflict, match="先训练一次"):
        await lexicon.add(c, who(city), NewWord("婴儿车棚", WordKind.WORD))
    with pytest.raises(Conflict, match="已经撤回"):
        await lexicon.undo(c, who(city), made.id)
    await lexicon.written(c, {made.id: "words.txt"}, "c2", {made.id})
    assert (await lexicon.add(c, who(city), NewWord("婴儿车棚", WordKind.WORD))).id == made.id


async def test_two_trainers_who_add_one_word_at_once_add_it_once(database_url: str, c: Community, city: SmallCity) -> None:
    new = NewWord("婴儿车棚", WordKind.WORD)
    done = await asyncio.gather(
        *(lexicon.add(c, who(city, login), new) for login in ("trainer", "operator")), return_exceptions=True
    )
    assert len(await lexicon.words(c, who(city))) == 1
    for one in done:
        assert isinstance(one, lexicon.WordView | Conflict), one


async def test_several_problems_are_one_label_that_is_never_measured_on(c: Community, city: SmallCity) -> None:
    held = next(f"{n}楼{TWO}" for n in range(99) if labelling.held_out(f"{n}楼{TWO}"))
    first = held.removesuffix(PARTS[1].words)
    [made] = await labelling.label(c, who(city), NewLabel(held, parts=(Part("lighting", first), PARTS[1])))
    assert (made.meaning, made.held_out) == ("2件事", False)
    assert made.parts == (("照明", first), ("环境卫生", PARTS[1].words))
    with pytest.raises(Conflict, match="2件事"):
        await labelling.label(c, who(city, "operator"), NewLabel(held, "report", "lighting"))
    await labels.undo(c, who(city), made.id)
    [again] = await labelling.label(c, who(city), NewLabel(held, "report", "lighting"))
    assert (again.parts, again.held_out) == ((), True)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (PARTS[:1], "2到4"),
        ((PARTS[0], Part("sanitation", "垃圾没人收")), "对不上"),
        ((PARTS[0], Part("", PARTS[1].words)), "还没选类别"),
        ((Part("lighting", "楼道灯"), Part("sanitation", "不亮了，垃圾也没人收")), "太短"),
        ((PARTS[0], Part("lighting", PARTS[1].words)), "同一类"),
    ],
)
async def test_a_cut_that_makes_no_sense_is_refused_in_words(c: Community, city: SmallCity, parts: tuple[Part, ...], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        await labelling.label(c, who(city), NewLabel(TWO, parts=parts))


async def test_nobody_else_adds_words(c: Community, city: SmallCity) -> None:
    for login in ("grid1", "desk1"):
        for ask in (lexicon.add(c, who(city, login), NewWord("婴儿车棚", WordKind.WORD)), labelling.sentence(c, who(city, login), SAID)):
            with pytest.raises(Forbidden):
                await ask
