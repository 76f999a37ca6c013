"""Reporting: what a resident would miss if it did not hold."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image

from community.model.category import Category
from community.services import tickets, webchat
from community.services.views import TicketDetail
from tests.conversation.servers import City
from tests.conversation.talk import Talk, payload

Someone = Callable[..., Talk]


def number_in(text: str) -> str:
    match = re.search(r"工单号 (\d{6})", text)
    assert match, text
    return match.group(1)


def fields_of(card: str) -> list[str]:
    """The card's own lines, without what is said of a neighbour's report: that depends on what other tests have filed."""
    return [line for line in card.splitlines() if "已有邻居" not in line and not line.startswith("8 ")]


def filed(city: City, talk: Talk, number: str) -> TicketDetail:
    return city.ask(lambda c: tickets.progress(c, talk.resident.id, number))


def photo_of(city: City, talk: Talk, colour: str = "red") -> str:
    raw = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(raw, "JPEG")
    return city.ask(lambda c: webchat.store_photo(c, talk.resident.id, raw.getvalue())).hash


def test_a_short_sentence_becomes_a_ticket_after_only_the_missing_questions(resident: Talk, city: City) -> None:
    assert "在什么地方" in resident.say("楼道灯坏了")
    assert "什么时候开始" in resident.say("我家")
    assert "照片" in resident.say("2")
    card = resident.say("1")
    for shown in ("楼道灯坏了", "照明", "剡溪花园3幢2单元502室", "有好几天了", "1 提交", "7 取消"):
        assert shown in card
    done = resident.say("1")
    number = number_in(done)
    assert "网格员王强" in done
    assert "138-0000-0001" in done
    assert re.search(r"承诺：.*\d+:\d\d前办好", done)
    ticket = filed(city, resident, number).ticket
    assert (ticket.category, ticket.detail, ticket.holder_name) == (Category.LIGHTING, "有好几天了", "王强")


def test_a_full_sentence_is_not_asked_again_what_it_said(resident: Talk) -> None:
    said = resident.say("剡溪花园5幢1单元电梯坏了两天了，老人下不了楼")
    assert "照片" in said
    card = resident.say("跳过")
    assert "地点：剡溪花园5幢1单元" in card
    assert "类别：电梯" in card


def test_what_happens_at_home_takes_the_bound_home_and_shows_it(resident: Talk) -> None:
    assert "照片" in resident.say("半夜楼上一直蹦迪吵得睡不着")
    assert "地点：剡溪花园3幢2单元502室" in resident.say("1")


def test_without_a_home_the_place_is_asked(someone: Someone) -> None:
    talk = someone(None)
    assert "在什么地方" in talk.say("家里没水了")
    assert talk.titles() == ["取消"]
    assert "什么时候" in talk.say("鹿山苑1幢1单元")


def test_words_for_a_place_without_a_building_are_kept(resident: Talk) -> None:
    resident.say("路灯不亮")
    resident.say("北门进来左手边")
    resident.say("昨天开始的")
    assert "北门进来左手边" in resident.say("跳过")


def test_words_that_are_no_place_are_asked_again(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    for odd in ("我要评价", "？？", "哦"):
        said = resident.say(odd)
        assert "没看懂" in said
        assert "在什么地方" in said
    assert "什么时候开始" in resident.say("东门口")


def test_binding_a_home_waits_until_the_report_is_done(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    said = resident.say("我要绑定住址")
    assert "等手上这件填完" in said
    assert "在什么地方" in said


def test_the_place_of_another_community_goes_to_its_grid_worker(resident: Talk) -> None:
    resident.say("鹿山苑1幢的单元门坏了好几天")
    resident.say("1")
    assert "网格员周敏" in resident.say("提交")


@pytest.mark.parametrize(
    ("choice", "answer", "shown"),
    [
        ("改内容", "楼道灯一闪一闪的，像要炸", "内容：楼道灯一闪一闪的，像要炸"),
        ("改地点", "5幢2单元", "地点：剡溪花园5幢2单元"),
        ("改情况", "从上周开始，天天这样", "情况：从上周开始，天天这样"),
        ("改电话", "139 0000 1111", "电话：13900001111"),
    ],
)
def test_each_field_is_changed_alone_and_the_card_comes_back(
    resident: Talk, choice: str, answer: str, shown: str
) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    before = resident.say("1")
    resident.say(choice)
    after = resident.say(answer)
    assert shown in after
    assert "1 提交" in after
    changed = [pair for pair in zip(fields_of(before), fields_of(after), strict=True) if pair[0] != pair[1]]
    # New words may say less of since when, and be about something else; nothing besides changes.
    assert 1 <= len(changed) <= (3 if choice == "改内容" else 1), changed


def test_a_change_can_be_given_up(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    before = resident.say("1")
    resident.say("改地点")
    assert resident.say("不改了") == before


def test_changed_words_are_filed_under_their_own_category(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    resident.say("2")
    assert "类别：电梯" in resident.say("电梯坏了，按了没反应")


def test_the_category_can_be_said(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    assert "类别：物业服务" in resident.say("类别改成物业服务")


def test_what_is_typed_under_the_card_is_not_lost(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    assert "电话：13800001234" in resident.say("13800001234")
    assert "地点：剡溪花园5幢1单元" in resident.say("地点改成5幢1单元")


@pytest.mark.parametrize("words", ["取消", "算了不报了", "算了"])
@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_leaving_works_at_every_step(someone: Someone, words: str, steps: int, city: City) -> None:
    talk = someone()
    for text in ["楼道灯坏了", "我家", "今天刚发生", "跳过"][: steps + 1]:
        talk.say(text)
    assert "没有提交" in talk.say(words)
    assert city.ask(lambda c: tickets.mine(c, talk.resident.id)) == []
    # Nothing of it comes back in the next report.
    assert "在什么地方" in talk.say("电梯坏了")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("房东不退押金怎么办", "民法典"),
        ("你们几点上班", "8:30"),
        ("有什么志愿活动", "敬老助餐"),
        ("那个灯怎么样了", "没有工单"),
        ("转人工", "工作人员"),
        ("你能做什么", "法律咨询"),
        ("谢谢", "不客气"),
        ("你是机器人吗", "小邻"),
    ],
)
def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(resident: Talk, question: str, answer: str) -> None:
    resident.say("楼道灯坏了")
    said = resident.say(question)
    assert answer in said
    assert "在什么地方" in said.splitlines()[-3:][0] or "在什么地方" in said
    assert "什么时候开始" in resident.say("我家")


def test_the_numbers_after_a_question_in_between_belong_to_the_form(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    resident.say("房东不退押金怎么办")
    assert resident.titles()[-1] == "取消"
    assert "什么时候开始" in resident.say("1")


def test_a_question_in_between_holds_at_the_card_too(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    said = resident.say("你们几点上班")
    assert "8:30" in said
    assert "1 提交" in said
    assert "工单号" in resident.say("1")


def test_a_second_report_waits_until_the_first_is_done(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    said = resident.say("还有小区的垃圾桶满了好几天没人清理")
    assert "另一件" in said
    assert "楼道灯坏了三天" in said


def test_a_photo_alone_opens_a_report_that_keeps_it(resident: Talk, city: City) -> None:
    shot = photo_of(city, resident)
    assert "照片收到" in resident.say("", photos=(shot,))
    resident.say("楼道灯坏了")
    resident.say("我家")
    resident.say("今天刚发生")
    assert "照片：1张" in resident.say("1")
    assert filed(city, resident, number_in(resident.say("1"))).photos == ((shot, "report"),)


@pytest.mark.parametrize("step", range(4))
def test_a_photo_may_come_at_any_step(someone: Someone, city: City, step: int) -> None:
    talk = someone()
    shot = photo_of(city, talk, "blue")
    answers = ["楼道灯坏了", "我家", "今天刚发生", "跳过"]
    for text in answers[: step + 1]:
        talk.say(text)
    talk.say("", photos=(shot,))
    for text in answers[step + 1 :] if step < 2 else []:
        talk.say(text)
    card = talk.say("看一遍")
    assert "照片：1张" in card, talk.lines


def test_photos_are_dropped_when_asked(resident: Talk, city: City) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("", photos=(photo_of(city, resident),))
    resident.say("改照片")
    assert "照片：没有" in resident.say("删掉照片")


def test_a_half_phone_number_is_asked_again(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    assert "不完整" in resident.say("138001")
    assert "电话：13800001234" in resident.say("13800001234")


def test_the_same_confirmation_delivered_twice_is_one_ticket(resident: Talk, city: City) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    first = resident.send("提交", message_id=f"in-twice-{resident.resident.id}")
    again = resident.send("提交", message_id=resident.last_id)
    assert again == first
    assert len(city.ask(lambda c: tickets.mine(c, resident.resident.id))) == 1


def test_wanting_to_report_without_saying_what_asks_what(resident: Talk) -> None:
    assert "什么事" in resident.say("我要报修")
    assert "在什么地方" in resident.say("电梯坏了")


def test_choosing_report_after_a_misunderstanding_keeps_the_words(resident: Talk) -> None:
    said = resident.say("哐当哐当 那个 zzz 三楼")
    if "报修、反映这件事" in resident.titles():
        resident.tap("报修、反映这件事")
        resident.say("我家")
        resident.say("今天刚发生")
        assert "哐当哐当" in resident.say("跳过")
    else:
        assert said


def test_a_notification_pressed_in_the_middle_is_done_and_the_form_goes_on(resident: Talk) -> None:
    resident.say("剡溪花园3幢1单元楼道灯坏了三天")
    resident.say("1")
    number = number_in(resident.say("1"))
    resident.say("电梯坏了")
    said = resident.send(payload("ask_progress", ticket_number=number))
    assert number in said
    assert "在什么地方" in said


def test_the_form_waits_over_a_long_talk_about_other_things(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    for _ in range(6):
        resident.say("你们几点上班")
    assert "什么时候开始" in resident.say("5幢2单元")


def test_a_neighbour_is_offered_to_join_and_makes_no_second_ticket(someone: Someone) -> None:
    one, two = someone("鹿山苑/1/1/502"), someone("鹿山苑/1/1/502")
    one.say("鹿山苑1幢1单元门禁刷不开三天了")
    one.say("跳过")
    number = number_in(one.say("提交"))
    two.say("鹿山苑1幢单元门禁坏了三天了")
    card = two.say("跳过")
    assert "已有邻居报过门禁的问题" in card
    assert "8 我也遇到" in card
    assert number in two.say("8")
    said = two.say("进度")
    assert number in said
    assert "刷不开" not in said
    assert [choice for choice in two.titles() if "撤回" in choice or "补充" in choice] == []
    assert "邻居那边照常办" in two.tap("不用告诉我了")
    assert "还有邻居在等" in two.say("1")
    assert "没有" in two.say("进度")
