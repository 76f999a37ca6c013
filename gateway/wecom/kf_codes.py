"""What the error codes of 微信客服 mean for us. Grades: [D] documented, [I] seen by others, [G] general knowledge."""

from __future__ import annotations

from datetime import timedelta

from community.services.outbound import Failure, Trouble

STALE_TOKEN = frozenset({40014, 42001})
"""Not one of WeCom's (any more), expired [D]."""
BAD_TOKEN = 95007
"""The token of a push is none, or not any more [D]. Without one it goes too, only seldom."""
TOO_OFTEN = frozenset({45009, 45033})
"""Of 45033 [G]."""
BAD_CURSOR = 40058
"""A parameter is not good [D]; which one, of ours can only be the cursor."""
BAD_MEDIA = 40007

_CLOSED = {
    95001: "window used up",  # [D]
    95002: "window closed",  # [G]
    95013: "session over",  # [G]
    95018: "session in other hands, or over",  # [D]
}
_GONE = {40096: "unknown customer", 84061: "no contact"}  # [G]
_REFUSED = {44004: "empty text", 45002: "too long", 40008: "kind of message", 40058: "parameter"}
_BUSY = {-1: 2, 45009: 60, 45011: 60, 45033: 10}
"""Code -> seconds to wait."""
ALARM = {
    40001: "wrong secret",
    40013: "wrong corpid",
    48002: "no permission",
    60011: "no permission",
    60020: "address not allowed",
    95000: "unknown account",
    95017: "api not allowed",  # [G]
}
"""What only the operator can put right."""


def may_be_repeated(error: str) -> bool:
    """Whether a msgid that is sent once more may have been refused for that. That it is refused is documented [D], with which code is
    not: any that stands for nothing else here, or for a parameter.
    """
    if not error.isdecimal():
        return False  # No answer of the platform, or -1: nothing is known.
    code = int(error)
    others = {*_CLOSED, *_GONE, *_REFUSED, *_BUSY, *ALARM, *STALE_TOKEN, BAD_MEDIA} - {BAD_CURSOR}
    return code not in others


def failure_of(code: int, *, entered: bool = False) -> Failure:
    """What is to be done about a message answered with `code`. `entered`: it was sent with the code of an entered chat, which
    is good for seconds and once: what went wrong with it is not tried again but waits for the person's first word.
    """
    if code in _CLOSED:
        return Failure(Trouble.CLOSED, f"{code} {_CLOSED[code]}")
    if code in _GONE:
        return Failure(Trouble.GONE, f"{code} {_GONE[code]}")
    if entered:
        return Failure(Trouble.CLOSED, f"{code} not greeted")
    if code in _REFUSED:
        return Failure(Trouble.REFUSED, f"{code} {_REFUSED[code]}")
    if code in _BUSY:
        return Failure(Trouble.AGAIN, f"{code} busy", pause=timedelta(seconds=_BUSY[code]))
    if code in ALARM or code in STALE_TOKEN:
        return Failure(Trouble.AGAIN, f"{code} {ALARM.get(code, 'token')}", pause=timedelta(seconds=60))
    return Failure(Trouble.FAILED, f"{code}")
