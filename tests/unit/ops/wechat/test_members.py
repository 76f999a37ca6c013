"""What staff do in WeCom reaches the door as the documents show it, three times when it must, and copied when the plan says so."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

import pytest

from ops.wechat.accounts import Corp
from ops.wechat.faults import Faults, PushRates
from ops.wechat.seal import CorpSeal
from ops.wechat.wire import dump, load
from tests.unit.ops.wechat.company import WANG, Company
from tests.unit.ops.wechat.reference_door import Ways, door_and_platform


async def test_everything_a_member_can_do_arrives_with_the_app_s_number() -> None:
    async with door_and_platform() as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        await member.enter()
        await member.say("今日待办")
        await member.photo(b"\xff\xd8\xff")
        await member.voice(b"#!AMR\n", "没有人认得的话")
        await member.location(29.5878, 120.8202, "剡溪花园3幢")
        await company.card(WANG)
        await member.press("接单")
        kinds = [body.get("Event") or body["MsgType"] for body in door.bodies]
        assert kinds == ["enter_agent", "text", "image", "voice", "location", "template_card_event"]
        own = simulator.options.corp
        for body in door.bodies:
            assert (body["ToUserName"], body["FromUserName"], body["AgentID"]) == (own.corpid, WANG, str(own.agentid))
        entered, text, image, voice, place, pressed = door.bodies
        assert "MsgId" not in entered
        assert text["Content"] == "今日待办"
        assert await door.get(image["PicUrl"].removeprefix(door.api)) == ("image/jpeg", b"\xff\xd8\xff")
        assert (voice["Format"], "Recognition" in voice, "MediaId16K" in voice) == ("amr", False, False)
        assert (place["Location_X"], place["Label"], place["AppType"]) == ("29.5878", "剡溪花园3幢", "wxwork")
        wanted = {"EventKey": "accept", "TaskId": "t1", "CardType": "button_interaction"}
        assert {name: pressed[name] for name in wanted} == wanted
        assert pressed["ResponseCode"]


@pytest.mark.parametrize(
    ("ways", "deliveries", "findings"),
    [
        ({"statuses": [500, 502]}, 3, {"status_500": 1, "status_502": 1}),
        ({"statuses": [500, 500, 500]}, 3, {"status_500": 3, "gave_up": 1}),
        ({"slow_corp": 0.5}, 3, {"timeout": 3, "gave_up": 1}),
    ],
)
async def test_a_press_that_was_not_taken_is_delivered_three_times_and_nobody_is_told(
    ways: dict[str, Any], deliveries: int, findings: dict[str, int]
) -> None:
    async with door_and_platform(Ways(**ways), deadline=0.3) as (_, simulator):
        member = simulator.member(WANG)
        await member.say("接单 1234", expects=False)
        report = simulator.report()
        assert (report["deliveries"], report["findings"]) == (deliveries, findings)
        assert member.saw() == []


async def test_copies_of_a_press_come_at_the_same_moment_and_after_what_was_done_next() -> None:
    faults = Faults(push=PushRates(duplicate=1.0, late=1.0, late_seconds=0.2))
    async with door_and_platform(faults=faults) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        await company.card(WANG)
        await member.press("accept")
        faults.push = PushRates()
        await member.say("办结 1234")
        await asyncio.sleep(0.4)
        assert [body.get("EventKey") or body["Content"] for body in door.bodies] == [
            "accept",
            "accept",
            "办结 1234",
            "accept",
        ]
        assert len({body["ResponseCode"] for body in door.bodies if "ResponseCode" in body}) == 1


async def test_a_reply_to_another_member_or_in_plain_is_named() -> None:
    async with door_and_platform() as (door, simulator):
        inside = {"FromUserName": door.corp.corpid, "CreateTime": 1, "MsgType": "text", "Content": "好"}
        member = simulator.member(WANG)
        door.corp_reply = {"ToUserName": WANG, **inside}
        await member.say("在吗")
        assert [shown.text for shown in member.saw()] == ["好"]
        door.corp_reply = {"ToUserName": "lina", **inside}
        await member.say("在吗")
        assert simulator.report()["findings"]["wrong_addressee"] == 3


def test_a_push_of_wecom_is_opened_by_a_library_of_others_and_its_answer_by_us() -> None:
    crypto = pytest.importorskip("wechatpy.enterprise.crypto", reason="wechatpy is an oracle of tests only")
    corp = Corp.make()
    theirs = crypto.WeChatCrypto(corp.token, corp.aes_key, corp.corpid)
    seal = CorpSeal(corp)
    query, body = seal.pack({"FromUserName": WANG, "MsgType": "text", "Content": "办结 1234 已更换灯管"}, 1764000000)
    asked = dict(parse_qsl(query))
    plain = theirs.decrypt_message(body.decode(), asked["msg_signature"], asked["timestamp"], asked["nonce"])
    assert load(plain.encode(), "xml")["Content"] == "办结 1234 已更换灯管"
    asked = dict(parse_qsl(seal.challenge(1764000000, "1616140317555161061")))
    echo = theirs.check_signature(asked["msg_signature"], asked["timestamp"], asked["nonce"], asked["echostr"])
    assert echo == "1616140317555161061"
    answer = {"ToUserName": WANG, "FromUserName": corp.corpid, "CreateTime": 1, "MsgType": "text", "Content": "好"}
    sealed = theirs.encrypt_message(dump(answer, "xml"), "12345", "1764000000")
    assert seal.unpack(sealed.encode(), WANG) == {**answer, "CreateTime": "1"}
