"""What a command is made of, whichever it is. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.wecom.numbers import SEP


class Kind(StrEnum):
    TODAY = "today"
    ACCEPT = "accept"
    START = "start"
    RESOLVE = "resolve"
    RETURN_ = "return"
    TRANSFER = "transfer"
    PAUSE = "pause"
    RESUME = "resume"
    EXPLAIN = "explain"
    RECATEGORISE = "recategorise"
    DIARY = "diary"
    CHANGE = "change"
    REMIND = "remind"
    NO_VISIT = "no_visit"
    VISITED = "visited"
    FILE = "file"
    GROUP = "group"
    DRAFTS = "drafts"
    CONFIRM = "confirm"
    DROP = "drop"
    MERGE = "merge"
    AMEND = "amend"
    UNDO = "undo"
    HELP = "help"
    NUMBER = "number"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Command:
    """`number`: ASCII digits as they were meant, a ticket's number, its tail, or a place in the list. `words`: all that was said
    beside, as it was written; of UNKNOWN the whole text. `to`: whom a ticket is to go to, or what category it is to have, as written.
    UNKNOWN may have a number too, when one ticket was named in full. CHANGE to FILE are about the note just written, and have no number.
    GROUP is what neighbours said, whole in `words`. CONFIRM to AMEND are about a draft in a list just shown: `number` is its place; of
    several, or all, CONFIRM has them in `words` as written."""

    kind: Kind
    number: str | None = None
    words: str = ""
    to: str = ""


def any_of(*words: str) -> str:
    """One of them, the longest first, also with spaces between the characters."""
    found = sorted((word for some in words for word in some.split()), key=len, reverse=True)
    return "(?:" + "|".join(r"\s*".join(map(re.escape, word)) for word in found) + ")"


HURRY = rf"(?:(?:好的?|好嘞|收到|嗯+|行|ok|okay|明白|知道了)(?:{SEP}+|(?=[接到办转退我])))*"
ME = r"(?:我们?|咱们?|人)?(?:来|要|想|先|这边)?(?:已经?|都|刚刚?)?(?:请|帮我|帮忙|麻烦)?"
BEGIN = rf"\A{SEP}*{HURRY}{ME}\s*(?:把?(?:这一?[单个件]|[这该]个?工单)(?:{SEP}*{ME}))?"
PARTICLE = r"(?:了|吧|啦|哈)?"

TALK = re.compile(r"(?:的|太|又|还|吗|呢|没有?\W*\Z|了[吗没]|不了|不掉|时候?|之前|以前|之后|以后|后|前|率|慢|得)")
QUESTION = re.compile(r"(?:吗|怎么|如何|为什么|为啥|是不是|能不能|谁)|[?]\s*\Z")


def is_talk(text: str, end: int) -> bool:
    """1234接单了吗, 办结1234的时候: what stands right behind makes a sentence of it. A bare command with a question mark asks, too."""
    return bool(TALK.match(text, end)) or bool(re.match(rf"{SEP}{{0,12}}[?]{SEP}*\Z", text[end:]))


def ends(text: str, at: int) -> bool:
    """Whether nothing is written on to what ends at `at`."""
    return at >= len(text) or bool(re.match(SEP, text[at]))
