"""`say` against a small gateway of the same manners: replies pushed over the WebSocket, then `handled`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from ops.cli import say
from ops.context import OperationFailed


class SmallGateway:
    """Answers each message with two replies, and lets a ticket update arrive in between."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.received: list[dict[str, Any]] = []
        self.silent = False
        self.app = web.Application()
        self.app.router.add_post("/api/demo/login", self.login)
        self.app.router.add_post("/api/messages", self.message)
        self.app.router.add_get("/api/ws", self.socket)

    async def login(self, request: web.Request) -> web.Response:
        if (await request.json())["resident"] != "R0001":
            return web.json_response({"message": "没有这位居民"}, status=404)
        answer = web.json_response({})
        answer.set_cookie("session", "abc")
        return answer

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        assert request.cookies["session"] == "abc"
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        async for _ in socket:
            pass
        return socket

    async def push(self, **event: Any) -> None:
        for socket in self.sockets:
            await socket.send_json(event)

    def reply(self, text: str, to: int | None, **more: Any) -> dict[str, Any]:
        return {"id": 9, "direction": "out", "text": text, "buttons": [], "photos": [], "in_reply_to": to, **more}

    async def message(self, request: web.Request) -> web.Response:
        assert request.cookies["session"] == "abc"
        body = await request.json()
        self.received.append(body)
        if not body["text"].strip("!"):
            return web.json_response({"error": "empty"}, status=400)
        inbound = len(self.received)
        if not self.silent:
            mine = {"id": inbound, "direction": "in", "text": body["text"], "in_reply_to": None}
            await self.push(type="message", message=mine)
            await self.push(type="message", message=self.reply("收到。", inbound))
            await self.push(type="message", message=self.reply("工单有进展。", None))
            buttons = [{"id": "yes", "title": "对"}]
            await self.push(type="message", message=self.reply("是电梯吗?", inbound, buttons=buttons))
            await self.push(type="handled", id=inbound)
        return web.json_response({"id": inbound}, status=202)  # after the replies, as can happen


@contextlib.asynccontextmanager
async def serving(gateway: SmallGateway) -> AsyncIterator[str]:
    runner = web.AppRunner(gateway.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_json_has_one_line_a_message_with_its_own_replies(capsys: pytest.CaptureFixture[str]) -> None:
    gateway = SmallGateway()
    async with serving(gateway) as base:
        await say._converse(base, "R0001", "电梯坏了", True, 5)
    line = json.loads(capsys.readouterr().out)
    assert line["text"] == "电梯坏了"
    assert line["replies"] == [
        {"text": "收到。", "buttons": []},
        {"text": "是电梯吗?", "buttons": [{"id": "yes", "title": "对"}]},
    ]
    assert line["seconds"] >= 0
    assert gateway.received[0]["client_id"]


async def test_for_people_the_replies_buttons_and_notices_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(SmallGateway()) as base:
        await say._converse(base, "R0001", "电梯坏了", False, 5)
    out = capsys.readouterr().out
    assert "< 收到。" in out
    assert "* 工单有进展。" in out
    assert "[对]" in out


async def test_a_gateway_that_is_not_there_says_how_to_start_it(unused_tcp_port: int) -> None:
    with pytest.raises(OperationFailed, match="make run"):
        await say._converse(f"http://127.0.0.1:{unused_tcp_port}", "R0001", "你好", True, 5)


async def test_an_unknown_resident_is_told_with_the_gateways_reason() -> None:
    async with serving(SmallGateway()) as base:
        with pytest.raises(OperationFailed, match="Cannot be resident 张三.*没有这位居民"):
            await say._converse(base, "张三", "你好", True, 5)


async def test_a_refused_message_is_told_with_the_reason() -> None:
    async with serving(SmallGateway()) as base:
        with pytest.raises(OperationFailed, match=r"refused the message \(400\): empty"):
            await say._converse(base, "R0001", "!", True, 5)


async def test_no_answer_in_time_says_that_the_message_is_kept() -> None:
    gateway = SmallGateway()
    gateway.silent = True
    async with serving(gateway) as base:
        with pytest.raises(OperationFailed, match="within 0 s. The message is kept"):
            await say._converse(base, "R0001", "你好", True, 0.2)
