"""Names of estates in a text: as they are, by their first half before a number (剡溪3幢), or with one character misheard (剡西花园)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from chinese.normalise import normalise
from chinese.numerals import CHARS
from chinese.sounds import alike

_KIND = re.compile(
    r"(?:小区|花园|新村|公寓|名苑|家园|花苑|雅苑|嘉苑|新苑|佳苑|公馆|华府|名邸|名城|苑|府|城|园|里|庭|邸|轩|阁|村)$"
)
_NUMBER_NEXT = re.compile(rf"\s*(?:第)?(?:[0-9]{{1,3}}|[{CHARS}]{{1,3}})\s*(?:号楼|幢|栋|座|#|-\s*[0-9]{{1,4}})")
SHORTEST_MISHEARD = 3
"""With fewer characters, one wrong makes another word."""


@dataclass(frozen=True)
class EstateMention:
    start: int
    end: int
    name: str


@dataclass
class _Names:
    exact: dict[str, str] = field(default_factory=dict)
    stems: dict[str, str] = field(default_factory=dict)
    holes: dict[str, list[str]] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    misheard: tuple[int, ...] = ()
    chars: frozenset[str] = frozenset()


@lru_cache(maxsize=16)
def _names(estates: tuple[tuple[str, str], ...]) -> _Names:
    names = _Names(exact={normalise(alias).text: name for alias, name in estates if alias.strip()})
    stems: dict[str, set[str]] = {}
    for alias, name in names.exact.items():
        stem = _KIND.sub("", alias)
        if len(stem) >= 2 and stem not in names.exact:
            stems.setdefault(stem, set()).add(name)
        if len(alias) >= SHORTEST_MISHEARD:
            for i in range(len(alias)):
                names.holes.setdefault(f"{alias[:i]}\0{alias[i + 1 :]}", []).append(alias)
    # Two estates that begin alike are told apart by their whole names only.
    names.stems = {stem: next(iter(meant)) for stem, meant in stems.items() if len(meant) == 1}
    lengths: dict[str, set[int]] = {}
    for word in (*names.exact, *names.stems):
        lengths.setdefault(word[0], set()).add(len(word))
    names.lengths = {char: tuple(sorted(of, reverse=True)) for char, of in lengths.items()}
    long = {len(alias) for alias in names.exact if len(alias) >= SHORTEST_MISHEARD}
    names.misheard = tuple(sorted(long, reverse=True))
    names.chars = frozenset(char for alias in names.exact for char in alias)
    return names


def find_estates(words: str, estates: tuple[tuple[str, str], ...]) -> list[EstateMention]:
    """The estates named in `words` (normalised), left to right; where two fit, the longer. `estates` are (alias, name) pairs."""
    if not estates:
        return []
    names = _names(estates)
    known = [char in names.chars for char in words]
    if True not in known:
        return []
    known += [False, False]
    found: list[EstateMention] = []
    at = 0
    while at < len(words):
        hit = _exact(words, at, names) if known[at] else None
        if hit is None and known[at] + known[at + 1] + known[at + 2] >= 2:
            hit = _misheard(words, at, names, known)
        if hit is None:
            at += 1
        else:
            found.append(hit)
            at = hit.end
    return found


def _exact(words: str, at: int, names: _Names) -> EstateMention | None:
    for length in names.lengths.get(words[at], ()):
        word = words[at : at + length]
        if len(word) < length:
            continue  # the end of the text: a shorter name has its own turn
        if word in names.exact:
            return EstateMention(at, at + length, names.exact[word])
        if word in names.stems and _NUMBER_NEXT.match(words, at + length):
            return EstateMention(at, at + length, names.stems[word])
    return None


def _misheard(words: str, at: int, names: _Names, known: list[bool]) -> EstateMention | None:
    for length in names.misheard:
        if sum(known[at : at + length]) < length - 1 or at + length > len(words):
            continue
        word = words[at : at + length]
        meant = {
            names.exact[alias]
            for i in range(length)
            for alias in names.holes.get(f"{word[:i]}\0{word[i + 1 :]}", ())
            if word[i] in alike(alias[i])
        }
        if len(meant) == 1:
            return EstateMention(at, at + length, meant.pop())
    return None
