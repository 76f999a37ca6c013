"""A stub of Rasa for `make bench-door`, a process of its own: `python -m ops.bench.echo_rasa PORT`.

Answers every turn at once with what was said, on the wire of docs/architecture.md. What is measured then is the door alone, and the marks
that the simulator writes into each message come back, by which lost and doubled answers are known.
"""

from __future__ import annotations

import sys

from aiohttp import web

PATH = "/webhooks/linshe/webhook"


async def turn(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response({"replies": [{"text": f"收到：{body['message']}"}]})


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def make_app() -> web.Application:
    app = web.Application()
    app.add_routes([web.post(PATH, turn), web.get("/", health)])
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)
