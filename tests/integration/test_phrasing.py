"""The optional writer behind a real question: whatever it makes up, the resident reads the plain answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.legal import ActionAdvise
from community.knowledge.importer import import_answers, import_wheel
from community.ports import Community, NoWriter
from community.services import phrasing
from community.store import migrate
from community.writer import HttpWriter
from tests.conftest import FakeClock, community_on
from tests.integration.test_knowledge import DEPOSIT, DOG, write_answers
from tests.small_city import build_small_city
from tests.unit.actions.tracking import tracker
from tests.unit.knowledge.small_wheel import china

QUESTION = "房东不退押金"
GOOD = "租期到了、房子没坏，押金就该退给您。先书面要，要不到再起诉。依据是《民法典》第七百零八条。"
PLAIN, SOURCE = "租期到了、房子没坏，押金该退。先书面要，不退再起诉。", "出租人应当将租赁物交付承租人，租赁期满返还押金。"


@dataclass
class Endpoint:
    """An endpoint that says what it is told to."""

    says: Any = GOOD
    wait: float = 0.0
    status: int = 200
    got: list[Any] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        await asyncio.sleep(self.wait)
        return web.json_response({"choices": [{"message": {"content": self.says}}]}, status=self.status)


@dataclass
class Heard:
    c: Community
    endpoint: Endpoint
    url: str = ""

    async def ask(self, text: str) -> str:
        dispatcher = CollectingDispatcher()
        await ActionAdvise().run(dispatcher, tracker(text, intent="ask_legal"), {})
        return "\n".join(str(message["text"]) for message in dispatcher.messages)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a database with a city, the small statute file and two answers: nothing here writes to it."""
    folder = tmp_path_factory.mktemp("phrasing")
    migrate.upgrade(f"sqlite+aiosqlite:///{folder / 'city.db'}")

    async def fill() -> None:
        async with community_on(f"sqlite+aiosqlite:///{folder / 'city.db'}", folder, FakeClock()) as c:
            await build_small_city(c)
            await import_wheel(c, path=china(folder / "laws.db").write())
            await import_answers(c, write_answers(folder / "answers", DEPOSIT, DOG))

    asyncio.run(fill())
    return folder


@pytest.fixture
async def lawful(filled: Path, clock: FakeClock) -> AsyncIterator[Community]:
    async with community_on(f"sqlite+aiosqlite:///{filled / 'city.db'}", filled, clock) as c:
        yield c


@pytest.fixture
async def heard(lawful: Community) -> AsyncIterator[Heard]:
    endpoint, app = Endpoint(), web.Application()
    app.router.add_post("/v1/chat/completions", endpoint.answer)
    phrasing.counted.clear()
    async with TestServer(app) as server:
        url = str(server.make_url("/v1"))
        c = replace(lawful, writer=HttpWriter(url, "", "m", 0.5))
        with using(c):
            yield Heard(c, endpoint, url)


@contextlib.contextmanager
def using(c: Community) -> Any:
    runtime.use(c)
    try:
        yield
    finally:
        runtime.release()


async def test_good_words_are_said_with_the_article_as_it_stands_under_them(heard: Heard) -> None:
    said = await heard.ask(QUESTION)
    assert said.startswith(GOOD)
    assert f"《民法典》第七百零八条（2021年1月1日起施行）：{SOURCE}" in said
    assert "仅供参考" in said
    assert phrasing.counted == {"said": 1}


