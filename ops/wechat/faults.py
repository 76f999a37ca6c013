"""What goes wrong between two honest sides, from a seed: the same seed, the same faults in the same order of calls."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, fields
from enum import StrEnum
from random import Random


class ApiFault(StrEnum):
    """What may happen to a call of the platform's API."""

    BUSY = "busy"
    """HTTP 200 with errcode -1; nothing was done."""
    RESET = "reset"
    """The connection breaks before anything was done."""
    TIMEOUT = "timeout"
    """No answer, and nothing was done."""
    LOST_RESPONSE = "lost_response"
    """It was done, but the answer never arrives."""
    SERVER_ERROR = "server_error"
    """HTTP 502; nothing was done."""


@dataclass(frozen=True)
class ApiRates:
    """Share of calls that meet each fault, 0 to 1."""

    busy: float = 0.0
    reset: float = 0.0
    timeout: float = 0.0
    lost_response: float = 0.0
    server_error: float = 0.0


@dataclass(frozen=True)
class PushRates:
    """Share of pushes, 0 to 1.

    `duplicate`: a second copy at the same moment on another connection. `late`: a copy after `late_seconds`, when the resident has gone on.
    `drop_answer`: the other side's answer to a delivery is lost, so the platform delivers again.
    """

    duplicate: float = 0.0
    late: float = 0.0
    late_seconds: float = 2.0
    drop_answer: float = 0.0


class Faults:
    """Drawn call by call. `next_api` and `next_drops` are scripted ones, used up first."""

    def __init__(self, seed: int = 1, api: ApiRates | None = None, push: PushRates | None = None) -> None:
        self.api, self.push = api or ApiRates(), push or PushRates()
        self.seen: Counter[str] = Counter()
        self.next_api: deque[ApiFault | None] = deque()
        self.next_drops = 0
        """So many coming answers of the gateway are lost."""
        # One generator each: that one side calls more often does not change what the other meets.
        self._api, self._push, self._drop = (Random(seed + n) for n in range(3))  # noqa: S311 - no secret

    def for_call(self) -> ApiFault | None:
        fault: ApiFault | None = None
        if self.next_api:
            fault = self.next_api.popleft()
        else:
            drawn, upto = self._api.random(), 0.0
            for part in fields(self.api):
                upto += getattr(self.api, part.name)
                if drawn < upto:
                    fault = ApiFault(part.name)
                    break
        if fault:
            self.seen[fault] += 1
        return fault

    def copies(self) -> list[float]:
        """Seconds after which further copies of a push are sent; 0 is at the same moment."""
        first, second = self._push.random(), self._push.random()
        found = []
        if first < self.push.duplicate:
            found.append(0.0)
            self.seen["duplicate"] += 1
        if second < self.push.late:
            found.append(self.push.late_seconds)
            self.seen["late"] += 1
        return found

    def drops_answer(self) -> bool:
        if self.next_drops > 0:
            self.next_drops -= 1
            dropped = True
        else:
            dropped = self.push.drop_answer > 0 and self._drop.random() < self.push.drop_answer
        if dropped:
            self.seen["drop_answer"] += 1
        return dropped
