"""What the platform's error codes mean for us. Grades: [D] documented, [I] seen by others, [G] general knowledge."""

from __future__ import annotations

from datetime import timedelta

from community.services.outbound import Failure, Trouble

STALE_TOKEN = frozenset({40001, 40014, 42001})
"""Bad or stale, malformed, expired [D]."""
NO_MENUS = 40200
"""Menu messages are not for this account [D]."""
BAD_MEDIA = 40007
"""The media id is none, or not any more [G]."""

NO_RECORD = frozenset({48001, 65400})
"""The account may not ask what was taken: no permission; customer service was not opened or is of the old kind [D]."""

_CLOSED = {45015: "window closed", 45047: "window used up"}
_GONE = {40003: "unknown openid", 43004: "not a follower"}
_REFUSED = {44004: "empty text", 45002: "too long", 40008: "kind of message", 87014: "content"}  # 40008 and 87014 [G]
_BUSY = {-1: 2, 45009: 60, 45011: 60}
"""Code -> seconds to wait. 45009 and 45011 are quotas of calls."""
ALARM = {
    40013: "wrong appid",
    40125: "wrong secret",
    40164: "address not allowed",
    48001: "no permission",
    40037: "wrong template",
}
"""What only the operator can put right. 40013, 40125, 40037 [G]."""


def failure_of(code: int) -> Failure:
    """What is to be done about a message answered with `code` (not 0, not a stale token, which is tried once more before)."""
    if code in _CLOSED:
        return Failure(Trouble.CLOSED, f"{code} {_CLOSED[code]}")
    if code in _GONE:
        return Failure(Trouble.GONE, f"{code} {_GONE[code]}")
    if code in _REFUSED:
        return Failure(Trouble.REFUSED, f"{code} {_REFUSED[code]}")
    if code in _BUSY:
        return Failure(Trouble.AGAIN, f"{code} busy", pause=timedelta(seconds=_BUSY[code]))
    if code == 48001:
        # Asking again would only be refused again: as if there were no window.
        return Failure(Trouble.CLOSED, "48001 no permission")
    if code in ALARM or code in STALE_TOKEN:
        return Failure(Trouble.AGAIN, f"{code} {ALARM.get(code, 'token')}", pause=timedelta(seconds=60))
    return Failure(Trouble.FAILED, f"{code}")
