"""A conversation as trainers read it, and kept as a test of nobody; on both databases."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.knowledge.wording import LexiconWording
from community.model.message import Button, Reply
from community.model.understanding import Heard
from community.ports import Community
from community.services import inbound, labels, talk_cases, teaching
from community.services.inbound import Answered, Incoming
from community.services.talk_cases import CaseView, Kept
from community.services.understandings import of_message
from ops.context import Context
from ops.teaching import compare, talks, writing
from tests.conftest import FakeClock
from tests.small_city import SmallCity

ROOT = Path(__file__).resolve().parents[2]
UNSURE = Heard("nlu_fallback", 0.3, (("report", 0.31), ("out_of_scope", 0.28)), "lighting", 0.2, "m1")
CARD = "请核对：\n地点：鹿山苑1幢1单元101室\n联系电话：13812345678\n没问题回复“提交”。王强会来看。"


@pytest.fixture
def c(community: Community) -> Community:
    return dataclasses.replace(community, wording=LexiconWording(ROOT / "data/lexicon"))


async def say(c: Community, city: SmallCity, key: str, text: str, *replies: Reply) -> None:
    who = city.residents["R0001"]
    await inbound.receive(c, Incoming("webchat", who.id, key, text))
    [message] = await inbound.claim(c, "w")
    assert await inbound.finish(c, "w", [Answered(message.id, replies, "", UNSURE)]) == [True]


async def talked(c: Community, city: SmallCity, clock: FakeClock) -> int:
    """A report in three lines, an hour and more after something else; the id of its last line in the queue."""
    await say(c, city, "k0", "昨天的事谢谢你们", Reply("不客气。"))
    clock.forward(hours=2)
    when = (Button("今天", "/a"), Button("有2天了", "/b"))
    await say(c, city, "k1", "我叫李秀英，鹿山苑1幢1单元101室的路灯坏了", Reply("好的，记下了。什么时候开始的？", when))
    await say(c, city, "k2", "今天", Reply("知道了。\n要发照片吗？", (Button("没有照片", "/c"),)))
    await say(c, city, "k3", "没有，电话13812345678", Reply(CARD, (Button("提交", "/d"), Button("取消", "/e"))))
    groups = (await teaching.queue(c, city.staff["trainer"].id)).groups
    return next(line.id for group in groups for line in group.lines if line.text.startswith("没有，电话"))


def who(city: SmallCity, login: str = "trainer") -> int:
    return city.staff[login].id


async def keep(c: Community, city: SmallCity, number: int, why: str = "", login: str = "trainer") -> CaseView:
    shown = await talk_cases.around(c, who(city), [number])
    return await talk_cases.keep(c, who(city, login), number, [Kept(t.key, t.usual, t.buttons) for t in shown.turns], why)


async def test_what_was_said_around_it_names_nobody(c: Community, city: SmallCity, clock: FakeClock) -> None:
    shown = await talk_cases.around(c, who(city), [await talked(c, city, clock)])
    assert [line.direction for line in shown.lines] == ["in", "out"] * 4
    assert [line.here for line in shown.lines].index(True) == 6
    text = " ".join(line.text for line in shown.lines)
    assert "鹿山苑1幢" in text
    for private in ("李秀英", "13812345678", "101"):
        assert private not in text


async def test_what_is_kept_is_said_by_nobody_and_asks_for_what_any_city_would_say(c: Community, city: SmallCity, clock: FakeClock) -> None:
    number = await talked(c, city, clock)
    shown = await talk_cases.around(c, who(city), [number])
    assert [turn.say for turn in shown.turns] == [
        "我叫王阿姨，剡溪花园3幢2单元502室的路灯坏了", "今天", "没有，电话13800000000"
    ]  # fmt: skip
    assert [turn.usual for turn in shown.turns] == [("好的，记下了。",), ("知道了。",), ("请核对：",)]
    assert shown.turns[0].buttons == ("今天",), "how many days is another matter every time"
    assert shown.turns[2].answer == ("请核对：", "没问题回复“提交”。"), "neither whose telephone nor who comes"
    made = await keep(c, city, number, "这样问才对")
    assert (made.says[-1], made.state_name, made.ran) == ("没有，电话13800000000", "等下次训练", "还没跑过")
    assert [event.did for event in await labels.history(c, who(city))] == ["做成对话测试：没有，电话13800000000"]
    assert (await keep(c, city, number)).id == made.id
    assert len(await labels.history(c, who(city))) == 1, "the same again is nothing new"
    assert (await teaching.queue(c, who(city))).ready == 1


async def test_words_that_nobody_answered_cannot_be_asked_for(c: Community, city: SmallCity, clock: FakeClock) -> None:
    number = await talked(c, city, clock)
    last = (await talk_cases.around(c, who(city), [number])).turns[-1]
    for wanted, why in (
        ([Kept(last.key, ("李秀英住在这里",))], "对不上"),
        ([Kept(last.key)], "至少选一处"),
        ([], "先选"),
        ([Kept("in-999999", last.usual)], "先选"),
    ):
        with pytest.raises(InvalidInput, match=why):
            await talk_cases.keep(c, who(city), number, wanted)
    with pytest.raises(NotFound):
        await talk_cases.around(c, who(city), [999_999])
    for act in (talk_cases.around(c, who(city, "desk1"), [number]), talk_cases.listed(c, who(city, "grid1"))):
        with pytest.raises(Forbidden):
            await act


async def test_a_message_without_a_conversation_gives_way_to_one_of_the_same_words(c: Community, city: SmallCity) -> None:
    await say(c, city, "k1", "饭卡余额怎么查", Reply("去服务台。"))
    async with c.uow() as uow:
        older = of_message("demo-1", city.residents["R0002"].id, c.clock.now(), "饭卡余额怎么查", UNSURE)
        await uow.understandings.add_all([older])
        await uow.commit()
    [group] = (await teaching.queue(c, who(city))).groups
    first = sorted(group.ids, reverse=True)
    assert (await talk_cases.around(c, who(city), first[:1])).why_not == "这一句没有留下前后文。"
    shown = await talk_cases.around(c, who(city), first)
    assert (shown.id, [line.text for line in shown.lines]) == (first[1], ["饭卡余额怎么查", "去服务台。"])


async def test_two_trainers_who_keep_one_conversation_at_once_keep_it_once(c: Community, city: SmallCity, clock: FakeClock) -> None:
    number = await talked(c, city, clock)
    both = (keep(c, city, number, "a", "trainer"), keep(c, city, number, "b", "operator"))
    done = await asyncio.gather(*both, return_exceptions=True)
    assert len(await talk_cases.to_write(c)) == 1
    assert all(isinstance(one, CaseView | Conflict) for one in done), done


async def test_a_ticket_of_another_city_is_not_asked_for(c: Community, city: SmallCity) -> None:
    await say(c, city, "k1", "100014办得怎么样了", Reply("正在办。"))
    [group] = (await teaching.queue(c, who(city))).groups
    [turn] = (await talk_cases.around(c, who(city), group.ids)).turns
    assert "工单号" in turn.why_not
    with pytest.raises(InvalidInput, match="工单号"):
        await talk_cases.keep(c, who(city), group.ids[0], [Kept(turn.key, turn.usual)])


async def test_a_kept_conversation_becomes_a_file_and_the_file_goes_when_it_is_taken_back(
    c: Community, city: SmallCity, clock: FakeClock, tmp_path: Path
) -> None:
    made = await keep(c, city, await talked(c, city, clock))
    (tmp_path / "data/nlu").mkdir(parents=True)
    context = cast(Context, SimpleNamespace(root=tmp_path, var=tmp_path / "var"))

    async def write() -> None:
        found = await writing.waiting(c)
        await writing.keep(c, found, writing.write(context, found, 7, print))

    await write()
    path = tmp_path / talks.path_of(made.id)
    kept = talks.read(path)
    assert kept["home"] is True
    assert kept["turns"][1] == {"say": "今天", "answer": ["知道了。"], "buttons": ["没有照片"]}
    assert "李秀英" not in path.read_text("utf-8")
    [shown] = await talk_cases.listed(c, who(city))
    assert (shown.state_name, shown.file, shown.change) == ("已是测试", f"taught/{made.id:04d}.yml", "change-7")
    await talk_cases.ran(c, {made.id: "知道了。", 999_999: ""})
    [shown] = await talk_cases.listed(c, who(city))
    assert (shown.ran, shown.missing) == ("没通过", "知道了。")
    await talk_cases.ran(c, {made.id: ""})
    [shown] = await talk_cases.listed(c, who(city))
    assert (shown.ran, shown.missing) == ("通过", "")
    await talk_cases.undo(c, who(city), made.id)
    with pytest.raises(Conflict, match="先训练一次"):
        await keep(c, city, 3)
    await write()
    assert not path.exists()
    assert (await talk_cases.listed(c, who(city)))[0].state_name == "已拿掉"


def test_a_comparison_says_of_each_kept_conversation_whether_it_went_on(tmp_path: Path) -> None:
    report = tmp_path / "conversation.xml"
    name = "test_a_kept_conversation_goes_on_as_it_did"
    bad = f'<testcase classname="t" name="{name}[0012]"><failure message="AssertionError: “按钮” is gone:&#10;x"/></testcase>'
    good = f'<testcase classname="t" name="{name}[0003]"/><testcase name="test_x"/>'
    bad += f'<testcase classname="t" name="{name}[0013]"><error message="no Rasa"/></testcase>'
    report.write_text(f"<testsuite>{good}{bad}</testsuite>", encoding="utf-8")
    assert compare.kept_conversations(report) == {3: "", 12: "按钮", 13: "没有跑完"}
    assert compare.kept_conversations(tmp_path / "none.xml") == {}


