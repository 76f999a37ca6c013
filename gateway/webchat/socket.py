"""The socket of an open page: one direction only, everything the resident says goes by POST."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from gateway.errors import Refusal
from gateway.keys import HUB
from gateway.webchat.hub import Link
from gateway.webchat.session import signed_in

HEARTBEAT = 25.0
SEND_SECONDS = 10.0
MOST_PER_RESIDENT = 10
LONGEST_FRAME = 4096
SESSION_OVER = 4401


async def open_socket(request: web.Request) -> web.StreamResponse:
    visitor = await signed_in(request)
    hub = request.app[HUB]
    if hub.count(visitor.resident.id) >= MOST_PER_RESIDENT:
        raise Refusal(429, "too_many", "这个对话在太多地方打开了，请关掉几个页面。")
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST_FRAME)
    if not socket.can_prepare(request):
        raise Refusal(400, "bad_request", "这个地址只用于页面的实时连接。")
    link = await hub.join(visitor.resident.id, visitor.token)
    try:
        await socket.prepare(request)
        writer = asyncio.create_task(_write(socket, link))
        try:
            async for frame in socket:
                # Pages have nothing to say here; read only to notice that they went.
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
    finally:
        hub.leave(link)
    return socket


async def _write(socket: web.WebSocketResponse, link: Link) -> None:
    code = 1001
    try:
        while (event := await link.queue.get()) is not None:
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send_json(event)
            if event["type"] == "expired":
                code = SESSION_OVER
    except (ConnectionError, TimeoutError):
        pass
    await socket.close(code=code)
