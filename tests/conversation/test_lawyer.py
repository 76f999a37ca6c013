"""The community's lawyer in conversation: a time by a digit, changed and given back in words; and whether legal aid may be had."""

from __future__ import annotations

from community.model.conversation import Holder, Topic
from community.ports import Community
from tests.conversation.servers import City
from tests.conversation.talk import Talk


async def conversation(c: Community, resident_id: int) -> tuple[Holder, Topic]:
    async with c.reading() as uow:
        found = await uow.conversations.of_resident(resident_id)
        assert found is not None
        return found.holder, found.topic


def test_a_time_is_booked_by_a_digit_with_the_question_and_given_back_in_words(resident: Talk) -> None:
    resident.say("房东不退押金怎么办")
    said = resident.tap("找社区律师")
    assert "哪个时间方便" in said
    assert resident.titles()[-1] == "现在就找人说"
    booked = resident.say("1")
    assert "约好了" in booked
    assert "房东不退押金" in booked
    assert "您约的是" in resident.say("我约的律师是什么时候")
    assert "要取消吗" in resident.say("取消约的律师")
    assert "已经取消" in resident.say("1")


def test_a_day_without_a_lawyer_is_said_and_the_next_times_are_offered(resident: Talk) -> None:
    said = resident.say("我想星期天约律师")
    assert "那天没有律师值班" in said
    assert resident.titles()[-1] == "现在就找人说"


def test_somebody_now_is_the_last_choice(resident: Talk, city: City) -> None:
    resident.say("我要找律师")
    resident.tap("现在就找人说")
    assert city.ask(lambda c: conversation(c, resident.resident.id)) == (Holder.WAITING, Topic.LEGAL)


def test_a_wage_claim_of_a_migrant_worker_may_have_legal_aid(resident: Talk) -> None:
    assert "哪一类事" in resident.say("没钱打官司，能申请法律援助吗")
    resident.tap("讨工资")
    said = resident.tap("进城务工")
    assert "可以申请" in said
    assert "依据：《法律援助法》" in said
    assert "第四十二条" in said
    assert "12348" in said


def test_violence_at_home_has_legal_aid_without_a_look_at_means(resident: Talk) -> None:
    resident.say("请不起律师怎么办")
    said = resident.tap("家暴")
    assert "不看家里有没有钱" in said
    assert "第三十二条" in said


def test_who_gets_by_is_told_honestly_that_it_may_not_do(resident: Talk) -> None:
    resident.say("我能申请法律援助吗")
    resident.tap("交通事故")
    resident.tap("都不是")
    said = resident.tap("还过得去")
    assert "可能不够" in said
    assert "约社区律师" in resident.titles()
