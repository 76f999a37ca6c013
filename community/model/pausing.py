"""A pause as it is typed: why, and until when. No I/O."""

from __future__ import annotations

import re
from datetime import datetime

from community.model.calendar import SHANGHAI, SPANS
from community.model.when import find_day

_UP_TO = re.compile(r"(?:先)?(?:暂缓|缓办|暂停)?(?:等到|直到|到|至)\s*\Z")
_BEHIND = re.compile(r"(?:以?前|为止|截止|再(?:办|说|来|处理|恢复)?|恢复)*")
_MARKS = "，,。.；;、：: \n\t"


def read_pause(text: str, now: datetime) -> tuple[str, datetime | None]:
    """(why, until the end of which day). 等配件 到12月5日 says both. A day that is a part of the reason (12月5日到货) stays in it."""
    found = find_day(text, now, last=True)
    if found is None:
        return text.strip(_MARKS), None
    until = datetime.combine(found.day, SPANS[-1][1], SHANGHAI)
    before, behind = text[: found.start], text[found.end :]
    led = _UP_TO.search(before)
    alone = not before.strip(_MARKS) or before[-1] in _MARKS
    rest = behind[_BEHIND.match(behind).end() :]  # type: ignore[union-attr] # it may be empty
    if not led and not (alone and (not rest or rest[0] in _MARKS)):
        return text.strip(_MARKS), until
    parts = [(before[: led.start()] if led else before).strip(_MARKS), rest.strip(_MARKS)]
    return "，".join(part for part in parts if part), until
