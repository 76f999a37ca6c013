"""A Rasa server for tests: speaks the agreed wire, remembers what it was sent, fails when told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

Script = Callable[[dict[str, Any]], list[dict[str, Any]]]


def echo(turn: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"text": f"收到：{turn['message']}"}]


class FakeRasa:
    """`failing` is a list of statuses to answer with first; `delay` the seconds a turn takes; `hanging_up`: it breaks every
    connection that brings a turn."""

    def __init__(self, script: Script = echo) -> None:
        self.script = script
        self.turns: list[dict[str, Any]] = []
        self.failing: list[int] = []
        self.raw: str | None = None
        self.delay = 0.0
        self.hanging_up = False
        self.hung_up = 0
        self.busy: dict[str, int] = {}
        self.most_at_once_of_one = 0
        self.most_at_once = 0

    async def webhook(self, request: web.Request) -> web.Response:
        turn = await request.json()
        sender = turn["sender"]
        self.busy[sender] = self.busy.get(sender, 0) + 1
        self.most_at_once_of_one = max(self.most_at_once_of_one, self.busy[sender])
        self.most_at_once = max(self.most_at_once, sum(self.busy.values()))
        try:
            await asyncio.sleep(self.delay)
            if self.hanging_up and request.transport is not None:
                self.hung_up += 1
                request.transport.close()
            if self.failing:
                return web.json_response({"error": "actions_unavailable"}, status=self.failing.pop(0))
            self.turns.append(turn)
            if self.raw is not None:
                return web.Response(text=self.raw)
            return web.json_response({"replies": self.script(turn)})
        finally:
            self.busy[sender] -= 1

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/webhooks/linshe/", self.health)
        app.router.add_post("/webhooks/linshe/webhook", self.webhook)
        return app

    @property
    def messages(self) -> list[str]:
        return [turn["message"] for turn in self.turns]
