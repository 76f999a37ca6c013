"""Answers whose cited article is no more what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from community.model.law import AnswerFlag


class AnswerFlags(Protocol):
    async def open_ones(self) -> list[AnswerFlag]: ...
    async def all_of(self, answer_code: str) -> list[AnswerFlag]: ...
    async def add_new(self, flags: Sequence[AnswerFlag]) -> list[AnswerFlag]:
        """Keep those that are not there yet, and open those again that were cleared: the change was found once more. Gives both back."""
        ...
