"""The official account's record of customer service: what the platform took for whom, as `getmsglist` gives it.

From the documentation [D]: fields, opercodes, `[image]` for photos, at most 24 hours and 10,000 entries a question, 65400, 65416, 65417.
Made up [G], since no document says it: that what is sent over the API is in it at all, that a menu stands there with its entries, that
`worker` is then empty, and that an entry is there at once (`lag`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ops.wechat.clock import Clock

MOST = 10_000
LONGEST = 24 * 3600
"""Seconds of one question."""
BY_SERVICE, BY_RESIDENT = 2002, 2003
CLOSED, BAD_QUERY, TOO_LONG = 65400, 65416, 65417
PLACEHOLDERS = {"image": "[image]", "voice": "[voice]", "video": "[video]"}


@dataclass(frozen=True)
class Entry:
    id: int
    openid: str
    opercode: int
    text: str
    time: int
    worker: str = ""


class Record:
    """`refuses` is a code that every question is answered with (0: none); an entry can be read `lag` seconds after it was made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.refuses = 0
        self.lag = 0.0
        self._entries: list[Entry] = []

    def sent(self, openid: str, kind: str, text: str, worker: str = "") -> None:
        self._add(openid, BY_SERVICE, PLACEHOLDERS.get(kind, text), worker)

    def heard(self, openid: str, kind: str, text: str) -> None:
        self._add(openid, BY_RESIDENT, PLACEHOLDERS.get(kind, text), "")

    def _add(self, openid: str, opercode: int, text: str, worker: str) -> None:
        now = int(self._clock.stamp())
        self._entries.append(Entry(len(self._entries) + 1, openid, opercode, text, now, worker))

    def asked(self, body: dict[str, Any]) -> dict[str, Any] | int:
        """The answer, or the code of a refusal."""
        if self.refuses:
            return self.refuses
        numbers = [body.get(name) for name in ("starttime", "endtime", "msgid", "number")]
        if not all(isinstance(number, int) and number > 0 for number in numbers):
            return BAD_QUERY
        start, end, first, number = (int(n or 0) for n in numbers)
        if end < start or number > MOST:
            return BAD_QUERY
        if end - start > LONGEST:
            return TOO_LONG
        readable = self._clock.stamp() - self.lag
        found = [e for e in self._entries if e.id >= first and start <= e.time <= end and e.time <= readable][:number]
        listed = [
            {"openid": e.openid, "opercode": e.opercode, "text": e.text, "time": e.time, "worker": e.worker} for e in found
        ]
        return {"recordlist": listed, "number": len(listed), "msgid": found[-1].id if found else 0}
