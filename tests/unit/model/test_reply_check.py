"""The look before sending: what a clerk would want to be told, and what must be left alone."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from community.model.reply_check import check_reply
from community.model.reply_points import points

TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
"""10:00 in Shanghai."""
OWN, CLERKS = "13800000001", "13700000002"
LAMP_AND_DOOR = "3幢2单元楼道灯坏了，门禁也刷不开"


def kinds(text: str, *asked: str) -> list[str]:
    return [r.kind for r in check_reply(text, asked=asked, now=TUESDAY, known_phones={OWN, CLERKS})]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("3幢2单元楼道灯坏了，门禁也刷不开，垃圾没人收", 3),
        ("楼道灯不亮。另外我家马桶堵了", 2),
        ("卫生间天花板渗水，还有楼上每天半夜有人走路声音很大", 2),
        ("1、单元门关不上；2、绿化带里堆着垃圾", 2),
        ("电梯里有垃圾，味道很大，老人进去都捂鼻子", 1),
        ("你好，3幢楼下的路灯不亮了，晚上老人出门看不清，谢谢", 1),
        ("隔壁每天早上六点装修，噪音大，吵得睡不着", 1),
        ("在吗", 1),
        ("", 0),
    ],
)
def test_the_points_of_a_residents_words_are_told_apart(words: str, parts: int) -> None:
    assert len(points(words)) == parts, [point.words for point in points(words)]


def test_a_point_that_the_answer_leaves_out_is_named() -> None:
    (remark,) = check_reply("楼道灯明天上午来换。", asked=[LAMP_AND_DOOR], now=TUESDAY)
    assert remark.kind == "skips"
    assert "门禁也刷不开" in remark.text


def test_a_point_the_resident_added_later_is_not_forgotten() -> None:
    asked = ["楼道灯坏了", "还有门口垃圾桶满了三天了"]
    assert kinds("楼道灯周三上午换。", *asked) == ["skips"]
    assert kinds("楼道灯周三上午换，垃圾今天下午4点清。", *asked) == []


@pytest.mark.parametrize(
    "answer",
    [
        "楼道灯明天上午来换，门禁已报维保，周四前来看。",
        "照明和刷卡都报给物业了，周四前来修。",
        "两件事都已转物业，周五前给您回话。",
        "您说的问题都记下了，周五前给您回话。",
        "好的，收到，我先去现场看看。",
    ],
)
def test_an_answer_to_all_points_or_a_mere_receipt_is_left_alone(answer: str) -> None:
    assert kinds(answer, LAMP_AND_DOOR) == []


def test_one_single_matter_is_never_called_skipped() -> None:
    assert kinds("师傅明天上午9点到。", "楼道灯坏了") == []


@pytest.mark.parametrize(
    "answer", ["我们会尽快处理。", "收到，马上联系物业。", "已经报上去了，过几天给您回话。", "会第一时间告诉您结果。"]
)
def test_a_promise_without_a_date_is_told(answer: str) -> None:
    assert kinds(answer) == ["no_date"]


@pytest.mark.parametrize(
    "answer",
    [
        "我们会尽快处理，周五下午5点前给您答复。",
        "马上安排，两小时内到。",
        "师傅明天来，您别急，我们抓紧。",
        "接到您的电话我们马上去看了。",
        "请您尽快把电动车推下楼，楼道里不能充电。",
        "物业第一时间到了现场，先关了水阀。",
        "12月3日前会尽早告诉您结果。",
    ],
)
def test_a_promise_with_a_date_a_deed_done_and_a_request_are_no_empty_promise(answer: str) -> None:
    assert "no_date" not in kinds(answer)


def test_yesterday_is_no_date_for_a_promise() -> None:
    assert kinds("昨天下午去看过，我们会尽快修。") == ["no_date"]


@pytest.mark.parametrize(
    "answer",
    ["修好了。", "您反映的问题已解决，感谢您对我们社区工作的支持。", "已经处理好了，如有问题请联系物业。", "灯已恢复正常。"],
)
def test_done_without_saying_by_whom_is_told(answer: str) -> None:
    assert kinds(answer) == ["who"]


@pytest.mark.parametrize(
    "answer",
    [
        "物业王师傅今天上午把灯修好了，我去看过，亮了。",
        "电力公司来过。已恢复正常。",
        "张师傅换了灯管，已修好。",
        "已更换2单元楼道灯管，试亮正常。",
        "垃圾已清理干净，桶也换了。",
        "还没修好，配件周四到。",
        "灯修好了吗？",
        "等修好了再告诉您，周五前。",
        "要是周五前处理好了会再说。",
        "配件到了以后才能修好。",
        "楼上同意周六修，修好后我来看。",
    ],
)
def test_done_by_somebody_not_done_and_asked_about_are_left_alone(answer: str) -> None:
    assert kinds(answer) == []


def test_the_mobile_number_of_a_third_person_is_told_and_not_repeated() -> None:
    (remark,) = check_reply("您直接找楼上李先生，139 1234 5678。", now=TUESDAY, known_phones={OWN})
    assert remark.kind == "private"
    assert "139****5678" in remark.text
    assert "12345678" not in remark.text.replace(" ", "")


@pytest.mark.parametrize(
    "answer",
    ["是您的电话13800000001吧？", "有事打我电话137-0000-0002。", "物业值班0575-83001234。", "也可以打12345。", "工单100017周五前办。"],
)
def test_the_residents_own_the_clerks_and_an_offices_number_may_be_said(answer: str) -> None:
    assert kinds(answer) == []


def test_an_identity_number_is_told_and_any_eighteen_digits_are_not() -> None:
    assert kinds("房东的证号是11010519491231002X。") == ["private"]
    assert kinds("快递单号110105194912310021。") == []


def test_what_wechat_would_cut_is_told_with_the_number_of_messages() -> None:
    (remark,) = check_reply("路灯的事。" * 140, now=TUESDAY)
    assert remark.kind == "long"
    assert "2 条" in remark.text
    assert kinds("路灯的事。" * 130) == []


def test_a_placeholder_that_nothing_filled_is_told() -> None:
    assert kinds("{姓名}您好，工单{工单号}。") == ["hole", "hole"]


@pytest.mark.parametrize("text", ["", "   ", "……", "😀" * 50, "，。", "了" * 300, "\x00\ufffd"])
def test_odd_text_is_no_reason_to_fail(text: str) -> None:
    kinds(text, text)
