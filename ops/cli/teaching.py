"""nlu review, train, compare, publish, rollback, tests: the trainers' page from the command line, through the same services."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import console, errors, sentences

if TYPE_CHECKING:
    from community.model.teaching import JobKind
    from community.ports import Community
    from ops.context import Context

As = Annotated[str, typer.Option("--as", help="Login of the trainer or operator in whose name it is done.")]
Why = Annotated[str, typer.Option("--why", help="Why, where the figures want a reason.")]


def register(app: typer.Typer) -> None:
    for command in (review, train, compare, publish, rollback):
        app.command()(command)
    tests = typer.Typer(help="Conversations that trainers kept as tests.", no_args_is_help=True)
    tests.command("export")(export)
    tests.command("list")(cases)
    tests.command("try")(try_kept)
    app.add_typer(tests, name="tests")


def _with(work: Callable[[Community, Context], Awaitable[Any]]) -> Any:
    from community.bootstrap import open_community
    from community.errors import LinsheError
    from ops import context as contexts

    async def run() -> Any:
        context = contexts.load()
        async with open_community(context.settings) as c:
            return await work(c, context)

    with sentences():
        try:
            return asyncio.run(run())
        except LinsheError as error:
            errors.print(error.message, style="red", markup=False)
            raise typer.Exit(1) from None


async def _staff(c: Community, login: str) -> int:
    from community.errors import NotFound

    async with c.reading() as uow:
        member = await uow.people.staff_by_login(login)
    if member is None:
        raise NotFound(f"没有{login}这个账号（--as）。")
    return member.id


def review(
    login: As = "trainer",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a group.")] = False,
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 30,
) -> None:
    """What residents said and was not understood, what is most worth teaching first."""
    from community.services import teaching

    async def work(c: Community, context: Context) -> teaching.Queue:
        return await teaching.queue(c, await _staff(c, login), days=days)

    queue = _with(work)
    for group in queue.groups:
        first = group.lines[0]
        if as_json:
            row = {"text": first.text, "messages": len(group.lines), "want": group.want, "guess": first.guess}
            print(json.dumps({**row, "confidence": first.confidence, "why": list(first.doubts)}, ensure_ascii=False))
            continue
        said = f"{len(group.lines):3d}  {first.text}  [{first.guess_name} {first.confidence:.2f}; {'、'.join(first.doubts)}]"
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    if not as_json:
        console.print(f"{queue.total} of {queue.messages} messages; {queue.ready} labels wait for a training")


def train(login: As = "trainer", no_wait: Annotated[bool, typer.Option("--no-wait", help="Ask and go.")] = False) -> None:
    """Write the labels into data/nlu, train a candidate beside the serving model, and measure both."""
    from community.model.teaching import JobKind

    _job(login, JobKind.TRAIN, "", "", no_wait)
    if not no_wait:
        compare(login)


def publish(
    name: Annotated[str, typer.Argument(help="The candidate's name; by default the latest.")] = "", login: As = "trainer", why: Why = ""
) -> None:
    """Let a candidate answer, in every Rasa worker."""
    from community.model.teaching import JobKind

    _job(login, JobKind.PUBLISH, name or _latest(login, "candidate"), why, False)


def rollback(
    name: Annotated[str, typer.Argument(help="A kept model's name; by default the one before.")] = "", login: As = "trainer", why: Why = ""
) -> None:
    """Let an earlier model answer again."""
    from community.model.teaching import JobKind

    _job(login, JobKind.ROLLBACK, name or _latest(login, "kept"), why, False)


def export() -> None:
    """Write the kept conversations that wait into tests/conversation/taught, and take out what was taken back; a training does it, too."""
    from ops.teaching import writing

    async def work(c: Community, context: Context) -> writing.Waiting:
        found = writing.Waiting(talks=(await writing.waiting(c)).talks)
        await writing.keep(c, found, writing.write(context, found, int(time.time()), console.print))
        return found

    found = _with(work)
    console.print(f"{found.words or 'nothing new'} -> tests/conversation/taught", highlight=False)


def cases(login: As = "trainer") -> None:
    """What was kept, the newest first."""
    from community.services import talk_cases

    async def work(c: Community, context: Context) -> list[talk_cases.CaseView]:
        return await talk_cases.listed(c, await _staff(c, login))

    for one in _with(work):
        said = f"{one.id:4d}  {one.state_name} {one.ran}  {' / '.join(one.says)}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)


def try_kept(login: As = "trainer") -> None:
    """Say the kept conversations that wait to the model that serves; what came of it is in `list`."""
    from community.model.teaching import JobKind

    _job(login, JobKind.TRY, "", "", False)
    cases(login)


def compare(login: As = "trainer", as_json: Annotated[bool, typer.Option("--json", help="Everything that was measured.")] = False) -> None:
    """The latest candidate beside the model that served when it was made."""
    page = _page(login)
    found = next((one for one in page.models if one.state == "candidate"), None) or next(iter(page.models), None)
    if found is None:
        errors.print("no model has been trained by `nlu train` yet")
        raise typer.Exit(1)
    if as_json:
        print(json.dumps({"name": found.name, "blocked": found.blocked, "losses": found.losses, **found.figures}, ensure_ascii=False))
        return
    figures = found.figures
    console.print(f"{found.name} ({found.state})", highlight=False)
    for field in ("intent", "category"):
        if field in figures:
            before, after = figures[field]
            console.print(f"  {field}: macro F1 {before:.4f} -> {after:.4f}", highlight=False)
    talks = figures.get("conversation", {})
    if talks:
        console.print(f"  conversations: {talks.get('passed', 0)} passed, {talks.get('failed', 0)} failed", highlight=False)
    for one in figures.get("changed", [])[:20]:
        mark = {(False, True): "+", (True, False): "-"}.get(tuple(one["right"]), " ")
        console.print(f"  {mark} {one['text']}: {one['before']} -> {one['after']}", markup=False, highlight=False, soft_wrap=True)
    for text in (*found.blocked, *found.losses):
        console.print(f"  ! {text}", markup=False, highlight=False, soft_wrap=True)


def _page(login: str) -> Any:
    from community.services import model_jobs

    async def work(c: Community, context: Context) -> model_jobs.ModelsPage:
        return await model_jobs.page(c, await _staff(c, login))

    return _with(work)


def _latest(login: str, state: str) -> str:
    kept = [one for one in _page(login).models if one.state == state]
    if not kept:
        errors.print(f"there is no {state} model")
        raise typer.Exit(1)
    newest = max(kept, key=lambda one: one.published_at or one.made_at)
    return str(newest.name)


def _job(login: str, kind: JobKind, model: str, why: str, no_wait: bool) -> None:
    """Ask for it; done by the running trainer process, or here where none runs."""
    from community.model.teaching import JobState
    from community.services import model_jobs
    from ops import lock
    from ops.teaching import jobs

    async def work(c: Community, context: Context) -> str:
        staff_id = await _staff(c, login)
        alone = lock.holder(context.var) is None or not context.settings.trainer
        if alone and (left := await model_jobs.claim(c, "command line")) is not None:
            # Nobody else is here to end it: a command that was broken off.
            await model_jobs.end(c, left.id, JobState.FAILED, "broken off")
        number = await model_jobs.ask(c, staff_id, kind, model, why)
        if no_wait:
            return ""
        if alone:
            job = await model_jobs.claim(c, "command line")
            if job is not None and job.id == number:
                await jobs.run(c, context, job)
        return await _wait(c, staff_id, number)

    began = time.monotonic()
    error = _with(work)
    if error:
        errors.print(error, style="red", markup=False)
        raise typer.Exit(1)
    if not no_wait:
        console.print(f"{kind}: done ({time.monotonic() - began:.0f} s)")


async def _wait(c: Community, staff_id: int, number: int) -> str:
    """Until it has ended; what went wrong, or ''."""
    from community.services import model_jobs

    stage = ""
    while True:
        page = await model_jobs.page(c, staff_id)
        job = next(one for one in page.jobs if one.id == number)
        if job.stage != stage:
            stage = job.stage
            console.print(f"  {stage}", markup=False)
        if not job.running:
            return "" if job.state == "done" else job.error or job.state_name
        await asyncio.sleep(1)
