"""Long texts in parts that a platform takes, cut where a reader would pause. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_TEXT_BYTES = 2048
"""UTF-8 bytes of one text, 682 Chinese characters: documented for WeCom [D], observed for official accounts (45002) [I]."""

_SENTENCE = "。！？!?…；\n"
_CLAUSE = "，、：,;:—"
# Points that also stand inside numbers, times and addresses: they end something only before white space.
_NEEDS_SPACE = ".!?,;:"
_CLOSING = "”’\"'」』）)】》〉]"

_JOINER = "\u200d"
# Marks, variation selectors, skin tones, tag characters, key caps, and Korean vowels and finals belong to what stands before.
_EXTENDS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u20e3\u1160-\u11ff\ud7b0-\ud7fb]")
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")


def split_text(text: str, limit_bytes: int = MAX_TEXT_BYTES) -> list[str]:
    """Parts of at most `limit_bytes` UTF-8 bytes which joined are `text` again.

    Cut at the last end of a sentence that fits, else of a clause, else anywhere but inside what is shown as one character
    (an emoji made of several, a letter with its marks); such a one that is longer than a part is cut all the same.
    A part with nothing visible is left out: the platform refuses it (44004). Raises ValueError below 4 bytes.
    """
    if limit_bytes < 4:
        raise ValueError("no room for one character")
    pieces = [small for piece in graphemes(text) for small in _fitting(piece, limit_bytes)]
    sizes = [len(piece.encode("utf-8", "surrogatepass")) for piece in pieces]
    ends = _ends(pieces)
    parts: list[str] = []
    start = 0
    while start < len(pieces):
        stop, room = start, limit_bytes
        while stop < len(pieces) and sizes[stop] <= room:
            room -= sizes[stop]
            stop += 1
        if stop < len(pieces):
            stop = _pause(ends, start, stop)
        parts.append("".join(pieces[start:stop]))
        start = stop
    return [part for part in parts if part.strip()]


def size(text: str) -> int:
    """What a platform counts: bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> Iterator[str]:
    """What is shown as one character each. The rules of Unicode's UAX 29 that matter for Chinese, emoji, Latin and Korean."""
    current = ""
    for character in text:
        if current and _belongs(current, character):
            current += character
        else:
            if current:
                yield current
            current = character
    if current:
        yield current


def _belongs(current: str, character: str) -> bool:
    last = current[-1]
    if last == "\r":
        return character == "\n"
    if last == "\n" or character in "\r\n":
        return False
    if character == _JOINER or last == _JOINER:
        return True
    if _is_flag_letter(character):
        return len(current) == 1 and _is_flag_letter(last)
    return character > "\u02ff" and (
        _EXTENDS.match(character) is not None or unicodedata.category(character) in ("Mn", "Me", "Mc")
    )


def _is_flag_letter(character: str) -> bool:
    return _FLAG_LETTERS[0] <= character <= _FLAG_LETTERS[1]


def _fitting(piece: str, limit: int) -> Iterator[str]:
    """`piece`, or where it is too long for any part (a letter under a thousand marks) its code points."""
    if len(piece) * 4 <= limit or len(piece.encode("utf-8", "surrogatepass")) <= limit:
        yield piece
    else:
        yield from piece


_NOTHING, _AFTER_CLAUSE, _AFTER_SENTENCE = range(3)


def _ends(pieces: list[str]) -> list[int]:
    """For each piece what ends with it: marks, the brackets and quotes closing after them, and the white space that follows."""
    ends = [_NOTHING] * len(pieces)
    running = _NOTHING
    for place, piece in enumerate(pieces):
        after = pieces[place + 1] if place + 1 < len(pieces) else " "
        in_text = piece in _NEEDS_SPACE and not after.isspace() and after not in _NEEDS_SPACE + _CLOSING
        if in_text or (piece == "." and place and pieces[place - 1].isdecimal()):  # 3.5, a.cn, "1. 提交"
            running = _NOTHING
        elif piece[-1] in _SENTENCE or piece == ".":
            running = _AFTER_SENTENCE
        elif piece[-1] in _CLAUSE or piece.isspace():
            running = max(running, _AFTER_CLAUSE)
        elif piece not in _CLOSING:
            running = _NOTHING
        # The end is behind the last of "？！", "……", "。”" and "。\n\n", never between.
        goes_on = piece not in _CLOSING and after in _SENTENCE + _CLAUSE + "."
        ends[place] = _NOTHING if goes_on or after in _CLOSING or after.isspace() else running
    return ends


def _pause(ends: list[int], start: int, stop: int) -> int:
    """Where to cut between `start` and `stop`, the furthest that fits: after the last end of the best kind there is."""
    best, cut = _NOTHING, stop
    for place in range(stop - 1, start - 1, -1):
        if ends[place] > best:
            best, cut = ends[place], place + 1
            if best == _AFTER_SENTENCE:
                break
    return cut
