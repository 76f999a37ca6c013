"""Several homes, a letter's code, family with consent, and large letters: by words and single digits."""

from __future__ import annotations

import re

from community.ports import Community
from community.services import home_binding, homes, privacy, tickets
from tests.conversation.servers import City
from tests.conversation.talk import Talk
from tests.conversation.test_followup import Someone, report
from tests.conversation.test_mediation import news


def phone(city: City, talk: Talk, number: str) -> None:
    city.ask(lambda c: homes.set_phone(c, talk.resident.id, number))


def name(city: City, talk: Talk, called: str) -> None:
    city.ask(lambda c: homes.set_name(c, talk.resident.id, called))


def file(talk: Talk, words: str) -> str:
    said = talk.say(words)
    for _ in range(6):
        if "提交" in said:
            break
        said = talk.say("跳过") if "什么地方" not in said else talk.say("1")
    return talk.say("提交")


def test_a_home_that_was_only_said_is_verified_by_the_code_on_a_letter(someone: Someone, city: City) -> None:
    talk = someone(None)
    said = talk.say("我住剡溪花园3幢2单元101，帮我绑定一下")
    assert "绑好了" in said
    assert "还没核实" in said
    desk = city.small.staff["desk1"].id
    (letter,) = city.ask(lambda c: home_binding.make_letters(c, desk, "剡溪花园3幢2单元101"))
    assert "8位数字" in talk.say("1")
    assert "核实好了：剡溪花园3幢2单元101室" in talk.say(letter.code)


def test_a_wrong_code_says_so_and_staff_are_one_digit_away(someone: Someone, city: City) -> None:
    talk = someone(None)
    talk.say("我住剡溪花园3幢1单元502，帮我绑定一下")
    talk.say("1")
    assert "对不上" in talk.say("1234 5678")
    assert "请社区核实" in talk.say("1")
    desk = city.small.staff["desk1"].id
    (asked,) = [r for r in city.ask(lambda c: home_binding.requests(c, desk)) if r.room == "剡溪花园3幢1单元502室"]
    city.ask(lambda c: home_binding.decide(c, desk, asked.id, False, "户主说不认识"))
    assert "户主说不认识" in news(city, talk)


def test_who_has_two_homes_is_asked_with_a_digit_which_one_is_meant(resident: Talk, city: City) -> None:
    city.ask(lambda c: homes.bind_home(c, resident.resident.id, "剡溪花园5幢2单元101", f"two-{resident.resident.id}"))
    said = resident.say("我家厕所漏水")
    assert "1 我家这里（剡溪花园5幢2单元101室）" in said
    assert "2 我家这里（剡溪花园3幢2单元502室）" in said
    resident.say("2")
    said = resident.say("跳过")
    assert "剡溪花园3幢2单元502室" in (said if "502" in said else resident.say("跳过"))


def test_the_elder_agrees_by_a_digit_the_carer_follows_and_a_word_ends_it(someone: Someone, city: City) -> None:
    elder, carer = someone(), someone("剡溪花园/5/1/101")
    phone(city, elder, "13712340001")
    name(city, carer, "李小云")
    number = report(elder)
    said = carer.say("我想照看家里老人，怎么加")
    assert "手机号" in said, said
    assert "去问本人" in carer.say("13712340001")
    assert "李小云想帮您看工单" in news(city, elder)
    elder.say("小区里路灯坏了")  # in the middle of a report of their own
    news(city, elder)
    assert "李小云可以帮您看" in elder.say("1")
    elder.say("取消")
    assert number in carer.say(f"{number}到哪一步了")
    said = elder.say("取消授权")
    assert "李小云" in said, said
    assert "解除了" in elder.say("1")
    assert number not in carer.say("我的工单到哪了")


def test_a_carer_reports_for_the_elder_at_the_elders_home(someone: Someone, city: City) -> None:
    elder, carer = someone(), someone("剡溪花园/5/1/502")
    phone(city, elder, "13712340002")
    name(city, elder, "李桂香")
    carer.say("照看家人")
    carer.say("13712340002")
    news(city, elder)
    elder.say("1")
    said = carer.say("替家人报事")
    assert "替李桂香报" in said, said
    said = file(carer, "我家厕所漏水")
    assert "3幢2单元502" in said, said
    mine = city.ask(lambda c: tickets.mine(c, elder.resident.id))
    assert len(mine) == 1
    assert "替您报了" in news(city, elder)


def test_large_letters_come_with_few_words_and_digits_and_go_by_a_word(resident: Talk, city: City) -> None:
    assert "回数字就行" in resident.say("字大一点")

    async def elder(c: Community) -> bool:
        return (await privacy.profile(c, resident.resident.id)).elder

    assert city.ask(elder)
    said = resident.say("我家厕所漏水")
    assert "回前面的数字就行" in said, said
    assert all(len(re.findall("[。！？]", line)) <= 1 for line in said.split("\n")), said
    assert len(resident.titles()) <= 4
    resident.say("取消")
    assert "恢复原样" in resident.say("关掉大字")
    assert not city.ask(elder)


def test_what_will_be_filed_is_read_back_to_an_elder_and_one_is_enough(resident: Talk) -> None:
    resident.say("老年模式")
    said = resident.say("我家厕所漏水，昨天晚上开始")
    for _ in range(4):
        if "提交" in said:
            break
        said = resident.say("1")
    assert "厕所漏水" in said
    assert resident.titles()[0].startswith("提交")
    assert "号码" in resident.say("1")


def test_a_carer_sets_large_letters_for_the_elder(someone: Someone, city: City) -> None:
    elder, carer = someone(), someone("剡溪花园/5/1/101")
    phone(city, elder, "13712340003")
    carer.say("照看家人")
    carer.say("13712340003")
    news(city, elder)
    elder.say("1")
    assert "给谁设" in carer.say("给我妈调成大字的")
    assert "字放大了" in carer.say("1")
    assert "家人帮您开了大字" in news(city, elder)
