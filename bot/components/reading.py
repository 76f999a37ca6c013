"""How a message is read before anything is learnt from it or said about it: one way of writing, words, addresses made alike."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import List, Optional

import jieba

from chinese.normalise import normalise

jieba.setLogLevel(logging.WARNING)
_SPACES = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")
PLACE = "@"
_N = "[0-9一二三四五六七八九十百零〇两]+"
_NUMBERED = rf"(?:{_N}\s*(?:号楼|幢|栋|座|单元|室|#)\s*)+(?:[0-9]{{3,4}}|[一二三四五六七八九零〇]{{3,4}})?"
_DASHED = r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{3,4}"


class Words:
    """Cuts Chinese with its own jieba dictionary, so that two models in one process never share a lexicon.

    The lexicon's words tagged `ns` are names of estates: an address says nothing about what a resident wants, but would weigh
    as much as everything else in a short sentence, so every address becomes one and the same sign.
    """

    def __init__(self, lexicon: Optional[Path] = None) -> None:
        self._jieba = jieba.Tokenizer()
        names = []
        for path in lexicon_files(lexicon):
            with path.open("rb") as file:
                self._jieba.load_userdict(file)
            rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
            names += [row[0] for row in rows if len(row) == 3 and row[2] == "ns"]
        named = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"(?!)"
        self._address = re.compile(rf"(?:(?:{named})[的里]?)?(?:{_NUMBERED}|{_DASHED})|(?:{named})")

    def plain(self, text: str) -> str:
        """One way of writing (chinese.normalise) in lower case, with every address as one sign."""
        flat = _SPACES.sub(" ", normalise(text).text.lower())
        return self._address.sub(PLACE, flat).strip()

    def normalise(self, text: str) -> str:
        """`plain`, with digits made alike too: 3幢 and 12幢 say the same about the intent."""
        return _DIGIT.sub("0", self.plain(text))

    def cut(self, text: str) -> List[str]:
        """The words of `text`."""
        return [word for word in self._jieba.lcut(text) if word.strip()]


def lexicon_files(folder: Optional[Path]) -> List[Path]:
    """Only *.txt: the folder also keeps lexicons of other kinds (danger.yml)."""
    return sorted(folder.glob("*.txt")) if folder and folder.is_dir() else []


def fingerprint(folder: Optional[Path], *modules: Path) -> str:
    """Changes when the lexicon, this module or one of `modules` changes: Rasa itself looks at none and would keep the old model."""
    digest = hashlib.sha256()
    for path in (Path(__file__), *modules, *lexicon_files(folder)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
