"""What is wrong with the training data, found before it is trained on. Pure functions over the files of data/nlu."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

MAIN = frozenset({
    "report", "ask_legal", "volunteer_signup", "volunteer_list", "volunteer_cancel", "ask_progress", "urge", "add_note",
    "withdraw_ticket", "confirm_resolved", "not_resolved", "bind_home", "ask_person", "inform", "out_of_scope",
})  # fmt: skip
"""Intents that open a flow or keep the assistant out of one: they need the most examples."""
LEAST_MAIN, LEAST_SMALL, LEAST_CATEGORY = 80, 25, 25
NEAR = 0.9
"""Share of equal character pairs (Dice) from which two examples teach the same twice."""
_ANNOTATED = re.compile(r"\[(?P<value>[^\]]+)\](?:\((?P<plain>[^)]+)\)|\{(?P<rich>[^}]+)\})")
_MARKS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Example:
    text: str
    intent: str
    category: str
    file: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Finding:
    """`level` is error (training must not go on) or warning."""

    level: str
    rule: str
    where: str
    says: str


def read_examples(folder: Path) -> list[Example]:
    """Every example of every file. Raises ValueError that names the file when one cannot be read."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        try:
            blocks = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
            for block in blocks:
                category = (block.get("metadata") or {}).get("category", "")
                for line in block["examples"].splitlines():
                    if line.strip().startswith("- "):
                        text, spans = plain(line.strip()[2:].strip())
                        found.append(Example(text, block["intent"], category, path.name, spans))
        except (OSError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise ValueError(f"{path.name} cannot be read: {error}") from error
    return found


def plain(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without its entity marks, and where the marked words stand in it [start, end)."""
    text, spans, last = "", [], 0
    for match in _ANNOTATED.finditer(marked):
        text += marked[last : match.start()]
        spans.append((len(text), len(text) + len(match["value"])))
        text += match["value"]
        last = match.end()
    return text + marked[last:], tuple(spans)


def lint(examples: Sequence[Example], cut: Callable[[str], Sequence[str]], held_out: frozenset[str]) -> list[Finding]:
    """All findings, errors first. `cut` splits a text into words; `held_out` are the texts of tests/nlu."""
    found = [
        *_twice(examples),
        *_leaked(examples, held_out),
        *_off_boundaries(examples, cut),
        *_too_few(examples),
        *_near(examples),
    ]
    return sorted(found, key=lambda finding: finding.level)


def _key(text: str) -> str:
    return _MARKS.sub("", text).lower()


def _twice(examples: Sequence[Example]) -> Iterator[Finding]:
    by_text = defaultdict(list)
    for example in examples:
        by_text[_key(example.text)].append(example)
    for same in by_text.values():
        intents = {example.intent for example in same}
        categories = {example.category for example in same}
        files = ", ".join(sorted({example.file for example in same}))
        if len(intents) > 1:
            yield Finding("error", "two intents", files, f"“{same[0].text}” stands under {', '.join(sorted(intents))}")
        elif len(categories) > 1:
            yield Finding("error", "two categories", files, f"“{same[0].text}” is {', '.join(sorted(categories))}")
        elif len(same) > 1:
            yield Finding("warning", "twice", files, f"“{same[0].text}” stands {len(same)} times")


def _leaked(examples: Sequence[Example], held_out: frozenset[str]) -> Iterator[Finding]:
    kept = {_key(text) for text in held_out if len(_key(text)) > 4}  # 你好 cannot be written in another way
    for example in examples:
        if _key(example.text) in kept:
            yield Finding("error", "held out", example.file, f"“{example.text}” is measured on and must not be taught")


def _off_boundaries(examples: Sequence[Example], cut: Callable[[str], Sequence[str]]) -> Iterator[Finding]:
    for example in examples:
        if not example.spans:
            continue
        edges, at = {0}, 0
        for word in cut(example.text):
            at += len(word)
            edges.add(at)
        for start, end in example.spans:
            if start not in edges or end not in edges:
                said = f"“{example.text[start:end]}” in “{example.text}” cuts a word: mark whole words or add it to the lexicon"
                yield Finding("error", "off a word", example.file, said)


def _too_few(examples: Sequence[Example]) -> Iterator[Finding]:
    intents = Counter(example.intent for example in examples)
    for intent, count in sorted(intents.items()):
        least = LEAST_MAIN if intent in MAIN else LEAST_SMALL
        if count < least:
            yield Finding("warning", "too few", intent, f"{count} examples, {least} are needed")
    categories = Counter(example.category for example in examples if example.category)
    for category, count in sorted(categories.items()):
        if count < LEAST_CATEGORY:
            yield Finding("warning", "too few", f"report/{category}", f"{count} examples, {LEAST_CATEGORY} are needed")
    if categories and max(categories.values()) > 12 * min(categories.values()):
        most, least_one = categories.most_common(1)[0], categories.most_common()[-1]
        yield Finding(
            "warning", "unbalanced", "report", f"{most[0]} has {most[1]} examples, {least_one[0]} {least_one[1]}"
        )


def _near(examples: Sequence[Example]) -> Iterator[Finding]:
    """Pairs that share nearly all their character pairs. Only texts that share a rare pair are compared at all."""
    pairs = [Counter(_pairs(_key(example.text))) for example in examples]
    holders = defaultdict(list)
    for number, own in enumerate(pairs):
        for pair in own:
            holders[pair].append(number)
    for number, own in enumerate(pairs):
        if sum(own.values()) < 6:
            continue
        rarest = sorted(own, key=lambda pair: len(holders[pair]))[:3]
        for other in {n for pair in rarest for n in holders[pair] if n > number}:
            shared = sum((own & pairs[other]).values())
            alike = 2 * shared / (sum(own.values()) + sum(pairs[other].values()))
            one, two = examples[number], examples[other]
            if alike >= NEAR and _key(one.text) != _key(two.text):
                where = one.intent if one.intent == two.intent else f"{one.intent} and {two.intent}"
                level = "warning" if one.intent == two.intent else "error"
                yield Finding(level, "near duplicate", where, f"“{one.text}” and “{two.text}”")


def _pairs(text: str) -> Iterator[str]:
    return (text[i : i + 2] for i in range(len(text) - 1))
