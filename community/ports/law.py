"""Statutes and answers, and the search over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from community.model.law import Article, Citation, CuratedAnswer, Statute


class Laws(Protocol):
    async def statutes(self) -> list[Statute]: ...
    async def versions(self, name: str) -> list[Statute]: ...
    async def article(self, statute_id: int, label: str) -> Article | None: ...
    async def articles_in_force(self, day: date) -> list[tuple[Article, Statute]]: ...
    async def answers(self) -> list[CuratedAnswer]: ...
    async def add(self, thing: Statute | Article | CuratedAnswer) -> None: ...
    async def add_all(self, things: Sequence[Statute | Article | CuratedAnswer]) -> None: ...
    async def delete_articles(self, statute_id: int) -> None: ...
    async def remove(self, thing: Statute | CuratedAnswer) -> None: ...


@dataclass(frozen=True)
class AnswerHit:
    """`score` is the chance that the answer meets the question; below `sure` it is only offered."""

    answer: CuratedAnswer
    score: float
    citations: tuple[Citation, ...]
    sure: bool = True


@dataclass(frozen=True)
class ArticleHit:
    """`fits` is False where even this article is likely about something else."""

    citation: Citation
    score: float
    fits: bool = True


class LegalSearch(Protocol):
    """Search over curated answers and articles in force on a day. Scores are comparable within one call only."""

    async def answers(self, query: str, day: date, limit: int = 3) -> list[AnswerHit]: ...
    async def articles(self, query: str, day: date, limit: int = 5) -> list[ArticleHit]: ...
    async def cite(self, law: str, label: str, day: date) -> Citation | None: ...
    async def warm(self, day: date) -> int: ...
    async def understand(
        self, day: date, progress: Callable[[int, int], None] | None = None, stop: Callable[[], bool] = ...
    ) -> bool: ...
