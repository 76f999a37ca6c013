"""微信客服: what is fetched and when no more, what may be sent in which session, and what a customer never saw."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ops.wechat.clock import ManualClock
from ops.wechat.simulator import Simulator
from tests.unit.ops.wechat.company import WANG, Company
from tests.unit.ops.wechat.reference_door import Door, door_and_platform

LI = "李秀英"


class Desk(Company):
    """The door's calls for the one 微信客服 account."""

    def __init__(self, door: Door, simulator: Simulator) -> None:
        super().__init__(door, simulator)
        self.who = {"open_kfid": self.own.kfid, "external_userid": simulator.kf.customer_id(LI)}

    async def fetch(self, **more: Any) -> dict[str, Any]:
        """With the token of the last push."""
        body = {"token": self.door.bodies[-1]["Token"], "open_kfid": self.own.kfid, **more}
        return await self.call("kf/sync_msg", body)

    async def reply(self, text: str = "好的", **more: Any) -> int:
        body = {"touser": self.who["external_userid"], "open_kfid": self.own.kfid, "msgtype": "text"}
        return int((await self.call("kf/send_msg", {**body, "text": {"content": text}, **more}))["errcode"])

    async def on_event(self, code: str, **more: Any) -> int:
        body = {"code": code, "msgtype": "text", "text": {"content": "您好，我是邻舍"}, **more}
        return int((await self.call("kf/send_msg_on_event", body))["errcode"])

    async def trans(self, to: int, **more: Any) -> dict[str, Any]:
        return await self.call("kf/service_state/trans", {**self.who, "service_state": to, **more})


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


async def test_a_page_can_be_empty_and_say_that_there_is_more() -> None:
    async with door_and_platform() as (door, simulator):
        desk = Desk(door, simulator)
        await simulator.customer(LI).say("一")
        simulator.kf.empty_pages = 1
        pages = [await desk.fetch()]
        pages.append(await desk.fetch(cursor=pages[0]["next_cursor"]))
        assert [(page["has_more"], len(page["msg_list"])) for page in pages] == [(1, 0), (0, 1)]


async def test_what_was_not_fetched_within_three_days_is_gone_and_said_so() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        await customer.say("旧的")
        cursor = (await desk.fetch())["next_cursor"]
        await customer.say("没有取走的")
        simulator.options.clock.forward(3 * 86400)
        await customer.say("新的")
        assert [line["text"]["content"] for line in (await desk.fetch(cursor=cursor))["msg_list"]] == ["新的"]
        assert simulator.report()["findings"] == {"kf_expired": 1}


async def test_without_a_token_one_may_ask_only_now_and_then_and_a_foreign_cursor_or_limit_is_refused() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        desk = Desk(door, simulator)
        await simulator.customer(LI).say("一")
        assert [(await desk.fetch(token=""))["errcode"] for _ in range(2)] == [0, 45009]
        simulator.options.clock.forward(10)
        assert (await desk.fetch(token=""))["errcode"] == 0
        beyond = (await desk.fetch())["next_cursor"].replace("-1", "-9")
        wrong: list[dict[str, Any]] = [{"cursor": "x"}, {"cursor": beyond}, {"limit": 1001}, {"open_kfid": "wk0"}]
        assert [(await desk.fetch(**more))["errcode"] for more in wrong] == [40058, 40058, 40058, 95000]


async def test_everything_a_customer_can_send_is_fetched_with_its_media() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        await customer.photo(b"\xff\xd8\xff")
        await customer.voice(b"#!AMR\n")
        await customer.location(29.5878, 120.8202, "剡溪花园3幢")
        lines = (await desk.fetch())["msg_list"]
        assert [line["msgtype"] for line in lines] == ["image", "voice", "location"]
        url = f"/cgi-bin/media/get?access_token={desk.token}&media_id={lines[0]['image']['media_id']}"
        assert await door.get(url) == ("image/jpeg", b"\xff\xd8\xff")
        assert lines[2]["location"]["name"] == "剡溪花园3幢"


async def test_who_comes_for_the_first_time_can_be_welcomed_once_within_twenty_seconds() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        desk, customer, clock = Desk(door, simulator), simulator.customer(LI), simulator.options.clock

        async def came() -> dict[str, Any]:
            await customer.enter("gate-3")
            line: dict[str, Any] = (await desk.fetch())["msg_list"][-1]
            assert "external_userid" not in line
            event: dict[str, Any] = line["event"]
            return event

        event = await came()
        assert (event["event_type"], event["scene"], event["external_userid"]) == (
            "enter_session",
            "gate-3",
            desk.who["external_userid"],
        )
        assert await desk.reply() == 95002
        clock.forward(20)
        assert await desk.on_event(event["welcome_code"]) == 41050
        code = (await came())["welcome_code"]
        assert await desk.on_event(code, msgtype="image", image={"media_id": "x"}) == 40007
        assert [await desk.on_event(code), await desk.on_event(code)] == [0, 41050]
        assert "welcome_code" not in await came()
        clock.forward(48 * 3600)
        await customer.say("在吗")
        assert "welcome_code" not in await came()
        assert [shown.text for shown in customer.saw()] == ["您好，我是邻舍"]


async def test_in_a_session_that_a_person_holds_the_api_sends_nothing() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        simulator.member(WANG)
        await customer.say("我要找人")
        assert (await desk.trans(1))["errcode"] == 0
        assert await desk.reply() == 0
        assert (await desk.trans(3, servicer_userid="nobody"))["errcode"] == 95014
        handed = await desk.trans(3, servicer_userid=WANG)
        state = await desk.call("kf/service_state/get", desk.who)
        assert (state["service_state"], state["servicer_userid"]) == (3, WANG)
        assert await desk.reply() == 95018
        assert [await desk.on_event(handed["msg_code"]) for _ in range(2)] == [0, 41050]
        assert (await desk.trans(1))["errcode"] == 95016
        ended = await desk.trans(4)
        assert await desk.reply() == 95018
        assert await desk.on_event(ended["msg_code"]) == 0
        await customer.say("还有一件事")
        assert await desk.reply() == 0


