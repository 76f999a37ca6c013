"""Where words end, by jieba with the city's own words, as `./linshe nlu lint` cuts; and what the lexicon folder names."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Lock
from typing import Any

from chinese.lexicon import read_aliases
from community.ports import Lexicon


def cutter_of(folder: Path) -> Any:
    """A jieba tokenizer of its own (about a second), with every *.txt of the folder."""
    import jieba

    jieba.setLogLevel(60)
    cutter = jieba.Tokenizer()
    for path in sorted(folder.glob("*.txt")):
        with path.open("rb") as words:
            cutter.load_userdict(words)
    return cutter


def read_lexicon(folder: Path) -> Lexicon:
    """Empty where there is no such folder."""
    words = frozenset(
        row[0]
        for path in sorted(folder.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if (row := line.split()) and not line.startswith("#")
    )
    return Lexicon(words, _named(folder / "estates.lst"), _named(folder / "activities.lst"))


def _named(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for alias, name in read_aliases(path):
        found.setdefault(name, []).extend([alias] if alias != name else [])
    return tuple((name, tuple(others)) for name, others in found.items())


class LexiconWording:
    """Reads the folder again when a file of it has changed: a training writes into it while the console runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._cutter: Any = None
        self._cut_by: object = None

    async def tokens(self, text: str) -> list[str]:
        return await asyncio.to_thread(self._tokens, text)

    async def lexicon(self) -> Lexicon:
        return await asyncio.to_thread(read_lexicon, self._folder)

    def _tokens(self, text: str) -> list[str]:
        with self._lock:
            now = tuple((path.name, path.stat().st_mtime_ns) for path in sorted(self._folder.glob("*.txt")))
            if self._cutter is None or now != self._cut_by:
                self._cutter, self._cut_by = cutter_of(self._folder), now
            return list(self._cutter.lcut(text))
