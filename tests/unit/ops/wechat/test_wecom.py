"""WeCom's API as the other side meets it: tokens, receivers, limits, robots, media."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from ops.wechat.clock import ManualClock
from tests.unit.ops.wechat.company import WANG, Company
from tests.unit.ops.wechat.reference_door import door_and_platform


async def test_the_address_is_verified_with_an_encrypted_echo() -> None:
    async with door_and_platform(deadline=5.0) as (_, simulator):
        assert await simulator.corp_pusher.verify() == ""


async def test_more_than_thirty_a_minute_are_accepted_and_not_shown() -> None:
    async with door_and_platform(clock=ManualClock(), deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        codes = [(await company.send(WANG, f"第{n}条"))["errcode"] for n in range(32)]
        assert codes == [0] * 32
        assert len(member.saw()) == 30
        assert simulator.report()["dropped_silently"] == 2
        simulator.options.clock.forward(60)
        await company.send(WANG, "又可以了")
        assert member.saw()[-1].text == "又可以了"


async def test_unknown_receivers_are_named_and_all_unknown_is_an_error() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        assert (await company.send(f"{WANG}|nobody", "在吗"))["invaliduser"] == "nobody"
        assert (await company.send("nobody", "在吗"))["errcode"] == 81013
        assert (await company.send(WANG, "在吗", agentid=7))["errcode"] == 40056
        await company.send(WANG, "字" * 700)
        assert len(simulator.member(WANG).saw()[-1].text) == 682


async def test_the_same_twice_is_shown_once_when_asked() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        member, company = simulator.member(WANG), Company(door, simulator)
        for _ in range(2):
            await company.send(WANG, "一次", enable_duplicate_check=1)
            await company.send(WANG, "两次")
        assert [shown.text for shown in member.saw()] == ["一次", "两次", "两次"]


async def test_a_robot_speaks_twenty_times_a_minute() -> None:
    async with door_and_platform(deadline=5.0) as (door, _):
        body = {"msgtype": "text", "text": {"content": "早"}}
        codes = [(await door.post("/cgi-bin/webhook/send?key=linshe-robot", body))["errcode"] for _ in range(21)]
        assert codes == [0] * 20 + [45009]
        assert (await door.post("/cgi-bin/webhook/send?key=other", body))["errcode"] == 93000


async def test_media_of_a_member_are_fetched_with_the_companys_token() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
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


async def test_the_same_token_comes_until_its_end_and_a_wrong_secret_is_told_apart_from_a_missing_one() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        own, tokens = simulator.options.corp, simulator.platform.corp_tokens

        async def ask(**query: str) -> dict[str, Any]:
            async with door.session.get(f"{door.api}/cgi-bin/gettoken", params=query) as answer:
                found: dict[str, Any] = await answer.json()
                return found

        first = await ask(corpid=own.corpid, corpsecret=own.secret)
        again = await ask(corpid=own.corpid, corpsecret=own.secret)
        assert (first["errcode"], first["expires_in"], first["access_token"]) == (0, 7200, again["access_token"])
        codes = [
            (await ask(**query))["errcode"]
            for query in (
                {"corpid": "ww0", "corpsecret": own.secret},
                {"corpid": own.corpid, "corpsecret": "no"},
                {"corpsecret": own.secret},
                {"corpid": own.corpid},
            )
        ]
        assert codes == [40013, 40001, 41002, 41004]
        company = Company(door, simulator)
        simulator.member(WANG)
        await company.send(WANG, "早")
        tokens.invalidate()
        assert (await company.send(WANG, "早"))["errcode"] == 40014
        company.token = ""
        assert (await company.send(WANG, "早"))["errcode"] == 0
        assert simulator.report()["refused"] == {"40001": 1, "40013": 1, "40014": 1, "41002": 1, "41004": 1}


async def test_who_calls_from_an_address_that_is_not_trusted_is_refused_60020() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.options.corp.ips = frozenset({"203.0.113.5"})
        async with door.session.get(f"{door.api}/cgi-bin/gettoken?corpid=x&corpsecret=y") as answer:
            assert (await answer.json())["errcode"] == 60020


async def test_nobody_departments_and_too_many_are_told_apart() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        assert (await company.send("", "在吗"))["errcode"] == 81012
        assert (await company.send("", "在吗", toparty="2"))["errcode"] == 81013
        assert (await company.send(WANG, "在吗", toparty="2"))["invalidparty"] == "2"
        assert (await company.send("|".join(f"u{n}" for n in range(1001)), "在吗"))["errcode"] == 40032
        assert (await company.send(WANG, "在吗", agentid=None))["errcode"] == 41011
        await company.send(f"{WANG}|{WANG}", "两次的名字，一条消息")
        assert [shown.text for shown in simulator.member(WANG).saw()] == ["在吗", "两次的名字，一条消息"]


async def test_what_a_member_never_saw_is_told_to_who_watches() -> None:
    async with door_and_platform(clock=ManualClock(), deadline=5.0) as (door, simulator):
        told: list[str] = []
        simulator.troubles.append(told.append)
        simulator.member(WANG)
        company = Company(door, simulator)
        for number in range(31):
            await company.send(WANG, f"第{number}条")
        await company.send("nobody", "在吗")
        assert [line.split("：")[-1] for line in told] == ["第30条", "/cgi-bin/message/send 应答 81013"]


async def test_over_a_thousand_an_hour_are_dropped_too() -> None:
    async with door_and_platform(clock=ManualClock(), deadline=5.0) as (_, simulator):
        clock, members = simulator.options.clock, simulator.wecom.members
        for _ in range(34):
            taken = [members.allows(WANG, clock.now()) for _ in range(30)]
            clock.forward(61)
        assert (taken.count(True), members.over) == (10, 20)


async def test_media_that_are_too_small_too_big_or_of_no_kind_are_refused() -> None:
    async with door_and_platform(deadline=5.0) as (door, simulator):
        simulator.member(WANG)
        company = Company(door, simulator)
        await company.send(WANG, "早")

        async def up(kind: str, content: bytes) -> int:
            form = aiohttp.FormData()
            form.add_field("media", content, filename="a.bin")
            url = f"{door.api}/cgi-bin/media/upload?access_token={company.token}&type={kind}"
            async with door.session.post(url, data=form) as answer:
                return int((await answer.json())["errcode"])

        sizes = [("image", 5), ("image", 6), ("voice", 2 * 1024 * 1024 + 1), ("file", 9), ("thumb", 9)]
        assert [await up(kind, b"x" * size) for kind, size in sizes] == [40006, 0, 45001, 0, 40004]
