"""laws import, list, remove, flags, index, search, check, converse, tune; laws_answers.py adds those about curated answers."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli import law_files, laws_answers
from ops.cli.common import console, sentences, with_community

if TYPE_CHECKING:
    from community.ports import Community

app = typer.Typer(help="Statutes and curated answers.", no_args_is_help=True)
laws_answers.register(app)


app.command("list")(law_files.list_)
app.command("remove")(law_files.take_out)
app.add_typer(law_files.flags_app, name="flags")


@app.command("import")
def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Regulations and local rules: .jsonl, .md, .docx, or folders of them.")
    ] = None,
    scope: Annotated[str, typer.Option(help="Where they hold, for those that do not say: 浙江省/杭州市.")] = "",
    gaps: Annotated[bool, typer.Option("--with-gaps", help="Article numbers may be left out: the text has none there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and keep nothing.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Every changed article.")] = False,
) -> None:
    """Bring statutes and curated answers into the database; with files, those. What is there already stays."""
    from ops import context as contexts
    from ops import steps

    if files:
        law_files.bring_in(files, scope, gaps, dry_run, full)
        return
    with sentences():
        context = contexts.load()
        with steps.step(console, "database") as work:
            steps.upgrade_database(context, work)
        with steps.step(console, "statutes") as work:
            asyncio.run(steps.import_laws(context, work))


@app.command()
def index() -> None:
    """Encode all articles now, so that they are found by their meaning: minutes the first time, and only what changed later."""
    from community.model.calendar import local
    from ops import steps

    with sentences(), steps.step(console, "meaning") as work:

        async def encode(community: Community) -> bool:
            return await community.legal.understand(local(community.clock.now()).date(), work.count)

        found = with_community(encode)
        work.result = "articles are found by words and meaning" if found else "no encoder, or nothing learnt for it: by words alone"


@app.command()
def tune(
    data: Annotated[Path, typer.Argument(help="Questions, a line each: {query, gold: [[law, number], …]}.", exists=True)],
    other: Annotated[Path | None, typer.Option(help="Lines that no article answers: {text}.", exists=True)] = None,
    limit: Annotated[int, typer.Option(help="So many of the other lines at most.")] = 600,
    measure: Annotated[bool, typer.Option("--measure", help="Learn nothing: measure what is kept, on the questions set aside.")] = False,
) -> None:
    """Learn how articles are found; every fifth question is set aside, and measured with."""
    from datetime import date

    import encoder
    from community.knowledge import ranker, tuning
    from community.knowledge.measure import build_index
    from community.knowledge.text import load_search_words
    from community.knowledge.wheel import find_wheel
    from ops import context as contexts
    from ops import steps
    from ops.context import OperationFailed

    with sentences(), steps.step(console, "tuning") as work:
        opened = encoder.load()
        folder = contexts.load().settings.var / "knowledge"
        index = build_index(find_wheel(None), date.today(), load_search_words())
        material = tuning.gather(index, opened, folder, work.tell)
        asked = tuning.read_questions(_lines(data), index, opened)
        if measure:
            kept = ranker.load(opened.fingerprint)
            if kept is None:
                raise OperationFailed("Nothing was learnt for this encoder yet: run this without --measure.")
            set_aside = (asked.fifth == 0).nonzero()[0]
            work.result = json.dumps(tuning.measure(material.fusion(kept.adapter), kept, asked, set_aside))
            return
        others = [str(line["text"]) for line in _lines(other)][:limit] if other else []
        made = tuning.tune(material, asked, others, {"questions": data.name}, work.tell)
        made.save(ranker.FOLDER)
        work.result = json.dumps(made.described["held_out"])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@app.command()
def search(
    words: Annotated[list[str] | None, typer.Argument(help="A question in plain words.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50)] = 5,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read a question a line and write {query, hits: [{law, article, score}]} a line.")
    ] = False,
) -> None:
    """The articles nearest to a question, best first."""
    from rich.text import Text

    from community.knowledge.search import search_articles

    if jsonl:
        with_community(lambda community: _search_lines(community, limit))
        return
    query = " ".join(words or [])
    if not query.strip():
        raise typer.BadParameter("A question is wanted, or --jsonl with a question a line on standard input.")
    hits = with_community(lambda community: search_articles(community, query, limit))
    for hit in hits:
        console.print(Text.assemble((f"《{hit.law}》{hit.article_no}", "bold"), (f"  {hit.score:.2f}", "dim")))
        console.print(Text(hit.text), "", sep="\n")
    if not hits:
        console.print("Nothing found. Have the statutes been imported? (./linshe laws import)")


async def _search_lines(community: Community, limit: int) -> None:
    from community.knowledge.search import search_articles

    for line in sys.stdin:
        query = line.strip()
        if query:
            hits = await search_articles(community, query, limit)
            found = [{"law": hit.law, "article": hit.article_no, "score": round(hit.score, 4)} for hit in hits]
            sys.stdout.write(json.dumps({"query": query, "hits": found}, ensure_ascii=False) + "\n")
            sys.stdout.flush()


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A text to look through; standard input without one.", exists=True)] = None,
) -> None:
    """Every citation in a text that does not stand today. Exit code 1 when there is one."""
    from community.knowledge.false_citations import FalseCitation, find_false
    from community.model.calendar import local

    text = file.read_text(encoding="utf-8") if file else sys.stdin.read()

    async def look(community: Community) -> list[FalseCitation]:
        return await find_false(community, text, local(community.clock.now()).date())

    found = with_community(look)
    for one in found:
        line = text.count("\n", 0, one.start) + 1
        console.print(f"{file or '-'}:{line}: {one.said}: {one.wrong}", markup=False, highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(1)
    console.print("Every law, article and paragraph that it names stands today.")


@app.command()
def converse(
    count: Annotated[int, typer.Option(help="So many conversations.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Which ones: the same seed makes the same.")] = 1,
    lying_writer: Annotated[bool, typer.Option("--lying-writer", help="With an optional writer that makes things up.")] = False,
) -> None:
    """Hold made-up legal conversations, on a city of its own, and check all that is said; JSON. Exit code 1 when anything is false."""
    import tempfile

    from community.bootstrap import open_community
    from community.config import Settings
    from community.store import migrate
    from ops import context as contexts
    from ops import steps
    from ops.legal_talk import run

    kept = contexts.load().settings

    async def hold(var: Path, work: steps.Step) -> dict[str, Any]:
        url = f"sqlite+aiosqlite:///{var / 'talk.db'}"
        settings = Settings(
            _env_file=None, LINSHE_VAR=var, DATABASE_URL=url, LINSHE_MODE="demo", LINSHE_WRITER_URL="", LINSHE_ENCODER=kept.encoder
        )
        async with open_community(settings, signals=False) as community:
            work.tell("importing the statutes")
            await run.fill(community, kept.knowledge, Path(kept.laws_db) if kept.laws_db else None)
            return await run.converse(community, count, seed, work.count, lying=lying_writer)

    with sentences(), tempfile.TemporaryDirectory(prefix="linshe-talk-") as folder, steps.step(console, "conversations") as work:
        # The indexes are named by the texts they are made of: those of this city are as good for the same texts.
        (kept.var / "knowledge").mkdir(parents=True, exist_ok=True)
        (Path(folder) / "knowledge").symlink_to((kept.var / "knowledge").absolute())
        migrate.upgrade(f"sqlite+aiosqlite:///{Path(folder) / 'talk.db'}")
        found = asyncio.run(hold(Path(folder), work))
        work.result = f"{found['false']} false"
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    if found["false"]:
        raise typer.Exit(1)
