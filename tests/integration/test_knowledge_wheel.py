"""The statutes as they are shipped, and every curated answer against them."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timezone
from pathlib import Path
from random import Random

import pytest

from actions import runtime
from community.errors import ConfigError
from community.knowledge.answers import read_answers
from community.knowledge.checks import check_answers
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.false_citations import find_false
from community.knowledge.importer import import_answers, import_wheel
from community.knowledge.phrasings import read_phrasings
from community.knowledge.versions import AMENDING
from community.knowledge.wheel import find_wheel
from community.ports import Community
from community.services import legal
from community.store import migrate
from ops.legal_talk import run
from ops.legal_talk.check import check, read_table
from ops.legal_talk.liar import TRUE
from tests.conftest import FakeClock, community_on

TODAY = date(2026, 11, 24)
P = "中华人民共和国"

# Built once for the whole file: the first test waits for it.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheel() -> Path:
    try:
        return find_wheel(os.environ.get("LINSHE_LAWS_DB"))
    except ConfigError as error:
        pytest.skip(error.message)


@pytest.fixture(scope="module")
def imported(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a database with everything in it."""
    folder = tmp_path_factory.mktemp("laws")
    url = f"sqlite+aiosqlite:///{folder / 'laws.db'}"
    migrate.upgrade(url)

    async def fill() -> None:
        async with community_on(url, folder, FakeClock()) as c:
            await import_wheel(c, path=wheel)
            await import_answers(c, KNOWLEDGE)

    asyncio.run(fill())
    return folder


@pytest.fixture
async def c(imported: Path, clock: FakeClock) -> AsyncIterator[Community]:
    async with community_on(f"sqlite+aiosqlite:///{imported / 'laws.db'}", imported, clock) as opened:
        yield opened


async def test_importing_again_changes_nothing(c: Community, wheel: Path) -> None:
    again = await import_wheel(c, path=wheel)
    assert (again.touched, again.lines) == (0, [])


async def test_no_words_of_the_file_are_lost(c: Community, wheel: Path) -> None:
    """Every character of every law is still there, in a text or in the name of the place a heading moved to."""
    connection = sqlite3.connect(f"file:{wheel}?mode=ro", uri=True)
    shipped = connection.execute(
        "SELECT law_id, group_concat(article_text, '') FROM articles GROUP BY law_id"
    ).fetchall()
    connection.close()
    held: dict[str, Counter[str]] = {}
    async with c.reading() as uow:
        for day in (date(2020, 1, 1), date(2023, 1, 1), date(2026, 8, 14), TODAY, date(2027, 6, 1)):
            read: dict[str, list[str]] = {}
            for article, statute in await uow.laws.articles_in_force(day):
                read.setdefault(statute.source_id, []).append(article.chapter + article.text)
            held |= {source: Counter("".join(texts)) for source, texts in read.items()}
    compared = 0
    for law_id, text in shipped:
        if found := held.get(f"wheel:{law_id}"):
            compared += 1
            assert not Counter("".join(text.split())) - found, law_id
    assert compared > 350


@pytest.mark.parametrize(
    ("law", "day", "in_force"),
    [
        ("生态环境法典", date(2026, 8, 14), False), ("生态环境法典", date(2026, 8, 15), True),
        ("噪声污染防治法", date(2026, 8, 14), True), ("噪声污染防治法", date(2026, 8, 15), False),
        ("环境保护法", date(2026, 8, 15), False), ("大气污染防治法", date(2026, 8, 15), False),
        ("刑法", TODAY, True), ("农村土地承包法", TODAY, True), ("乡镇企业法", TODAY, False),
        ("治安管理处罚法", TODAY, True), ("城市居民委员会组织法", TODAY, True), ("医疗保障法", TODAY, False),
        ("医疗保障法", date(2027, 1, 1), True), ("食品安全法", date(2025, 11, 30), False), ("民法典", TODAY, True),
    ],
)  # fmt: skip
async def test_laws_are_in_force_when_they_are(c: Community, law: str, day: date, in_force: bool) -> None:
    assert (await c.legal.cite(law, "第一条", day) is not None) == in_force


