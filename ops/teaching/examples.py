"""Lines put into, and taken out of, the files of data/nlu, so that not another character of them changes.

The files are found their way in with PyYAML's marks and edited as text: writing them anew, even with a writer that keeps comments, would
fold and quote lines that people wrote otherwise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from community.model.teaching import same_text
from ops.nlu.lint import plain

HELD_OUT = Path("tests/nlu/holdout_taught.jsonl")
"""Beside the other measuring sets, and read by whatever reads those."""
NLU = Path("data/nlu")


@dataclass(frozen=True)
class Change:
    """`gone` takes the text out. `held_out` is the measuring set instead of the examples. `spans` are (start, end, entity) of the text, in
    order: written as Rasa's marks."""

    id: int
    text: str
    intent: str
    category: str
    held_out: bool
    gone: bool
    spans: tuple[tuple[int, int, str], ...] = ()


@dataclass
class Block:
    """One list of examples: its lines are [first, last) of the file's."""

    intent: str
    category: str
    first: int
    last: int


class CannotTeach(Exception):
    """The message names the file or the intent."""


def apply(root: Path, changes: Sequence[Change]) -> dict[int, str]:
    """Carry the changes out; where each is now, by its id. A text that is there already is left as it is.

    Every file is replaced whole, after it has been read again with the examples it should have. Raises CannotTeach, with nothing
    written, when one of them cannot be.
    """
    where: dict[int, str] = {}
    files = {path: path.read_text(encoding="utf-8") for path in sorted((root / NLU).glob("*.yml"))}
    edited = dict(files)
    for change in changes:
        if not change.held_out:
            where[change.id] = _change(edited, change)
    held = [change for change in changes if change.held_out]
    lines = _held_out(root / HELD_OUT, held)
    where |= {change.id: HELD_OUT.name for change in held}
    for path, text in edited.items():
        if text != files[path]:
            _check(path, text)
    for path, text in edited.items():
        if text != files[path]:
            replace(path, text)
    if held:
        replace(root / HELD_OUT, "".join(f"{line}\n" for line in lines))
    return where


def _change(files: dict[Path, str], change: Change) -> str:
    found = list(_blocks_of(files, change.intent, change.category))
    if not found:
        named = f"{change.intent}/{change.category}" if change.category else change.intent
        raise CannotTeach(f"data/nlu has no examples of {named} yet: a developer must begin it")
    key = same_text(change.text)
    for path, block in found:
        lines = files[path].split("\n")
        for at in range(block.first, block.last):
            if lines[at].lstrip().startswith("- ") and same_text(plain(lines[at].lstrip()[2:])[0]) == key:
                if change.gone:
                    del lines[at]
                    files[path] = "\n".join(lines)
                return path.name
    path, block = found[0]
    if change.gone:
        return path.name
    lines = files[path].split("\n")
    last = max(at for at in range(block.first, block.last) if lines[at].lstrip().startswith("- "))
    margin = lines[last][: len(lines[last]) - len(lines[last].lstrip())]
    lines.insert(last + 1, f"{margin}- {marked(change.text, change.spans)}")
    files[path] = "\n".join(lines)
    return path.name


def marked(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """With Rasa's marks: [后街](place)路灯坏了."""
    for start, end, entity in reversed(spans):
        text = f"{text[:start]}[{text[start:end]}]({entity}){text[end:]}"
    return text


def _blocks_of(files: dict[Path, str], intent: str, category: str) -> Iterable[tuple[Path, Block]]:
    for path, text in files.items():
        for block in blocks(text, path.name):
            if (block.intent, block.category) == (intent, category):
                yield path, block


def blocks(text: str, name: str) -> list[Block]:
    """Where each list of examples stands. Raises CannotTeach for what is no file of examples."""
    try:
        root = yaml.compose(text, yaml.CSafeLoader)
        found = []
        for node in _of(root, "nlu").value:
            examples = _of(node, "examples")
            metadata = next((value for key, value in node.value if key.value == "metadata"), None)
            category = _of(metadata, "category").value if metadata is not None else ""
            found.append(Block(_of(node, "intent").value, category, examples.start_mark.line + 1, examples.end_mark.line))
        return found
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise CannotTeach(f"{name} cannot be read: {error}") from error


def _of(node: yaml.Node | None, key: str) -> yaml.Node:
    if not isinstance(node, yaml.MappingNode):
        raise KeyError(key)
    for name, value in node.value:
        if name.value == key:
            return value  # type: ignore[no-any-return]
    raise KeyError(key)


def _check(path: Path, text: str) -> None:
    """An edit that went wrong must not reach the disk."""
    for block in blocks(text, path.name):
        for line in text.split("\n")[block.first : block.last]:
            if line.strip() and not line.lstrip().startswith("- "):
                raise CannotTeach(f"{path.name}: “{line.strip()[:40]}” is no example")


def _held_out(path: Path, changes: Sequence[Change]) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for change in changes:
        key = same_text(change.text)
        kept = [line for line in lines if line.strip() and same_text(json.loads(line)["text"]) != key]
        if not change.gone:
            row = {"text": change.text, "intent": change.intent}
            kept.append(json.dumps(row | ({"category": change.category} if change.category else {}), ensure_ascii=False))
        lines = kept
    return lines


def replace(path: Path, text: str) -> None:
    """Whole or not at all, also for whoever reads it at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