async def test_a_code_of_the_queue_is_worth_nothing_once_somebody_took_the_session() -> None:
    async with door_and_platform() as (door, simulator):
        desk = Desk(door, simulator)
        simulator.member(WANG)
        await simulator.customer(LI).say("我要找人")
        waiting = (await desk.trans(2))["msg_code"]
        await desk.trans(3, servicer_userid=WANG)
        assert await desk.on_event(waiting) == 95018


async def test_a_menu_is_chosen_from_and_one_that_is_too_big_is_refused() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        await customer.say("修好了吗")

        async def menu(*items: dict[str, Any], head: str = "修好了吗？") -> int:
            return await desk.reply(msgtype="msgmenu", msgmenu={"head_content": head, "list": list(items)})

        click = {"type": "click", "click": {"id": "/confirm", "content": "修好了"}}
        assert await menu(click, {"type": "view", "view": {"url": "https://a.cn", "content": "看照片"}}) == 0
        await customer.choose(1)
        assert door.bodies[-1]["Event"] == "kf_msg_or_event"
        assert (await desk.fetch())["msg_list"][-1]["text"] == {"content": "修好了", "menu_id": "/confirm"}
        assert customer.saw()[-1].text == "修好了吗？\n修好了\n看照片"
        long = {"type": "click", "click": {"id": "a", "content": "字" * 43}}
        codes = [await menu(*[click] * 11), await menu(long), await menu({"type": "tap"}), await menu(head="字" * 342)]
        assert codes == [95008, 40058, 40058, 45002]


async def test_a_customer_who_refuses_is_told_of_by_an_event_that_names_the_message() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        await customer.say("在吗")
        customer.user.blocks = True
        assert await desk.reply(msgid="mine-1") == 0
        assert customer.saw() == []
        async with asyncio.timeout(2):
            while len(door.bodies) < 2:
                await asyncio.sleep(0.01)
        event = (await desk.fetch())["msg_list"][-1]["event"]
        assert (event["event_type"], event["fail_msgid"], event["fail_type"]) == ("msg_send_fail", "mine-1", 10)
        assert await desk.reply(msgid="mine 1") == 40058
        assert await desk.reply(touser="wm0") == 40096


async def test_accounts_and_names_are_told() -> None:
    async with door_and_platform() as (door, simulator):
        desk = Desk(door, simulator)
        found = await desk.call("kf/customer/batchget", {"external_userid_list": [desk.who["external_userid"], "wm0"]})
        assert [one["nickname"] for one in found["customer_list"]] == [LI]
        assert found["invalid_external_userid"] == ["wm0"]
        assert (await desk.call("kf/account/list", {}))["account_list"][0]["open_kfid"] == desk.own.kfid


async def test_a_cursor_that_was_kept_over_a_restart_of_the_simulator_goes_on_with_what_is_new() -> None:
    async with door_and_platform() as (door, simulator):
        desk = Desk(door, simulator)
        await simulator.customer(LI).say("新的")
        found = await desk.fetch(cursor="0123abcd-17")
        assert [line["text"]["content"] for line in found["msg_list"]] == ["新的"]


async def test_what_staff_write_by_hand_is_fetched_too_and_is_no_customer_s_word() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer, member = Desk(door, simulator), simulator.customer(LI), simulator.member(WANG)
        await customer.say("我要找人", expects=False)
        with pytest.raises(LookupError, match="pool"):
            await member.take(LI)
        await desk.trans(2)
        await member.take(LI)
        await member.tell(LI, "我是王强，马上来")
        with pytest.raises(LookupError, match="does not hold"):
            await simulator.member("lina").tell(LI, "我也来")
        await member.finish(LI)
        await member.tell(LI, "灯修好了吗")
        lines = (await desk.fetch())["msg_list"]
        changes = [line["event"]["change_type"] for line in lines if line["msgtype"] == "event"]
        assert ([line["origin"] for line in lines], changes) == ([3, 4, 5, 4, 5, 4], [1, 3, 4])
        assert {line["servicer_userid"] for line in lines if line["origin"] == 5} == {WANG}
        assert [shown.text for shown in customer.saw()] == ["我是王强，马上来", "灯修好了吗"]
        assert await desk.reply() == 95018
        assert simulator.report()["unasked"] == 0


async def test_other_kinds_and_what_was_taken_back_are_fetched_as_they_are() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        with pytest.raises(LookupError, match="said nothing"):
            await customer.recall()
        await customer.anything("link", {"title": "通知", "url": "https://a.cn"})
        await customer.recall()
        link, recalled = (await desk.fetch())["msg_list"]
        assert (link["msgtype"], link["link"]["title"]) == ("link", "通知")
        assert (recalled["event"]["event_type"], recalled["event"]["recall_msgid"]) == (
            "user_recall_msg",
            link["msgid"],
        )


async def test_a_msgid_given_twice_is_refused_and_shown_once() -> None:
    async with door_and_platform() as (door, simulator):
        desk, customer = Desk(door, simulator), simulator.customer(LI)
        await customer.say("在吗")
        assert await desk.reply(msgid="mine-1") == 0
        assert await desk.reply(msgid="mine-1") == 95099
        assert await desk.reply(msgid="mine-2") == 0
        assert len(customer.saw()) == 2
