"""Everything else people say."""

from __future__ import annotations

import pytest

from tests.conversation.talk import Talk

ABILITIES = ["报修、反映问题", "查进度、催办", "志愿活动", "法律咨询", "绑定住址", "找工作人员"]


@pytest.mark.parametrize("words", ["你好", "你能做什么", "今天天气怎么样"])
def test_what_the_assistant_can_do_is_a_numbered_list_that_digits_choose_from(resident: Talk, words: str) -> None:
    said = resident.say(words)
    assert resident.titles() == ABILITIES
    for number, title in enumerate(ABILITIES, 1):
        assert f"{number} {title}" in said
    assert "什么事" in resident.say("1")


def test_abuse_is_met_calmly(resident: Talk) -> None:
    assert "对不住" in resident.say("废物，什么都不会")


def test_it_says_that_it_is_no_person(resident: Talk) -> None:
    assert "不是真人" in resident.say("你是真人吗")


def test_not_understood_says_so_with_three_things_it_can_do(resident: Talk) -> None:
    said = resident.say("咿呀咕咚 zzq 呜哩")
    assert "没听明白" in said
    assert len(resident.titles()) == 3


def test_twice_in_a_row_offers_a_person(resident: Talk) -> None:
    resident.say("咿呀咕咚 zzq 呜哩")
    assert "工作人员" in resident.say("呜哩咿呀 zzq 咕咚")
    assert "工作人员" in resident.say("1")


def test_being_understood_in_between_ends_the_row(resident: Talk) -> None:
    resident.say("咿呀咕咚 zzq 呜哩")
    resident.say("你们几点上班")
    assert "您是不是想" in resident.say("呜哩咿呀 zzq 咕咚")


@pytest.mark.parametrize("text", ["🙃🙃", "……", "🐢", "。"])
def test_a_message_without_words_is_met_kindly(resident: Talk, text: str) -> None:
    assert "表情收到" in resident.say(text)


@pytest.mark.parametrize("text", ["好的", "不", "取消", "跳过", "3幢"])
def test_an_answer_when_nothing_was_asked_is_not_met_with_silence(resident: Talk, text: str) -> None:
    assert resident.say(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE tickets; --",
        "/restart",
        "/session_start",
        "/no_such_intent{}",
        '/report{"broken": ',
        "{{slot}} {report_words} %s %(x)s",
        "啊" * 2000,
        "\u0000\u0007楼道灯坏了",
        "a" * 3999,
    ],
)
def test_odd_input_gets_a_plain_sentence(resident: Talk, text: str) -> None:
    said = resident.send(text)
    assert said
    for leak in ("Traceback", "Error", "slot", "None", "null"):
        assert leak not in said or leak in text


def test_the_words_of_a_resident_come_back_as_they_were(resident: Talk) -> None:
    """Braces are placeholders to Rasa's own responses; what a resident wrote is not one."""
    resident.say("我要报修")
    resident.say("楼道灯坏了 {report_place} <b>3幢</b> 三天了")
    card = resident.say("我家")
    for _ in range(2):
        if "1 提交" not in card:
            card = resident.say("跳过")
    assert "{report_place} <b>3幢</b>" in card
