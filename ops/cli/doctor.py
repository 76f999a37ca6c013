"""doctor: what is wrong here, and how to mend it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ops.cli.common import console


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel="Look and mend")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Check interpreters, versions, ports, disk, database, Valkey, model and statutes; exit code 1 if one is broken."""
    from ops import checks

    found = []
    status = console.status("looking") if console.is_terminal and not as_json else None
    if status:
        status.start()
    try:
        for check in checks.all_checks():
            found.append(check)
            if as_json:
                continue
            mark = "[green]ok [/green]" if check.ok else "[bold red]BAD[/bold red]"
            console.print(mark, f"{check.name:<22}", end=" ", highlight=False)
            console.print(check.found, markup=False, highlight=False, soft_wrap=True)
            if not check.ok and check.mend:
                mend = check.mend.replace("\n", "\n       ")
                console.print(f"    -> {mend}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    finally:
        if status:
            status.stop()
    broken = [check for check in found if not check.ok]
    if as_json:
        print(json.dumps([check._asdict() for check in found], ensure_ascii=False, indent=1))
    else:
        console.print("Nothing is wrong." if not broken else f"{len(broken)} to mend.")
    raise typer.Exit(1 if broken else 0)