async def test_the_trademark_law_of_2019_holds_until_the_end_of_2026(c: Community) -> None:
    async with c.reading() as uow:
        versions = await uow.laws.versions(P + "商标法")
        for day, version in ((date(2026, 12, 31), date(2019, 4, 23)), (date(2027, 1, 1), date(2026, 6, 26))):
            assert [v.version_on for v in versions if v.in_force(day)] == [version]


async def test_never_two_versions_of_a_law_at_once(c: Community) -> None:
    async with c.reading() as uow:
        statutes = await uow.laws.statutes()
        for day in (date(2021, 1, 1), date(2024, 3, 1), date(2026, 8, 15), TODAY, date(2027, 1, 1)):
            names = [s.name for s in statutes if s.in_force(day)]
            assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "law", "label", "words"),
    [
        ("民法典942条", "民法典", "第九百四十二条", "物业服务人"),
        ("治安处罚法第88条", "治安管理处罚法", "第八十八条", "噪声"),
        ("治安管理处罚法 89", "治安管理处罚法", "第八十九条", "动物"),
        ("根据中华人民共和国刑法第二百六十四条", "刑法", "第二百六十四条", "盗窃"),
        ("刑法第一百三十三条之一", "刑法", "第一百三十三条之一", "醉酒"),
        ("刑法第三百九十条", "刑法", "第三百九十条", "三年以下有期徒刑"),
    ],
)
async def test_a_named_article_is_shown_verbatim(c: Community, text: str, law: str, label: str, words: str) -> None:
    advice = await legal.advise(c, text)
    assert [(found.law, found.label) for found in advice.citations] == [(P + law, label)]
    assert words in advice.citations[0].text


async def test_every_curated_answer_cites_what_is_in_force(c: Community, clock: FakeClock) -> None:
    clock.time = datetime(2026, 12, 1, tzinfo=timezone.utc)  # none was checked later
    assert await check_answers(c) == []
    assert len(list(read_answers(KNOWLEDGE))) >= 430


async def test_every_lay_phrasing_stands_with_an_article_in_force(c: Community) -> None:
    async with c.reading() as uow:
        there = {(statute.name, article.label) for article, statute in await uow.laws.articles_in_force(TODAY)}
    assert [key for key in read_phrasings() if key not in there] == []


@pytest.mark.parametrize(
    "moment", [datetime(2026, 8, 10, tzinfo=timezone.utc), datetime(2026, 11, 24, tzinfo=timezone.utc)]
)
async def test_search_finds_only_what_is_in_force_that_day(c: Community, clock: FakeClock, moment: datetime) -> None:
    clock.time = moment
    day = moment.date()
    async with c.reading() as uow:
        allowed = {s.name for s in await uow.laws.statutes() if s.in_force(day) and s.kind not in AMENDING}
    for question in (
        "工地夜间施工噪声太大",
        "商标被别人抢注",
        "行贿罪怎么判",
        "农田承包",
        "乡镇企业",
        "食品过期",
        "医保报销",
    ):
        hits = await c.legal.articles(question, day, 20)
        assert hits
        assert {hit.citation.law for hit in hits} <= allowed
        for hit in hits[:3]:
            assert await c.legal.cite(hit.citation.law, hit.citation.label, day) == hit.citation


async def test_a_question_is_answered_from_the_best_there_is(c: Community) -> None:
    for question, kind in (
        ("房东不退押金怎么办", "answer"),
        ("楼上漏水不赔怎么办", "answer"),
        ("专利权的期限是多少年", "articles"),
        ("今天天气怎么样", "none"),
        ("给我讲个笑话", "none"),
    ):
        advice = await legal.advise(c, question)
        assert (question, advice.kind) == (question, kind)
        assert bool(advice.citations) == (kind != "none")


