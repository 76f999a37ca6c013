"""Several problems in one breath: one card, a ticket each, and every one of them can be dropped or changed before it is filed."""

from __future__ import annotations

import re

from community.model.category import Category
from community.services import tickets
from tests.conversation.servers import City
from tests.conversation.talk import Talk

BREATH = "剡溪花园5幢1单元电梯坏了两天了，还有楼下垃圾桶满出来没人收"


def card_of(resident: Talk, words: str = BREATH) -> str:
    said = resident.say(words)
    for _ in range(3):
        if "1 提交" in said:
            return said
        said = resident.say("跳过")
    raise AssertionError(said)


def numbers(text: str) -> list[str]:
    return re.findall(r"工单号 (\d{6})", text)


def test_two_problems_become_two_tickets_of_one_place(resident: Talk, city: City) -> None:
    card = card_of(resident)
    assert "2件事" in card
    assert "①电梯" in card
    assert "②环境卫生" in card
    done = resident.say("1")
    filed = [city.ask(lambda c, n=n: tickets.progress(c, resident.resident.id, n)).ticket for n in numbers(done)]
    assert [ticket.category for ticket in filed] == [Category.ELEVATOR, Category.SANITATION]
    assert {ticket.place_text for ticket in filed} == {"剡溪花园5幢1单元"}
    assert "电梯" not in filed[1].words


def test_one_of_them_can_be_dropped(resident: Talk) -> None:
    card_of(resident)
    card = resident.say("第2件不要")
    assert "垃圾桶" not in card
    assert len(numbers(resident.say("1"))) == 1


def test_the_first_can_be_dropped_and_the_place_stays(resident: Talk, city: City) -> None:
    card_of(resident)
    assert "地点：剡溪花园5幢1单元" in resident.say("第一件不要")
    (number,) = numbers(resident.say("1"))
    ticket = city.ask(lambda c: tickets.progress(c, resident.resident.id, number)).ticket
    assert (ticket.category, ticket.place_text) == (Category.SANITATION, "剡溪花园5幢1单元")


def test_what_is_one_thing_after_all_can_be_joined(resident: Talk) -> None:
    card_of(resident)
    card = resident.say("合成一件")
    assert "电梯坏了两天了" in card
    assert "垃圾桶满出来" in card
    assert len(numbers(resident.say("1"))) == 1


def test_one_of_them_can_be_said_anew(resident: Talk, city: City) -> None:
    card_of(resident)
    card = resident.say("第2件改成楼道灯不亮")
    assert "②照明：楼道灯不亮" in card
    _, second = numbers(resident.say("1"))
    assert city.ask(lambda c: tickets.progress(c, resident.resident.id, second)).ticket.category == Category.LIGHTING


def test_a_problem_at_another_place_goes_to_that_place(resident: Talk, city: City) -> None:
    card_of(resident, "剡溪花园5幢1单元电梯坏了两天了，还有3幢楼下垃圾桶满出来没人收")
    places = [
        city.ask(lambda c, n=n: tickets.progress(c, resident.resident.id, n)).ticket.place_text
        for n in numbers(resident.say("1"))
    ]
    assert places[0].startswith("剡溪花园5幢")
    assert "3幢" in places[1]


def test_the_same_confirmation_twice_files_each_once(resident: Talk, city: City) -> None:
    card_of(resident)
    first = numbers(resident.say("1"))
    again = resident.send("提交", message_id=resident.last_id)
    assert numbers(again) == first
    mine = city.ask(lambda c: tickets.mine(c, resident.resident.id))
    assert sorted(ticket.number for ticket in mine) == sorted(first)
