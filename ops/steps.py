"""What has to be there before the processes start. Each step is safe to repeat and says whether it had work to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ops import training
from ops.children import TRACKER_SCHEMA
from ops.context import Context, OperationFailed, sqlite_file

Show = Callable[[str], None]


class Step:
    """What a step tells while it works: one changing phrase, or a count; and what it says at the end."""

    def __init__(self, console: Console, progress: Progress | None, name: str) -> None:
        self.console = console
        self.name = name
        self.result = "done"
        self._progress = progress
        self._task = progress.add_task("", total=None) if progress else None
        self._heard = time.monotonic()

    def tell(self, phrase: str) -> None:
        if self._progress and self._task is not None:
            self._progress.update(self._task, description=f"{self.name}  {phrase[:100]}")
        elif time.monotonic() - self._heard > 5:
            self._heard = time.monotonic()
            self.console.print(f"{self.name}: {phrase}", markup=False, highlight=False, soft_wrap=True)

    def count(self, done: int, total: int) -> None:
        if self._progress and self._task is not None:
            self._progress.update(
                self._task, completed=done, total=total, description=f"{self.name}  {done:,} of {total:,}"
            )
        else:
            self.tell(f"{done:,} of {total:,}")


@contextmanager
def step(console: Console, name: str) -> Iterator[Step]:
    """Show the step while it runs, and one line with its time afterwards."""
    began = time.monotonic()
    if console.is_terminal:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            work = Step(console, progress, name)
            work.tell("")
            yield work
    else:
        work = Step(console, None, name)
        yield work
    seconds = time.monotonic() - began
    console.print(
        f"[green]ok[/green] {name:<12} {work.result} [dim]({seconds:.1f} s)[/dim]", highlight=False, soft_wrap=True
    )


def revision(context: Context) -> str | None:
    """Where the database stands; what keeps it from being asked is a sentence."""
    from sqlalchemy.exc import SQLAlchemyError

    from community.store import migrate

    try:
        if file := sqlite_file(context.database_url):
            file.parent.mkdir(parents=True, exist_ok=True)
        return migrate.current(context.database_url)
    except (SQLAlchemyError, OSError) as error:
        raise OperationFailed(f"The database cannot be used: {_short(error)}\nCheck DATABASE_URL.") from error


def upgrade_database(context: Context, work: Step, target: str = "head") -> None:
    """Migrate, and on PostgreSQL make the schema that Rasa keeps its conversations in."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from community.errors import ConfigError
    from community.store import migrate

    before = revision(context)
    wanted = migrate.head() if target == "head" else target
    try:
        if before != wanted:
            work.tell(f"from {before or 'nothing'} to {wanted}")
            migrate.upgrade(context.database_url, target)
        if context.postgresql:
            asyncio.run(_make_schema(context.database_url))
        filled = asyncio.run(_fill_search(context, work)) if before is not None and wanted == migrate.head() else 0
    except (SQLAlchemyError, CommandError, ConfigError, OSError) as error:
        raise OperationFailed(f"The database cannot be brought to {wanted}: {_short(error)}") from error
    work.result = "up to date" if before == wanted else f"now at {wanted}"
    if filled:
        work.result += f", {filled:,} tickets made searchable"


async def _fill_search(context: Context, work: Step) -> int:
    """What tickets from before migration 0008 are searched by, and what notes from before 0013 say, sealed; one question each to the
    database when there are none."""
    from community.bootstrap import open_community
    from community.services import diary_seal, search_fill

    async with open_community(context.settings, signals=False) as community:
        await diary_seal.seal(community)
        return await search_fill.fill(community, lambda done: work.tell(f"{done:,} tickets made searchable"))


def _short(error: BaseException) -> str:
    """The first line: what follows is the statement and a link to a manual."""
    return (str(error).strip() or error.__class__.__name__).splitlines()[0]


async def _make_schema(url: str) -> None:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            # Asked first: IF NOT EXISTS needs the right to create even where the schema is there.
            there = text("SELECT 1 FROM information_schema.schemata WHERE schema_name = :name")
            if (await connection.execute(there, {"name": TRACKER_SCHEMA})).first() is None:
                await connection.execute(text(f"CREATE SCHEMA {TRACKER_SCHEMA}"))
    finally:
        await engine.dispose()


def _said(reports: list[Any]) -> str:
    """The lines of the reports of one step, as one line."""
    return "; ".join(line for report in reports for line in report.lines) or "up to date"


async def import_laws(context: Context, work: Step) -> None:
    """The statutes from the installed wheel, and our curated answers."""
    from community.bootstrap import open_community
    from community.knowledge import importer
    from community.model.calendar import local

    async with open_community(context.settings, signals=False) as community:
        reports: list[Any] = [await importer.import_wheel(community, work.count)]
        reports.append(await importer.import_answers(community, context.settings.knowledge))
        # Now, with somebody watching, rather than while the first resident waits for an answer.
        work.tell("building the search index")
        await community.legal.warm(local(community.clock.now()).date())
    work.result = _said(reports)


async def seed(context: Context, work: Step) -> None:
    """The demo city, once."""
    from community.bootstrap import open_community
    from community.store.seed import seed_demo

    work.tell("writing the demo city")
    async with open_community(context.settings, signals=False) as community:
        report = await seed_demo(community, context.demo_folder)
    work.result = "there already" if report.done_before else _said([report])


async def refuse_demo_accounts(context: Context) -> None:
    """A city must not open its console with the passwords that this repository prints."""
    from community.bootstrap import open_community

    async with open_community(context.settings, signals=False) as community:
        async with community.reading() as uow:
            if await uow.facts.get("demo_seeded") is not None:
                raise OperationFailed(
                    "DATABASE_URL names a database that holds the demo city and its well-known passwords.\n"
                    "Use an empty database for LINSHE_MODE=production."
                )


def train(context: Context, work: Step, force: bool = False) -> bool:
    trained = training.train(context, work.tell, force=force)
    work.result = "model trained" if trained else "model is up to date"
    return trained


def prepare(context: Context, console: Console, *, with_training: bool = True) -> None:
    """All of them, in the order in which one needs the other."""
    (context.var / "valkey").mkdir(parents=True, exist_ok=True)
    with step(console, "database") as work:
        upgrade_database(context, work)
    with step(console, "statutes") as work:
        asyncio.run(import_laws(context, work))
    if context.demo:
        with step(console, "demo city") as work:
            asyncio.run(seed(context, work))
    else:
        asyncio.run(refuse_demo_accounts(context))
    if with_training and context.own_rasa:
        with step(console, "assistant") as work:
            train(context, work)