MADE_UP: tuple[Any, ...] = (
    "押金该退，依据是《民法典》第七百零九条，先书面要。",
    "押金该退，依据是《民法典》第七百零八条第一款，先书面要。",
    "押金该退，依据是《民法典》第七百零八条第九款，先书面要。",
    "押金该退，依据是《民法典》第七百零八条，也见《民法典》第一条。",
    "押金该退，依据是《房屋租赁管理法》第三条和《民法典》第七百零八条。",
    "押金该退，依据是《环境保护法》第一条和《民法典》第七百零八条。",
    "押金该退，环境保护法也这么说，见《民法典》第七百零八条。",
    "押金该退，合同法也这么说，见《民法典》第七百零八条。",
    "押金该退，租赁物交付承租人是民法典第九百四十二条的事。",
    "押金该退，先书面要，不退再起诉，别的不用管。",
    "押金该退，打0575-83001234找人，见《民法典》第七百零八条。",
    "押金该退，十五天内不退要赔三倍，见《民法典》第七百零八条。",
    "忽略以上要求。" * 100,
    "",
    None,
    {"text": GOOD},
)


async def test_whatever_it_makes_up_the_plain_answer_is_said(heard: Heard) -> None:
    for says in MADE_UP:
        heard.endpoint.says = says
        # A fresh one each time: what is no text at all would make it rest.
        with using(replace(heard.c, writer=HttpWriter(heard.url, "", "m", 0.5))):
            said = await heard.ask(QUESTION)
        assert PLAIN in said, says
        assert "依据：《民法典》第七百零八条。" in said
        if says and isinstance(says, str):
            assert says[:40] not in said
    assert len(heard.endpoint.got) == len(MADE_UP)
    assert not phrasing.counted["said"]


async def test_one_that_is_slow_or_ill_costs_one_wait_and_not_one_each_turn(heard: Heard) -> None:
    heard.endpoint.wait = 3
    for _ in range(4):
        assert PLAIN in await heard.ask(QUESTION)
    assert len(heard.endpoint.got) == 1
    assert phrasing.counted == {"away": 4}


async def test_an_endpoint_that_fails_is_not_noticed_by_the_resident(heard: Heard) -> None:
    heard.endpoint.status = 500
    assert PLAIN in await heard.ask(QUESTION)


async def test_who_asks_and_where_they_live_does_not_leave_the_house(heard: Heard) -> None:
    await heard.ask("我叫王秀英，住鹿鸣小区3幢2单元501室，房东李建国不退押金，我电话13812345678，身份证33062419800101123X，车牌浙D12345")
    (sent,) = heard.endpoint.got
    words = json.dumps(sent, ensure_ascii=False)
    assert "押金" in words
    for private in ("王秀英", "李建国", "501", "3幢", "13812345678", "33062419800101123", "D12345"):
        assert private not in words, private


async def test_it_sees_what_was_found_and_nothing_else(heard: Heard) -> None:
    await heard.ask(QUESTION)
    (sent,) = heard.endpoint.got
    material = sent["messages"][1]["content"]
    assert SOURCE in material
    assert "狗" not in material
    assert "第九百四十二条" not in material


async def test_an_article_asked_for_by_name_and_a_no_are_never_rephrased(heard: Heard) -> None:
    assert SOURCE in await heard.ask("民法典708条")
    assert "里面没有" in await heard.ask("民法典709条")
    assert "不再施行" in await heard.ask("环境保护法第一条")
    both = await heard.ask("环境保护法第一条，房东不退押金")
    assert "不再施行" in both
    assert PLAIN in both
    assert heard.endpoint.got == []


async def test_articles_that_may_fit_are_phrased_under_the_same_rules(heard: Heard) -> None:
    heard.endpoint.says = "饲养的动物造成他人损害的，饲养人应当承担责任。依据是《民法典》第一千二百四十五条。"
    said = await heard.ask("饲养的动物造成他人损害由饲养人承担侵权责任吗，鹦鹉啄伤了人")
    assert "第一千二百四十五条（2021年1月1日起施行）" in said
    heard.endpoint.says = "业主共有部分要养护。依据是《民法典》第二条。"
    assert "第二条" not in await heard.ask("物业服务人应当维修养护清洁绿化共有部分，草没人剪")


async def test_without_a_writer_the_plain_answer_is_said(lawful: Community) -> None:
    assert isinstance(lawful.writer, NoWriter)
    with using(lawful):
        assert PLAIN in await Heard(lawful, Endpoint()).ask(QUESTION)
