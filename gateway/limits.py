"""How fast one session may go. Kept in this process: it guards the door against a stuck key, not against an army."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

from gateway.errors import Refusal

SWEEP_AT = 10_000


class Window:
    """At most `count` events in any `seconds` for each key."""

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.count, self.seconds, self._clock = count, seconds, clock
        self._seen: dict[str, deque[float]] = {}

    def take(self, key: str) -> float:
        """0 when there is room (which it takes), else the seconds until there is."""
        now = self._clock()
        if len(self._seen) >= SWEEP_AT:
            self._sweep(now)
        times = self._seen.setdefault(key, deque())
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.count:
            return times[0] + self.seconds - now
        times.append(now)
        return 0.0

    def _sweep(self, now: float) -> None:
        self._seen = {key: times for key, times in self._seen.items() if times and times[-1] > now - self.seconds}


class Limits:
    """`starts` is by network address, and wide: a whole estate may sit behind one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.messages = Window(20, 10, clock)
        self.photos = Window(20, 60, clock)
        self.starts = Window(300, 60, clock)
        # A photo unpacks to many times its size in memory: two at a time, whoever sends.
        self.decoding = asyncio.Semaphore(2)

    @staticmethod
    def check(window: Window, key: str, sentence: str) -> None:
        """Raises Refusal 429, with the time to wait, when `key` goes too fast."""
        wait = window.take(key)
        if wait > 0:
            raise Refusal(429, "too_many", sentence, {"Retry-After": str(math.ceil(wait))})
