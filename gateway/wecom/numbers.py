"""Numbers as staff type them: a ticket's, its tail, a place in the list. No I/O."""

from __future__ import annotations

import re

from chinese.numerals import DIGITS, to_int
from chinese.ticket_numbers import find_number_mentions, is_valid
from gateway.wecom.typed import SEPARATORS

SEP = f"[{re.escape(SEPARATORS)}\\s]"

# A short number with one of these behind it counts or names something else; of a long one few do: 1234楼道灯 is a ticket and a lamp.
_NOT_SHORT = (
    r"\d|[a-z]|[-.:/]\d|\s*(?:号[楼院门桥]"
    r"|[幢栋楼层室户弄组盏个点月日天年元块米人次位只台处路条斤岁度件%里]|单元|小时|分钟|公里|平方?|毫米|厘米)"
)
_NOT_LONG = r"\d|[a-z]|[-.:/]\d|[室元人次斤%]|年(?!级)|块钱?|个|米|路(?:公交|车)|号[楼院]"
_CHINESE = "".join(digit for digit in DIGITS if digit not in "两○")
_NUMBER = (
    rf"(?:(?:第)(?P<nth>\d{{1,2}}|[{_CHINESE}十]{{1,3}})(?:个|条|单|项|件|号)?"
    rf"|(?:工单|单子|单)?(?:编?号)?(?:no\.?|#|:|是)?{SEP}{{0,12}}(?P<digits>"
    rf"\d(?: \d){{3,9}}(?!\d| \d)|\d{{3,6}}[ -]\d{{2,6}}(?=\s*\Z)|\d{{4,10}}(?!{_NOT_LONG})"
    rf"|\d{{1,3}}(?!{_NOT_SHORT})|[{_CHINESE}]{{3,10}}(?![{_CHINESE}十百千万])"
    rf"|(?P<spoken>[{_CHINESE}十百千]{{1,9}})(?={SEP}*\Z))"
    r"(?:号工单|号单子?|号(?![楼院线])|这一?[单件个]|工单)?)"
    r"[\])}】」』》]?"
)
_HEAD_NUMBER = re.compile(rf"{SEP}{{0,12}}{_NUMBER}")


def place(core: str) -> str | None:
    """1 to 99, alone: an answer to a list."""
    inside = re.fullmatch(r"(?:我?选择?\s*)?第?([^第个条单项号]{1,3})(?:个|条|单|项|号)?", core)
    value = to_int(inside[1]) if inside and not inside[1].startswith("-") else None
    return str(value) if value is not None and 1 <= value <= 99 else None


def named(core: str) -> str | None:
    """The one ticket that is named in full, or the number that is all that was said."""
    if re.fullmatch(r"\d{3,10}", core):
        return core
    found = {mention.number for mention in find_number_mentions(core) if mention.right}
    return found.pop() if len(found) == 1 else None


def _digits(match: re.Match[str]) -> str | None:
    """Of a match of `_NUMBER`; None when two groups of digits are no number together."""
    if spoken := match["nth"] or match["spoken"]:
        value = to_int(spoken)
        return str(value) if value else None
    written = match["digits"]
    number = "".join(str(DIGITS.get(char, char)) for char in written if char not in " -")
    if re.search(r"\d{2}[ -]\d", written) and not is_valid(number):
        return None
    return number


def number_at(text: str, at: int) -> tuple[str, int] | None:
    """(number, where it ends), when one begins at `at`."""
    match = _HEAD_NUMBER.match(text, at)
    if match is None:
        return None
    number = _digits(match)
    if number is None:
        # Two groups: only the first of them is the number.
        first = re.compile(r"\d+").match(text, match.start("digits")) if match["digits"] else None
        return (first[0], first.end()) if first else None
    return number, match.end()
