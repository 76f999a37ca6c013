"""Asks the assistant for its part of a turn over HTTP (docs/architecture.md, "The wire to Rasa")."""

from __future__ import annotations

import asyncio
import time
import zlib
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from community.model.message import Button, Reply
from community.model.understanding import Heard

TIMEOUT = 25.0
"""Longer than any honest turn, shorter than the lease of a claimed message."""
LOOK_TIMEOUT = 2.0
AVOIDED = 5.0
"""Seconds in which a worker that was gone is asked last."""


class AssistantAway(Exception):
    """Nobody answered, or said to come back later: the message is fine and is tried again."""


class AssistantBroken(Exception):
    """It answered, but not with replies: trying for ever would not help."""


@dataclass(frozen=True)
class Said:
    """What came back for a message, what it was taken for where the assistant read it as words, and the form that is open after it ('' for
    none; None where that is not told: a turn that was done before)."""

    replies: list[Reply]
    heard: Heard | None = None
    form: str | None = None


class Assistant(Protocol):
    async def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> Said: ...

    async def there(self) -> bool: ...


class AssistantGone(AssistantAway):
    """This worker cannot be reached or has no model; another one may."""


class RasaClient:
    """One client session per process; made inside the loop by `open`, closed by `close`.

    With several Rasa workers a resident always talks to the same one while it is there, and to
    the next one while it is not. That is only spreading: order and single handling are kept by the workers' common locks.
    """

    def __init__(self, *base_urls: str, timeout: float = TIMEOUT) -> None:
        self._urls = [url.rstrip("/") + "/webhooks/linshe/webhook" for url in base_urls]
        self._gone_until: dict[str, float] = {}
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=3)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def order(self, sender: str) -> list[str]:
        """The workers to ask for this resident: its own first, then the others; those that were just gone come last."""
        now = time.monotonic()
        first = zlib.crc32(sender.encode()) % len(self._urls)
        turned = self._urls[first:] + self._urls[:first]
        return sorted(turned, key=lambda url: self._gone_until.get(url, 0.0) > now)

    async def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> Said:
        """The replies to one message. The same message id again gets the same replies without a second turn, from any worker.

        Raises AssistantAway or AssistantBroken.
        """
        body = {"sender": sender, "message": text, "message_id": metadata.get("message_id"), "metadata": metadata}
        *others, last = self.order(sender)
        for url in others:
            try:
                return await self._ask(url, body)
            except AssistantGone:
                self._gone_until[url] = time.monotonic() + AVOIDED
        return await self._ask(last, body)

    async def there(self) -> bool:
        """Whether any of the workers would take a turn now. Each is looked at through the door it takes turns by, which says 503 while
        it has no model; a proxy before one that is gone answers 5xx too. Never raises."""
        return any(await asyncio.gather(*(self._is_there(url) for url in self._urls)))

    async def _is_there(self, url: str) -> bool:
        if self._session is None:
            return False
        try:
            timeout = aiohttp.ClientTimeout(total=LOOK_TIMEOUT)
            async with self._session.get(url.removesuffix("webhook"), timeout=timeout) as response:
                return response.status < 500
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _ask(self, url: str, body: dict[str, Any]) -> Said:
        if self._session is None:
            raise AssistantAway("not open")
        try:
            async with self._session.post(url, json=body) as response:
                if response.status == 503:
                    gone = b"no_model" in await response.read()
                    raise (AssistantGone if gone else AssistantAway)("503")
                if response.status != 200:
                    raise AssistantBroken(f"status {response.status}")
                answer = await response.json(content_type=None)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            # Also when it broke off in the middle of a turn: the message id keeps another worker from doing it twice. A time-out
            # while connecting is among these; one while waiting for the answer is not.
            if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError):
                raise AssistantAway("timeout") from error
            raise AssistantGone(type(error).__name__) from error
        except TimeoutError as error:
            raise AssistantAway("timeout") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise AssistantBroken(type(error).__name__) from error
        replies, form = _replies(answer), answer.get("form")
        return Said(replies, _heard(answer.get("understood")), form if isinstance(form, str) else None)


def _replies(answer: Any) -> list[Reply]:
    try:
        replies = [_reply(row) for row in answer["replies"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise AssistantBroken("not the agreed form") from error
    return [reply for reply in replies if reply.text or reply.photos]


def _reply(row: dict[str, Any]) -> Reply:
    buttons = tuple(Button(str(b["title"]), str(b["payload"])) for b in row.get("buttons") or ())
    photos = tuple(str(p) for p in (row.get("custom") or {}).get("photos") or ())
    return Reply(str(row.get("text") or ""), buttons, photos)


def _heard(row: Any) -> Heard | None:
    """What the message was taken for; an older Rasa worker does not say, and nobody's answer hangs on it."""
    try:
        ranking = tuple((str(name), float(chance)) for name, chance in row["ranking"])
        category = str(row["category"] or "")
        return Heard(
            str(row["intent"]), float(row["confidence"]), ranking, category, float(row["category_confidence"]), str(row["model"])
        )
    except (KeyError, TypeError, ValueError):
        return None
