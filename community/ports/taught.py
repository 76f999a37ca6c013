"""Words for the lexicon, kept conversations, who did what to them; and how sentences are cut into words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from community.model.taught import LexiconWord, TalkCase, TaughtEvent, WordKind
from community.model.teaching import LabelState


class LexiconWords(Protocol):
    async def add(self, word: LexiconWord) -> None: ...
    async def get(self, word_id: int) -> LexiconWord | None: ...
    async def by_word(self, kind: WordKind, word: str) -> LexiconWord | None: ...
    async def in_state(self, states: Collection[LabelState], limit: int = 500) -> list[LexiconWord]:
        """The newest first."""
        ...


class TalkCases(Protocol):
    async def add(self, case: TalkCase) -> None: ...
    async def get(self, case_id: int) -> TalkCase | None: ...
    async def by_key(self, key: str) -> TalkCase | None: ...
    async def in_state(self, states: Collection[LabelState], limit: int = 500) -> list[TalkCase]:
        """The newest first."""
        ...


class TaughtLog(Protocol):
    async def add(self, event: TaughtEvent) -> None: ...
    async def latest(self, limit: int = 100) -> list[TaughtEvent]:
        """The newest first."""
        ...


@dataclass(frozen=True)
class Lexicon:
    """What the assistant reads with now: words of its own, and estates and activities with their other names."""

    words: frozenset[str] = frozenset()
    estates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    activities: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """Every name of an estate or activity, and what it is a name of."""
        return {name: of for of, others in (*self.estates, *self.activities) for name in (of, *others)}


class Wording(Protocol):
    async def tokens(self, text: str) -> list[str]:
        """The words of a text as the linter cuts them; joined they are the text."""
        ...

    async def lexicon(self) -> Lexicon: ...


class EveryCharacter:
    """Where there is no dictionary: each character is a word, and no mark cuts one."""

    async def tokens(self, text: str) -> list[str]:
        return list(text)

    async def lexicon(self) -> Lexicon:
        return Lexicon()
