"""Revisions of the assistant's knowledge, the files they change, and what checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from community.model.danger import DangerRule
from community.model.guide import Guide
from community.model.law import CuratedAnswer
from community.model.revision import ItemKind, Revision

KnowledgeEntry = Mapping[str, Any]


class Revisions(Protocol):
    async def add(self, revision: Revision) -> None:
        """Raises Conflict when one of the same entry is proposed or in force already."""
        ...

    async def get(self, revision_id: int, *, for_update: bool = False) -> Revision | None: ...
    async def live(self, kind: ItemKind) -> list[Revision]:
        """Those that count, the oldest first."""
        ...

    async def stamp(self, kind: ItemKind) -> str:
        """Changes with whatever changes what counts."""
        ...

    async def live_of(self, kind: ItemKind, code: str, *, for_update: bool = False) -> Revision | None: ...
    async def proposed(self) -> list[Revision]:
        """Of every kind, the oldest first."""
        ...

    async def history(self, kind: ItemKind | None, code: str, limit: int) -> list[Revision]:
        """The newest first; `code` '' means every entry."""
        ...


@dataclass(frozen=True)
class Checked:
    """`wrong`: what has to be mended before it can be kept. `look`: what whoever reads it second should look at."""

    wrong: tuple[str, ...] = ()
    look: tuple[str, ...] = ()


class Curation(Protocol):
    """The files of data/knowledge and the danger rules."""

    async def entries(self, kind: ItemKind) -> dict[str, dict[str, Any]]:
        """By code, as the files have them; dates as ISO text. Of danger rules {code, name, number_first}."""
        ...

    async def check(self, kind: ItemKind, entry: KnowledgeEntry, standing: Mapping[str, KnowledgeEntry], today: date) -> Checked:
        """`standing` are the entries of the kind as they count now."""
        ...

    def answer(self, entry: KnowledgeEntry) -> CuratedAnswer:
        """Raises InvalidInput."""
        ...

    def guide(self, entry: KnowledgeEntry) -> Guide:
        """Raises InvalidInput."""
        ...


class NoCuration:
    """Where no files were opened."""

    async def entries(self, kind: ItemKind) -> dict[str, dict[str, Any]]:
        return {}

    async def check(self, kind: ItemKind, entry: KnowledgeEntry, standing: Mapping[str, KnowledgeEntry], today: date) -> Checked:
        return Checked()

    def answer(self, entry: KnowledgeEntry) -> CuratedAnswer:
        raise NotImplementedError

    def guide(self, entry: KnowledgeEntry) -> Guide:
        raise NotImplementedError



class DangerRules(Protocol):
    async def in_force(self) -> tuple[DangerRule, ...]:
        """The file's, with what staff added, not older than half a minute."""
        ...


class FixedRules:
    def __init__(self, rules: tuple[DangerRule, ...] = ()) -> None:
        self._rules = rules

    async def in_force(self) -> tuple[DangerRule, ...]:
        return self._rules
