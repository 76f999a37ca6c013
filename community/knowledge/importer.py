"""Bring the statutes into the database. Repeating it changes nothing, and takes no time when nothing is new."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from community.knowledge.answers import import_answers
from community.knowledge.corrections import Corrections, load_corrections
from community.knowledge.flags import cited_pairs, flag_changes, standing
from community.knowledge.report import ImportReport
from community.knowledge.settle import settle_all
from community.knowledge.versions import Version, compute_versions
from community.knowledge.wheel import file_digest, find_wheel, read_wheel
from community.model.calendar import local
from community.model.law import Article, Statute
from community.ports import Community, UnitOfWork

__all__ = ["ImportReport", "import_answers", "import_wheel"]

FACT = "laws.wheel"
RULES = "1"
"""Raise when this package reads the same file differently, so that the next start imports it again."""

Progress = Callable[[int, int], None]


@dataclass
class _Prepared:
    versions: list[Version] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


async def import_wheel(
    community: Community, progress: Progress | None = None, path: str | Path | None = None
) -> ImportReport:
    """Import the statute file in one transaction. `progress(done, total)` counts versions of laws.

    Without `path`: the setting LINSHE_LAWS_DB, else the installed package. Raises ConfigError when there is none.
    """
    settings = community.extras.get("settings")
    wheel = await asyncio.to_thread(find_wheel, path or getattr(settings, "laws_db", "") or None)
    corrections = load_corrections(getattr(settings, "knowledge", None))
    digest = f"{RULES}:{corrections.digest[:16]}:{await asyncio.to_thread(file_digest, wheel)}"
    async with community.uow() as uow:
        if await uow.facts.get(FACT) == digest:
            return ImportReport(unchanged=sum(_ours(statute) for statute in await uow.laws.statutes()))
    prepared = await asyncio.to_thread(_prepare, wheel, corrections)
    report = ImportReport()
    today = local(community.clock.now()).date()
    region = getattr(settings, "region", "")
    async with community.uow() as uow:
        cited = await cited_pairs(uow)
        before = await standing(uow, cited, today, region)
        await _write(uow, prepared.versions, report, progress)
        await settle_all(uow)
        report.flagged = len(await flag_changes(uow, community, cited, before, region))
        await uow.facts.put(FACT, digest)
        await uow.commit()
    report.lines = _lines(prepared, report, today.isoformat(), sum(v.in_force(today) for v in prepared.versions))
    return report


def _prepare(path: Path, corrections: Corrections) -> _Prepared:
    return _Prepared(*compute_versions(read_wheel(path, corrections), corrections))


def _ours(statute: Statute) -> bool:
    """Other importers share the table; this one only touches what it brought."""
    return statute.source_id.startswith("wheel:")


async def _write(uow: UnitOfWork, versions: list[Version], report: ImportReport, progress: Progress | None) -> None:
    known = {statute.source_id: statute for statute in await uow.laws.statutes() if _ours(statute)}
    for done, version in enumerate(versions, 1):
        digest = _digest(version)
        old = known.pop(version.raw.source_id, None)
        if old is not None and old.digest == digest:
            report.unchanged += 1
        else:
            statute = await _put(uow, version, digest, old)
            await uow.laws.add_all(
                [Article(0, statute.id, a.label, a.number, a.chapter, a.text) for a in version.raw.articles]
            )
            report.added += old is None
            report.changed += old is not None
        if progress is not None:
            progress(done, len(versions))
    for gone in known.values():
        await uow.laws.delete_articles(gone.id)
        await uow.laws.remove(gone)
        report.removed += 1


async def _put(uow: UnitOfWork, version: Version, digest: str, old: Statute | None) -> Statute:
    raw = version.raw
    if old is None:
        old = Statute(
            0, raw.source_id, raw.name, raw.kind, raw.version_on, raw.effective_on, version.in_force_from,
            version.repealed_on, raw.issuer, digest, own_end=version.repealed_on,
        )  # fmt: skip
        await uow.laws.add(old)
        return old
    await uow.laws.delete_articles(old.id)
    old.name, old.kind, old.issuer, old.digest = raw.name, raw.kind, raw.issuer, digest
    old.version_on, old.effective_on = raw.version_on, raw.effective_on
    old.in_force_from, old.repealed_on = version.in_force_from, version.repealed_on
    old.own_end = version.repealed_on
    await uow.flush()
    return old


def _digest(version: Version) -> str:
    raw = version.raw
    whole = [
        raw.name, raw.kind, raw.issuer, raw.version_on, raw.effective_on, version.in_force_from, version.repealed_on,
        *((a.label, a.number, a.chapter, a.text) for a in raw.articles),
    ]  # fmt: skip
    return hashlib.sha256(repr(whole).encode()).hexdigest()


def _lines(prepared: _Prepared, report: ImportReport, today: str, in_force: int) -> list[str]:
    if not report.touched:
        return []
    articles = sum(len(version.raw.articles) for version in prepared.versions)
    return [
        f"{len(prepared.versions)} versions of laws with {articles:,} articles, {in_force} in force on {today}",
        *prepared.remarks,
        *([f"{report.flagged} citations of curated answers changed: ./linshe laws flags"] if report.flagged else []),
    ]
