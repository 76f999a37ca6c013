"""Legal advice: the exact article, an honest no, and always a way on to the lawyer."""

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


def test_an_answer_names_law_and_article_shortly_and_what_to_do(resident: Talk) -> None:
    said = resident.say("房东不退押金怎么办")
    assert "起施行" not in said
    for word in ("依据：《民法典》第", "怎么办", "带上", "去哪", "仅供参考"):
        assert word in said
    assert resident.titles() == ["看法条原文", "找社区律师", "请人调解", "有用", "没用"]
    assert "1 看法条原文　2 找社区律师" in said


def test_a_named_article_is_shown_as_it_stands(resident: Talk) -> None:
    said = resident.say("民法典第942条说什么")
    assert "《民法典》第九百四十二条（2021年1月1日起施行）" in said
    assert "物业服务人应当按照约定" in said


def test_an_article_that_is_not_there_is_never_made_up(resident: Talk) -> None:
    said = resident.say("民法典第9999条说什么")
    assert "没有第九千九百九十九条" in said
    assert "找社区律师" in resident.titles()


def test_the_lawyer_is_asked_by_the_digit_with_the_question_as_reason(resident: Talk, city: City) -> None:
    resident.say("房东不退押金怎么办")
    assert "哪个时间方便" in resident.say("2")
    resident.tap("现在就找人说")
    assert city.ask(lambda c: conversation(c, resident.resident.id)) == (Holder.WAITING, Topic.LEGAL)


def test_legal_advice_chosen_without_a_question_asks_for_it_and_takes_any_words(resident: Talk) -> None:
    resident.say("你能做什么")
    assert "一句话" in resident.say("4")
    # Outside of this it would be a report.
    assert "《民法典》" in resident.say("楼上漏水漏到我家，谁赔")


def test_the_question_can_be_left(resident: Talk) -> None:
    resident.say("你能做什么")
    resident.say("4")
    assert "好的" in resident.say("2")
    assert "在什么地方" in resident.say("电梯坏了")


def test_a_question_nobody_can_answer_says_so(resident: Talk) -> None:
    resident.say("你能做什么")
    resident.say("4")
    said = resident.say("qwert zxcvb")
    assert "没有找到" in said
    assert "找社区律师" in resident.titles()


def test_an_article_s_number_alone_is_asked_about_and_a_digit_answers(resident: Talk) -> None:
    said = resident.say("第一千零八十七条")
    assert "哪部法律" in said
    assert resident.titles() == ["《民法典》第一千零八十七条"]
    assert "《民法典》第一千零八十七条（2021年1月1日起施行）" in resident.say("1")
