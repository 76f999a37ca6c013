"""Which of the 250,002 pieces stay (build time).

The rule looks at the pieces alone, not at a corpus, so that a rebuild gives the same list: simplified Chinese words, every
single Chinese character (rare ones stand in names), short and frequent Latin pieces, numbers, punctuation, signs, emoji.
Traditional words go: the assistant turns them into simplified ones before it encodes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

SPACE = "▁"
LATIN = 3000
"""How many Latin pieces of three letters or more stay: enough for WiFi, ETC, QQ, VIP and the words of an advertisement."""

_HAN = re.compile("[㐀-䶿一-鿿]")
_KANA = re.compile("[぀-ヿ]")


def keep(pieces: Sequence[str], specials: Sequence[int]) -> list[int]:
    """The places of the pieces that stay, in their old order. `pieces` are sorted by falling score, as in the file."""
    kept = []
    latin = 0
    for place, piece in enumerate(pieces):
        word = piece.replace(SPACE, "")
        if place in specials or _is_chinese(word) or _is_sign(word):
            kept.append(place)
        elif word.isascii():
            short = len(word) <= 2 or not any(map(str.isalpha, word))
            latin += not short
            if short or latin <= LATIN:
                kept.append(place)
    return kept


def _is_chinese(word: str) -> bool:
    if not _HAN.search(word):
        return False
    return len(word) == 1 or all(_is_simplified(letter) for letter in word)


def _is_simplified(letter: str) -> bool:
    """GB 2312 holds what is written in the mainland every day, without kana and Greek, which it lists too."""
    if letter.isascii():
        return True
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return bool(_HAN.match(letter)) or _is_sign(letter)


def _is_sign(word: str) -> bool:
    """Numbers as we write them, and up to three marks in a row; the digits of other scripts and ruler lines go."""
    if _KANA.search(word) or len(word) > 3 and not word.isascii():
        return False
    return all(_is_mark(letter) for letter in word)


def _is_mark(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind[0] in "PS" or kind == "Nd" and letter.isascii() or kind == "No"
