"""The WeCom half: members, cards, robots, and 微信客服."""

from __future__ import annotations

import asyncio
from typing import Any

from ops.wechat.clock import ManualClock
from ops.wechat.simulator import Simulator
from tests.unit.ops.wechat.reference_door import Door, door_and_platform

WANG = "wangqiang"


class Company:
    """The door's calls as one app."""

    def __init__(self, door: Door, simulator: Simulator) -> None:
        self.door, self.own = door, simulator.options.corp
        self.token = ""

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self.token:
            query = f"corpid={self.own.corpid}&corpsecret={self.own.secret}"
            async with self.door.session.get(f"{self.door.api}/cgi-bin/gettoken?{query}") as answer:
                self.token = (await answer.json())["access_token"]
        return await self.door.post(f"/cgi-bin/{path}?access_token={self.token}", body)

    async def send(self, to: str, words: str, **more: Any) -> dict[str, Any]:
        body = {"touser": to, "msgtype": "text", "agentid": self.own.agentid, "text": {"content": words}, **more}
        return await self.call("message/send", body)

    async def card(self, to: str) -> dict[str, Any]:
        card = {
            "card_type": "button_interaction",
            "task_id": "t1",
            "main_title": {"title": "工单 100001", "desc": "楼道灯坏了"},
        }
        card["button_list"] = [{"text": "接单", "key": "accept"}, {"text": "退回", "key": "return"}]
        body = {"touser": to, "msgtype": "template_card", "agentid": self.own.agentid, "template_card": card}
        return await self.call("message/send", body)

    async def update(self, code: str, words: str = "已接单") -> int:
        body = {
            "userids": [WANG],
            "agentid": self.own.agentid,
            "response_code": code,
            "button": {"replace_name": words},
        }
        return int((await self.call("message/update_template_card", body))["errcode"])


async def test_the_address_is_verified_with_an_encrypted_echo() -> None:
    async with door_and_platform() as (_, simulator):
        assert await simulator.corp_pusher.verify() == ""


async def test_more_than_thirty_a_minute_are_accepted_and_not_shown() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        codes = [(await company.send(WANG, f"第{n}条"))["errcode"] for n in range(32)]
        assert codes == [0] * 32
        assert len(member.saw()) == 30
        assert simulator.report()["dropped_silently"] == 2
        simulator.options.clock.forward(60)
        await company.send(WANG, "又可以了")
        assert member.saw()[-1].text == "又可以了"


async def test_unknown_receivers_are_named_and_all_unknown_is_an_error() -> None:
    async with door_and_platform() as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        assert (await company.send(f"{WANG}|nobody", "在吗"))["invaliduser"] == "nobody"
        assert (await company.send("nobody", "在吗"))["errcode"] == 81013
        assert (await company.send(WANG, "在吗", agentid=7))["errcode"] == 40056
        await company.send(WANG, "字" * 700)
        assert len(simulator.member(WANG).saw()[-1].text) == 682


async def test_the_same_twice_is_shown_once_when_asked() -> None:
    async with door_and_platform() as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        for _ in range(2):
            await company.send(WANG, "一次", enable_duplicate_check=1)
            await company.send(WANG, "两次")
        assert [shown.text for shown in member.saw()] == ["一次", "两次", "两次"]


async def test_a_card_is_pressed_and_each_code_updates_it_once_within_three_days() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        sent = (await company.card(WANG))["response_code"]
        await member.press("accept")
        event = door.bodies[-1]
        assert (event["Event"], event["EventKey"], event["TaskId"]) == ("template_card_event", "accept", "t1")
        assert event["ResponseCode"] != sent
        assert [await company.update(event["ResponseCode"]) for _ in range(2)] == [0, 42042]
        assert member.saw()[-1].text == "[已接单]"
        assert await company.update("never-given") == 42042
        simulator.options.clock.forward(72 * 3600)
        assert await company.update(sent) == 42042
        assert simulator.report()["findings"] == {"response_code_refused": 3}


async def test_a_robot_speaks_twenty_times_a_minute() -> None:
    async with door_and_platform() as (door, _):
        body = {"msgtype": "text", "text": {"content": "早"}}
        codes = [(await door.post("/cgi-bin/webhook/send?key=linshe-robot", body))["errcode"] for _ in range(21)]
        assert codes == [0] * 20 + [45009]
        assert (await door.post("/cgi-bin/webhook/send?key=other", body))["errcode"] == 93000


async def test_what_a_customer_writes_is_fetched_with_a_cursor_and_answered_five_times() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        customer, company = simulator.customer("李秀英"), Company(door, simulator)
        for words in ("一", "二", "三"):
            await customer.say(words)
        assert {body["Event"] for body in door.bodies} == {"kf_msg_or_event"}
        assert "FromUserName" not in door.bodies[0]
        asked = {"token": door.bodies[0]["Token"], "open_kfid": door.bodies[0]["OpenKfId"], "limit": 2}
        first = await company.call("kf/sync_msg", asked)
        second = await company.call("kf/sync_msg", {**asked, "cursor": first["next_cursor"]})
        assert [(page["has_more"], len(page["msg_list"])) for page in (first, second)] == [(1, 2), (0, 1)]
        assert [m["text"]["content"] for m in first["msg_list"] + second["msg_list"]] == ["一", "二", "三"]
        to = {"touser": first["msg_list"][0]["external_userid"], "open_kfid": asked["open_kfid"], "msgtype": "text"}
        codes = [(await company.call("kf/send_msg", {**to, "text": {"content": f"{n}"}}))["errcode"] for n in range(6)]
        assert codes == [0] * 5 + [95001]
        assert simulator.report()["quota_codes"] == {"45047": 1}
        simulator.options.clock.forward(600)
        assert (await company.call("kf/sync_msg", asked))["errcode"] == 95007
        simulator.options.clock.forward(48 * 3600)
        assert (await company.call("kf/send_msg", {**to, "text": {"content": "晚了"}}))["errcode"] == 95002


async def test_media_of_a_member_are_fetched_with_the_companys_token() -> None:
    async with door_and_platform() as (door, simulator):
        company = Company(door, simulator)
        simulator.member(WANG)
        await company.send(WANG, "请拍一张照片")
        await simulator.member(WANG).photo(b"\xff\xd8")
        media_id = door.bodies[-1]["MediaId"]
        assert await door.get(f"/cgi-bin/media/get?access_token={company.token}&media_id={media_id}") == (
            "image/jpeg",
            b"\xff\xd8",
        )
        company.token = "x"
        assert (await company.send(WANG, "在吗"))["errcode"] == 40014
        await asyncio.sleep(0)
