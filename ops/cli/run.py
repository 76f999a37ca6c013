"""run, setup, train, seed, db upgrade."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import console, sentences

if TYPE_CHECKING:
    from ops.context import Context

db = typer.Typer(help="The community database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Everyday")(run)
    app.command(rich_help_panel="Everyday")(setup)
    app.command(rich_help_panel="Parts of a start")(train)
    app.command(rich_help_panel="Parts of a start")(seed)
    app.add_typer(db, name="db", rich_help_panel="Parts of a start")


def run(
    no_train: Annotated[bool, typer.Option("--no-train", help="Start with the trained model that is there.")] = False,
) -> None:
    """Set up what is missing, start everything, and keep it running until Ctrl-C."""
    with sentences():
        # A TERM during preparation must end a running training too: an exception does, the default action would not.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        _run(no_train)


def _run(no_train: bool) -> None:
    from ops import children, lock, ports, steps
    from ops import context as contexts
    from ops.context import OperationFailed
    from ops.supervisor import Supervisor

    context = contexts.load()
    with lock.only_one(context.var):
        members = children.all_children(context)
        occupied = ports.problems(child.port for child in members)
        if occupied:
            raise OperationFailed("\n".join(occupied))
        steps.prepare(context, console, with_training=not no_train)

        async def supervise() -> None:
            keeper = Supervisor(members, context.var, console, on_ready=lambda: welcome(context))
            await keeper.run()

        asyncio.run(supervise())


def welcome(context: Context) -> None:
    """Where to go, and as whom."""
    from rich.table import Table

    from ops.health import reachable

    settings = context.settings
    gateway = f"http://{reachable(settings.gateway_host)}:{settings.gateway_port}"
    table = Table.grid(padding=(0, 2))
    table.add_row("residents", f"[bold]{gateway}/chat[/bold]")
    table.add_row("staff", f"[bold]http://{reachable(settings.console_host)}:{settings.console_port}[/bold]")
    table.add_row("health", f"{gateway}/healthz")
    table.add_row("logs", str(context.var / "log"))
    console.print()
    console.print(table)
    if context.demo:
        console.print()
        console.print(accounts(context))
    console.print("\nEverything is up. Ctrl-C stops it.")


def accounts(context: Context) -> object:
    """One demo account of each role: sixty would hide the addresses."""
    from rich.table import Table

    from community.store.seed import demo_accounts

    table = Table("role", "name", "login", "password", title="Demo accounts of the console", title_justify="left")
    seen = set()
    for login, password, role, name in demo_accounts(context.demo_folder):
        if role not in seen:
            seen.add(role)
            table.add_row(str(role), name, login, password)
    return table


def setup(
    dev: Annotated[bool, typer.Option("--dev", help="With the test and lint tools.")] = False,
) -> None:
    """Make or mend the two Python environments. `run` does this by itself when it is needed."""
    from ops import environments

    code = environments.main(["--dev"] if dev else [])
    if code == 0:
        for env in environments.both():
            console.print(f"[green]ok[/green] environment {env.name}: {env.folder}", highlight=False)
    raise typer.Exit(code)


def train(
    force: Annotated[bool, typer.Option("--force", help="Even when nothing has changed.")] = False,
) -> None:
    """Train the assistant if what it learns from has changed; a running one takes the new model over."""
    from ops import context as contexts
    from ops import steps

    with sentences():
        context = contexts.load()
        with steps.step(console, "assistant") as work:
            trained = steps.train(context, work, force)
        if trained:
            asyncio.run(_take_over(context))


async def _take_over(context: Context) -> None:
    """Hand the new model to every running Rasa worker, if there is one."""
    import aiohttp

    from ops import lock, training

    if lock.holder(context.var) is None:
        return
    model = {"model_file": str(training.model(context.root))}
    taken = True
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)) as session:
        for base in context.settings.rasa_bases:  # every worker: two models at once would answer one resident in two ways
            try:
                async with session.put(f"{base}/model", json=model) as answer:
                    taken = taken and answer.status == 204
            except (aiohttp.ClientError, TimeoutError):
                taken = False
    if taken:
        console.print("The running assistant uses the new model.")
    else:
        console.print("[yellow]The running assistant did not take the new model: stop and start it.[/yellow]")


def seed() -> None:
    """Fill the database with the demo city (demo mode only; does nothing when it is there)."""
    from ops import context as contexts
    from ops import steps
    from ops.context import OperationFailed

    with sentences():
        context = contexts.load()
        if not context.demo:
            raise OperationFailed("LINSHE_MODE is production: the demo city is not written into a real one.")
        with steps.step(console, "database") as work:
            steps.upgrade_database(context, work)
        with steps.step(console, "demo city") as work:
            asyncio.run(steps.seed(context, work))
        console.print(accounts(context))


@db.command("upgrade")
def db_upgrade(
    revision: Annotated[str, typer.Argument(help="Where to; by default the newest.")] = "head",
) -> None:
    """Bring the tables to the form this version of the code works with."""
    from ops import context as contexts
    from ops import steps

    with sentences():
        context = contexts.load()
        os.makedirs(context.var, exist_ok=True)
        with steps.step(console, "database") as work:
            steps.upgrade_database(context, work, revision)
