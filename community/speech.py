"""Speech to text by a service that the operator names: the audio goes there as it is, its words come back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from community.errors import ConfigError, Unavailable

TIMEOUT = 20.0
MAX_AUDIO = 2 * 1024 * 1024
"""What the platforms let people say in one message (a minute) [D]. More is not sent on."""
MAX_ANSWER = 64 * 1024
CANNOT = frozenset({400, 411, 413, 415, 422})
"""Statuses that are about this recording; all others are about the service."""


def checked(url: str) -> str:
    """`url`, when it is a plain http or https address. Raises ConfigError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
        good = good and parts.username is None and parts.password is None and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or any(char.isspace() for char in url):
        # Not repeated here: what was put there by mistake may be a secret.
        raise ConfigError("LINSHE_ASR_URL must be a plain http:// or https:// address, without a user or password in it")
    return url


class HttpSpeech:
    """POSTs the audio with its content type to `url`, which answers {"text": words}. See `community.ports.SpeechToText`."""

    available = True

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self._url = checked(url)
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def text(self, raw: bytes, mime: str) -> str:
        if not raw or len(raw) > MAX_AUDIO:
            return ""
        try:
            # A session a call: voice is seldom, and nothing is open while nobody speaks.
            async with (
                aiohttp.ClientSession(timeout=self._timeout, trust_env=False) as session,
                session.post(
                    self._url, data=raw, headers={"Content-Type": mime}, allow_redirects=False
                ) as response,
            ):
                if response.status in CANNOT:
                    return ""
                if response.status != 200:
                    raise Unavailable(f"speech to text answered {response.status}")
                return _words(await _read(response))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable(f"speech to text is away: {type(error).__name__}") from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        raw += chunk
        if len(raw) > MAX_ANSWER:
            raise ValueError("too long")
    return bytes(raw)


def _words(raw: bytes) -> str:
    answer: Any = json.loads(raw)
    text = answer.get("text") if isinstance(answer, dict) else None
    if not isinstance(text, str):
        raise ValueError("no text")
    return text
