"""tickets list, tickets show: a look at the work, for the person who runs the machine."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from ops.cli.common import console, with_community

app = typer.Typer(help="Look at tickets.", no_args_is_help=True)
HERE = ZoneInfo("Asia/Shanghai")


def _time(at: datetime | None) -> str:
    return at.astimezone(HERE).strftime("%Y-%m-%d %H:%M") if at else ""


def _dump(view: object) -> str:
    import dataclasses
    import json

    return json.dumps(dataclasses.asdict(view), ensure_ascii=False, default=str)  # type: ignore[call-overload]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many, newest first.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line for each ticket.")] = False,
) -> None:
    """The newest tickets."""
    from rich.table import Table

    from community.services import tickets

    views = with_community(lambda community: tickets.list_for_operator(community, limit))
    if as_json:
        for view in views:
            print(_dump(view))
        return
    table = Table("number", "status", "category", "what", "where", "holder", "resolve by")
    for view in views:
        late = "bold red" if view.overdue else ""
        fields = (view.number, view.status_name, view.category_name, view.title, view.place_text, view.holder_name)
        table.add_row(*(Text(field) for field in fields), Text(_time(view.resolve_by), late))
    console.print(table if views else "No tickets yet.")


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="The number as the resident was told.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """One ticket with everything that happened to it."""
    from rich.table import Table

    from community.services import tickets

    detail = with_community(lambda community: tickets.show_for_operator(community, number))
    if as_json:
        print(_dump(detail))
        return
    view = detail.ticket
    facts = Table.grid(padding=(0, 2))
    for name, value in (
        ("number", view.number),
        ("status", view.status_name),
        ("category", f"{view.category_name}, {view.urgency_name}"),
        ("title", view.title),
        ("words", view.words),
        ("place", view.place_text),
        ("holder", f"{view.holder_name} {view.holder_role}"),
        ("accept by", _time(view.accept_by)),
        ("resolve by", _time(view.resolve_by)),
    ):
        facts.add_row(name, Text(value))
    events = Table("when", "who", "what", "now", "note")
    for event in detail.events:
        parts = (event.who, event.move_name, event.to_status_name, event.note)
        events.add_row(_time(event.at), *(Text(part or "") for part in parts))
    console.print(facts, "", events, sep="\n")
