"""How many customer-service messages somebody may still get. Kept apart from what the gateway believes."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

OUT_OF_TIME = 45015
"""The window is closed, or was never open [D]."""
TOO_MANY = 45047
"""The window is open and used up [D]."""


class Touch(StrEnum):
    """What a resident did that opens a window."""

    MESSAGE = "message"
    CLICK = "click"
    """A custom menu entry, or an entry of a menu message [D]."""
    FOLLOW = "follow"
    SCAN = "scan"


SMALL = (3, 60.0)
WINDOWS: dict[Touch, tuple[int, float]] = {
    Touch.MESSAGE: (5, 48 * 3600.0),
    Touch.CLICK: SMALL,
    Touch.FOLLOW: SMALL,
    Touch.SCAN: SMALL,
}
"""Touch -> (messages, seconds) [D]."""

Policy = Literal["latest", "union"]
"""How windows go together is not documented. `latest`: the newest touch replaces what was open before; the stricter reading, and
what one developer saw (45047 after three, then 45015 after a minute) [I]. `union`: each message uses up every open window, and
one with room is enough."""


@dataclass
class _Window:
    left: int
    until: float


class QuotaLedger:
    """Per key (an openid). `violations` counts refused attempts by code."""

    def __init__(self, policy: Policy = "latest") -> None:
        self.policy = policy
        self.violations: Counter[int] = Counter()
        self._windows: dict[str, dict[bool, _Window]] = {}

    def touched(self, key: str, touch: Touch, now: float) -> None:
        """Somebody did something: a window opens, full again."""
        messages, length = WINDOWS[touch]
        windows = self._windows.setdefault(key, {})
        if self.policy == "latest":
            windows.clear()
        windows[touch is Touch.MESSAGE] = _Window(messages, now + length)

    def closed(self, key: str) -> None:
        """They stopped following."""
        self._windows.pop(key, None)

    def spend(self, key: str, now: float) -> int:
        """0 when the message may go and is counted, else the error code, which is counted as a violation."""
        open_ones = [window for window in self._windows.get(key, {}).values() if now < window.until]
        if any(window.left > 0 for window in open_ones):
            for window in open_ones:
                window.left -= 1
            return 0
        code = TOO_MANY if open_ones else OUT_OF_TIME
        self.violations[code] += 1
        return code

    def left(self, key: str, now: float) -> int:
        """How many may still go now."""
        return max((w.left for w in self._windows.get(key, {}).values() if now < w.until), default=0)


class Rate:
    """At most `limit` in any `seconds`: a sliding window a key. `over` counts what was too much."""

    def __init__(self, *limits: tuple[int, float]) -> None:
        self._limits = limits
        self._seen: dict[str, deque[float]] = {}
        self.over = 0

    def allows(self, key: str, now: float) -> bool:
        """Whether one more may go now; counted when it may."""
        seen = self._seen.setdefault(key, deque())
        longest = max(length for _, length in self._limits)
        while seen and seen[0] <= now - longest:
            seen.popleft()
        for limit, length in self._limits:
            if sum(1 for at in seen if at > now - length) >= limit:
                self.over += 1
                return False
        seen.append(now)
        return True
