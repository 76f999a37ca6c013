"""Everything real and running: a resident writes, a grid worker handles, the resident has the last word."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

from community.model.ticket import Status
from community.ports import Community
from community.services import desk
from tests.running_city import Chat, RunningCity

pytestmark = pytest.mark.timeout(600)


def number_in(text: str) -> str:
    found = re.search(r"\b1\d{5}\b", text)
    assert found, f"no ticket number in: {text}"
    return found.group()


async def report(chat: Chat, words: str) -> str:
    """Answer whatever is still asked with a plain answer until the confirm card is there, then submit. Returns the number."""
    text = await chat.say(words)
    for _ in range(8):
        if "提交" in text and "取消" in text:
            return number_in(await chat.say("提交"))
        if "哪" in text and ("地方" in text or "地点" in text or "哪里" in text or "几幢" in text):
            text = await chat.say("剡溪花园3幢")
        elif "照片" in text or "电话" in text:
            text = await chat.say("跳过")
        else:
            text = await chat.say("昨天晚上开始的")
    raise AssertionError(f"never came to the confirm card, last: {text}")


async def test_a_report_is_handled_and_the_resident_has_the_last_word(running: RunningCity, heart: Community) -> None:
    async with Chat(running, "R0001") as chat:
        number = await report(chat, "剡溪花园3幢2单元楼道灯坏了，昨天晚上开始的")
        async with heart.reading() as uow:
            ticket = await uow.tickets.by_number(number)
            assert ticket is not None
            assert ticket.category == "lighting"
            assert ticket.status is Status.DISPATCHED
            assert ticket.holder_id
        await desk.accept(heart, ticket.holder_id, number)
        await chat.until_told("已接单")
        await desk.resolve(heart, ticket.holder_id, number, "已更换灯管")
        told = await chat.until_told("已更换灯管")
        assert [b["title"] for b in told["buttons"]] == ["办好了", "办了一部分", "还没好"]
        assert "分" in await chat.say("1")
        text = await chat.say("5")
        assert "分" in text or "谢" in text
        async with heart.reading() as uow:
            ticket = await uow.tickets.by_number(number)
            assert ticket is not None
            assert (ticket.status, ticket.rating) == (Status.CLOSED, 5)


async def test_two_residents_at_once_see_only_their_own(running: RunningCity) -> None:
    async with Chat(running, "R0002") as one, Chat(running, "R0003") as two:
        first, second = await asyncio.gather(
            report(one, "剡溪花园3幢电梯一直异响，今天早上开始"), report(two, "小区垃圾桶满了没人清，三天了，在剡溪花园3幢")
        )
        assert first != second
        assert "没有查到" in await two.say(f"{first}到哪一步了")
        assert first not in str(await two.history()).replace(f"{first}到哪一步了", "").replace(f"工单{first}", "")


async def test_the_door_refuses_nonsense_with_a_reason_and_no_traceback(running: RunningCity) -> None:
    async with Chat(running, "R0004") as chat:
        for body, status in (
            (b"{", 400),
            (b"[]", 400),
            (b'{"text": "hi"}', 400),
            (b'{"client_id": "a", "text": ""}', 400),
            (('{"client_id": "b", "text": "' + "长" * 20_000 + '"}').encode(), 400),
        ):
            async with chat.http.post(
                "/api/messages", data=body, headers={"Content-Type": "application/json"}
            ) as response:
                said = await response.text()
                assert response.status == status, said
                assert "Traceback" not in said
                assert (await response.json())["message"]
        for odd in ("<script>alert(1)</script>", "'; DROP TABLE tickets; --", "😀😀😀", '/restart{"a":1}', "…", "\u202e反过来"):
            answer = await chat.say(odd)
            assert answer
            assert "Traceback" not in answer


async def test_nobody_without_a_session_reads_or_writes(running: RunningCity) -> None:
    async with aiohttp.ClientSession(running.gateway) as http:
        for call in (http.get("/api/history"), http.get("/api/me"), http.post("/api/messages", json={"text": "x"})):
            async with call as response:
                assert response.status == 401
