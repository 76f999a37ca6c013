"""Texts in parts of at most so many bytes, cut where a reader would pause."""

from __future__ import annotations

_PAUSES = ("\n\n", "\n", "。！？!?", "；;", "，,、", " ")


def size(text: str) -> int:
    """What a platform counts: bytes of UTF-8. A lone surrogate, which has none, counts as the three it would be."""
    return len(text.encode("utf-8", "surrogatepass"))


def split_text(text: str, limit_bytes: int) -> list[str]:
    """`text` in parts of at most `limit_bytes`, cut after a paragraph, a line, a sentence or a comma, else between characters.

    Nothing is lost but white space at the cuts. An empty text has no parts.
    """
    if limit_bytes < 4:
        raise ValueError("a part must have room for a character")
    parts = []
    rest = text.strip()
    while size(rest) > limit_bytes:
        cut = _cut(rest, limit_bytes)
        if part := rest[:cut].rstrip():
            parts.append(part)
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, limit_bytes: int) -> int:
    """How many characters of `text` go into the first part. Not less than a third of it is given up for a better place."""
    fits = _fitting(text, limit_bytes)
    for pauses in _PAUSES:
        ends = [pauses] if pauses.startswith("\n") else list(pauses)
        at = max(text.rfind(end, 0, fits) + len(end) if text.rfind(end, 0, fits) >= 0 else 0 for end in ends)
        if at > fits // 3:
            return at
    return fits


def _fitting(text: str, limit_bytes: int) -> int:
    """How many characters fit, without cutting an emoji from what joins it."""
    used = 0
    for index, char in enumerate(text):
        used += size(char)
        if used > limit_bytes:
            while index > 1 and (text[index] in "\u200d\ufe0f" or text[index - 1] == "\u200d"):
                index -= 1
            return index
    return len(text)
