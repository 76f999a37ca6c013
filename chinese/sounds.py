"""Which characters sound alike, for names that were misheard or mistyped: 剡西花园, 鹿山院."""

from __future__ import annotations

from functools import lru_cache

from chinese.normalise import table

# Southern mouths and most keyboards make no difference here.
_SAME = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"))


def _fold(syllable: str) -> str:
    for long, short in _SAME[:3]:
        if syllable.startswith(long):
            syllable = short + syllable[len(long) :]
    for long, short in _SAME[3:]:
        if syllable.endswith(long):
            syllable = syllable[: -len(long)] + short
    return syllable


@lru_cache(maxsize=1)
def _groups() -> dict[str, str]:
    """A folded syllable, and every character that can be read so."""
    groups: dict[str, str] = {}
    for line in table("syllables"):
        sound, _, chars = line.partition(" ")
        groups[_fold(sound)] = groups.get(_fold(sound), "") + chars
    return groups


@lru_cache(maxsize=2_000)
def alike(char: str) -> str:
    """Every common character that can sound like `char`, itself not among them; empty when nothing is known of it."""
    return "".join(sorted({c for chars in _groups().values() if char in chars for c in chars} - {char}))
