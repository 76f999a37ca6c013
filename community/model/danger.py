"""Danger rules: words that put a number to call before everything else. The rules themselves are data (data/lexicon/danger.yml)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from community.model.category import Category


@dataclass(frozen=True)
class DangerRule:
    """`any_of` are regular expressions that mean danger; a match is void when `unless` matches the same clause.

    `number_first` is the sentence with the number to call; `category` files the urgent ticket.
    """

    code: str
    name: str
    category: Category
    number_first: str
    any_of: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()


_CLAUSE = re.compile(r"[。！？!?；;\n]+")


def find_danger(text: str, rules: tuple[DangerRule, ...]) -> DangerRule | None:
    """The first rule (in the order of the file) that some sentence of `text` sets off, or None."""
    clauses = [c for c in _CLAUSE.split(text) if c.strip()]
    for rule in rules:
        for clause in clauses:
            compact = re.sub(r"\s+", "", clause)
            if any(p.search(compact) for p in rule.any_of) and not any(p.search(compact) for p in rule.unless):
                return rule
    return None
