"""Sessions of residents with the assistant, and the forms that are open in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from community.model.chat import ChatSession, OpenForm


@dataclass(frozen=True)
class Talked:
    """Sessions that began in a time with one kind of first words, counted. `alone`: without a person asked for or writing."""

    intent: str
    sessions: int
    alone: int
    handed: int
    messages: int
    unclear: int


class Chats(Protocol):
    async def add(self, session: ChatSession) -> None: ...
    async def running(self, resident_ids: Collection[int], since: datetime) -> dict[int, ChatSession]:
        """Of each resident the latest session that somebody spoke in since then."""
        ...

    async def counted(self, since: datetime, until: datetime) -> list[Talked]:
        """Sessions that began then, by their first words."""
        ...

    async def forms(self, resident_ids: Collection[int]) -> dict[int, OpenForm]: ...
    async def open(self, form: OpenForm) -> None: ...
    async def close(self, form: OpenForm) -> None: ...
    async def silent(self, before: datetime, limit: int) -> Sequence[OpenForm]:
        """Forms nobody has answered since then."""
        ...
