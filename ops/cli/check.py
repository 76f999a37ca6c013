"""check ledgers: what must add up, and does it."""

from __future__ import annotations

import typer
from rich.text import Text

from ops.cli.common import console, with_community

app = typer.Typer(help="Prove that what is kept adds up.", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """Keeps `ledgers` a command of its own while it is the only one."""


@app.command()
def ledgers() -> None:
    """Points, hours, stock, places: every sum against its entries. Exit code 1 when one differs."""
    # Topics that register checks of their own are imported here, too.
    from community.services import ledgers as service

    found = with_community(service.check_all)
    for checked in found:
        console.print(Text("differs " if checked.differences else "ok      ", "red" if checked.differences else "green"), end="")
        console.print(Text(checked.name))
        for line in checked.differences:
            console.print(Text(f"        {line}"))
    if any(checked.differences for checked in found):
        raise typer.Exit(1)
