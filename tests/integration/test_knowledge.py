"""Importing, citing and advising on a small statute file, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from community.errors import InvalidInput
from community.knowledge import meaning
from community.knowledge import search as search_module
from community.knowledge.adapter import Adapter
from community.knowledge.checks import check_answers
from community.knowledge.false_citations import find_false
from community.knowledge.importer import import_answers, import_wheel
from community.knowledge.ranker import FEATURES, Ranker
from community.knowledge.search import open_search, search_articles
from community.model.law import paragraphs
from community.ports import Community
from community.services import legal
from encoder.errors import EncoderMissing
from tests.conftest import FakeClock
from tests.unit.knowledge.small_wheel import china

NOISE, MARK, LAND, CRIME, CIVIL, ECO = (
    "中华人民共和国" + name for name in ("噪声污染防治法", "商标法", "农村土地承包法", "刑法", "民法典", "生态环境法典")
)
TODAY = date(2026, 11, 24)
DEPOSIT: dict[str, Any] = {
    "id": "deposit", "topic": "tenancy", "title": "退租了，房东不退押金怎么办",
    "questions": ["房东不退押金", "押金能要回来吗", "租房到期押金不给退"],
    "answer": "租期到了、房子没坏，押金该退。先书面要，不退再起诉。", "steps": ["先书面要求退还"], "bring": ["合同"],
    "where": "法院", "citations": [{"law": CIVIL, "article": "第七百零八条"}], "owner": "法律顾问", "checked_on": "2026-11-01",
}  # fmt: skip
DOG: dict[str, Any] = {
    **DEPOSIT, "id": "dog", "topic": "neighbours", "title": "被别人家的狗咬了怎么办",
    "questions": ["遛狗不拴绳咬人了", "邻居的狗咬伤孩子谁赔"], "answer": "养狗的人赔。先打疫苗、留好单据，再找狗主人。",
    "citations": [{"law": CIVIL, "article": "第一千二百四十五条"}],
}  # fmt: skip


def write_answers(folder: Path, *answers: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    entries = [{**answer, "checked_on": date.fromisoformat(str(answer["checked_on"]))} for answer in answers]
    (folder / "some.yml").write_text(yaml.safe_dump(entries, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture
async def lawful(community: Community, tmp_path: Path) -> Community:
    """The small statute file and two curated answers, imported."""
    await import_wheel(community, path=china(tmp_path / "laws.db").write())
    await import_answers(community, write_answers(tmp_path / "answers", DEPOSIT, DOG))
    return community


async def cited(c: Community, law: str, label: str, day: date) -> str | None:
    found = await c.legal.cite(law, label, day)
    return found.text if found else None


async def test_a_second_import_changes_nothing(lawful: Community, tmp_path: Path) -> None:
    again = await import_wheel(lawful, path=tmp_path / "laws.db")
    assert (again.added, again.changed, again.removed, again.lines) == (0, 0, 0, [])
    assert again.unchanged > 0


async def test_progress_counts_to_the_end(community: Community, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = await import_wheel(community, lambda *step: seen.append(step), china(tmp_path / "laws.db").write())
    assert seen[-1] == (report.added, report.added)
    assert str(report.added) in report.lines[0]


async def test_a_changed_file_touches_only_the_laws_that_changed(lawful: Community, tmp_path: Path) -> None:
    wheel = china(tmp_path / "laws.db").law("new", "中华人民共和国新法", "2026-01-01", "2026-01-01")
    wheel._articles = [row for row in wheel._articles if row[2] != "第二百零五条"]
    wheel._laws = [row for row in wheel._laws if row[0] != "township"]
    report = await import_wheel(lawful, path=wheel.write())
    assert (report.added, report.changed, report.removed) == (1, 1, 1)
    assert await cited(lawful, "新法", "第一条", TODAY)
    assert await cited(lawful, CIVIL, "第二百零五条", TODAY) is None


async def test_a_broken_file_leaves_what_was_there(lawful: Community, tmp_path: Path) -> None:
    broken = china(tmp_path / "broken.db")
    broken.law("bad", "坏法", "昨天", "昨天")
    with pytest.raises(InvalidInput, match="坏法"):
        await import_wheel(lawful, path=broken.write())
    assert await cited(lawful, CIVIL, "第九百四十二条", TODAY)


async def test_an_article_is_cited_only_on_days_its_law_is_in_force(lawful: Community) -> None:
    assert await cited(lawful, NOISE, "第一条", date(2026, 8, 14))
    assert await cited(lawful, NOISE, "第一条", date(2026, 8, 15)) is None
    assert await cited(lawful, ECO, "第一条", date(2026, 8, 14)) is None
    assert await cited(lawful, ECO, "第一条", date(2026, 8, 15))
    assert "旧" in str(await cited(lawful, MARK, "第一条", date(2026, 12, 31)))
    assert "新" in str(await cited(lawful, MARK, "第一条", date(2027, 1, 1)))
    assert await cited(lawful, LAND, "第一条", TODAY)


@pytest.mark.parametrize(
    ("law", "label"),
    [
        ("民法典", "第九百四十二条"), ("民法典", "942"), ("根据中华人民共和国民法典", "第942条"), ("《民法典》", "第九百四十二条"),
    ],
)  # fmt: skip
async def test_a_citation_is_found_however_it_is_written(lawful: Community, law: str, label: str) -> None:
    found = await lawful.legal.cite(law, label, TODAY)
    assert found is not None
    assert (found.law, found.label, found.effective_on) == (CIVIL, "第九百四十二条", date(2021, 1, 1))


async def test_the_amended_text_is_cited_since_its_day(lawful: Community) -> None:
    assert "三年以下" in str(await cited(lawful, CRIME, "第三百九十条", TODAY))
    assert "五年以下" in str(await cited(lawful, CRIME, "第三百九十条", date(2024, 2, 29)))
    assert await cited(lawful, CRIME, "第一百二十条之一", TODAY) == "资助恐怖组织的，处刑。"


async def test_search_never_finds_what_is_not_in_force(lawful: Community) -> None:
    expected = {
        date(2026, 8, 14): {NOISE},
        date(2026, 8, 15): {ECO},
        TODAY: {ECO},
    }
    for day, laws in expected.items():
        hits = await lawful.legal.articles("夜间施工噪声扰民", day, 10)
        assert {hit.citation.law for hit in hits} & {NOISE, ECO} == laws
    for day, word in ((date(2026, 12, 31), "旧"), (date(2027, 1, 1), "新")):
        texts = [hit.citation.text for hit in await lawful.legal.articles("商标注册", day, 10)]
        assert [text for text in texts if "商标" in text][0].startswith(word)
        assert not [text for text in texts if text.startswith("新" if word == "旧" else "旧")]


async def test_search_leaves_amendments_to_the_law_they_amend(lawful: Community) -> None:
    hits = await lawful.legal.articles("行贿罪怎么处罚 食品应当无毒", TODAY, 20)
    assert hits
    assert not [hit for hit in hits if "修正案" in hit.citation.law or "修改" in hit.citation.law]


async def test_an_empty_database_finds_and_cites_nothing(community: Community) -> None:
    assert await community.legal.articles("押金", TODAY) == []
    assert await community.legal.answers("押金", TODAY) == []
    assert await community.legal.cite("民法典", "第一条", TODAY) is None
    assert (await legal.advise(community, "房东不退押金")).kind == "none"


async def test_advice_on_a_named_article_is_that_article(lawful: Community) -> None:
    advice = await legal.advise(lawful, "民法典942条是怎么说的")
    assert advice.kind == "cited"
    assert [c.label for c in advice.citations] == ["第九百四十二条"]


async def test_advice_says_when_the_law_is_there_and_the_article_is_not(lawful: Community) -> None:
    advice = await legal.advise(lawful, "民法典第九千条")
    assert (advice.kind, advice.citations) == ("none", [])
    assert "没有第九千条" in advice.note


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("噪声污染防治法第一条夜间施工", "2026年8月15日起已经不再施行"),
        ("物权法第八十三条", "没有查到现行有效的《物权法》第八十三条"),
    ],
)
async def test_advice_never_quotes_a_law_that_has_ended_and_says_so(lawful: Community, text: str, said: str) -> None:
    advice = await legal.advise(lawful, text)
    assert advice.kind != "cited"
    assert said in advice.note
    assert NOISE not in {c.law for c in advice.citations}


async def test_advice_says_when_a_law_has_not_begun(lawful: Community, clock: FakeClock) -> None:
    clock.time = datetime(2026, 8, 14, 2, tzinfo=timezone.utc)
    advice = await legal.advise(lawful, "生态环境法典第一条")
    assert advice.kind != "cited"
    assert "2026年8月15日才开始施行" in advice.note


async def test_advice_from_a_curated_answer_carries_its_articles(lawful: Community) -> None:
    advice = await legal.advise(lawful, "房东不退押金怎么办")
    assert advice.kind == "answer"
    assert advice.answer is not None
    assert advice.answer.code == "deposit"
    assert [(c.law, c.label) for c in advice.citations] == [(CIVIL, "第七百零八条")]
    assert 0 < advice.score <= 1


async def test_an_answer_whose_article_is_no_longer_in_force_is_not_given(lawful: Community, tmp_path: Path) -> None:
    ended = {**DEPOSIT, "citations": [*DEPOSIT["citations"], {"law": NOISE, "article": "第一条"}]}
    await import_answers(lawful, write_answers(tmp_path / "answers", ended, DOG))
    advice = await legal.advise(lawful, "租房到期房东不退押金")
    assert advice.kind in ("articles", "none")
    assert advice.answer is None
    assert NOISE not in {c.law for c in advice.citations}


async def test_a_question_about_something_else_gets_nothing(lawful: Community) -> None:
    for text in ("", "今天天气怎么样", "😀", "x" * 20_000, "<script>alert(1)</script>"):
        advice = await legal.advise(lawful, text)
        assert (advice.kind, advice.citations, advice.note) == ("none", [], "")


async def test_answers_follow_their_files(lawful: Community, tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    assert (await import_answers(lawful, folder)).touched == 0
    report = await import_answers(lawful, write_answers(folder, {**DEPOSIT, "answer": "换了说法。"}))
    assert (report.changed, report.removed, report.unchanged) == (1, 1, 0)
    async with lawful.reading() as uow:
        assert [(a.code, a.answer) for a in await uow.laws.answers()] == [("deposit", "换了说法。")]


async def test_one_bad_answer_keeps_all_files_out(lawful: Community, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        await import_answers(lawful, write_answers(tmp_path / "answers", DEPOSIT, {**DOG, "citations": []}))
    assert (await legal.advise(lawful, "房东不退押金怎么办")).kind == "answer"


async def test_the_checks_tell_what_is_wrong_with_an_answer(lawful: Community, tmp_path: Path) -> None:
    assert await check_answers(lawful) == []
    wrong = {
        **DOG,
        "id": "wrong",
        "citations": [{"law": "民法典", "article": "第942条"}, {"law": NOISE, "article": "第一条"}],
    }
    wrong |= {"answer": "按第五百条，要赔。", "checked_on": "2027-05-01"}
    await import_answers(lawful, write_answers(tmp_path / "answers", DOG, wrong))
    problems = "\n".join(await check_answers(lawful))
    for said in ("not in force", "in full", "第五百条", "is ahead", "also a wording of dog"):
        assert said in problems


async def test_the_index_is_kept_on_disk_and_a_damaged_one_is_built_again(lawful: Community, tmp_path: Path) -> None:
    from community.knowledge.search import open_search

    folder = tmp_path / "kept"
    first = open_search(lawful.reading, folder)
    wanted = [hit.citation.label for hit in await first.articles("物业服务人应当妥善维修", TODAY)]
    [place] = folder.iterdir()
    (place / "rows.json").write_text("damaged", encoding="utf-8")
    for _ in range(2):
        again = open_search(lawful.reading, folder)
        assert [hit.citation.label for hit in await again.articles("物业服务人应当妥善维修", TODAY)] == wanted
    assert [p.name for p in folder.iterdir()] == [place.name]


async def test_the_command_line_puts_named_articles_first(lawful: Community) -> None:
    hits = await search_articles(lawful, "民法典1245条 物业服务人维修", 3)
    assert (hits[0].law, hits[0].article_no) == (CIVIL, "第一千二百四十五条")
    assert "第九百四十二条" in {hit.article_no for hit in hits}
    assert len(hits) <= 3


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("按民法典第七百零八条，押金该退。", []),
        ("《民法典》第九百九十九条这么说", [("《民法典》第九百九十九条", "no_article")]),
        ("《民法典》第七百零八条第八款", [("《民法典》第七百零八条第八款", "no_paragraph")]),
        ("《噪声污染防治法》第一条和《民法典》第七百零八条", [("《噪声污染防治法》第一条", "not_in_force")]),
        ("《月球居住法》第三条，《火星法》", [("《月球居住法》第三条", "unknown_law"), ("《火星法》", "unknown_law")]),
        ("没有提到什么法律，只是想想办法。", []),
    ],
)
async def test_every_false_citation_in_a_text_is_found_with_what_is_wrong(
    lawful: Community, text: str, wrong: list[tuple[str, str]]
) -> None:
    assert [(one.said, str(one.wrong)) for one in await find_false(lawful, text, TODAY)] == wrong


def test_items_of_a_list_belong_to_their_paragraph() -> None:
    assert len(paragraphs("有下列情形之一的：\n（一）甲；\n（二）乙。\n第二款。")) == 2


class OneWord:
    """An encoder for which a dog is a dog, whatever it is called."""

    dimensions = 4

    def __init__(self) -> None:
        self.fingerprint, self.encoded = "d" * 64, 0

    def encode(self, texts: Sequence[str], kind: str = "query") -> np.ndarray:
        self.encoded += len(texts)
        rows = np.array([[3.0 * any(word in text for word in ("狗", "动物", "汪星人")), 1, 1, 1] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


async def test_once_encoded_articles_are_found_by_what_they_mean_and_nothing_is_encoded_twice(
    lawful: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, nothing = OneWord(), Adapter(np.zeros((4, 2), np.float32), np.zeros((2, 4), np.float32))
    weights = np.array([name == "adapted" for name in FEATURES], np.float32)
    learnt = Ranker(nothing, weights, np.array([1, 0, 0, 0, 0], np.float32), encoder.fingerprint)
    monkeypatch.setattr(meaning, "load_ranker", lambda fingerprint: learnt if fingerprint == encoder.fingerprint else None)
    search = open_search(lawful.reading, tmp_path / "index", lambda: encoder)
    assert "第一千二百四十五条" not in [hit.citation.label for hit in await search.articles("汪星人", TODAY, 1)]
    told: list[tuple[int, int]] = []
    assert await search.understand(TODAY, lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1] > 0
    assert [hit.citation.label for hit in await search.articles("汪星人", TODAY, 1)] == ["第一千二百四十五条"]
    made, encoder.encoded = encoder.encoded, 0
    again = open_search(lawful.reading, tmp_path / "index", lambda: encoder)
    assert await again.understand(TODAY)
    assert [hit.citation.label for hit in await again.articles("汪星人", TODAY, 1)] == ["第一千二百四十五条"]
    assert encoder.encoded == 1 < made
    # A law more: by words until its articles are encoded, and only those are.
    await import_wheel(lawful, path=china(tmp_path / "more.db").law("new", "中华人民共和国新法", "2026-01-01", "2026-01-01").write())
    monkeypatch.setattr(search_module, "LOOK_AGAIN", -1.0)
    encoder.encoded = 0
    await again.articles("汪星人", TODAY, 1)
    assert encoder.encoded == 0
    assert await again.understand(TODAY)
    assert 0 < encoder.encoded < made


async def test_without_an_encoder_or_what_was_learnt_for_it_words_are_searched(lawful: Community, tmp_path: Path) -> None:
    def missing() -> OneWord:
        raise EncoderMissing("no model here")

    for opened in (OneWord, missing):
        search = open_search(lawful.reading, tmp_path / "index", opened)
        assert [hit.citation.label for hit in await search.articles("饲养动物损害", TODAY, 1)] == ["第一千二百四十五条"]
        assert not await search.understand(TODAY)
