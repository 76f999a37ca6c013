"""What is kept is shown, corrected, handed over and deleted, in chat."""

from __future__ import annotations

import json

import pytest

from community.model.household import CONSENT_TEXT
from community.services import homes, privacy
from tests.conversation.servers import City
from tests.conversation.talk import Talk
from tests.conversation.test_followup import Someone, report


def test_the_consent_text_is_read_once_under_the_first_answer_and_blocks_no_report(someone: Someone) -> None:
    talk = someone()
    said = talk.say("剡溪花园5幢1单元电梯坏了")
    assert "从什么时候" in said
    assert said.count(CONSENT_TEXT) == 1
    assert CONSENT_TEXT not in talk.say("跳过")


def test_what_is_kept_is_shown_short_with_counts_and_digits(resident: Talk, city: City) -> None:
    city.ask(lambda c: homes.set_phone(c, resident.resident.id, "13912345678"))
    report(resident)
    said = resident.say("看看你们存了我什么")
    assert "139****5678" in said
    assert "13912345678" not in said
    assert "工单1" in said
    assert "剡溪花园3幢2单元502室" in said
    assert resident.titles() == ["改名字", "改电话", "改住址", "导出一份", "全部删除"]


def test_name_and_phone_are_corrected_by_a_digit_and_a_word(resident: Talk) -> None:
    resident.say("看看你们存了我什么")
    assert "改成什么" in resident.say("1")
    assert "以后叫您裘阿三" in resident.say("裘阿三")
    resident.say("我的资料")
    assert "号码是多少" in resident.say("2")
    assert "号码好像不完整" in resident.say("123")
    assert "139****0001" in resident.say("13900000001")
    assert "138****0002" in resident.say("把我的手机号改成13800000002")
    assert "裘阿三" in resident.say("我的资料")


def test_a_correction_can_be_left(resident: Talk) -> None:
    resident.say("我的资料")
    resident.say("1")
    assert "没有动" in resident.say("取消")


def test_a_copy_is_handed_over_by_a_link_for_one_person(resident: Talk, city: City) -> None:
    report(resident)
    said = resident.say("导出我的记录")
    token = said.split("/my-data/")[1].split("\n")[0]
    copy = city.ask(lambda c: privacy.fetch(c, token))
    assert copy["姓名"] == resident.resident.name
    assert len(json.loads(json.dumps(copy, ensure_ascii=False))["工单"]) == 1


def test_a_deletion_is_read_back_with_what_stays_and_why_and_taken_back_by_a_word(resident: Talk) -> None:
    report(resident)
    said = resident.say("把我的信息全部删掉")
    assert "会删" in said
    assert "会留" in said
    assert "统计" in said
    assert "没有动" in resident.say("2")
    resident.say("把我的信息全部删掉")
    assert "撤回删除" in resident.say("1")
    assert "撤回删除" in resident.say("把我的信息全部删掉")
    assert "不删" in resident.say("撤回删除")
    assert "全部删除" in resident.say("我的资料")


def test_consent_is_withdrawn_and_what_runs_goes_on(resident: Talk) -> None:
    report(resident)
    assert "您不同意" in resident.say("我反悔了，当初同意的那个隐私条款想收回")
    assert "同意记录" not in "".join(resident.say("我的资料").split("记录：")[0])


@pytest.mark.parametrize(("words", "said"), [("谁看过我的信息", "还没有工作人员看过"), ("我的信息会不会泄露", "加密存着")])
def test_who_looked_and_how_it_is_kept_is_answered_plainly(resident: Talk, words: str, said: str) -> None:
    assert said in resident.say(words)


def test_in_the_middle_of_a_report_it_waits_and_the_report_goes_on(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    said = resident.say("看看你们存了我什么信息")
    assert "等手上这件" in said
    assert "什么地方" in said
