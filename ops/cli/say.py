"""say: talk to the running assistant as a resident, through the same door as the web chat."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer

from ops.cli.common import console, errors, sentences


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Everyday")(say)


class Talk:
    """One resident's open page: what is posted goes in, what the gateway pushes comes out."""

    def __init__(self, session: Any, base: str, timeout: float) -> None:
        self.session = session
        self.base = base
        self.timeout = timeout
        self.pushed: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def listen(self, socket: Any) -> None:
        import aiohttp

        async for frame in socket:
            if frame.type == aiohttp.WSMsgType.TEXT:
                self.pushed.put_nowait(json.loads(frame.data))
        self.pushed.put_nowait(None)

    async def send(self, text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(replies to this message, other messages that came meanwhile), once the message is wholly handled."""
        from ops.context import OperationFailed

        body = {"client_id": str(uuid.uuid4()), "text": text}
        async with self.session.post(f"{self.base}/api/messages", json=body) as answer:
            if answer.status != 202:
                raise OperationFailed(f"The gateway refused the message ({answer.status}): {await _reason(answer)}")
            inbound = (await answer.json())["id"]
        replies: list[dict[str, Any]] = []
        others: list[dict[str, Any]] = []
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    event = await self.pushed.get()
            except TimeoutError:
                raise OperationFailed(
                    f"No complete answer within {self.timeout:.0f} s. The message is kept and will be handled; "
                    "see ./linshe doctor and var/log."
                ) from None
            if event is None:
                raise OperationFailed("The gateway closed the connection. The message is kept and will be handled.")
            if event.get("type") == "handled" and event.get("id") == inbound:
                return replies, others
            message = event.get("message") or {}
            if event.get("type") == "message" and message.get("direction") != "in":
                (replies if message.get("in_reply_to") == inbound else others).append(message)


async def _reason(answer: Any) -> str:
    text = (await answer.text()).strip()
    try:
        body = json.loads(text)
        return str(body.get("message") or body.get("error") or text)[:300]
    except (ValueError, AttributeError):
        return text[:300] or "no reason given"


@asynccontextmanager
async def talk(base: str, resident: str, timeout: float) -> AsyncIterator[Talk]:
    """Sign in as a demo resident and open the page."""
    import aiohttp

    from ops.context import OperationFailed

    jar = aiohttp.CookieJar(unsafe=True)  # the usual jar drops cookies of a host that is a bare address
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        try:
            async with session.post(f"{base}/api/demo/login", json={"resident": resident}) as answer:
                if answer.status != 200:
                    raise OperationFailed(
                        f"Cannot be resident {resident} ({answer.status}): {await _reason(answer)}\n"
                        "Residents can be chosen in demo mode only, by key (R0001) or by name."
                    )
            async with session.ws_connect(f"{base}/api/ws", heartbeat=20) as socket:
                open_talk = Talk(session, base, timeout)
                listening = asyncio.create_task(open_talk.listen(socket))
                yield open_talk
                listening.cancel()
        except aiohttp.ClientConnectorError:
            raise OperationFailed(f"Nothing answers at {base}. Start it with: make run") from None
        except aiohttp.ClientError as error:
            raise OperationFailed(f"The gateway at {base} did not go along: {error}") from None


def _show(message: dict[str, Any], mark: str) -> None:
    from rich.text import Text

    body = Text.assemble((f"{mark} ", "dim"), message.get("text") or "")
    for button in message.get("buttons") or []:
        body.append(f"\n   [{button['title']}]", "cyan")
    for _ in message.get("photos") or []:
        body.append("\n   (photo)", "dim")
    console.print(body, soft_wrap=True)


def _lines() -> Iterator[str]:
    """One message a line; with a prompt where somebody is typing."""
    typing = sys.stdin.isatty()
    while True:
        if typing:
            errors.print("你> ", end="", style="bold")
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.rstrip("\n")


async def _converse(base: str, resident: str, text: str | None, as_json: bool, timeout: float) -> None:
    async with talk(base, resident, timeout) as open_talk:
        lines = iter([text]) if text is not None else _lines()
        # Reading in a thread: while somebody thinks, the connection stays alive.
        while (line := await asyncio.to_thread(next, lines, None)) is not None:
            began = time.monotonic()
            replies, others = await open_talk.send(line)
            seconds = round(time.monotonic() - began, 3)
            if as_json:
                kept = [{"text": reply.get("text") or "", "buttons": reply.get("buttons") or []} for reply in replies]
                print(json.dumps({"text": line, "replies": kept, "seconds": seconds}, ensure_ascii=False), flush=True)
                continue
            if text is None and not sys.stdin.isatty():
                console.print(f"> {line}", style="bold", markup=False, highlight=False, soft_wrap=True)
            for message in others:
                _show(message, "*")
            for message in replies:
                _show(message, "<")


def say(
    text: Annotated[str | None, typer.Argument(help="The message. Without it: one message a line from stdin.")] = None,
    resident: Annotated[str, typer.Option("--as", help="A demo resident, by key or by name.")] = "R0001",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each message.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait for a whole answer.")] = 60,
) -> None:
    """Talk to the running assistant as a resident, and print its replies."""
    from ops import context as contexts
    from ops.health import reachable

    with sentences():
        settings = contexts.load().settings
        base = f"http://{reachable(settings.gateway_host)}:{settings.gateway_port}"
        asyncio.run(_converse(base, resident, text, as_json, timeout))
