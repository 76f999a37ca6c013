"""retention: what is kept too long goes, and what residents asked to have deleted."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.cli.common import console, with_community


def register(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Look and mend")
    def retention(
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count, change nothing.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    ) -> None:
        """Delete what is past its time, now (the clock does it every day)."""
        import dataclasses
        import json

        from rich.table import Table

        from community.services import retention as job

        report = with_community(lambda community: job.run(community, dry=dry_run))
        if as_json:
            print(json.dumps(dataclasses.asdict(report), ensure_ascii=False))
            return
        table = Table("what", "would go" if dry_run else "gone")
        for name, number in report.old.items():
            table.add_row(name, f"{number:,}")
        table.add_row("residents who asked for it", str(report.erased))
        table.add_row("residents told that it is tomorrow", str(report.warned))
        console.print(table)