async def test_an_answer_that_cites_a_code_not_yet_in_force_is_not_given_before(c: Community, clock: FakeClock) -> None:
    question = "楼上邻居半夜吵得睡不着，怎么办"
    assert "生态环境法典" in "".join(found.law for found in (await legal.advise(c, question)).citations)
    clock.time = datetime(2026, 8, 10, tzinfo=timezone.utc)
    advice = await legal.advise(c, question)
    assert advice.answer is None
    assert "生态环境法典" not in "".join(found.law for found in advice.citations)


async def test_no_reply_of_sixty_made_up_conversations_says_anything_false_about_the_law(c: Community) -> None:
    """`./linshe laws converse --count 1000` holds a thousand."""
    await run.add_resident(c)
    found = await run.converse(c, 60, seed=2)
    assert found["examples"] == []
    assert found["false"] == 0
    # It is no proof when nothing was said.
    assert found["conversations"] == 60
    assert found["replies"] >= found["messages"] > 100
    assert found["quotes"] > 100
    assert found["citations"] > 100
    assert found["denials"] > 5


async def test_a_writer_that_lies_is_never_heard_and_what_is_true_is(c: Community) -> None:
    await run.add_resident(c)
    found = await run.converse(c, 30, seed=4, lying=True)
    assert found["examples"] == []
    assert set(found["writer"]["said"]) == {TRUE}
    assert sum(found["writer"]["told"].values()) > 2 * found["writer"]["said"][TRUE]


SPOILT: tuple[tuple[Callable[[str], str], str], ...] = (
    (lambda reply: reply.replace("《民法典》第", "《民法典》第九千", 1), "no_article"),
    (lambda reply: re.sub(r"(起施行）[：:\n])(.)", r"\1不\2", reply), "quotation"),
    (lambda reply: reply.replace("2021年1月1日", "2020年1月1日"), "quotation"),
    (lambda reply: reply.replace("《民法典》", "《邻里关系法》"), "unknown_law"),
    (lambda reply: reply + "\n也见《噪声污染防治法》第一条。", "not_in_force"),
    (lambda reply: reply + "\n婚姻法也这么说。", "names a law that has ended"),
    (lambda reply: reply + "\n《民法典》现行有效，但里面没有第一条，请核对一下条号。", "denied although it stands"),
    (lambda reply: reply + "\n《中华人民共和国刑法》已经不再施行，不能再引用。", "denied although it stands"),
    (lambda reply: reply + "\n依据：《民法典》第一条第九款。", "no_paragraph"),
)


async def test_what_is_made_up_in_a_reply_is_counted_as_false(c: Community) -> None:
    await run.add_resident(c)
    table = await read_table(c, TODAY)
    runtime.use(c)
    try:
        talk = run.Talk()
        await talk.say("房东不退押金怎么办")
        talk.buttons = talk.buttons[:1]  # the text of its articles
        replies = [*await talk.press(Random(1)), *await run.Talk().say("民法典942条")]
    finally:
        runtime.release()
    for reply in replies:
        assert "《民法典》" in reply
        assert (await check(c, reply, table, TODAY)).wrong == []
        for spoil, said in SPOILT:
            assert any(wrong.startswith(said) for wrong in (await check(c, spoil(reply), table, TODAY)).wrong), (said, reply)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("《全国人民代表大会常务委员会关于加强经济工作监督的决定》条目一", []),
        ("《全国人民代表大会常务委员会关于批准《国务院关于工人退休、退职的暂行办法》的决议》全文", []),
        ("《全国人民代表大会常务委员会关于加强经济工作监督的决定》第三条", ["no_article"]),
        ("《全国人民代表大会常务委员会关于加强邻里工作的决定》", ["unknown_law"]),
        ("《噪声污染防治法》", ["not_in_force"]),
    ],
)
async def test_a_decision_whose_parts_are_no_articles_stands_all_the_same(c: Community, text: str, wrong: list[str]) -> None:
    assert [one.wrong for one in await find_false(c, text, TODAY)] == wrong
