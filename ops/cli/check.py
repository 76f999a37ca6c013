"""check ledgers: what must add up, and does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.text import Text

from ops.cli.common import console, with_community

if TYPE_CHECKING:
    from community.ports import Community

app = typer.Typer(help="Prove that what is kept adds up.", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """Keeps `ledgers` a command of its own while it is the only one."""


@app.command()
def ledgers() -> None:
    """Points, hours, stock, places: every sum against its entries. Exit code 1 when one differs."""
    from community.services import ballot_ledger
    from community.services import ledgers as service

    async def everything(community: Community) -> list[service.Checked]:
        # Ballots open what is sealed, so they take the city and not a transaction.
        votes = service.Checked("votes and scores are the sum of the papers", tuple(await ballot_ledger.differences(community)))
        return [*await service.check_all(community), votes]

    found = with_community(everything)
    for checked in found:
        console.print(Text("differs " if checked.differences else "ok      ", "red" if checked.differences else "green"), end="")
        console.print(Text(checked.name))
        for line in checked.differences:
            console.print(Text(f"        {line}"))
    if any(checked.differences for checked in found):
        raise typer.Exit(1)
