"""Words put into, and taken out of, the files of data/lexicon as text: no other character of them changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from community.model.taught import WordKind
from ops.teaching.examples import CannotTeach, replace

LEXICON = Path("data/lexicon")
FILES = {WordKind.WORD: "words.txt", WordKind.ESTATE: "estates.lst", WordKind.ACTIVITY: "activities.lst"}


@dataclass(frozen=True)
class WordChange:
    """`of` is whose other name it is; `gone` takes it out."""

    id: int
    kind: WordKind
    word: str
    of: str
    gone: bool


def apply(root: Path, changes: Sequence[WordChange]) -> dict[int, str]:
    """Carry the changes out; the name of each one's file by its id. What is there (or gone) already is left as it is.

    Raises CannotTeach, with nothing written, for another name of what no line is about, or of two things.
    """
    texts: dict[str, str] = {}
    for change in changes:
        name = FILES[change.kind]
        if name not in texts:
            path = root / LEXICON / name
            texts[name] = path.read_text(encoding="utf-8") if path.is_file() else ""
        edit = _word if change.kind is WordKind.WORD else _alias
        texts[name] = edit(texts[name], change)
    for name, text in texts.items():
        if name.endswith(".lst"):
            _check(name, text)
    for name, text in texts.items():
        path = root / LEXICON / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            replace(path, text)
    return {change.id: FILES[change.kind] for change in changes}


def _word(text: str, change: WordChange) -> str:
    lines = text.split("\n")
    at = next((n for n, line in enumerate(lines) if line.split() == [change.word, "100", "n"]), None)
    if change.gone:
        if at is not None:
            del lines[at]
    elif not any(line.split()[:1] == [change.word] for line in lines):
        # Behind the last line; where a file ends without a line break, it still does.
        lines.insert(len(lines) - 1 if not lines[-1] else len(lines), f"{change.word} 100 n")
    return "\n".join(lines)


def _alias(text: str, change: WordChange) -> str:
    lines = text.split("\n")
    at = next((n for n, line in enumerate(lines) if not line.startswith("#") and line.split()[:1] == [change.of]), None)
    if at is None:
        if change.gone:
            return text
        raise CannotTeach(f"{FILES[change.kind]} 里没有“{change.of}”这一行")
    if change.gone:
        lines[at] = re.sub(rf"[ \t]{re.escape(change.word)}(?=\s|$)", "", lines[at], count=1)
    elif change.word not in lines[at].split():
        kept = lines[at].rstrip()
        lines[at] = f"{kept} {change.word}{lines[at][len(kept):]}"
    return "\n".join(lines)


def _check(name: str, text: str) -> None:
    seen: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        of, *others = line.split()
        for alias in (of, *others):
            if seen.setdefault(alias, of) != of:
                raise CannotTeach(f"{name}：“{alias}”成了两个名字的叫法：{seen[alias]}、{of}")
