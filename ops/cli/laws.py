"""laws import, laws search."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ops.cli.common import console, sentences, with_community

app = typer.Typer(help="Statutes and curated answers.", no_args_is_help=True)


@app.command("import")
def import_() -> None:
    """Bring the statutes and the curated answers into the database; what is there already stays."""
    from ops import context as contexts
    from ops import steps

    with sentences():
        context = contexts.load()
        with steps.step(console, "database") as work:
            steps.upgrade_database(context, work)
        with steps.step(console, "statutes") as work:
            asyncio.run(steps.import_laws(context, work))


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="A question in plain words.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50)] = 5,
) -> None:
    """The articles nearest to a question, best first."""
    from rich.text import Text

    from community.knowledge.search import search_articles

    query = " ".join(words)
    hits = with_community(lambda community: search_articles(community, query, limit))
    for hit in hits:
        console.print(Text.assemble((f"《{hit.law}》{hit.article_no}", "bold"), (f"  {hit.score:.2f}", "dim")))
        console.print(Text(hit.text), "", sep="\n")
    if not hits:
        console.print("Nothing found. Have the statutes been imported? (./linshe laws import)")
