"""Legal advice as a conversation: what leans on what was said before, what is asked back, what comes first, and whether it helped."""

from __future__ import annotations

from datetime import timedelta

from community.model.advice import AdviceGiven
from community.ports import Community
from tests.conversation.servers import City
from tests.conversation.talk import Talk


async def newest(c: Community, resident_id: int) -> AdviceGiven:
    async with c.reading() as uow:
        counts = [await uow.advice.get(number) for number in range(1, 500)]
        mine = [given for given in counts if given is not None and given.resident_id == resident_id]
        return mine[-1]


def test_the_text_of_the_articles_is_a_digit_away(resident: Talk) -> None:
    resident.say("房东不退押金怎么办")
    said = resident.say("1")
    assert "《民法典》第七百三十三条" in said
    assert "租赁期限届满，承租人应当返还租赁物" in said


def test_a_short_question_after_an_answer_is_about_that_answer(resident: Talk) -> None:
    resident.say("房东不退押金怎么办")
    assert "押金收据" in resident.say("要带什么")
    assert "人民调解委员会" in resident.say("那去哪办")
    assert "第七百三十三条" in resident.say("法条原文")


def test_and_what_about_keeps_what_was_said_before(resident: Talk) -> None:
    resident.say("物业费可以不交吗")
    said = resident.say("要是房子空着呢")
    assert "空置" in said
    assert "《民法典》" in said


def test_a_new_trouble_after_an_answer_is_a_report(resident: Talk) -> None:
    resident.say("物业费可以不交吗")
    assert "什么时候开始" in resident.say("楼道灯坏了，3幢2单元")
    resident.say("取消")


def test_the_caution_is_said_once_a_day(resident: Talk) -> None:
    assert "仅供参考" in resident.say("买到假货能赔多少")
    assert "仅供参考" not in resident.say("治安管理处罚法58条")


def test_whether_it_helped_is_kept_and_may_be_changed(resident: Talk, city: City) -> None:
    resident.say("买到假货能赔多少，我电话13912345678")
    assert "谢谢" in resident.tap("有用")
    given = city.ask(lambda c: newest(c, resident.resident.id))
    assert given.useful is True
    assert given.codes == ["consumer-fake-goods"]
    assert "13912345678" not in given.question


def test_what_was_of_no_use_offers_others_and_waits_for_a_trainer(resident: Talk, city: City) -> None:
    resident.say("退租了房东不退押金")
    said = resident.tap("没用")
    assert "没帮上忙" in said
    assert resident.titles()[-1] == "找社区律师"

    async def waiting(c: Community) -> list[str]:
        async with c.reading() as uow:
            return [given.kind for given in await uow.advice.wanting(c.clock.now() - timedelta(hours=1), 50, 0)]

    assert "answer" in city.ask(waiting)


def test_where_none_is_sure_one_is_chosen_by_a_digit(resident: Talk) -> None:
    said = resident.say("高息理财平台跑路了钱拿得回来吗法律怎么说")
    if "您想问的是哪一个" not in said:
        said = resident.say("老板跑了工人工资法律上怎么要")
    assert "您想问的是哪一个" in said
    assert resident.titles()[-1] == "都不是"
    assert "依据：《" in resident.say("1")


def test_none_of_the_offered_ones_leads_to_articles_or_the_lawyer(resident: Talk) -> None:
    resident.say("老板跑了工人工资法律上怎么要")
    if resident.titles()[-1] == "都不是":
        resident.tap("都不是")
    assert "找社区律师" in resident.titles()


def test_the_fact_that_decides_is_asked_for(resident: Talk) -> None:
    said = resident.say("人在看守所，家属见不到，律师能见吗")
    if resident.titles() and resident.titles()[-1] == "都不是，说不清":
        assert "依据" not in said
        said = resident.tap("都不是，说不清")
    assert "依据：《" in said


def test_violence_at_home_hears_the_number_first(resident: Talk) -> None:
    for words in ("老公打我怎么办", "被老公打了可以离婚吗"):
        said = resident.say(words)
        first = said.splitlines()[0]
        assert "110" in first, said
        assert "请人调解" not in resident.titles()


def test_an_article_that_stood_under_another_number_is_shown_as_it_stands_today(resident: Talk) -> None:
    said = resident.say("治安管理处罚法第58条写的什么")
    # Noise was article 58 until 2025; it is theft and fraud since 2026-01-01.
    assert "2026年1月1日起施行" in said
    assert "盗窃、诈骗" in said
    assert "噪声污染防治法" not in resident.say("噪声污染防治法第六十五条").replace("《噪声污染防治法》", "")
