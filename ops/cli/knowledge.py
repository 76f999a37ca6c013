"""knowledge list, export: what staff changed at the console, and bringing it into the files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import console, sentences, with_community

if TYPE_CHECKING:
    from community.ports import Community

app = typer.Typer(help="What staff changed: legal answers, guides, danger phrases.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Every change that counts or waits for a second person."""

    async def rows(c: Community) -> list[dict[str, str]]:
        from community.model.revision import ItemKind
        async with c.reading() as uow:
            found = await uow.revisions.proposed()
            for kind in ItemKind:
                found += await uow.revisions.live(kind)
            return [
                {
                    "id": str(one.id), "kind": str(one.kind), "code": one.code, "title": one.title, "state": str(one.state),
                    "by": one.by_name, "second": one.second_name, "at": one.at.isoformat(), "why": one.why,
                    "in_files": one.change,
                }  # fmt: skip
                for one in found
            ]

    for row in with_community(rows):
        if as_json:
            console.print_json(json.dumps(row))
        else:
            second = f", {row['second']}" if row["second"] else ""
            console.print(f"{row['state']:<9} {row['kind']:<7} {row['code']:<32} {row['by']}{second}  {row['why']}  {row['in_files']}")


@app.command()
def export() -> None:
    """Write what counts into data/knowledge and data/lexicon, and commit it to the branch `taught` (a patch where there is no git)."""
    from ops import context as contexts
    from ops import knowledge_files

    with sentences():
        context = contexts.load()
        number, change = with_community(lambda c: knowledge_files.export(c, context))
        if not number:
            console.print("Nothing to write: the files say what counts.")
        else:
            console.print(f"{number} entries written{f', {change}' if change else ''}.")
