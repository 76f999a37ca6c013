"""A small callback server that is a good door by default, and a bad one in exactly one way when told.

It keeps to the documents only as far as these tests need, and knows the simulator by HTTP alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from ops.wechat.accounts import Account, Corp
from ops.wechat.codec import Crypt, signature
from ops.wechat.simulator import LOCAL, Options, Simulator
from ops.wechat.wire import dump, load


@dataclass
class Ways:
    """How it behaves. `slow`: seconds before the acknowledgement. `lose`, `double`: texts whose answer is left out or sent twice.
    `hold`: a text whose answer waits until the next answer of the same resident has gone."""

    passive: bool = False
    forgets: bool = False
    """Handles every delivery anew."""
    slow: float = 0.0
    slow_corp: float = 0.0
    """The same for what WeCom pushes."""
    statuses: list[int] = field(default_factory=list)
    """Answered with first, one a delivery."""
    lose: frozenset[str] = frozenset()
    double: frozenset[str] = frozenset()
    hold: str = ""
    times: int = 1
    """How many different answers to each message."""
    sign_wrongly: bool = False
    plain: bool = False
    key: str = ""
    """Encrypts replies with this one instead."""
    raw: bytes | None = None
    """Acknowledges with this instead of `success`."""
    to: str = ""
    """Sends every answer to this openid."""


class Door:
    def __init__(self) -> None:
        self.ways = Ways()
        self.account: Account
        self.corp: Corp
        self.api = ""
        self.seen: set[str] = set()
        self.bodies: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.held: list[tuple[str, str]] = []
        self.errors: list[int] = []
        self.corp_reply: dict[str, Any] | None = None
        """The inside of the passive answer to whatever WeCom pushes next."""
        self.token = ""
        self.tasks: set[asyncio.Task[None]] = set()
        self.order: dict[str, asyncio.Lock] = {}
        self.on_body: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        """Does something about what was pushed, after it was acknowledged."""

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/wechat", self.verify), web.post("/wechat", self.official)])
        app.add_routes([web.get("/wecom", self.verify_corp), web.post("/wecom", self.wecom)])
        return app

    async def verify(self, request: web.Request) -> web.Response:
        q = request.query
        good = q["signature"] == signature(self.account.token, q["timestamp"], q["nonce"])
        return web.Response(text=q["echostr"]) if good else web.Response(status=403)

    async def verify_corp(self, request: web.Request) -> web.Response:
        q = request.query
        assert q["msg_signature"] == signature(self.corp.token, q["timestamp"], q["nonce"], q["echostr"])
        return web.Response(body=self.corp.crypt.decrypt(q["echostr"]))

    async def official(self, request: web.Request) -> web.Response:
        outer = load(await request.read(), self.account.form)
        self.queries.append(dict(request.query))
        if "Encrypt" in outer:
            q = request.query
            if q["msg_signature"] != signature(self.account.token, q["timestamp"], q["nonce"], outer["Encrypt"]):
                return web.Response(status=403)
            outer = load(self.account.crypt.decrypt(outer["Encrypt"]), self.account.form)
        return await self.taken(outer)

    async def wecom(self, request: web.Request) -> web.Response:
        outer = load(await request.read(), self.corp.form)
        q = request.query
        assert q["msg_signature"] == signature(self.corp.token, q["timestamp"], q["nonce"], outer["Encrypt"])
        body = load(self.corp.crypt.decrypt(outer["Encrypt"]), self.corp.form)
        await asyncio.sleep(self.ways.slow_corp)
        if self.ways.statuses:
            return web.Response(status=self.ways.statuses.pop(0))
        self.bodies.append(body)
        self.later(body)
        if self.corp_reply is None:
            return web.Response(text="success")
        sealed, stamp, nonce = self.corp.crypt.encrypt(dump(self.corp_reply, self.corp.form)), "1", "12345"
        signed = signature(self.corp.token, stamp, nonce, sealed)
        answer = {"Encrypt": sealed, "MsgSignature": signed, "TimeStamp": stamp, "Nonce": nonce}
        return web.Response(body=dump(answer, self.corp.form).encode())

    def later(self, body: dict[str, Any]) -> None:
        if self.on_body is not None:
            self.tasks.add(asyncio.ensure_future(self.on_body(body)))

    async def taken(self, body: dict[str, Any]) -> web.Response:
        """Kept once, acknowledged, answered."""
        if self.ways.slow:
            await asyncio.sleep(self.ways.slow)
        if self.ways.statuses:
            return web.Response(status=self.ways.statuses.pop(0))
        self.bodies.append(body)
        self.later(body)
        key = str(
            body.get("MsgId") or f"{body['FromUserName']}{body['CreateTime']}{body.get('Event')}{body.get('EventKey')}"
        )
        if key in self.seen and not self.ways.forgets:
            return web.Response(text="success")
        self.seen.add(key)
        if body["MsgType"] != "text":
            return web.Response(text="success")
        words = f"收到：{body['Content']}"
        if self.ways.passive:
            return web.Response(body=self.reply(body, words))
        task = asyncio.create_task(self.answer(body["FromUserName"], body["Content"], words))
        self.tasks.add(task)
        return web.Response(body=b"success" if self.ways.raw is None else self.ways.raw)

    def reply(self, body: dict[str, Any], words: str) -> bytes:
        account = self.account
        fields = {"ToUserName": self.ways.to or body["FromUserName"], "FromUserName": body["ToUserName"]}
        inside = dump({**fields, "CreateTime": int(time.time()), "MsgType": "text", "Content": words}, account.form)
        if self.ways.plain or account.mode == "plain":
            return inside.encode()
        sealed = Crypt(self.ways.key or account.aes_key, account.appid).encrypt(inside)
        stamp, nonce = str(int(time.time())), "12345"
        signed = "0" * 40 if self.ways.sign_wrongly else signature(account.token, stamp, nonce, sealed)
        return dump(
            {"Encrypt": sealed, "MsgSignature": signed, "TimeStamp": stamp, "Nonce": nonce}, account.form
        ).encode()

    async def answer(self, openid: str, text: str, words: str) -> None:
        if text in self.ways.lose:
            return
        async with self.order.setdefault(openid, asyncio.Lock()):
            if text == self.ways.hold:
                self.held.append((openid, words))
                return
            await self.send(self.ways.to or openid, words)
            if text in self.ways.double:
                await self.send(openid, words)
            for number in range(1, self.ways.times):
                await self.send(openid, f"{words}（{number}）")
            for held in self.held:
                await self.send(*held)
            self.held.clear()

    async def send(self, openid: str, words: str) -> int:
        answer = await self.call(
            "message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": words}}
        )
        self.errors += [answer["errcode"]] if answer["errcode"] else []
        return int(answer["errcode"])

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """An API call with a token, fetched when there is none. As the platform wants it: no ASCII escapes."""
        if not self.token:
            ask = {"grant_type": "client_credential", "appid": self.account.appid, "secret": self.account.secret}
            self.token = (await self.post("/cgi-bin/stable_token", ask))["access_token"]
        base = "" if path.startswith("/") else "/cgi-bin/"
        return await self.post(f"{base}{path}?access_token={self.token}", body)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        data = json.dumps(body, ensure_ascii=False).encode()
        async with self.session.post(self.api + path, data=data) as answer:
            found: dict[str, Any] = await answer.json(content_type=None)
            return found

    async def get(self, path: str) -> tuple[str, bytes]:
        async with self.session.get(self.api + path) as answer:
            return answer.content_type, await answer.read()


@contextlib.asynccontextmanager
async def reference_door(ways: Ways | None = None) -> AsyncIterator[tuple[Door, str]]:
    """The door alone, and its address; who uses it sets its accounts and the API's address."""
    door = Door()
    door.ways = ways or Ways()
    runner = web.AppRunner(door.app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, LOCAL, 0).start()
    try:
        async with aiohttp.ClientSession() as door.session:
            yield door, f"http://{LOCAL}:{runner.addresses[0][1]}"
            for task in door.tasks:
                task.cancel()
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def door_and_platform(ways: Ways | None = None, **options: Any) -> AsyncIterator[tuple[Door, Simulator]]:
    """A reference door and a simulator that know each other. `deadline` 2 s: a busy machine is not the door's fault; who tests time-outs
    says 0.3."""
    async with reference_door(ways) as (door, gateway):
        async with Simulator(Options(**{"gateway": gateway, "deadline": 2.0, "hang": 0.3, **options})) as simulator:
            door.account, door.corp, door.api = simulator.options.account, simulator.options.corp, simulator.api
            yield door, simulator
