"""Chinese text as search tokens: overlapping character pairs, and words by jieba. Both, since each finds what the other misses."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE

WORDS = "search_words.yml"

_RUN = re.compile(r"[一-龥]+|[a-zA-Z]+|[0-9]+")
_SAYS_SOMETHING = re.compile(r"[一-龥a-zA-Z0-9]")
_POLITE = re.compile(
    "请问|您好|你好|律师|麻烦|咨询|怎么办|怎么样|怎样|怎么|咋办|咋整|咋|如何|什么|哪些|哪个|是否|能不能|可不可以|可以|有没有|是不是"
    "|应该|吗|呢|吧|啊|的话|我们|你们|他们|如果|但是|现在|为什么|凭啥"
)


def substance(text: str) -> str:
    """`text` without what every question has (请问, 怎么办, 吗): it would match every other question."""
    return _POLITE.sub(" ", text)


def bigrams(text: str) -> list[str]:
    out: list[str] = []
    for run in _RUN.findall(text):
        if len(run) == 1 or run.isascii():
            out.append(run.lower())
        else:
            out.extend(run[i : i + 2] for i in range(len(run) - 1))
    return out


def words(text: str) -> list[str]:
    # Without the model that guesses unknown words: a third faster, and the measured ranking is the same.
    return [word for word in _jieba().cut(text, HMM=False) if _SAYS_SOMETHING.search(word)]


@lru_cache(1)
def _jieba() -> Any:
    # Loads its dictionary (about a second), so not when this module is imported.
    import jieba

    jieba.setLogLevel(60)
    jieba.initialize()
    return jieba


@dataclass(frozen=True)
class SearchWords:
    """`search_words.yml`: what people say for what statutes say, and the laws that matter most to a community."""

    first: frozenset[str]
    second: frozenset[str]
    lay: tuple[tuple[re.Pattern[str], str], ...]
    digest: str

    def ideas(self, text: str) -> list[int]:
        """Numbers of the entries that `text` speaks of."""
        return [number for number, (pattern, _) in enumerate(self.lay) if pattern.search(text)]

    def legal_words(self, text: str) -> str:
        """The statutes' words for what `text` speaks of."""
        return " ".join(self.lay[number][1] for number in self.ideas(text))


def load_search_words(folder: Path | None = None) -> SearchWords:
    path = (folder or KNOWLEDGE) / WORDS
    if not path.is_file():
        return SearchWords(frozenset(), frozenset(), (), "")
    raw = path.read_bytes()
    content = yaml.safe_load(raw) or {}
    laws = content.get("community_laws") or {}
    try:
        lay = tuple((re.compile(entry["lay"]), str(entry["legal"])) for entry in content.get("lay_words") or [])
    except (re.error, KeyError, TypeError) as error:
        raise InvalidInput(f"{path.name}: lay_words: {error}") from error
    digest = hashlib.sha256(raw).hexdigest()
    return SearchWords(frozenset(laws.get("first") or ()), frozenset(laws.get("second") or ()), lay, digest)
