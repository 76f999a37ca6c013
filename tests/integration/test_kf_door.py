# ruff: noqa: F811 - fixtures are named as what they give
"""A resident on 微信客服, the platform between, and the gateway: over HTTP, with the simulated platform."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from community.bootstrap import SystemClock
from community.model.category import Category
from community.services.tickets import FileTicket, file_ticket
from ops.wechat.faults import ApiFault, ApiRates, Faults
from ops.wechat.simulator import Options, Simulator
from tests.conftest import community_on, free_port
from tests.small_city import build_small_city
from tests.unit.gateway.door import photo_bytes, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.wechat_door import WechatDoor, gateway_on


def settings_of(platform: Simulator) -> dict[str, str]:
    return platform.options.corp.settings(platform.api)


@contextlib.asynccontextmanager
async def kf_door(url: str, tmp_path: Path, rasa: FakeRasa, **more: Any) -> AsyncIterator[WechatDoor]:
    port = free_port()
    async with (
        community_on(url, tmp_path, SystemClock()) as heart,
        rasa_server(rasa) as rasa_url,
        Simulator(Options(gateway=f"http://127.0.0.1:{port}")) as platform,
        gateway_on(heart, platform, rasa_url, tmp_path, port, **{**settings_of(platform), **more}) as app,
    ):
        yield WechatDoor(app, heart, platform, rasa)
        await asyncio.sleep(0)


async def test_what_a_resident_writes_is_answered_once(database_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    async with kf_door(database_url, tmp_path, rasa) as door:
        customer = door.platform.customer("李秀英")
        await customer.say("楼道灯坏了")
        await door.until("李秀英", "收到：楼道灯坏了")
        await customer.say("怎么样了")
        await door.until("李秀英", "收到：怎么样了")
        assert door.texts("李秀英") == ["收到：楼道灯坏了", "收到：怎么样了"]
        report = door.platform.report()
        assert (report["lost"], report["doubled"], report["quota_violations"]) == (0, 0, 0)


async def test_choices_are_tapped_and_photos_places_and_voices_arrive(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    buttons = [{"title": "还没好", "payload": "/not_resolved"}, {"title": "修好了", "payload": "/confirm_resolved"}]
    rasa.script = lambda turn: (
        [{"text": "修好了吗？\n1 还没好\n2 修好了", "buttons": buttons}]
        if turn["message"] == "好了吗"
        else [{"text": f"收到：{turn['message']}"}]
    )
    async with kf_door(sqlite_url, tmp_path, rasa) as door:
        customer = door.platform.customer("李秀英")
        await customer.say("好了吗")
        await door.until("李秀英", "^修好了吗？\n还没好\n修好了$")
        await customer.choose(2)
        await door.until("李秀英", "收到：/confirm_resolved")
        await customer.photo(photo_bytes())
        await door.until("李秀英", "收到：/photo")
        (photo,) = rasa.turns[-1]["metadata"]["photos"]
        assert door.community.media_files.path(photo).exists()
        await customer.location(29.58, 120.82, "剡溪花园3幢")
        await door.until("李秀英", "收到：位置：剡溪花园3幢")
        # Moments of the platform are whole seconds: what is written in one of them opens one window.
        await asyncio.sleep(1.1)
        await customer.voice(b"#!AMR")
        await door.until("李秀英", "还听不了语音")
        await customer.video(b"video")
        await door.until("李秀英", "看不了")


async def test_who_opens_the_chat_is_greeted(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    async with kf_door(sqlite_url, tmp_path, rasa) as door:
        customer = door.platform.customer("李秀英")
        await customer.enter("poster")
        await door.until("李秀英", "收到：/bind_home")
        await customer.say("你好")
        await door.until("李秀英", "收到：你好")
        assert door.platform.report()["quota_violations"] == 0


async def test_a_photo_of_ours_is_uploaded_and_shown(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    async with kf_door(sqlite_url, tmp_path, rasa) as door:
        customer = door.platform.customer("李秀英")
        await customer.photo(photo_bytes())
        await door.until("李秀英", "收到：/photo")
        (photo,) = rasa.turns[-1]["metadata"]["photos"]
        async with door.community.uow() as uow:
            address = f"{door.platform.options.corp.kfid}/{customer.user.openid}"
            resident = await uow.people.resident_by_identity("wecom_kf", address)
            assert resident is not None
            from community.services.notify import tell

            now = door.community.clock.now()
            await tell(uow, resident.id, "修好的样子", key="k", now=now, photos=(photo,))
            await uow.commit()
        await door.until("李秀英", r"\[image\]")


async def test_with_pushes_lost_and_calls_failing_nothing_is_lost_or_doubled(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    faults = Faults(5, ApiRates(busy=0.05, reset=0.02, server_error=0.02))
    ports = [free_port(), free_port()]
    gateways = ",".join(f"http://127.0.0.1:{port}" for port in ports)
    people = [f"居民{n}" for n in range(12)]
    async with contextlib.AsyncExitStack() as stack:
        rasa_url = await stack.enter_async_context(rasa_server(rasa))
        platform = await stack.enter_async_context(Simulator(Options(gateway=gateways, faults=faults, deadline=2)))
        platform.kf.empty_pages = 2
        for port in ports:
            heart = await stack.enter_async_context(community_on(database_url, tmp_path, SystemClock()))
            settings = settings_of(platform)
            app = await stack.enter_async_context(gateway_on(heart, platform, rasa_url, tmp_path, port, **settings))
        door = WechatDoor(app, heart, platform, rasa)

        async def talks(name: str) -> None:
            for number in range(4):
                await platform.customer(name).say(f"{name}第{number}句")
                await asyncio.sleep(0.3)

        await asyncio.gather(*(talks(name) for name in people))
        for name in people:
            await door.until(name, f"收到：{name}第3句", 60)
        for name in people:
            said = "\n\n".join(door.texts(name)).split("\n\n")
            assert said == [f"收到：{name}第{n}句" for n in range(4)]
        assert platform.report()["quota_violations"] == 0


async def test_a_gateway_that_was_away_fetches_what_came_meanwhile(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    port = free_port()
    async with (
        community_on(sqlite_url, tmp_path, SystemClock()) as heart,
        rasa_server(rasa) as rasa_url,
        Simulator(Options(gateway=f"http://127.0.0.1:{port}", deadline=0.2)) as platform,
    ):
        await platform.customer("李秀英").say("有人吗")
        async with gateway_on(heart, platform, rasa_url, tmp_path, port, **settings_of(platform)) as app:
            await WechatDoor(app, heart, platform, rasa).until("李秀英", "收到：有人吗")


async def test_a_refusing_resident_is_put_aside(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    from tests.integration.test_kf import out

    async with kf_door(sqlite_url, tmp_path, rasa) as door:
        customer = door.platform.customer("李秀英")
        customer.user.blocks = True
        await customer.say("灯坏了")
        async with asyncio.timeout(20):
            while [row.status for row in await out(door.community)] != ["dead"]:
                await asyncio.sleep(0.1)


async def test_the_room_hears_of_an_urgent_ticket(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    port = free_port()
    async with (
        community_on(sqlite_url, tmp_path, SystemClock()) as heart,
        rasa_server(rasa) as rasa_url,
        Simulator(Options(gateway=f"http://127.0.0.1:{port}")) as platform,
    ):
        city = await build_small_city(heart)
        (key,) = platform.options.corp.robots
        settings = {**settings_of(platform), "LINSHE_WECOM_ROBOTS": f"剡溪社区={key}"}
        async with gateway_on(heart, platform, rasa_url, tmp_path, port, **settings) as app:
            filing = dataclasses.replace(heart, rooms=frozenset({"剡溪社区"}))
            place = city.places["剡溪花园/3/2/502"].id
            command = FileTicket(city.residents["R0001"].id, Category.ELEVATOR, "电梯困人", "", place, "k1")
            number = (await file_ticket(filing, command)).ticket.number
            door = WechatDoor(app, heart, platform, rasa)
            shown = await door.until(f"群 {key}", f"新工单{number}")
            assert "502" not in shown.text


@pytest.mark.parametrize("fault", [ApiFault.BUSY, ApiFault.RESET, ApiFault.LOST_RESPONSE])
async def test_one_failing_call_delays_and_loses_nothing(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa, fault: ApiFault
) -> None:
    async with kf_door(sqlite_url, tmp_path, rasa) as door:
        customer = door.platform.customer("李秀英")
        await customer.say("一")
        await door.until("李秀英", "收到：一")
        door.platform.options.faults.next_api.append(fault)
        await customer.say("二")
        await door.until("李秀英", "收到：二", 40)
        assert rasa.messages == ["一", "二"]
