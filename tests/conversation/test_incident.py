"""A building without water: what the third neighbour reads, and the fourth, who need not report it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from community.services import incident_acts, tickets
from tests.conversation.servers import City
from tests.conversation.talk import Talk
from tests.conversation.test_report import number_in

Someone = Callable[..., Talk]
SAID = {
    "鹿山苑/1/1/101": "家里停水了，孩子等着洗澡，刚停的",
    "鹿山苑/1/1/502": "自来水没有了，今天早上开始的",
    "鹿山苑/1/2/101": "停水了，一滴水都没有，半小时了",
}


def card_of(talk: Talk, words: str) -> str:
    """Say it, and answer what is asked until the card is there."""
    said = talk.say(words)
    for answer in ("今天刚发生", "跳过", "跳过"):
        if "1 提交" in said:
            break
        said = talk.say("今天刚发生" if "什么时候" in said else answer if "什么地方" not in said else "我家")
    assert "1 提交" in said, said
    return said


def test_the_fourth_neighbour_reads_what_is_known_and_is_counted_with_one_digit(someone: Someone, city: City) -> None:
    talks, done = [], ""
    for home, words in SAID.items():
        talks.append(someone(home))
        card_of(talks[-1], words)
        done = talks[-1].say("1")
        number_in(done)
    assert "这里已有3户反映同一件事，一起办" in done
    own = [city.ask(lambda c, talk=talk: tickets.mine(c, talk.resident.id))[0] for talk in talks]
    mark = own[0].incident
    assert mark is not None
    assert [view.incident.id if view.incident else None for view in own] == [mark.id] * 3

    fourth = someone("鹿山苑/1/2/502")
    card = card_of(fourth, "厨房水龙头不出水了，今天停水吗")
    assert "已知：这里的停水水压问题" in card
    assert "已有3户反映，由网格员周敏负责，承诺" in card
    assert "8 我也遇到" in card
    for theirs in ("洗澡", "一滴水", "居民T"):
        assert theirs not in card
    desk2 = city.small.staff["desk2"].id
    fourth.say("7")

    async def expect(c: object) -> int:
        until = c.clock.now() + timedelta(hours=5)  # type: ignore[attr-defined]
        return await incident_acts.expect(c, desk2, mark.id, until, "水泵坏了正在换", "conversation:expect")  # type: ignore[arg-type]

    assert city.ask(expect) == 3
    card = card_of(fourth, "厨房水龙头不出水了，今天停水吗")
    assert "社区工作者何军预计" in card
    assert "前好（水泵坏了正在换）" in card
    said = fourth.say("8")
    assert own[0].number in said
    assert "一共4户" in said
    assert "水泵坏了正在换" in said
    assert [view.following for view in city.ask(lambda c: tickets.mine(c, fourth.resident.id))] == [True]
    assert "已有4户反映，一起在办" in talks[0].say("进度")
