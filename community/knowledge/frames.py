"""What a question has to say before an answer is given at once: patterns that all have to be found, and some that must not be.

A ranking by meaning finds what a question is near to. Whether it asks just that, on that side, is often one word more or less
(取保候审怎么申请, 取保期间能去外地吗): `data/knowledge/frames.yml` says these words for the answers that residents need most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE

FRAMES_FILE = "frames.yml"
NOT = "!"
_WORD = re.compile(r"\{(\w*[^\W\d]\w*)\}")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Frame:
    """`has` are found each, `lacks` none, in a question without its spaces."""

    code: str
    has: tuple[re.Pattern[str], ...]
    lacks: tuple[re.Pattern[str], ...]

    def fits(self, question: str) -> bool:
        return all(one.search(question) for one in self.has) and not any(one.search(question) for one in self.lacks)


@dataclass(frozen=True)
class Guard:
    """What some, and only some, may be asked about: where it is said, the frames of all other answers are not met."""

    said: re.Pattern[str]
    only: re.Pattern[str]


class Frames:
    """All frames, ready to be asked: some three hundred take a millisecond or two."""

    def __init__(self, frames: Iterable[Frame] = (), guards: Iterable[Guard] = ()) -> None:
        self._frames, self._guards = list(frames), list(guards)
        self.codes = frozenset(frame.code for frame in self._frames)

    def met(self, question: str) -> frozenset[str]:
        """Codes of the answers of which a frame fits."""
        said = _SPACE.sub("", question)
        only = [guard.only for guard in self._guards if guard.said.search(said)]
        met = frozenset(frame.code for frame in self._frames if frame.fits(said))
        return frozenset(code for code in met if all(one.fullmatch(code) for one in only)) if only else met


def read_frames(folder: Path = KNOWLEDGE) -> Frames:
    """No frames where there is no file. Raises InvalidInput for a file of another shape, with the code."""
    path = folder / FRAMES_FILE
    if not path.exists():
        return Frames()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        words, listed = content.get("words") or {}, content["frames"]
        guards = [Guard(re.compile(_spelt(one["said"], words)), re.compile(one["only"])) for one in content.get("guards") or ()]
        return Frames([_frame(code, patterns, words) for code, frames in listed.items() for patterns in frames], guards)
    except (OSError, yaml.YAMLError, re.error, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{FRAMES_FILE}: {error}") from error


def _frame(code: str, patterns: Any, words: Mapping[str, str]) -> Frame:
    if not isinstance(patterns, list) or not all(isinstance(one, str) and one.removeprefix(NOT) for one in patterns):
        raise InvalidInput(f"{FRAMES_FILE}: {code}: 应当是文字的列表。")
    try:
        made = [(one.startswith(NOT), re.compile(_spelt(one.removeprefix(NOT), words))) for one in patterns]
    except (re.error, KeyError) as error:
        raise InvalidInput(f"{FRAMES_FILE}: {code}: {error}") from error
    if all(lacks for lacks, _ in made):
        raise InvalidInput(f"{FRAMES_FILE}: {code}: 至少要有一条不以 {NOT} 开头。")
    return Frame(code, tuple(one for lacks, one in made if not lacks), tuple(one for lacks, one in made if lacks))


def _spelt(pattern: str, words: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: f"(?:{words[found[1]]})", pattern)
