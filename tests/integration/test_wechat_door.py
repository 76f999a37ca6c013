# ruff: noqa: F811 - fixtures are named as what they give
"""A resident on WeChat, the platform between, and the gateway: over HTTP, with the simulated platform."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from community.bootstrap import SystemClock
from ops.wechat.accounts import Account, Kind, Mode
from ops.wechat.faults import ApiFault, ApiRates, Faults, PushRates
from ops.wechat.load import LoadPlan, run_load
from ops.wechat.simulator import Options, Simulator
from tests.conftest import community_on, free_port
from tests.unit.gateway.door import photo_bytes, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.wechat_door import gateway_on, wechat_door


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.COMPATIBLE])
async def test_what_a_resident_writes_is_answered_once(
    database_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
    form: str,
    mode: Mode,
) -> None:
    account = Account.make()
    account.form, account.mode = form, mode  # type: ignore[assignment]
    async with wechat_door(database_url, tmp_path, rasa, account, LINSHE_WECHAT_MODE=str(mode)) as door:
        assert await door.platform.official_pusher.verify() == ""
        await door.platform.resident("李秀英").say("楼道灯坏了")
        await door.until("李秀英", "收到：楼道灯坏了")
        assert door.texts("李秀英") == ["收到：楼道灯坏了"]
        report = door.platform.report()
        assert (report["lost"], report["doubled"], report["quota_violations"]) == (0, 0, 0)
        assert door.seen("李秀英")[0].detail["ai"]


async def test_choices_come_as_a_menu_to_tap_and_the_tap_means_that_choice(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    buttons = [{"title": "还没好", "payload": "/not_resolved"}, {"title": "修好了", "payload": "/confirm_resolved"}]
    rasa.script = lambda turn: (
        [{"text": "修好了吗？\n1 还没好\n2 修好了", "buttons": buttons}]
        if turn["message"] == "好了吗"
        else [{"text": turn["message"]}]
    )
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        resident = door.platform.resident("李秀英")
        await resident.say("好了吗")
        await door.until("李秀英", "^修好了吗？\n还没好\n修好了$")
        await resident.choose(2)
        await door.until("李秀英", "/confirm_resolved")
        assert rasa.messages == ["好了吗", "/confirm_resolved"]


async def test_where_menus_are_not_allowed_the_number_is_enough_and_the_platform_is_asked_once(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    buttons = [{"title": "还没好", "payload": "/not_resolved"}, {"title": "修好了", "payload": "/confirm_resolved"}]
    rasa.script = lambda turn: [{"text": f"{turn['message']}？", "buttons": buttons}]
    account = Account.make()
    account.kind = Kind.TEST
    async with wechat_door(sqlite_url, tmp_path, rasa, account) as door:
        resident = door.platform.resident("李秀英")
        await resident.say("好了吗")
        await door.until("李秀英", "好了吗？\n1 还没好\n2 修好了")
        await resident.say("2")
        await door.until("李秀英", "/confirm_resolved")
        assert door.platform.report()["api_calls"]["/cgi-bin/message/custom/send"] == 3


async def test_a_photo_is_fetched_before_the_turn_and_belongs_to_its_sender(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        await door.platform.resident("李秀英").photo(photo_bytes())
        await door.until("李秀英", "收到：/photo")
        (photo,) = rasa.turns[0]["metadata"]["photos"]
        path = door.community.media_files.path(photo)
        assert path.exists()


async def test_a_photo_that_cannot_be_had_is_asked_for_again(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        resident = door.platform.resident("李秀英")
        await resident.photo(b"not a photo at all")
        await door.until("李秀英", "照片没有取到")
        await resident.say("灯坏了")
        await door.until("李秀英", "收到：灯坏了")
        assert rasa.messages == ["灯坏了"]


async def test_voice_with_words_is_read_and_without_them_text_is_asked_for(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        resident = door.platform.resident("李秀英")
        await resident.voice(b"#!AMR", "电梯坏了")
        await door.until("李秀英", "收到：电梯坏了")
        await resident.voice(b"#!AMR")
        await door.until("李秀英", "请打字")
        await resident.video(b"video")
        await door.until("李秀英", "看不了")


async def test_a_place_on_the_map_becomes_words_with_its_coordinates_beside_them(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        await door.platform.resident("李秀英").location(29.58, 120.82, "剡溪花园3幢")
        await door.until("李秀英", "收到：位置：剡溪花园3幢")
        assert rasa.turns[0]["metadata"]["location"] == {"latitude": 29.58, "longitude": 120.82}


async def test_who_follows_is_greeted_and_asked_for_a_home_and_who_leaves_is_sent_nothing_more(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        resident = door.platform.resident("李秀英")
        await resident.follow()
        await door.until("李秀英", "收到：/bind_home")
        assert rasa.turns[0]["metadata"]["welcome"] is True
        rasa.delay = 0.5
        await resident.say("楼道灯坏了")
        await resident.unfollow()
        async with asyncio.timeout(20):
            while len(rasa.turns) < 2:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        assert door.texts("李秀英") == ["收到：/bind_home"]
        assert "43004" not in str(door.platform.report())


async def test_a_button_of_the_accounts_menu_is_what_it_says(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        resident = door.platform.resident("李秀英")
        await resident.click("ask_progress")
        await door.until("李秀英", "收到：/ask_progress")
        await resident.click("社区电话多少")
        await door.until("李秀英", "收到：社区电话多少")


# --- windows ---------------------------------------------------------------------------------------------------------


async def test_more_answers_than_the_platform_allows_are_joined_rather_than_lost(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    rasa.script = lambda turn: [{"text": f"第{n}句"} for n in range(1, 9)]
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        await door.platform.resident("李秀英").say("说八句")
        await door.until("李秀英", "第8句")
        assert "\n\n".join(door.texts("李秀英")).split("\n\n") == [f"第{n}句" for n in range(1, 9)]
        assert door.platform.report()["quota_violations"] == 0


async def test_news_outside_the_window_wait_and_come_first_with_the_next_word(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        resident = door.platform.resident("李秀英")
        await resident.say("灯坏了")
        await door.until("李秀英", "收到：灯坏了")
        door.platform.options.clock.forward(49 * 3600)
        await door.age_window(hours=49)
        await door.news("李秀英", "工单101已派给王强", "工单101修好了")
        await asyncio.sleep(1.5)
        assert len(door.texts("李秀英")) == 1
        await resident.say("怎么样了")
        await door.until("李秀英", "收到：怎么样了")
        assert door.texts("李秀英")[1:] == ["工单101已派给王强", "工单101修好了", "收到：怎么样了"]
        assert door.platform.report()["quota_violations"] == 0


async def test_a_ticket_moves_on_by_template_when_nothing_else_may_be_sent(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    template = {
        "LINSHE_WECHAT_TEMPLATE_ID": "T1",
        "LINSHE_WECHAT_TEMPLATE_FIELDS": "character_string1=number,thing2=text",
    }
    async with wechat_door(sqlite_url, tmp_path, rasa, **template) as door:
        resident = door.platform.resident("李秀英")
        await resident.say("灯坏了")
        await door.until("李秀英", "收到：灯坏了")
        await door.age_window(hours=49)
        await door.news("李秀英", "工单101修好了", topic="ticket:101")
        shown = await door.until("李秀英", "character_string1: 101\nthing2: 工单101修好了")
        assert shown.kind == "template"


# --- accounts that may not push --------------------------------------------------------------------------------------


PASSIVE = {"LINSHE_WECHAT_PUSH": "passive", "LINSHE_WECHAT_SECRET": ""}


def subscription() -> Account:
    account = Account.make()
    account.kind = Kind.SUBSCRIPTION
    return account


async def test_an_account_that_may_not_push_answers_on_the_callback(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    rasa.script = lambda turn: [{"text": "一"}, {"text": "二"}]
    async with wechat_door(sqlite_url, tmp_path, rasa, subscription(), **PASSIVE) as door:
        await door.platform.resident("李秀英").say("灯坏了")
        await door.until("李秀英", "一")
        assert door.texts("李秀英") == ["一\n\n二"]
        assert door.seen("李秀英")[0].via == "passive"
        assert door.platform.report()["api_calls"] == {}


async def test_a_late_answer_waits_and_comes_first_with_the_next_word(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.wechat.routes.WAIT", 0.5)
    rasa.delay = 1.2
    async with wechat_door(sqlite_url, tmp_path, rasa, subscription(), **PASSIVE) as door:
        resident = door.platform.resident("李秀英")
        await resident.say("灯坏了")
        await door.until("李秀英", "正在办")
        await asyncio.sleep(1.5)
        rasa.delay = 0
        await resident.say("好了吗")
        await door.until("李秀英", "收到：好了吗")
        assert door.texts("李秀英")[1:] == ["收到：灯坏了\n\n收到：好了吗"]
        assert rasa.messages == ["灯坏了", "好了吗"]


async def test_a_second_delivery_while_the_first_waits_gets_the_same_answer_and_no_second_turn(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    rasa.delay = 0.8
    async with wechat_door(sqlite_url, tmp_path, rasa, subscription(), deadline=0.5, **PASSIVE) as door:
        await door.platform.resident("李秀英").say("灯坏了")
        await door.until("李秀英", "收到：灯坏了")
        assert door.texts("李秀英") == ["收到：灯坏了"]
        assert rasa.messages == ["灯坏了"]


async def test_a_forged_push_is_refused_and_seen_in_the_metrics(
    sqlite_url: str,
    tmp_path: Path,
    rasa: FakeRasa,
) -> None:
    import aiohttp

    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        url = door.platform.official_pusher.urls[0]
        query = {"timestamp": "1764000000", "nonce": "1", "msg_signature": "0" * 40}
        async with aiohttp.ClientSession() as session:
            async with session.post(url, params=query, data=b"<xml><Encrypt>x</Encrypt></xml>") as response:
                assert response.status == 403
            async with session.post(url, params=query, data=b"x" * 2_000_000) as response:
                assert response.status == 413
        assert 'linshe_wechat_refused_total{reason="signature"} 1.0' in door.metrics()


async def test_a_photo_the_platform_cannot_give_now_is_fetched_when_it_can(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    async with wechat_door(sqlite_url, tmp_path, rasa) as door:
        # The token first, then the photo itself: busy, then cut off.
        door.platform.options.faults.next_api.extend([None, ApiFault.BUSY, ApiFault.RESET])
        await door.platform.resident("李秀英").photo(photo_bytes())
        await door.until("李秀英", "收到：/photo", 40)
        assert len(rasa.turns) == 1
        assert len(rasa.turns[0]["metadata"]["photos"]) == 1


@pytest.mark.parametrize("push", ["customer_service", "passive"])
async def test_while_a_key_is_being_changed_pushes_with_either_are_answered(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa, push: str
) -> None:
    account = Account.make()
    old = account.aes_key
    new = account.rotate_key()
    keys = {"LINSHE_WECHAT_AES_KEY": new, "LINSHE_WECHAT_AES_KEY_PREVIOUS": old}
    async with wechat_door(sqlite_url, tmp_path, rasa, account, LINSHE_WECHAT_PUSH=push, **keys) as door:
        resident = door.platform.resident("李秀英")
        await resident.say("新钥匙")
        await door.until("李秀英", "收到：新钥匙")
        account.aes_key = old
        await resident.say("旧钥匙")
        await door.until("李秀英", "收到：旧钥匙")


async def test_with_faults_on_every_side_and_two_gateways_nothing_is_lost_or_doubled(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    faults = Faults(
        3, ApiRates(busy=0.05, reset=0.02, server_error=0.02), PushRates(duplicate=0.2, late=0.1, drop_answer=0.05)
    )
    ports = [free_port(), free_port()]
    gateways = ",".join(f"http://127.0.0.1:{port}" for port in ports)
    async with contextlib.AsyncExitStack() as stack:
        rasa_url = await stack.enter_async_context(rasa_server(rasa))
        platform = await stack.enter_async_context(Simulator(Options(gateway=gateways, faults=faults, deadline=2)))
        for port in ports:
            heart = await stack.enter_async_context(community_on(database_url, tmp_path, SystemClock()))
            await stack.enter_async_context(gateway_on(heart, platform, rasa_url, tmp_path, port))
        report = await run_load(platform, LoadPlan(users=30, rate=15, seconds=6, patience=60, quiet=1))
    assert report["drained"], report
    found = {
        name: report[name] for name in ("lost", "doubled", "out_of_order", "quota_violations", "unavailable_shown")
    }
    assert not any(found.values()), report
