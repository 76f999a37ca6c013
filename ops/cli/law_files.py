"""What `./linshe laws import FILE`, `laws list` and `laws flags` show."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import console, errors, sentences, with_community

if TYPE_CHECKING:
    from community.knowledge.bring_in import FileOutcome, LawOutcome
    from community.ports import Community

SHOWN = 20
"""Changed articles of a law that are printed; `--full` prints all."""

flags_app = typer.Typer(help="Curated answers whose cited article changed or was repealed.", invoke_without_command=True)


def bring_in(paths: list[Path], scope: str, gaps: bool, dry_run: bool, full: bool) -> None:
    """Import, say what changed, and build the search index. Exit code 1 when a file was refused."""
    from community.errors import InvalidInput
    from community.knowledge import bring_in as importing
    from community.knowledge.law_files import find_files
    from community.model.calendar import local
    from community.model.region import read_scope

    with sentences():
        if scope and not read_scope(scope):
            raise InvalidInput(f"--scope {scope} 看不懂，写成 全国、浙江省 或 浙江省/杭州市。")
        files = find_files(paths)

    async def work(c: Community) -> list[FileOutcome]:
        outcomes = await importing.bring_in(
            c, files, scope=scope, gaps=gaps, dry_run=dry_run, told=lambda outcome: _tell(outcome, full)
        )
        if not dry_run and any(outcome.changed for outcome in outcomes):
            # Now, with somebody watching, rather than while the first resident waits for an answer.
            await c.legal.warm(local(c.clock.now()).date())
        return outcomes

    outcomes: list[FileOutcome] = with_community(work)
    refused = sum(bool(outcome.refused) for outcome in outcomes)
    laws = [law for outcome in outcomes for law in outcome.laws]
    changed = sum(law.touched for law in laws)
    flags = sum(len(outcome.flags) for outcome in outcomes)
    said = f"{len(laws)} laws with {sum(law.articles for law in laws):,} articles: {changed} changed, {len(laws) - changed} as they were"
    console.print(said + (f"; {refused} of {len(files)} files refused" if refused else ""), highlight=False, soft_wrap=True)
    if flags:
        console.print(f"{flags} citations of curated answers have to be looked at: ./linshe laws flags", highlight=False)
    if dry_run:
        console.print("A dry run: nothing was kept.")
    if refused:
        raise typer.Exit(1)


def _tell(outcome: FileOutcome, full: bool) -> None:
    if outcome.refused:
        errors.print(f"refused: {outcome.refused}", style="red", markup=False, highlight=False, soft_wrap=True)
        return
    _say(f"{outcome.file.name}: {outcome.changed} changed")
    for law in outcome.laws:
        if law.touched:
            _tell_law(law, full)
    _tell_ends(outcome)


def _tell_ends(outcome: FileOutcome) -> None:
    for end in outcome.ended:
        until = f"ends on {end.now}" if end.now else "does not end any more"
        _say(f"  《{end.name}》 of {end.version_on} {until}")
    for flag in outcome.flags:
        note = f"（{flag.note}）" if flag.note else ""
        _say(f"  flagged: {flag.answer_code} cites 《{flag.law}》{flag.article}, {flag.what} from {flag.from_on}{note}")


def _tell_law(law: LawOutcome, full: bool) -> None:
    of = f"in force from {law.begins_on}, {law.kind}, {law.scope}, {law.articles} articles"
    _say(f"  {law.state}: 《{law.name}》 of {law.version_on}, {of}")
    if not law.here:
        _say("    kept, but it does not hold in this city (LINSHE_REGION) and is never shown")
    for remark in law.remarks:
        _say(f"    {remark}")
    diff = law.diff
    if not diff:
        return
    _say(f"    {diff.counted}")
    lines = [f"    + {label}" for label in diff.added] + [f"    ~ {change.label}: {change.readable}" for change in diff.changed]
    lines += [f"    = {old} is now {new}" for old, new in diff.moved] + [f"    - {label}" for label in diff.removed]
    for line in lines if full else lines[:SHOWN]:
        _say(line)
    if not full and len(lines) > SHOWN:
        _say(f"    … and {len(lines) - SHOWN} more (--full)")


def _say(line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def list_(
    name: Annotated[str, typer.Argument(help="Words of the name; all that operators imported without them.")] = "",
) -> None:
    """Every version of the laws of that name: when it is in force, where it holds, and its rank (1 is the highest)."""
    from community.knowledge.settle import FILE
    from community.model.calendar import local
    from community.model.region import holds_in

    async def work(c: Community) -> list[tuple[int, str]]:
        today: date = local(c.clock.now()).date()
        region = getattr(c.extras.get("settings"), "region", "")
        async with c.reading() as uow:
            found = [s for s in await uow.laws.statutes() if (name in s.name if name else s.source_id.startswith(FILE))]
            found.sort(key=lambda s: (s.level, s.name, s.in_force_from))
            return [
                (
                    s.level,
                    f"《{s.name}》 of {s.version_on}: {s.status(today)}, {s.in_force_from} to {s.repealed_on or '…'}, {s.kind}, {s.scope}"
                    + ("" if holds_in(s.scope, region) else " (not here)"),
                )
                for s in found
            ]

    rows: list[tuple[int, str]] = with_community(work)
    for level, line in rows:
        _say(f"{level}  {line}")
    if not rows:
        _say("None.")


def take_out(
    name: Annotated[str, typer.Argument(help="The whole name.")],
    version: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day that `laws list` says the version is of.")],
) -> None:
    """Undo the import of one version of a law: what it had ended holds again."""
    from community.knowledge.bring_in import take_out as taking

    outcome = with_community(lambda c: taking(c, name, version.date()))
    _say(f"《{name}》 of {version.date()} is taken out")
    _tell_ends(outcome)


@flags_app.callback()
def flags(context: typer.Context) -> None:
    """List them. Until one is cleared its answer is given with caution, never as sure."""
    if context.invoked_subcommand is not None:
        return
    from community.knowledge.flags import open_flags

    found = with_community(open_flags)
    for flag, owner in found:
        note = f"（{flag.note}）" if flag.note else ""
        _say(f"{flag.answer_code}: 《{flag.law}》{flag.article} {flag.what} from {flag.from_on}{note}; owner {owner or 'nobody'}")
    if not found:
        _say("No curated answer waits for anybody.")


@flags_app.command("clear")
def clear(
    code: Annotated[str, typer.Argument(help="Code of the answer.")],
    by: Annotated[str, typer.Option("--by", help="Who looked.")],
    why: Annotated[str, typer.Option("--why", help="What was found: still right, or mended.")],
) -> None:
    """The answer was looked at and is right again."""
    from community.knowledge import flags as flagging

    number = with_community(lambda c: flagging.clear(c, code, by, why))
    _say(f"{code}: {number} cleared" if number else f"{code}: nothing was open")
