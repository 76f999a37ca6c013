"""A form left half way, from the resident's words to the trainers' queue: what the gateway passes on is passed on here."""

from __future__ import annotations

from collections.abc import Callable

from community.ports import Community
from community.services import inbound, teaching
from community.services.inbound import Answered, Incoming
from gateway.rasa_client import _heard
from tests.conversation.servers import City
from tests.conversation.talk import Talk


def turn(city: City, talk: Talk, text: str) -> str:
    """One message as the worker handles it: kept, asked, finished. Returns what was answered."""

    async def work(c: Community) -> int:
        await inbound.receive(c, Incoming("webchat", talk.resident.id, f"{talk.resident.key}:{len(talk.lines)}", text))
        [message] = await inbound.claim(c, "w")
        return message.id

    number = city.ask(work)
    talk.last_id = f"in-{number}"
    status, answer = talk.post(text)
    assert status == 200
    talk.lines.append(text)
    finished = Answered(number, (), "", _heard(answer.get("understood")), answer["form"])
    assert city.ask(lambda c: inbound.finish(c, "w", [finished])) == [True]
    return "\n".join(reply["text"] for reply in answer["replies"])


def left(city: City) -> dict[str, tuple[str, ...]]:
    shown = city.ask(lambda c: teaching.queue(c, city.small.staff["trainer"].id, "abandoned"))
    return {line.text: line.doubts for group in shown.groups for line in group.lines}


def test_who_says_never_mind_is_seen_by_the_trainers_and_who_files_is_not(city: City, someone: Callable[..., Talk]) -> None:
    first, second, third = someone(), someone(), someone()
    assert "什么" in turn(city, first, "楼下那块地砖翘起来了")
    assert "没有提交" in turn(city, first, "算了")
    turn(city, second, "花坛边上的栏杆断了")
    turn(city, second, "在小区北门")
    for said in ("今天刚发生", "跳过", "提交"):
        answered = turn(city, second, said)
    assert "报上去了" in answered
    turn(city, third, "外墙的砖掉下来一块")
    turn(city, third, "想绑定我家地址")
    turn(city, third, "取消")
    found = left(city)
    assert set(found) >= {"楼下那块地砖翘起来了"}
    assert "一问就算了" in found["楼下那块地砖翘起来了"]
    assert "花坛边上的栏杆断了" not in found
    assert "外墙的砖掉下来一块" in found, third.lines
