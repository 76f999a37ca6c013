"""Machines and senses: the clock, secrets, speech, what is dangerous, what is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from community.model.alike import ALIKE, alike
from community.model.danger import Weighed
from community.model.media import Media


class Clock(Protocol):
    def now(self) -> datetime: ...


class Signals(Protocol):
    """Hints between processes: losing one delays a screen, never loses work.

    Topics: inbox, outbox, sent, staff, kf, tickets, conversations, typing, presence, privacy, drafts.
    """

    async def publish(self, *hints: tuple[str, dict[str, Any]]) -> None:
        """Publish these (topic, payload), all in one round trip. Raises what the connection raises."""
        ...

    def tell(self, *hints: tuple[str, dict[str, Any]]) -> None:
        """Publish soon, in order, without being waited for; what cannot be published is lost."""
        ...

    def listen(self, topics: Sequence[str]) -> Any: ...


class TokenCache(Protocol):
    """Small secrets and counters that all processes share, each with an end. Losing it costs a call to the platform, nothing more.

    May raise anything when its server is away: callers go on with what they have.
    """

    async def get(self, name: str) -> str | None: ...
    async def put(self, name: str, value: str, seconds: float) -> None: ...
    async def drop(self, name: str) -> None: ...
    async def lock(self, name: str, seconds: float) -> str | None:
        """A key to the lock, or None while somebody else has it. It opens by itself after `seconds`."""
        ...

    async def unlock(self, name: str, key: str) -> None:
        """Open the lock, if it is still ours."""
        ...

    async def count(self, name: str, seconds: float) -> int:
        """One more; returns how many there were since the first, which ends after `seconds`."""
        ...


class DialogueMemory(Protocol):
    """What the dialogue engine keeps of talks, under residents' keys. Both return how many events went."""

    async def forget(self, key: str) -> int: ...
    async def forget_before(self, moment: datetime) -> int: ...


class NoMemory:
    """There is nothing to forget."""

    async def forget(self, key: str) -> int:
        return 0

    async def forget_before(self, moment: datetime) -> int:
        return 0


class SpeechToText(Protocol):
    """Words of a voice message."""

    @property
    def available(self) -> bool: ...
    async def text(self, raw: bytes, mime: str) -> str:
        """An empty text means that no words could be made out. Raises Unavailable when nobody listens now but may later."""
        ...


class NoSpeech:
    """Nobody listens: residents are asked for text."""

    available = False

    async def text(self, raw: bytes, mime: str) -> str:
        return ""


class Writer(Protocol):
    """Puts a text into other words, outside."""

    @property
    def available(self) -> bool: ...
    async def write(self, instructions: str, material: str) -> str:
        """Empty when it has nothing to say; never to be trusted. Raises Unavailable, at once while it is known to be away."""
        ...


class NoWriter:
    """Nobody writes: what we have is said as it is."""

    available = False

    async def write(self, instructions: str, material: str) -> str:
        return ""


class Vault(Protocol):
    """Personal data at rest: encryption, and keyed hashes to match without decrypting."""

    def encrypt(self, text: str) -> str: ...
    def decrypt(self, cipher: str) -> str: ...
    def fingerprint(self, text: str) -> str: ...


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...
    def verify(self, hashed: str, password: str) -> bool: ...


class MediaFiles(Protocol):
    """Keeps bytes by their hash; writing the same twice is one file."""

    async def put(self, raw: bytes, now: datetime) -> Media: ...
    def path(self, media_hash: str) -> Any: ...


class DangerSense(Protocol):
    """What the rules have no word for. None where no model is trained: then the rules stand alone."""

    async def weigh(self, text: str) -> Weighed | None: ...


class NoDangerSense:
    """The rules alone."""

    async def weigh(self, text: str) -> Weighed | None:
        return None


class Sameness(Protocol):
    """Whether reports of one place and category tell of one trouble."""

    async def same(self, words: str, others: Sequence[str]) -> list[bool]:
        """One answer for each of the others, in their order."""
        ...

    async def groups(self, texts: Sequence[str]) -> list[list[int]]:
        """The texts in groups that say nearly the same, as positions; each text in one group, the first of a group its head."""
        ...


class ByCharacters:
    """What shares characters is the same; other words for it are not seen."""

    async def same(self, words: str, others: Sequence[str]) -> list[bool]:
        return [alike(words, other) >= ALIKE for other in others]

    async def groups(self, texts: Sequence[str]) -> list[list[int]]:
        return gathered(len(texts), lambda head, other: alike(texts[head], texts[other]) >= ONE_GROUP)


ONE_GROUP = 0.6
"""Share of character pairs from which two messages are shown as one: 电梯坏了 and 电梯又坏了."""


def gathered(count: int, near: Callable[[int, int], bool]) -> list[list[int]]:
    """Each joins the first group whose head is near, or begins one."""
    groups: list[list[int]] = []
    for number in range(count):
        home = next((group for group in groups if near(group[0], number)), None)
        if home is None:
            groups.append([number])
        else:
            home.append(number)
    return groups
