"""A message in two ways at once: flat, to be read by patterns, and as it was written, to be kept."""

from __future__ import annotations

import unicodedata

from chinese.normalise import normalise

SEPARATORS = ",.:;!?~、。…·-_|/#*()[]{}<>「」『』【】〔〕《》〈〉\"'“”‘’=+&^`\\"
_LEAD = frozenset(" \t\r\n\f\v\u3000,，.。:：;；、!！~～")
_MARKS = frozenset({"Mn", "Me", "Cf", "Cc"})


class Typed:
    """`text`: half width, simplified, pictures as spaces. Unlike `normalise` it takes no picture for a word (接单👌 is a bare 接单)
    and leaves what is said twice."""

    def __init__(self, original: str) -> None:
        self.original = original
        parts = [_flat(char) for char in original]
        self.text = "".join(parts)
        self._offsets = [index for index, part in enumerate(parts) for _ in part]

    def words(self, start: int, end: int | None = None) -> str:
        """As written, from `start` to `end` of the flat text: whatever was dropped from the flat one is in it. Of separators before
        it, and of space behind it, it is freed."""
        first, last = self._after(start), len(self.original) if end is None else self._after(end)
        while first < last and (self.original[first] in _LEAD or unicodedata.category(self.original[first]) in _MARKS):
            first += 1
        return self.original[first:last].rstrip()

    def _after(self, at: int) -> int:
        """Where the original goes on behind the flat text's first `at` characters."""
        if at <= 0:
            return 0
        behind = self._offsets[at - 1] + 1
        # In the middle of what one character stands for: rather twice than not at all.
        return behind - 1 if at < len(self._offsets) and self._offsets[at] == behind - 1 else behind


def _flat(char: str) -> str:
    category = unicodedata.category(char)
    if category == "So" or category == "Sk" and not char.isascii():
        return " "
    return char if char in "\n\t\r" else normalise(char).text.lower()
