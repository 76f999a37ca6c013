"""Words around legal advice: what comes first, what leans on the answer before, what is made unreadable."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from actions.lawyer import _AT_ONCE, _CANCELS
from actions.legal import _says
from chinese.masking import mask
from community.model.law import CuratedAnswer
from community.model.manner import plainly
from community.services.legal_first import AT_HOME, CRIME, MONEY, first_call
from community.services.legal_followup import Shown, asked_of_answer, goes_on, told_of

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text",
    [
        "老公打我怎么办", "我丈夫喝了酒就打我", "被老公打了", "前夫又来打我和孩子", "他昨天又动手打我了，我该怎么办", "家暴怎么取证",
        "婆婆打我", "我爸打我妈", "男朋友掐我脖子，他还打我", "儿子打老人", "他对我动手好几次了", "老婆拿刀砍我", "继父打孩子",
        "公公踹了我一脚，还打我", "被我前男友打伤了",
    ],
)  # fmt: skip
def test_violence_at_home_is_heard(text: str) -> None:
    assert first_call(text) == AT_HOME


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("刚才有人冒充客服，我转了两万过去", MONEY), ("我今天被骗转走五千，对方把我拉黑了", MONEY), ("刚刚转了钱才知道是诈骗", MONEY),
        ("现在有人在撬我家门", CRIME), ("讨债的正在堵门不让我出去", CRIME), ("这会儿有人拿刀在楼下", CRIME),
    ],
)  # fmt: skip
def test_money_just_gone_and_a_crime_under_way_are_heard(text: str, said: str) -> None:
    assert first_call(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "老公打电话骂我", "我妈打官司输了", "老婆打麻将输了钱", "他打欠条给我了", "儿子打游戏充值能退吗", "我爸在外地打工摔伤了",
        "故意伤害罪判几年", "抢劫罪怎么判", "诈骗罪立案标准是多少", "儿子打篮球撞伤人", "他打伤人了要赔多少",
        "去年借给他的钱现在不还", "老公出轨能离婚吗", "邻居装修太吵",
        "房东不退押金", "婆婆要彩礼", "他打算离婚", "家里人打扫楼道算义务吗", "现在物业费涨了合法吗", "我刚转正就被辞退",
    ],
)  # fmt: skip
def test_a_plain_question_of_law_hears_no_number(text: str) -> None:
    assert first_call(text) == ""


def test_an_answer_about_violence_always_begins_with_the_number() -> None:
    assert first_call("保护令怎么申请", "family-protection-order") == AT_HOME


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("要带什么", "bring"), ("那需要哪些材料", "bring"), ("去哪办呀", "where"), ("找谁", "where"), ("上哪儿去告", "where"),
        ("多久能办好", "time"), ("要等多久", "time"), ("多久能要回来", "time"), ("要多少钱", "cost"), ("收费吗", "cost"),
        ("有法条吗", "articles"), ("原文", "articles"), ("依据是什么", "articles"), ("那怎么办", "steps"), ("第一步呢", "steps"),
        ("我家漏水了怎么办要赔多少钱给楼下", None), ("停电多久了没人管我们这栋楼", None), ("谢谢", None), ("", None),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_answer_itself(text: str, asked: str | None) -> None:
    assert asked_of_answer(text) == asked


@pytest.mark.parametrize("text", ["那押金呢", "要是没签合同", "如果他不来呢", "孩子呢", "那我不交会怎样"])
def test_what_leans_on_what_was_said_before(text: str) -> None:
    assert goes_on(text)


@pytest.mark.parametrize("text", ["楼道灯坏了", "我要报修", "那谢谢你了", "你呢", "如果你们再不来处理我就打市长热线投诉你们所有人", ""])
def test_what_stands_for_itself(text: str) -> None:
    assert not goes_on(text)


def test_after_half_an_hour_nothing_is_leant_on() -> None:
    assert Shown("押金", "x", NOW - timedelta(minutes=29)).fresh(NOW)
    assert not Shown("押金", "x", NOW - timedelta(minutes=31)).fresh(NOW)


def test_an_answer_tells_what_it_says_of_time_and_money_and_nothing_else() -> None:
    answer = CuratedAnswer(
        1, "x", "t", "题", [], "押金该退。双方没约定的，三十天内要回。法院立案不收钱，受理费五十元起。", ["先催"],
        [], "", [], "o", date(2026, 1, 1),
    )  # fmt: skip
    assert told_of(answer, "time") == "双方没约定的，三十天内要回。"
    assert told_of(answer, "cost") == "法院立案不收钱，受理费五十元起。"
    assert told_of(answer, "bring") == ""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我叫王小明，电话13912345678", "我叫［姓名］，电话［电话］"), ("身份证33010619800101123X", "身份证［身份证号］"),
        ("座机0571-88888888找我", "座机［电话］找我"),
        ("卡号6222 0212 3456 7890 123", "卡号［卡号］"),
        ("车牌浙A12345占我车位", "车牌［车牌］占我车位"),
        ("工单1234什么时候好，赔我20000元", "工单1234什么时候好，赔我20000元"), ("2026年11月27日", "2026年11月27日"),
    ],
)  # fmt: skip
def test_personal_numbers_and_names_are_made_unreadable(said: str, kept: str) -> None:
    assert mask(said) == kept


@pytest.mark.parametrize(
    ("question", "option", "held"),
    [
        ("没有借条能要回钱吗", "有借条", False), ("他欠我两万，有借条", "有借条", True), ("没私了过，交警定了责", "私了过", False),
        ("不是我自己提的离职", "自己提的", False), ("我自己提的离职", "自己提的", True),
    ],
)  # fmt: skip
def test_a_negated_fact_is_not_taken_for_the_fact(question: str, option: str, held: bool) -> None:
    assert _says(question, option) is held


@pytest.mark.parametrize("text", ["取消约的律师", "我约的律师不去了", "不约了"])
def test_words_that_give_an_appointment_back(text: str) -> None:
    assert _CANCELS.search(text)


@pytest.mark.parametrize("text", ["开庭我去不了，想找个律师", "物业要取消我的车位，想找律师", "我想约律师"])
def test_words_that_only_sound_like_it(text: str) -> None:
    assert not _CANCELS.search(text)


@pytest.mark.parametrize(
    ("text", "now"), [("我现在就要找律师", True), ("着急找律师", True), ("不急，想约个律师", False), ("我现在想约下周三的律师", False)]
)
def test_somebody_now_or_a_time(text: str, now: bool) -> None:
    assert bool(_AT_ONCE.search(text)) is now


def test_an_elder_reads_laws_and_articles_as_they_stand() -> None:
    text = "请人调解就行。依据：《人民调解法》第三条（2011年1月1日起施行）：人民调解委员会应当受理\n去哪：人民调解委员会"
    said = plainly(text)
    assert "《人民调解法》第三条" in said
    assert "应当受理" in said
    assert said.startswith("请人说和就行。")
    assert said.endswith("去哪：人民调解委员会")
