"""Asks the assistant for its part of a turn over HTTP (docs/architecture.md, "The wire to Rasa")."""

from __future__ import annotations

from typing import Any, Protocol

import aiohttp

from community.model.message import Button, Reply

TIMEOUT = 25.0
"""Longer than any honest turn, shorter than the lease of a claimed message."""


class AssistantAway(Exception):
    """Nobody answered, or said to come back later: the message is fine and is tried again."""


class AssistantBroken(Exception):
    """It answered, but not with replies: trying for ever would not help."""


class Assistant(Protocol):
    async def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]: ...


class RasaClient:
    """One client session per process; made inside the loop by `open`, closed by `close`."""

    def __init__(self, base_url: str, timeout: float = TIMEOUT) -> None:
        self._url = base_url.rstrip("/") + "/webhooks/linshe/webhook"
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=3)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        """The replies to one message. The same message id again gets the same replies without a second turn.

        Raises AssistantAway or AssistantBroken.
        """
        if self._session is None:
            raise AssistantAway("not open")
        body = {"sender": sender, "message": text, "message_id": metadata.get("message_id"), "metadata": metadata}
        try:
            async with self._session.post(self._url, json=body) as response:
                if response.status == 503:
                    raise AssistantAway("503")
                if response.status != 200:
                    raise AssistantBroken(f"status {response.status}")
                answer = await response.json(content_type=None)
        except TimeoutError as error:
            raise AssistantAway("timeout") from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise AssistantAway(type(error).__name__) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise AssistantBroken(type(error).__name__) from error
        return _replies(answer)


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
