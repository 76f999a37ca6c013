"""Template cards: what is refused, what a member sees and presses, and what an update changes for whom."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from ops.wechat import cards
from ops.wechat.clock import ManualClock
from ops.wechat.faults import ApiFault
from ops.wechat.http import Refused
from ops.wechat.wire import dump, load
from tests.unit.ops.wechat.company import WANG, Company, good_card
from tests.unit.ops.wechat.reference_door import door_and_platform

LI = "lina"
NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "超时提醒"},
    "card_action": {"type": 1, "url": "https://a.cn"},
}


def changed(**more: Any) -> dict[str, Any]:
    return {name: value for name, value in {**good_card(), **more}.items() if value is not None}


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (changed(), 0),
        (changed(task_id="a_b-c@9" + "x" * 121), 0),
        (changed(task_id=None), 42014),
        (changed(task_id="x" * 129), 42014),
        (changed(task_id="工单100001"), 42014),
        (changed(task_id="t:1"), 42014),
        (changed(main_title=None), 41016),
        (changed(main_title={"desc": "只有说明"}), 41016),
        (changed(button_list=None), 40016),
        (changed(button_list=[{"text": str(n), "key": str(n)} for n in range(7)]), 40016),
        (changed(button_list=[{"text": "接单"}]), 42019),
        (changed(button_list=[{"key": "accept"}]), 42020),
        (changed(button_list=[{"text": "接单", "key": "a"}, {"text": "退回", "key": "a"}]), 42018),
        (changed(button_list=[{"text": "接单", "key": "字" * 342}]), 42018),
        (changed(button_list=[{"text": "看", "type": 1}]), 41010),
        (changed(button_list=[{"text": "看", "type": 1, "url": "https://a.cn"}]), 0),
        (changed(card_action={"type": 1, "url": "a.cn"}), 45034),
        (changed(horizontal_content_list=[{"keyname": str(n), "value": ""} for n in range(7)]), 40058),
        (changed(horizontal_content_list=[{"value": "没有名字"}]), 40058),
        (changed(main_title="不是对象"), 40058),
        (changed(card_type="button"), 40058),
        (NOTICE, 0),
        ({**NOTICE, "main_title": {}, "sub_title_text": "也可以"}, 0),
        ({**NOTICE, "main_title": {}}, 41016),
        ({**NOTICE, "card_action": {}}, 40058),
        ({**NOTICE, "card_action": {"type": 2}}, 40058),
        ({**NOTICE, "action_menu": {"action_list": [{"text": "不再提醒", "key": "mute"}]}}, 42014),
        ({**NOTICE, "card_type": "news_notice"}, 40058),
    ],
)
def test_a_card_that_wecom_would_not_take_is_refused_for_what_is_wrong_with_it(card: dict[str, Any], code: int) -> None:
    if not code:
        return cards.check(card)
    with pytest.raises(Refused) as refused:
        cards.check(card)
    assert refused.value.code == code
    return None


async def test_a_task_id_is_taken_once_by_an_app_also_for_another_member() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        simulator.member(LI)
        company = Company(door, simulator)
        assert (await company.card(WANG))["errcode"] == 0
        assert [(await company.card(who))["errcode"] for who in (WANG, LI)] == [42014, 42014]
        assert len(simulator.member(WANG).saw()) == 1


async def test_a_card_whose_answer_was_lost_can_be_sent_again_with_the_duplicate_check() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        body = {"touser": WANG, "msgtype": "template_card", "agentid": company.own.agentid}
        body |= {"template_card": good_card(), "enable_duplicate_check": 1}
        answers = [await company.call("message/send", body) for _ in range(2)]
        assert [answer["errcode"] for answer in answers] == [0, 0]
        assert ["response_code" in answer for answer in answers] == [True, False]
        assert len(simulator.member(WANG).saw()) == 1


async def test_a_card_whose_answer_was_lost_stands_and_its_task_id_is_used() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        await company.send(WANG, "早")
        simulator.options.faults.next_api += [ApiFault.LOST_RESPONSE, ApiFault.BUSY]
        with pytest.raises(aiohttp.ClientError):
            await company.card(WANG)
        assert [(await company.card(WANG))["errcode"] for _ in range(2)] == [-1, 42014]
        await member.press("接单")
        assert await company.update(door.bodies[-1]["ResponseCode"]) == 0


async def test_a_card_is_pressed_and_each_code_updates_it_once_within_three_days() -> None:
    async with door_and_platform(clock=ManualClock(), deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        sent = (await company.card(WANG))["response_code"]
        await member.press("accept")
        event = door.bodies[-1]
        assert (event["Event"], event["EventKey"], event["TaskId"]) == ("template_card_event", "accept", "t1")
        assert event["ResponseCode"] != sent
        assert [await company.update(event["ResponseCode"]) for _ in range(2)] == [0, 42022]
        assert member.saw()[-1].text == "[已接单]"
        assert await company.update("never-given") == 40058
        simulator.options.clock.forward(72 * 3600)
        assert await company.update(sent) == 40058
        assert simulator.report()["findings"] == {"response_code_refused": 3}


async def test_a_button_that_is_grey_or_of_a_card_in_another_s_place_cannot_be_pressed() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        await company.update((await company.card(WANG))["response_code"])
        with pytest.raises(LookupError, match="no card with a button"):
            await member.press("accept")
        code = (await company.card(WANG, task_id="t2"))["response_code"]
        new = changed(task_id="t2", button_list=[{"text": "办结", "key": "done"}])
        assert await company.update(code, userids=[WANG], template_card=new) == 0
        with pytest.raises(LookupError):
            await member.press("accept")
        await member.press("1")
        assert (door.bodies[-1]["EventKey"], door.bodies[-1]["TaskId"]) == ("done", "t2")


async def test_who_presses_changes_their_own_card_and_all_of_them_when_asked() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        company = Company(door, simulator)
        wang, li = simulator.member(WANG), simulator.member(LI)
        await company.card(f"{WANG}|{LI}")
        await wang.press("接单")
        await company.update(door.bodies[-1]["ResponseCode"])
        assert (wang.saw()[-1].text, len(li.saw()), len(li.cards())) == ("[已接单]", 1, 1)
        await li.press("accept")
        assert (
            await company.update(door.bodies[-1]["ResponseCode"], atall=1, button={"replace_name": "王强已接单"}) == 0
        )
        assert [hand.saw()[-1].text for hand in (wang, li)] == ["[王强已接单]"] * 2


async def test_an_update_that_is_refused_for_its_content_leaves_the_code_to_be_used() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        code = (await company.card(WANG))["response_code"]
        assert await company.update(code, userids=[WANG], template_card={"card_type": "text_notice"}) == 41016
        assert await company.update(code, userids=WANG, button={"replace_name": "已接单"}) == 40035
        assert await company.update(code) == 0


async def test_a_notice_without_a_menu_gives_no_code_and_nothing_to_press() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        body = {"touser": WANG, "msgtype": "template_card", "agentid": company.own.agentid, "template_card": NOTICE}
        assert "response_code" not in await company.call("message/send", body)
        assert (member.saw()[-1].text, member.cards()) == ("超时提醒", [])


async def test_a_card_that_was_dropped_cannot_be_pressed() -> None:
    async with door_and_platform(clock=ManualClock(), deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        for number in range(30):
            await company.send(WANG, f"{number}")
        code = (await company.card(WANG))["response_code"]
        assert (code != "", member.cards(), simulator.report()["dropped_silently"]) == (True, [], 1)
        assert await company.update(code) == 0


async def test_the_same_card_under_another_task_id_is_noticed_while_the_first_still_stands() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        code = (await company.card(WANG))["response_code"]
        await company.card(WANG, task_id="t2")
        assert simulator.report()["findings"] == {"same_card_again": 1}
        await company.update(code)
        await company.card(WANG, task_id="t3", main_title={"title": "工单 100002"})
        assert simulator.report()["findings"] == {"same_card_again": 1}


async def test_words_too_long_for_a_phone_are_noticed_and_not_refused() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        rows = [{"keyname": "处理的地点", "value": "剡溪花园"}, {"keyname": "要办结的时间", "value": "今天"}]
        assert (await company.card(WANG, horizontal_content_list=rows))["errcode"] == 0
        assert simulator.report()["findings"] == {"card_too_long": 1}
        assert simulator.member(WANG).saw()[-1].text.splitlines()[2:] == ["处理的地点：剡溪花园", "要办结的时间：今天"]


@pytest.mark.parametrize(
    ("inside", "seen"),
    [
        ({"MsgType": "update_button", "Button": {"ReplaceName": "已接单"}}, "[已接单]"),
        (
            {
                "MsgType": "update_template_card",
                "TemplateCard": {
                    "CardType": "button_interaction",
                    "MainTitle": {"Title": "处理中"},
                    "ButtonList": [{"Text": "办结", "Key": "done"}, {"Text": "退回", "Key": "return"}],
                },
            },
            "处理中",
        ),
        ({"MsgType": "update_button"}, None),
        ({"MsgType": "update_template_card", "TemplateCard": {"CardType": "button_interaction"}}, None),
    ],
)
async def test_the_card_can_be_changed_in_the_answer_to_the_press(inside: dict[str, Any], seen: str | None) -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        await company.card(WANG)
        door.corp_reply = {"ToUserName": WANG, "FromUserName": door.corp.corpid, "CreateTime": 1, **inside}
        await member.press("accept")
        report = simulator.report()
        if seen is None:
            assert set(report["findings"]) & {"bad_answer", "bad_card"}
        else:
            assert (member.saw()[-1].text, report["findings"]) == (seen, {})
            buttons = [("done", "办结"), ("return", "退回")] if seen == "处理中" else []
            assert [card.views[WANG].buttons for card in member.cards()] == ([buttons] if buttons else [])


def test_repeated_elements_of_a_card_survive_the_wire() -> None:
    inside = {"ButtonList": [{"Text": "办结", "Key": "done"}, {"Text": "退回", "Key": "return"}]}
    assert load(dump(inside, "xml").encode(), "xml") == inside


async def test_two_cards_that_end_with_the_same_words_are_not_a_doubled_answer() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        await member.say("今日待办")
        await company.send(WANG, "没有待办")
        for number in (1, 2):
            title = {"title": f"工单 10000{number}"}
            code = (await company.card(WANG, task_id=f"t{number}", main_title=title))["response_code"]
            await company.update(code)
        report = simulator.report()
        assert (report["lost"], report["doubled"], len(member.saw())) == (0, 0, 5)
