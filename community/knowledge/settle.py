"""Which version of a law ends when, across all that was imported: the statute file's and the files that operators bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from community.knowledge.law_dates import repealed_laws
from community.model.law import Statute
from community.model.region import NATION, own_place
from community.ports import UnitOfWork

FILE = "file:"
"""What the source_id of a version begins with that an operator's file brought."""


@dataclass(frozen=True)
class Ended:
    """A version whose end is another one than before."""

    name: str
    version_on: date
    before: date | None
    now: date | None


async def settle_all(uow: UnitOfWork) -> list[Ended]:
    """After the statute file was imported: it knows nothing of what operators brought."""
    brought = {s.name for s in await uow.laws.statutes() if s.source_id.startswith(FILE)}
    return await settle(uow, brought, all_repealed=True) if brought else []


async def settle(uow: UnitOfWork, names: Iterable[str], *, all_repealed: bool = False) -> list[Ended]:
    """Let every version of these laws, and of those that their texts repeal, end when it has to."""
    enders: dict[str, list[Statute]] = {}
    wanted = set(names)
    for article, statute in await uow.laws.articles_saying("同时废止", FILE):
        for name in repealed_laws(article.text):
            if name != statute.name:
                enders.setdefault(name, []).append(statute)
                if all_repealed or statute.name in wanted:
                    wanted.add(name)
    ended: list[Ended] = []
    for name in sorted(wanted):
        groups: dict[str, list[Statute]] = {}
        for statute in await uow.laws.versions(name):
            groups.setdefault(own_place(statute.scope), []).append(statute)
        for group in groups.values():
            ended += _settle(group, enders.get(name, []))
    await uow.flush()
    return ended


def _settle(group: list[Statute], enders: list[Statute]) -> list[Ended]:
    """`group`: the versions of one law of one place."""
    group.sort(key=lambda s: (s.in_force_from, s.version_on, s.source_id.startswith(FILE), s.id))
    brought = {s.version_on for s in group if s.source_id.startswith(FILE)}
    changed = []
    for statute, newer in zip(group, [*group[1:], None], strict=True):
        ends = [day for day in (statute.own_end, newer.in_force_from if newer else None) if day]
        ends += [e.effective_on for e in enders if _may_end(e, statute)]
        if statute.version_on in brought and not statute.source_id.startswith(FILE):
            # The operator brought this very version: theirs stands, and ours was never in force.
            ends.append(statute.in_force_from)
        end = min(ends, default=None)
        if end != statute.repealed_on:
            changed.append(Ended(statute.name, statute.version_on, statute.repealed_on, end))
            statute.repealed_on = end
    return changed


def _may_end(ender: Statute, statute: Statute) -> bool:
    """A text ends one of its own rank or a lower one, of its own place or one within."""
    within = ender.scope == NATION or set(ender.scope.split("/")) <= set(statute.scope.split("/"))
    return within and ender.level <= statute.level and statute.version_on < ender.effective_on
