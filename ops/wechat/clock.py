"""The platform's time. Seconds since 1970, as all its interfaces speak."""

from __future__ import annotations

import re
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """The time by which windows, quotas and validities run: it can be moved."""

    def stamp(self) -> float:
        """The time written into pushes and signatures: the machine's, since the other side compares it with its own."""


class PlatformClock:
    """The machine's clock; `forward` moves the windows only, as `/sleep 48h` does."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def stamp(self) -> float:
        return time.time()

    def forward(self, seconds: float) -> None:
        self.ahead += seconds


class ManualClock(PlatformClock):
    """For tests: stands still unless moved."""

    def __init__(self, start: float = 1_764_000_000.0) -> None:
        super().__init__()
        self.start = start

    def now(self) -> float:
        return self.start + self.ahead


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """'48h', '90 s', '10m', '3d' or a plain number of seconds. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", text)
    if found is None:
        raise ValueError(f"not a length of time: {text!r}; write 48h, 10m or 30s")
    return float(found[1]) * _UNITS[found[2] or "s"]
