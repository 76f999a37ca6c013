"""The platform's API as a gateway meets it: what it takes, and with which code it refuses."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from ops.wechat.accounts import Account, Kind
from ops.wechat.clock import ManualClock
from ops.wechat.faults import ApiFault
from ops.wechat.quota import QuotaLedger, Rate, Touch
from ops.wechat.simulator import Simulator
from ops.wechat.tokens import TokenDesk
from ops.wechat.users import Users
from tests.unit.ops.wechat.reference_door import Door, door_and_platform

LI = "李秀英"


def text(openid: str, words: str = "好的") -> dict[str, Any]:
    return {"touser": openid, "msgtype": "text", "text": {"content": words}}


async def heard(simulator: Simulator, name: str = LI) -> str:
    """Opens their window; returns the openid."""
    await simulator.resident(name).say("你好", expects=False)
    await asyncio.sleep(0.05)
    return simulator.resident(name).user.openid


async def code(door: Door, body: dict[str, Any], path: str = "message/custom/send") -> int:
    return int((await door.call(path, body)).get("errcode", 0))


async def test_a_text_is_refused_for_the_reason_it_deserves() -> None:
    async with door_and_platform() as (door, simulator):
        openid = await heard(simulator)
        stranger = simulator.resident("陈建明")
        assert await code(door, text(openid, "字" * 682 + "ab")) == 0
        assert await code(door, text(openid, "字" * 682 + "abc")) == 45002
        assert await code(door, text(openid, "")) == 44004
        assert await code(door, text("nobody")) == 40003
        assert await code(door, text(stranger.user.openid)) == 45015
        stranger.user.follows = False
        assert await code(door, text(stranger.user.openid)) == 43004
        assert await code(door, {"touser": openid, "msgtype": "hologram"}) == 40008
        assert await code(door, {"touser": openid, "msgtype": "text"}) == 47001
        assert simulator.report()["quota_violations"] == 1


async def test_a_menu_message_is_chosen_from_and_opens_only_the_small_window() -> None:
    async with door_and_platform() as (door, simulator):
        openid = await heard(simulator)
        menu = {"head_content": "是这里吗？", "list": [{"id": "y", "content": "是"}, {"id": "n", "content": "不是"}]}
        body = {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu, "aimsgcontext": {"is_ai_msg": 1}}
        assert await code(door, body) == 0
        shown = simulator.resident(LI).saw()[-1]
        assert (shown.text, shown.detail["ai"]) == ("是这里吗？\n是\n不是", True)
        await simulator.resident(LI).choose(2)
        assert (door.bodies[-1]["Content"], door.bodies[-1]["bizmsgmenuid"]) == ("不是", "n")
        await asyncio.sleep(0.05)  # the door's own answer is the first of three
        assert [await code(door, text(openid, f"{n}")) for n in range(3)] == [0, 0, 45047]


@pytest.mark.parametrize(("kind", "sends", "menus"), [(Kind.SUBSCRIPTION, 48001, 48001), (Kind.TEST, 0, 40200)])
async def test_what_an_account_lacks_it_is_refused(kind: Kind, sends: int, menus: int) -> None:
    account = Account.make()
    account.kind = kind
    async with door_and_platform(account=account) as (door, simulator):
        openid = await heard(simulator)
        assert await code(door, text(openid)) == sends
        assert await code(door, {"touser": openid, "msgtype": "msgmenu", "msgmenu": {"list": [{"id": 1}]}}) == menus


async def test_typing_needs_somebody_who_just_spoke_and_is_not_shown_twice() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        openid, path = await heard(simulator), "message/custom/typing"
        assert await code(door, {"touser": openid, "command": "Typing"}, path) == 0
        assert await code(door, {"touser": openid, "command": "Typing"}, path) == 45081
        assert await code(door, {"touser": openid, "command": "CancelTyping"}, path) == 0
        assert await code(door, {"touser": openid, "command": "Dance"}, path) == 45072
        simulator.options.clock.forward(31)
        assert await code(door, {"touser": openid, "command": "Typing"}, path) == 45080


async def test_who_stops_following_takes_their_window_with_them() -> None:
    async with door_and_platform(policy="union") as (door, simulator):
        openid = await heard(simulator)
        await simulator.resident(LI).unfollow()
        assert await code(door, text(openid)) == 43004
        with pytest.raises(LookupError, match="does not follow"):
            await simulator.resident(LI).say("还在吗")
        await simulator.resident(LI).follow(expects=False)
        assert [await code(door, text(openid, f"{n}")) for n in range(4)] == [0, 0, 0, 45047]


def test_one_person_has_one_openid_at_an_account_and_another_at_another() -> None:
    here, there = Users("wx1"), Users("wx2")
    assert here.named(LI) is here.named(LI)
    openid = here.named(LI).openid
    assert openid == Users("wx1").named(LI).openid != there.named(LI).openid
    assert (openid[0], len(openid)) == ("o", 28)


async def test_a_template_is_shown_and_its_end_told_by_a_push() -> None:
    async with door_and_platform() as (door, simulator):
        openid = await heard(simulator)
        body = {
            "touser": openid,
            "template_id": "T1",
            "data": {"number": {"value": "100001"}, "state": {"value": "已接单"}},
        }
        sent = await door.call("message/template/send", body)
        simulator.resident(LI).user.blocks = True
        refused = await door.call("message/template/send", body)
        await asyncio.sleep(0.1)
        told = {b["MsgID"]: b["Status"] for b in door.bodies if b.get("Event") == "TEMPLATESENDJOBFINISH"}
        assert told == {str(sent["msgid"]): "success", str(refused["msgid"]): "failed:user block"}
        assert [s.text for s in simulator.resident(LI).saw() if s.via == "template"] == [
            "number: 100001\nstate: 已接单"
        ]


async def test_media_go_up_come_down_and_are_gone_after_three_days() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        await door.call("menu/create", {"button": []})
        form = aiohttp.FormData()
        form.add_field("media", b"\xff\xd8jpeg", filename="a.jpg", content_type="image/jpeg")
        url = f"{door.api}/cgi-bin/media/upload?type=image&access_token={door.token}"
        async with door.session.post(url, data=form) as answer:
            media_id = (await answer.json())["media_id"]
        path = f"/cgi-bin/media/get?access_token={door.token}&media_id={media_id}"
        assert await door.get(path) == ("image/jpeg", b"\xff\xd8jpeg")
        openid = await heard(simulator)
        assert await code(door, {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}}) == 0
        simulator.options.clock.forward(3 * 86400)
        assert json.loads((await door.get(path))[1])["errcode"] == 40007


async def test_a_menu_of_the_wrong_size_is_refused() -> None:
    async with door_and_platform() as (door, simulator):
        below = [{"type": "click", "name": "我要报修", "key": "REPORT"}]
        for buttons, wanted in (
            ([], 40016),
            ([{"name": "名字太长了吧", "sub_button": below}], 40018),
            ([{"name": "办事", "sub_button": below * 6}], 40023),
            ([{"name": "办事", "sub_button": below}], 0),
        ):
            assert await code(door, {"button": buttons}, "menu/create") == wanted
        assert simulator.platform.menu == {"button": [{"name": "办事", "sub_button": below}]}


async def test_who_calls_from_elsewhere_is_refused_by_address() -> None:
    account = Account.make()
    account.ips = frozenset({"203.0.113.7"})
    async with door_and_platform(account=account) as (door, _):
        ask = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
        assert (await door.post("/cgi-bin/stable_token", ask))["errcode"] == 40164


async def test_tokens_are_asked_for_with_the_right_words_and_end_when_told() -> None:
    async with door_and_platform() as (door, simulator):
        openid, own = await heard(simulator), simulator.options.account
        good = {"grant_type": "client_credential", "appid": own.appid, "secret": own.secret}
        for wrong, wanted in (({"grant_type": "x"}, 40002), ({"appid": "x"}, 40013), ({"secret": "x"}, 40125)):
            assert (await door.post("/cgi-bin/stable_token", {**good, **wrong}))["errcode"] == wanted
        simulator.platform.tokens.invalidate()
        assert await code(door, text(openid)) == 40001
        door.token = "never-given"
        assert await code(door, text(openid)) == 40014
        door.token = (await door.post("/cgi-bin/stable_token", good))["access_token"]
        assert await code(door, text(openid)) == 0
        _, raw = await door.get(f"/cgi-bin/token?grant_type=client_credential&appid={own.appid}&secret={own.secret}")
        door.token = json.loads(raw)["access_token"]
        assert await code(door, text(openid)) == 0


async def test_escapes_of_ascii_json_are_noticed() -> None:
    async with door_and_platform() as (door, simulator):
        openid = await heard(simulator)
        await door.call("menu/create", {"button": []})
        url = f"{door.api}/cgi-bin/message/custom/send?access_token={door.token}"
        async with door.session.post(url, json=text(openid)) as answer:
            assert answer.status == 200
        assert simulator.report()["findings"] == {"ascii_escapes": 1}


async def test_each_fault_looks_as_it_does_on_a_real_network() -> None:
    async with door_and_platform() as (door, simulator):
        openid = await heard(simulator)
        seen: list[object] = []
        for fault in (ApiFault.BUSY, ApiFault.SERVER_ERROR, ApiFault.RESET, ApiFault.TIMEOUT, ApiFault.LOST_RESPONSE):
            simulator.options.faults.next_api.append(fault)
            try:
                seen.append(await code(door, text(openid, fault)))
            except (aiohttp.ClientError, ValueError) as error:
                seen.append(type(error).__name__)
        assert seen[:2] == [-1, "JSONDecodeError"]
        assert all("Disconnected" in str(name) or "Reset" in str(name) for name in seen[2:]), seen
        # The last was accepted all the same: the other side cannot know.
        assert [s.text for s in simulator.resident(LI).saw()] == ["收到：你好", "lost_response"]


# --- tokens, quotas and rates by themselves -------------------------------------------------------------------------


class StampClock(ManualClock):
    """Whose stamps move too."""

    def stamp(self) -> float:
        return self.now()


def test_the_stable_token_stays_until_five_minutes_before_its_end() -> None:
    clock = StampClock()
    desk = TokenDesk(clock)
    first, lasts = desk.stable()  # type: ignore[misc]
    assert lasts == 7200
    clock.forward(6899)
    assert desk.stable() == (first, 301)
    clock.forward(1)
    second, _ = desk.stable()  # type: ignore[misc]
    assert second != first
    assert (desk.check(first), desk.check(second)) == (0, 0)
    clock.forward(300)
    assert (desk.check(first), desk.check(second)) == (42001, 0)


def test_forcing_ends_the_old_token_and_is_limited() -> None:
    clock = StampClock()
    desk = TokenDesk(clock)
    first, _ = desk.stable()  # type: ignore[misc]
    assert isinstance(desk.stable(force=True), tuple)
    assert desk.check(first) == 40001
    assert desk.stable(force=True) == 45009
    for _ in range(19):
        clock.forward(30)
        assert isinstance(desk.stable(force=True), tuple)
    clock.forward(30)
    assert desk.stable(force=True) == 45009
    clock.forward(86400)
    assert isinstance(desk.stable(force=True), tuple)


def test_a_plain_token_ends_the_one_before_after_five_minutes_and_does_not_touch_the_stable_one() -> None:
    clock = StampClock()
    desk = TokenDesk(clock)
    stable, _ = desk.stable()  # type: ignore[misc]
    first, _ = desk.plain()
    second, _ = desk.plain()
    assert first != second
    clock.forward(299)
    assert desk.check(first) == 0
    clock.forward(1)
    assert [desk.check(token) for token in (first, second, stable, "", "x")] == [42001, 0, 0, 41001, 40014]


def test_a_token_of_an_earlier_run_is_stale_and_not_malformed() -> None:
    before, now = TokenDesk(StampClock()), TokenDesk(StampClock())
    assert now.check(before.plain()[0]) == 40001
    assert now.check(before.plain()[0][:-1]) == 40014


def test_five_in_two_days_after_a_message_and_three_in_a_minute_after_a_click() -> None:
    quota = QuotaLedger()
    assert quota.spend("li", 0) == 45015
    quota.touched("li", Touch.MESSAGE, 0)
    assert [quota.spend("li", 1) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    quota.touched("li", Touch.MESSAGE, 10)
    assert (quota.left("li", 10), quota.left("li", 10 + 48 * 3600)) == (5, 0)
    assert quota.spend("li", 10 + 48 * 3600) == 45015
    for touch in (Touch.CLICK, Touch.FOLLOW, Touch.SCAN):
        quota.touched("wang", touch, 0)
        assert [quota.spend("wang", 59) for _ in range(4)] == [0, 0, 0, 45047]
        assert quota.spend("wang", 60) == 45015
    assert quota.violations == {45015: 5, 45047: 4}


def test_a_click_replaces_a_wide_window_or_joins_it_as_the_policy_says() -> None:
    for policy, wanted in (("latest", [0, 0, 0, 45047]), ("union", [0, 0, 0, 0])):
        quota = QuotaLedger(policy)  # type: ignore[arg-type]
        quota.touched("li", Touch.MESSAGE, 0)
        quota.touched("li", Touch.CLICK, 1)
        assert [quota.spend("li", 2) for _ in range(4)] == wanted
        assert quota.spend("li", 100) == (45015 if policy == "latest" else 0)


def test_a_rate_slides() -> None:
    rate = Rate((2, 10.0), (3, 100.0))
    assert [rate.allows("a", at) for at in (0, 1, 2, 10, 20, 99, 100)] == [True, True, False, True, False, False, True]
    assert rate.over == 3
    assert rate.allows("b", 2)


async def test_the_record_gives_what_was_sent_and_heard_in_a_stretch_of_time() -> None:
    path = "/customservice/msgrecord/getmsglist"
    async with door_and_platform() as (door, simulator):
        openid = await heard(simulator)
        assert await code(door, text(openid, "您好")) == 0
        now = int(simulator.options.clock.stamp())
        asked = {"starttime": now - 60, "endtime": now + 60, "msgid": 1, "number": 10000}
        found = await door.call(path, asked)
        assert {(e["openid"], e["opercode"], e["text"]) for e in found["recordlist"]} == {
            (openid, 2003, "你好"),
            (openid, 2002, "收到：你好"),
            (openid, 2002, "您好"),
        }
        assert (found["number"], found["msgid"]) == (3, 3)
        assert (await door.call(path, asked | {"number": 1}))["msgid"] == 1
        assert (await door.call(path, asked | {"endtime": now - 30}))["recordlist"] == []
        assert await code(door, asked | {"number": 10001}, path) == 65416
        assert await code(door, {}, path) == 65416
        assert await code(door, asked | {"starttime": now - 90_000}, path) == 65417
        simulator.platform.record.lag = 10
        assert (await door.call(path, asked))["number"] == 0
        simulator.platform.record.refuses = 65400
        assert await code(door, asked, path) == 65400


async def test_a_template_sent_again_under_its_id_is_shown_once_for_ten_minutes() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        openid = await heard(simulator)
        body = {"touser": openid, "template_id": "T", "client_msg_id": "a1", "data": {"thing1": {"value": "灯"}}}
        for _ in range(2):
            assert await code(door, body, "message/template/send") == 0
        assert await code(door, body | {"client_msg_id": "a2"}, "message/template/send") == 0
        assert len([s for s in simulator.ledger.shown if s.via == "template"]) == 2
        simulator.options.clock.forward(601)
        assert await code(door, body, "message/template/send") == 0
        assert len([s for s in simulator.ledger.shown if s.via == "template"]) == 3
