"""Bring regulations and local rules from files into the table, each file in one transaction. The same file again changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from community.errors import InvalidInput, NotFound
from community.knowledge.corrections import Corrections, load_corrections
from community.knowledge.flags import cited_pairs, flag_changes, standing
from community.knowledge.law_dates import repealed_laws
from community.knowledge.law_diff import Diff, compare, plain
from community.knowledge.law_files import read_file
from community.knowledge.law_lines import ReadLaw
from community.knowledge.settle import FILE, Ended, settle
from community.model.calendar import local
from community.model.law import AnswerFlag, Article, Statute
from community.model.region import holds_in, own_place
from community.ports import Community, UnitOfWork


@dataclass(frozen=True)
class LawOutcome:
    """`state`: 'new law', 'new version', 'changed', 'unchanged'. `diff`: against the text before it. `here`: it holds in this city."""

    name: str
    version_on: date
    begins_on: date
    scope: str
    kind: str
    articles: int
    state: str
    here: bool
    diff: Diff = field(default_factory=Diff)
    remarks: tuple[str, ...] = ()

    @property
    def touched(self) -> bool:
        return self.state != "unchanged"


@dataclass(frozen=True)
class FileOutcome:
    """What one file did; `refused` says with file and line why it did nothing."""

    file: Path
    laws: tuple[LawOutcome, ...] = ()
    ended: tuple[Ended, ...] = ()
    flags: tuple[AnswerFlag, ...] = ()
    refused: str = ""

    @property
    def changed(self) -> int:
        return sum(law.touched for law in self.laws)


async def bring_in(
    c: Community,
    files: list[Path],
    *,
    scope: str = "",
    gaps: bool = False,
    dry_run: bool = False,
    told: Callable[[FileOutcome], None] = lambda _: None,
) -> list[FileOutcome]:
    """Import the files one after the other; one that is refused keeps none of the others out. `dry_run` keeps nothing at all."""
    settings = c.extras.get("settings")
    corrections = load_corrections(getattr(settings, "knowledge", None))
    region = getattr(settings, "region", "")
    outcomes = []
    for file in files:
        try:
            read = await asyncio.to_thread(read_file, file, scope, gaps)
            outcome = await _one_file(c, file, read, corrections, region, dry_run)
        except InvalidInput as error:
            outcome = FileOutcome(file, refused=error.message)
        outcomes.append(outcome)
        told(outcome)
    return outcomes


async def _one_file(
    c: Community, file: Path, read: list[ReadLaw], corrections: Corrections, region: str, dry_run: bool
) -> FileOutcome:
    today = local(c.clock.now()).date()
    async with c.uow() as uow:
        await uow.begin()
        names = {law.name for law in read}
        ended_too = {name for law in read for article in law.articles for name in repealed_laws(article.text)}
        cited = await cited_pairs(uow, names | ended_too)
        before = await standing(uow, cited, today, region)
        laws = [await _write(uow, law, corrections, region) for law in read]
        if not any(law.touched for law in laws):
            return FileOutcome(file, tuple(laws))
        ended = await settle(uow, names)
        flags = await flag_changes(uow, c, cited, before, region)
        if not dry_run:
            await uow.commit()
    return FileOutcome(file, tuple(laws), tuple(ended), tuple(flags))


async def _write(uow: UnitOfWork, law: ReadLaw, corrections: Corrections, region: str) -> LawOutcome:
    place = own_place(law.scope)
    source_id = FILE + hashlib.sha256(f"{law.name}|{law.version_on}|{place}".encode()).hexdigest()[:40]
    versions = [s for s in await uow.laws.versions(law.name) if own_place(s.scope) == place]
    fix = corrections.of(law.name, law.version_on)
    begins = (fix.in_force_from if fix else None) or law.begins_on
    own_end = (fix.repealed_on if fix else None) or law.own_end
    digest = _digest(law, begins, own_end)
    old = next((s for s in versions if s.source_id == source_id), None)
    # The newest of those that we hold of this very version: amendments that were worked in have a date of their own.
    twin = next((s for s in versions if s.version_on == law.version_on and s is not old), None)

    def outcome(state: str, diff: Diff = Diff()) -> LawOutcome:  # noqa: B008
        return LawOutcome(
            law.name, law.version_on, begins, law.scope, law.kind, len(law.articles), state, holds_in(law.scope, region), diff,
            law.remarks,
        )  # fmt: skip

    if old is not None and old.digest == digest:
        return outcome("unchanged")
    earlier = [s for s in versions if s.in_force_from <= begins]
    previous = old or twin or max(earlier, key=lambda s: s.in_force_from, default=None)
    diff = compare(await uow.laws.articles_of(previous.id), law.articles) if previous is not None else Diff()
    if old is None and twin is not None and not diff and twin.in_force_from == begins:
        return outcome("unchanged")  # the statute file has it word by word
    statute = old or Statute(0, source_id, law.name, law.kind, law.version_on, law.effective_on, begins)
    statute.kind, statute.issuer, statute.scope, statute.digest = law.kind, law.issuer, law.scope, digest
    statute.effective_on, statute.in_force_from, statute.own_end = law.effective_on, begins, own_end
    statute.repealed_on = own_end
    if old is None:
        await uow.laws.add(statute)
    else:
        await uow.laws.delete_articles(old.id)
        await uow.flush()
    await uow.laws.add_all([Article(0, statute.id, a.label, a.number, a.chapter, a.text) for a in law.articles])
    return outcome("changed" if old is not None else "new version" if versions else "new law", diff)


def _digest(law: ReadLaw, begins: date, own_end: date | None) -> str:
    whole = [
        law.name, law.kind, law.issuer, law.scope, law.version_on, law.effective_on, begins, own_end,
        *((a.label, a.number, a.chapter, plain(a.text), a.text.count("\n")) for a in law.articles),
    ]  # fmt: skip
    return hashlib.sha256(repr(whole).encode()).hexdigest()


async def take_out(c: Community, name: str, version_on: date) -> FileOutcome:
    """Undo an import: what a file brought of this law and version goes, and what it ended holds again.

    Raises NotFound when no file brought it: the statute file's own versions stay.
    """
    region = getattr(c.extras.get("settings"), "region", "")
    today = local(c.clock.now()).date()
    async with c.uow() as uow:
        await uow.begin()
        found = [s for s in await uow.laws.versions(name) if s.version_on == version_on and s.source_id.startswith(FILE)]
        if not found:
            raise NotFound(f"没有从文件导入过《{name}》{version_on} 的版本（./linshe laws list 可以查看）。")
        names = {name}
        for statute in found:
            for article in await uow.laws.articles_of(statute.id):
                names.update(repealed_laws(article.text))
        cited = await cited_pairs(uow, names)
        before = await standing(uow, cited, today, region)
        for statute in found:
            await uow.laws.delete_articles(statute.id)
            await uow.laws.remove(statute)
        ended = await settle(uow, names)
        flags = await flag_changes(uow, c, cited, before, region)
        await uow.commit()
    return FileOutcome(Path(name), (), tuple(ended), tuple(flags))
