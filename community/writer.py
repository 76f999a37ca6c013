"""An OpenAI-compatible endpoint that puts an answer into words. Off unless LINSHE_WRITER_URL names one; see `community.ports.Writer`.

What comes back is only text: `community.services.phrasing` decides whether it is said to anybody.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from community.errors import ConfigError, Unavailable

log = logging.getLogger(__name__)

MAX_ANSWER = 64 * 1024
MOST_TOKENS = 800
REST, LONGEST_REST = 60.0, 900.0
"""Seconds nobody is asked after a failure; twice as long after each further one. So a dead endpoint costs one wait, not one a turn."""
PATH = "/chat/completions"


def checked(url: str) -> str:
    """`url` with the path that is POSTed to. Raises ConfigError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment and not parts.query
        good = good and parts.username is None and parts.password is None and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or any(char.isspace() for char in url):
        # Not repeated here: what was put there by mistake may be a secret.
        raise ConfigError("LINSHE_WRITER_URL must be a plain http:// or https:// address, without a user or password in it")
    return url if url.rstrip("/").endswith(PATH) else url.rstrip("/") + PATH


class HttpWriter:
    """One POST an answer, temperature 0. After a failure it rests, and then one call alone finds out whether it is back."""

    available = True

    def __init__(
        self, url: str, key: str, model: str, timeout: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not model:
            raise ConfigError("LINSHE_WRITER_MODEL is needed with LINSHE_WRITER_URL")
        if any(char.isspace() or not char.isascii() for char in key):
            raise ConfigError("LINSHE_WRITER_KEY has characters that no key has")
        self._url, self._model = checked(url), model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    async def write(self, instructions: str, material: str) -> str:
        if self._failures:
            if self._clock() < self._rests_until:
                raise Unavailable("the writer rests after a failure")
            # Whoever comes while this one tries is not kept waiting.
            self._rests_until = self._clock() + self._rest()
        try:
            text = await self._ask(instructions, material)
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError) as error:
            self._failures += 1
            self._rests_until = self._clock() + self._rest()
            log.warning("the writer is away (%s), not asked again for %.0f s", type(error).__name__, self._rest())
            raise Unavailable(f"the writer is away: {type(error).__name__}") from error
        self._failures = 0
        return text

    def _rest(self) -> float:
        return min(LONGEST_REST, REST * 2.0 ** min(10, max(0, self._failures - 1)))

    async def _ask(self, instructions: str, material: str) -> str:
        asked = {
            "model": self._model,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": material}],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
            "stream": False,
        }
        # A session a call: nothing is open while nobody asks.
        async with (
            aiohttp.ClientSession(timeout=self._timeout, trust_env=False, headers=self._headers) as session,
            session.post(self._url, json=asked, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            return _words(await _read(response))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        raw += chunk
        if len(raw) > MAX_ANSWER:
            raise ValueError("too long")
    return bytes(raw)


def _words(raw: bytes) -> str:
    answer: Any = json.loads(raw)
    try:
        choice = answer["choices"][0]
        text = choice["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("no text") from error
    if not isinstance(text, str):
        raise ValueError("no text")
    # Cut off in the middle it is no answer, but the endpoint is well: an empty text is a miss, no failure.
    return "" if choice.get("finish_reason") in ("length", "content_filter") else text
