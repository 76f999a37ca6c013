"""Bringing in regulations, and what it does to answers and searches, on both databases. All statutes here are made up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from community.bootstrap import open_community
from community.config import Settings
from community.errors import Conflict, InvalidInput, NotFound
from community.knowledge import flags
from community.knowledge import search as search_module
from community.knowledge.bring_in import FileOutcome, bring_in, take_out
from community.knowledge.importer import import_answers, import_wheel
from community.model.law import CAUTION, Change
from community.ports import Community
from community.services import legal
from tests.conftest import FakeClock
from tests.unit.knowledge.small_wheel import china

TODAY = date(2026, 11, 24)
PIGEON = "浙江省养鸽条例"
ARTICLES = ["为了规范养鸽，制定本条例。", "养鸽扰民的，罚一百元。", "鸽舍应当登记。", "本条例自2020年6月1日起施行。"]
CIVIL = "中华人民共和国民法典"
ANSWER: dict[str, Any] = {
    "id": "pigeon", "topic": "neighbours", "title": "邻居养鸽子太吵怎么办",
    "questions": ["邻居养鸽子太吵", "鸽子扰民谁来管"], "answer": "可以请社区调解，也可以投诉。",
    "citations": [{"law": PIGEON, "article": "第二条"}], "owner": "法律顾问", "checked_on": date(2026, 11, 1),
}  # fmt: skip


@asynccontextmanager
async def hangzhou(url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Community]:
    settings = Settings(
        DATABASE_URL=url, LINSHE_VAR=tmp_path / "var", LINSHE_MODE="demo", LINSHE_REGION="浙江/杭州",  # type: ignore[call-arg]
    )  # fmt: skip
    async with open_community(settings, signals=False, clock=clock) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "LOOK_AGAIN", -1.0)


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Community]:
    """A city of 浙江省/杭州市."""
    async with hangzhou(sqlite_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def both(database_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Community]:
    """The same, for what depends on the database."""
    async with hangzhou(database_url, tmp_path, clock) as opened:
        yield opened


def write(folder: Path, articles: list[str], law: str = PIGEON, version: str = "2020-05-01", scope: str = "浙江", **more: Any) -> Path:
    path = folder / f"{law}-{version}-{len(list(folder.iterdir()))}.jsonl"
    rows = [
        {"law": law, "version": version, "scope": scope, "art": number, "text": text, **more} for number, text in enumerate(articles, 1)
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


async def bring(c: Community, *files: Path, **options: Any) -> FileOutcome:
    return (await bring_in(c, list(files), **options))[-1]


async def answered(c: Community, folder: Path, **changes: Any) -> None:
    (folder / "answers").mkdir(exist_ok=True)
    (folder / "answers" / "some.yml").write_text(yaml.safe_dump([{**ANSWER, **changes}], allow_unicode=True), encoding="utf-8")
    await import_answers(c, folder / "answers")


async def cited(c: Community, law: str, label: str, day: date = TODAY) -> str | None:
    found = await c.legal.cite(law, label, day)
    return found.text if found else None


def changed(number: int, text: str) -> list[str]:
    return [*ARTICLES[: number - 1], text, *ARTICLES[number:]]


async def test_the_same_file_again_changes_nothing(both: Community, tmp_path: Path) -> None:
    file = write(tmp_path, ARTICLES)
    first, again = await bring(both, file), await bring(both, file)
    assert (first.changed, again.changed, again.flags, again.ended) == (1, 0, (), ())
    assert await cited(both, "养鸽条例", "2") == ARTICLES[1]
    assert await cited(both, PIGEON, "第二条", date(2020, 5, 31)) is None


async def test_a_dry_run_tells_everything_and_keeps_nothing(here: Community, tmp_path: Path) -> None:
    file = write(tmp_path, ARTICLES)
    assert (await bring(here, file, dry_run=True)).laws[0].state == "new law"
    assert await cited(here, PIGEON, "第一条") is None
    assert (await bring(here, file)).changed == 1


async def test_a_refused_file_brings_nothing_and_keeps_no_other_out(both: Community, tmp_path: Path) -> None:
    good, bad = write(tmp_path, ARTICLES), write(tmp_path, ["甲。"], law="浙江省养狗条例")
    bad.write_text(bad.read_text(encoding="utf-8") + "\n{", encoding="utf-8")
    outcomes = await bring_in(both, [bad, good])
    assert outcomes[0].refused.startswith(f"{bad.name}:2:")
    assert outcomes[1].changed == 1
    assert await cited(both, "浙江省养狗条例", "第一条") is None


async def test_a_new_version_ends_the_one_before_on_its_first_day_and_says_what_changed(here: Community, tmp_path: Path) -> None:
    await bring(here, write(tmp_path, ARTICLES))
    newer = [*changed(2, "养鸽扰民的，罚二百元。")[:3], "鸽子应当戴环。", "本条例自2027年1月1日起施行。"]
    outcome = await bring(here, write(tmp_path, newer, version="2026-10-01"))
    (law,) = outcome.laws
    assert (law.state, law.begins_on, law.diff.added) == ("new version", date(2027, 1, 1), ["第五条"])
    assert [(change.label, "[-" in change.readable) for change in law.diff.changed] == [("第二条", True), ("第四条", True)]
    assert [(end.version_on, end.now) for end in outcome.ended] == [(date(2020, 5, 1), date(2027, 1, 1))]
    assert "一百" in str(await cited(here, PIGEON, "第二条", date(2026, 12, 31)))
    assert "二百" in str(await cited(here, PIGEON, "第二条", date(2027, 1, 1)))


async def test_rules_of_other_places_are_kept_and_never_shown(here: Community, tmp_path: Path) -> None:
    for law, scope in (("江苏省养鸽条例", "江苏"), ("宁波市养鸽条例", "浙江"), ("杭州市养鸽条例", "浙江"), ("养鸽安全条例", "全国")):
        await bring(here, write(tmp_path, ARTICLES, law=law, scope=scope))
    for scope, text in (("江苏", "江苏的。"), ("浙江", "浙江的。")):
        await bring(here, write(tmp_path, [text], law="信鸽办法", scope=scope))
    assert await cited(here, "信鸽办法", "第一条") == "浙江的。"
    hits = {hit.citation.law for hit in await here.legal.articles("养鸽扰民 罚款", TODAY, 20)}
    assert hits == {"杭州市养鸽条例", "养鸽安全条例"}
    assert await cited(here, "宁波市养鸽条例", "第二条") is None
    assert await cited(here, "江苏省养鸽条例", "第二条") is None
    assert await cited(here, "我市养鸽条例", "第二条")
    assert (await legal.advise(here, "宁波市养鸽条例第二条")).kind != "cited"


async def test_of_articles_that_say_the_same_the_higher_text_comes_first(here: Community, tmp_path: Path) -> None:
    for law, scope in (("杭州市养鸽条例", "浙江"), (PIGEON, "浙江"), ("国家养鸽条例", "全国")):
        await bring(here, write(tmp_path, ARTICLES, law=law, scope=scope))
    hits = [hit.citation.law for hit in await here.legal.articles("养鸽扰民罚多少", TODAY, 3)]
    assert hits == ["国家养鸽条例", PIGEON, "杭州市养鸽条例"]


async def test_a_changed_article_flags_the_answer_until_a_person_clears_it(both: Community, tmp_path: Path) -> None:
    await bring(both, write(tmp_path, ARTICLES))
    await answered(both, tmp_path)
    sure = await legal.advise(both, "邻居养鸽子太吵")
    assert (sure.kind, sure.note) == ("answer", "")
    other = await bring(both, write(tmp_path, changed(3, "鸽舍应当备案。")))
    assert other.flags == ()
    outcome = await bring(both, write(tmp_path, changed(2, "养鸽扰民的，罚三百元。")))
    assert [(f.answer_code, f.article, f.what, f.from_on) for f in outcome.flags] == [("pigeon", "第二条", Change.CHANGED, TODAY)]
    unsure = await legal.advise(both, "邻居养鸽子太吵")
    assert (unsure.kind, [answer.code for answer in unsure.choices]) == ("choices", ["pigeon"])
    chosen = await legal.answer_of(both, "pigeon")
    assert (chosen.kind, chosen.note) == ("answer", CAUTION)
    assert "三百" in chosen.citations[0].text
    ((flag, owner),) = await flags.open_flags(both)
    assert (flag.answer_code, owner) == ("pigeon", "法律顾问")
    with pytest.raises(InvalidInput):
        await flags.clear(both, "pigeon", "王律师", " ")
    with pytest.raises(NotFound):
        await flags.clear(both, "dog", "王律师", "看过")
    assert [await flags.clear(both, "pigeon", "王律师", "看过，仍然对") for _ in range(2)] == [1, 0]
    assert (await legal.advise(both, "邻居养鸽子太吵")).kind == "answer"
    assert (await legal.answer_of(both, "pigeon")).note == ""
    again = await bring(both, write(tmp_path, changed(2, "养鸽扰民的，罚三百元。")))
    assert (again.changed, again.flags) == (0, ())


async def test_an_article_that_goes_takes_its_answer_with_it_and_says_where_the_words_are_now(here: Community, tmp_path: Path) -> None:
    await bring(here, write(tmp_path, ARTICLES))
    await answered(here, tmp_path)
    outcome = await bring(here, write(tmp_path, [ARTICLES[0], "新的一条。", *ARTICLES[1:]]))
    assert [(f.what, f.note) for f in outcome.flags] == [(Change.CHANGED, "同样的内容现在是第三条")]
    outcome = await bring(here, write(tmp_path, ["什么也没有了。"]))
    assert [(f.what, f.note) for f in outcome.flags] == [(Change.GONE, "《浙江省养鸽条例》里不再有第二条")]
    assert (await legal.advise(here, "邻居养鸽子太吵")).kind not in ("answer", "choices")


async def test_a_change_that_is_ahead_is_told_now_and_weighs_from_its_day(
    here: Community, tmp_path: Path, clock: FakeClock
) -> None:
    await bring(here, write(tmp_path, ARTICLES))
    await answered(here, tmp_path)
    newer = [*changed(2, "养鸽扰民的，罚五百元。")[:3], "本条例自2027年1月1日起施行。"]
    outcome = await bring(here, write(tmp_path, newer, version="2026-10-01"))
    assert [f.from_on for f in outcome.flags] == [date(2027, 1, 1)]
    assert (await legal.answer_of(here, "pigeon")).note == ""
    assert (await legal.advise(here, "邻居养鸽子太吵")).kind == "answer"
    clock.time = datetime(2027, 1, 2, 2, tzinfo=timezone.utc)
    assert (await legal.answer_of(here, "pigeon")).note == CAUTION
    assert (await legal.advise(here, "邻居养鸽子太吵")).kind == "choices"


async def test_a_repealing_text_ends_the_other_and_flags_its_answer(both: Community, tmp_path: Path) -> None:
    await bring(both, write(tmp_path, ARTICLES))
    await answered(both, tmp_path)
    ends = "本条例自2026年3月1日起施行。《浙江省养鸽条例》同时废止。"
    lower = await bring(both, write(tmp_path, ["养禽。", ends], law="杭州市养禽条例", version="2026-01-01"))
    rank = await bring(both, write(tmp_path, ["养禽。", ends.replace("条例自", "办法自")], law="浙江省养禽办法", version="2026-01-01"))
    assert (lower.ended, rank.ended) == ((), ())
    outcome = await bring(both, write(tmp_path, ["养禽。", ends], law="浙江省养禽条例", version="2026-01-01"))
    assert [(end.name, end.now) for end in outcome.ended] == [(PIGEON, date(2026, 3, 1))]
    assert [f.what for f in outcome.flags] == [Change.GONE]
    assert await cited(both, PIGEON, "第二条") is None
    assert await cited(both, PIGEON, "第二条", date(2026, 2, 28))


async def test_the_right_file_after_a_wrong_one_leaves_no_flag(both: Community, tmp_path: Path) -> None:
    right = write(tmp_path, ARTICLES)
    await bring(both, right)
    await answered(both, tmp_path)
    wrong = write(tmp_path, changed(2, "错的。"))
    assert len((await bring(both, wrong)).flags) == 1
    assert (await bring(both, right)).flags == ()
    assert await flags.open_flags(both) == []
    assert len((await bring(both, wrong)).flags) == 1


async def test_whoever_checks_the_answer_again_in_its_file_clears_the_flag(here: Community, tmp_path: Path, clock: FakeClock) -> None:
    await bring(here, write(tmp_path, ARTICLES))
    await answered(here, tmp_path)
    await bring(here, write(tmp_path, changed(2, "变了。")))
    await answered(here, tmp_path, answer="换了说法。")
    assert len(await flags.open_flags(here)) == 1
    clock.forward(days=1)
    await answered(here, tmp_path, answer="再换一次说法。", checked_on=date(2026, 11, 25))
    assert await flags.open_flags(here) == []


async def test_an_operators_text_of_a_national_law_stands_above_the_statute_files_and_outlives_its_import(
    both: Community, tmp_path: Path
) -> None:
    await import_wheel(both, path=china(tmp_path / "laws.db").write())
    await answered(both, tmp_path, citations=[{"law": CIVIL, "article": "第一条"}])
    outcome = await bring(both, write(tmp_path, ["改了的第一条。"], law=CIVIL, version="2020-05-28", scope="全国", effective="2021-01-01"))
    assert outcome.laws[0].state == "new version"
    assert [f.what for f in outcome.flags] == [Change.CHANGED]
    wheel = china(tmp_path / "more.db")
    wheel._articles = [row for row in wheel._articles if row[2] != "第二百零五条"]
    assert (await import_wheel(both, path=wheel.write())).changed == 1
    assert await cited(both, CIVIL, "第一条") == "改了的第一条。"
    assert len(await flags.open_flags(both)) == 1


async def test_what_the_statute_file_has_word_by_word_is_not_kept_twice(here: Community, tmp_path: Path) -> None:
    await import_wheel(here, path=china(tmp_path / "laws.db").write())
    outcome = await bring(
        here,
        write(
            tmp_path, ["食品应当 无毒。"], law="中华人民共和国食品安全法", version="2025-09-12", scope="全国", effective="2025-12-01"
        ),
    )
    assert outcome.changed == 0


async def test_a_newer_statute_file_flags_the_answers_whose_article_it_changes(here: Community, tmp_path: Path) -> None:
    await import_wheel(here, path=china(tmp_path / "laws.db").write())
    await answered(here, tmp_path, citations=[{"law": CIVIL, "article": "第九百四十二条"}])
    wheel = china(tmp_path / "laws.db")
    wheel._articles = [row if row[2] != "第九百四十二条" else (*row[:5], "物业服务人应当更好。") for row in wheel._articles]
    report = await import_wheel(here, path=wheel.write())
    assert report.flagged == 1
    assert any("laws flags" in line for line in report.lines)
    ((flag, _),) = await flags.open_flags(here)
    assert (flag.law, flag.article, flag.what) == (CIVIL, "第九百四十二条", Change.CHANGED)


async def test_two_who_import_the_same_at_once_leave_one_text_and_one_flag(both: Community, tmp_path: Path) -> None:
    await bring(both, write(tmp_path, ARTICLES))
    await answered(both, tmp_path)
    newer = write(tmp_path, changed(2, "罚六百元。"), version="2026-10-01")
    results = await asyncio.gather(bring(both, newer), bring(both, newer), return_exceptions=True)
    assert all(isinstance(result, (FileOutcome, Conflict)) for result in results)
    assert (await bring(both, newer)).changed == 0
    assert len(await flags.open_flags(both)) == 1
    async with both.reading() as uow:
        assert len(await uow.laws.versions(PIGEON)) == 2


async def test_the_part_of_an_article_that_was_asked_for_is_what_is_said(here: Community, tmp_path: Path) -> None:
    await bring(here, write(tmp_path, changed(2, "扰民的，处罚：\n（一）警告；\n（二）罚款。\n屡教不改的，加倍。")))
    advice = await legal.advise(here, "养鸽条例第2条第1款第（二）项")
    assert [(c.label, c.text) for c in advice.citations] == [("第二条第一款第二项", "扰民的，处罚：\n（二）罚款。")]


async def test_an_import_can_be_undone_and_what_it_had_ended_holds_again(both: Community, tmp_path: Path) -> None:
    await bring(both, write(tmp_path, ARTICLES))
    await answered(both, tmp_path)
    await bring(both, write(tmp_path, changed(2, "罚七百元。"), version="2026-10-01"))
    outcome = await take_out(both, PIGEON, date(2026, 10, 1))
    assert [end.now for end in outcome.ended] == [None]
    assert await cited(both, PIGEON, "第二条") == ARTICLES[1]
    assert await flags.open_flags(both) == []
    with pytest.raises(NotFound):
        await take_out(both, PIGEON, date(2026, 10, 1))


async def test_an_answer_for_another_place_is_not_given(here: Community, tmp_path: Path) -> None:
    await bring(here, write(tmp_path, ARTICLES, law="养鸽安全条例", scope="全国"))
    for scope, kind in (("江苏省", False), ("浙江省", True)):
        await answered(here, tmp_path, scope=scope, citations=[{"law": "养鸽安全条例", "article": "第二条"}])
        assert ((await legal.advise(here, "邻居养鸽子太吵")).kind == "answer") is kind
