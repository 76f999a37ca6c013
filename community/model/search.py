"""What a ticket is found by in words, and how a clerk's words are cut. One way of writing on both sides, so that 電梯 finds 电梯.

A search term is found wherever it stands in a ticket's text. PostgreSQL narrows that down with the characters and neighbouring pairs
of them (`grams`; the migration's `linshe_grams` cuts alike), because two characters are a normal word and trigrams do not serve those.
"""

from __future__ import annotations

import re

from chinese.normalise import normalise

_BETWEEN = re.compile(r"[\s,、。;!?“”\"'「」]+")
MAX_TERMS = 6
"""More than a clerk types; each is one more condition."""


def searchable(*texts: str) -> str:
    """What is kept to be searched: half width, simplified, lower case; a line for each text that is not empty."""
    lines = (" ".join(normalise(text).text.lower().split()) for text in texts)
    return "\n".join(line for line in lines if line)


def terms_of(text: str) -> tuple[str, ...]:
    """The words that must all be found, in the writing of `searchable`; empty when there is nothing but signs."""
    found = (term for term in _BETWEEN.split(normalise(text).text.lower()) if term)
    return tuple(dict.fromkeys(found))[:MAX_TERMS]


def grams(term: str) -> list[str]:
    """The pairs of neighbours in a term, without repetition; the character itself where there is only one."""
    if len(term) < 2:
        return [term] if term else []
    return list(dict.fromkeys(term[i : i + 2] for i in range(len(term) - 1)))
