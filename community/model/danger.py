"""Danger: what puts a number to call before everything else. Two judges: rules, which are data (data/lexicon/danger.yml), and a model
that has learnt from examples (data/danger) what the rules have no word for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from community.model.category import Category


@dataclass(frozen=True)
class DangerRule:
    """`any_of` are regular expressions that mean danger; a match is void when `unless` matches the same clause.

    `number_first` is the sentence with the number to call; `category` files the urgent ticket. `cut` are harmless words of staff: they
    are taken out of the clause before `any_of` looks at it, so that they silence themselves and nothing beside them.
    """

    code: str
    name: str
    category: Category
    number_first: str
    any_of: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()
    cut: tuple[re.Pattern[str], ...] = ()


SHORTEST_RING, SHORTEST_HARMLESS, LONGEST_PHRASE = 2, 3, 40
MOST_GAPS = 2
"""… in one phrase. Each multiplies the time a search may take; with two 2,000 characters of the worst kind take some milliseconds."""
BETWEEN = 8
"""Characters that … in a phrase may stand for."""


@dataclass(frozen=True)
class Added:
    """What staff add to a rule, in plain phrases: no regular expression, so that none can be slow or wrong. `number_first` '' keeps the
    rule's own sentence."""

    rings: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    number_first: str = ""


def pieces(text: str) -> list[str]:
    """What stands between the … of a phrase."""
    return re.split(r"…+|\.{3,}", text)


def phrase(text: str) -> re.Pattern[str]:
    """A phrase as it is searched for: every character for itself, … for up to BETWEEN others within the sentence. Marks that end a
    sentence are left out: a clause never holds one."""
    parts = [re.escape(re.sub(r"[\s。！？!?；;]+", "", part)) for part in pieces(text)]
    return re.compile(f"[^。！？!?；;\\n]{{0,{BETWEEN}}}".join(part for part in parts if part))


def added_of(body: Mapping[str, Any]) -> Added:
    return Added(tuple(body.get("rings") or ()), tuple(body.get("harmless") or ()), str(body.get("number_first") or ""))


def with_added(rule: DangerRule, added: Added) -> DangerRule:
    return replace(
        rule,
        any_of=(*rule.any_of, *map(phrase, added.rings)),
        cut=tuple(map(phrase, added.harmless)),
        number_first=added.number_first or rule.number_first,
    )


_CLAUSE = re.compile(r"[。！？!?；;\n]+")


def find_danger(text: str, rules: tuple[DangerRule, ...]) -> DangerRule | None:
    """The first rule (in the order of the file) that some sentence of `text` sets off, or None."""
    clauses = [c for c in _CLAUSE.split(text) if c.strip()]
    for rule in rules:
        for clause in clauses:
            compact = re.sub(r"\s+", "", clause)
            left = compact
            for harmless in rule.cut:
                left = harmless.sub("，", left)
            if any(p.search(left) for p in rule.any_of) and not any(p.search(compact) for p in rule.unless):
                return rule
    return None


@dataclass(frozen=True)
class Weighed:
    """What the model thinks of a message: the likeliest kind (a rule's code), and how it stands to the limits found in training.

    `grade`: "sure" is danger whether or not a rule rings; "ask" is worth a word of care; "none" says nothing against a rule that rings;
    "doubt" says that it rang for something harmless.
    """

    kind: str
    grade: Literal["sure", "ask", "none", "doubt"]


@dataclass(frozen=True)
class Verdict:
    """`alarm`: the number, an urgent ticket, a person, before anything else. `care`: the number beside the usual answer."""

    alarm: DangerRule | None = None
    care: DangerRule | None = None


def judge(rings: DangerRule | None, weighed: Weighed | None, rules: Mapping[str, DangerRule]) -> Verdict:
    """Both judges together. Without the model (not trained yet) a rule that rings is an alarm, as it always was.

    A rule that rings for what the model is sure is harmless (a film, a drill, a fire of last year) still puts the number beside the
    answer: missing a danger is worse than a sentence too many.
    """
    if weighed is None:
        return Verdict(alarm=rings)
    known = rules.get(weighed.kind)
    if rings is not None:
        return Verdict(care=rings) if weighed.grade == "doubt" else Verdict(alarm=rings)
    if known is None:
        return Verdict()
    if weighed.grade == "sure":
        return Verdict(alarm=known)
    return Verdict(care=known) if weighed.grade == "ask" else Verdict()
