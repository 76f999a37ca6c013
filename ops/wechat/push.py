"""Delivers what residents do to the gateway's callback: five seconds, three deliveries in all, copies as the fault plan has it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from ops.wechat.clock import Clock
from ops.wechat.faults import Faults
from ops.wechat.ledger import UNAVAILABLE, Ledger, Sent, Shown
from ops.wechat.seal import BadAnswer, Seal, words_of
from ops.wechat.wire import Fields

DEADLINE = 5.0
"""Seconds until the connection is dropped [D]."""
DELIVERIES = 3
"""In all [D/I]."""
LIMIT = 64 * 1024
"""An answer of more bytes is a bad one [G]."""


@dataclass
class Push:
    """One thing to tell the gateway. `quiet`: nobody sees that it failed (an event, a WeCom push). `take`: what a passive answer does,
    when it is no message to be shown; False when it is one. Raises BadAnswer."""

    fields: Fields
    sent: Sent | None = None
    quiet: bool = False
    take: Callable[[dict[str, Any]], bool] = lambda reply: False
    answered: list[dict[str, Any]] = field(default_factory=list)


class Pusher:
    """One callback, at one address or at several processes behind it in turn.

    Deliveries of a failed push start `deadline` seconds after one another, also when the connection was refused at once:
    documented is only the time-out, and a gateway that is being restarted gets the same fifteen seconds [G].
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        urls: Sequence[str],
        seal: Seal,
        clock: Clock,
        faults: Faults,
        ledger: Ledger,
        *,
        deadline: float = DEADLINE,
        on_shown: Callable[[Shown], None] = lambda shown: None,
    ) -> None:
        self.urls, self.seal = tuple(urls), seal
        self._turn = itertools.cycle(self.urls)
        self._session, self._clock, self._faults, self._ledger = session, clock, faults, ledger
        self.deadline = deadline
        self.on_shown = on_shown
        self._timeout = aiohttp.ClientTimeout(total=deadline)
        self._headers = {"Content-Type": seal.content_type, "User-Agent": "Mozilla/4.0"}
        self._copies: set[asyncio.Task[None]] = set()

    async def verify(self, echo: str = "4375120948345356249") -> str:
        """What the platform's console does when the address is entered. '' when the answer is right, else what is wrong."""
        query = self.seal.challenge(int(self._clock.stamp()), echo)
        try:
            async with self._session.get(self._address(query), timeout=self._timeout) as answer:
                body = await answer.read()
                if answer.status != 200:
                    return f"status {answer.status}"
                return "" if body == echo.encode() else "the answer is not the echostr"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"no answer: {type(error).__name__}"

    async def push(self, push: Push) -> bool:
        """Deliver until it is taken. False when the platform gave up; the resident was told then."""
        for seconds in self._faults.copies():
            task = asyncio.create_task(self._copy(push, seconds))
            self._copies.add(task)
            task.add_done_callback(self._copies.discard)
        for number in range(DELIVERIES):
            began = time.monotonic()
            if await self._deliver(push):
                return True
            if number < DELIVERIES - 1:
                await asyncio.sleep(max(0.0, began + self.deadline - time.monotonic()))
        self._ledger.find("gave_up")
        if push.sent is not None:
            push.sent.gave_up = True
            if not push.quiet:
                self._show(push, UNAVAILABLE, "platform", {})
        return False

    async def _copy(self, push: Push, seconds: float) -> None:
        if seconds:
            await asyncio.sleep(seconds)
        await self._deliver(push)

    def _address(self, query: str) -> URL:
        return URL(f"{next(self._turn)}?{query}", encoded=True)

    async def _deliver(self, push: Push) -> bool:
        """Once. Every delivery has its own time and nonce, as the platform's have [I]."""
        ledger = self._ledger
        what = f"{push.sent.user} {push.sent.text}" if push.sent else str(push.fields.get("Event", ""))
        query, body = self.seal.pack(push.fields, int(self._clock.stamp()))
        ledger.deliveries += 1
        began = time.monotonic()
        try:
            async with self._session.post(
                self._address(query), data=body, headers=self._headers, timeout=self._timeout, allow_redirects=False
            ) as answer:
                raw = await answer.read()
                status = answer.status
        except TimeoutError:
            ledger.find("timeout", f"{self.deadline:g} s, {what}")
            # Left out, the slowest would make the others look better.
            ledger.ack_seconds.append(self.deadline)
            return False
        except aiohttp.ClientError as error:
            ledger.find("no_connection", f"{type(error).__name__}, {what}")
            return False
        now = time.monotonic()
        if status != 200:
            ledger.find(f"status_{status}", what)
            return False
        try:
            if len(raw) > LIMIT:
                raise BadAnswer("bad_answer", f"{len(raw)} bytes")
            reply = self.seal.unpack(raw, str(push.fields.get("FromUserName", "")))
        except BadAnswer as error:
            ledger.find(error.name, str(error))
            return False
        if self._faults.drops_answer():
            ledger.on_found(f"应答在路上丢了：{what}")
            return False
        try:
            taken = reply is not None and push.take(reply)
        except BadAnswer as error:
            ledger.find(error.name, str(error))
            return False
        if push.sent is not None:
            ledger.acknowledged(push.sent, now - began, now)
        if reply is not None:
            push.answered.append(reply)
            # Each answered delivery is its own: a passive reply to a copy is shown as well [G]. That is what makes handling a message twice
            # visible; who answers copies with `success` is safe either way.
            if not taken:
                self._show(push, words_of(reply), "passive", reply)
        return True

    def _show(self, push: Push, text: str, via: Any, reply: dict[str, Any]) -> None:
        if push.sent is None:
            return
        kind = str(reply.get("MsgType", "text"))
        shown = Shown(push.sent.user, text, time.monotonic(), via, kind, reply)
        self._ledger.show(shown, push.sent)
        self.on_shown(shown)

    async def close(self) -> None:
        for task in tuple(self._copies):
            task.cancel()
        for task in tuple(self._copies):
            with contextlib.suppress(asyncio.CancelledError):
                await task
