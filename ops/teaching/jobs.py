"""What each kind of job does, from its claim to its end. Blocking work runs in a thread; the loop says that it lives."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

from community.model.calendar import local
from community.model.teaching import JobKind, JobState, LabelState, ModelJob, ModelState, TrainedModel
from community.ports import Community
from community.services import model_jobs, talk_cases
from ops import training
from ops.context import Context, OperationFailed
from ops.teaching import compare, publish, talks, writing
from ops.teaching.examples import CannotTeach
from ops.teaching.talks import TalkChange

log = logging.getLogger(__name__)
BEAT = 2.0
"""Seconds between two signs of life; what was said since goes with each."""


class Cancelled(Exception):
    """Somebody asked for it."""


class Work:
    """One job under way: its stage, what it has said, and whether it should stop."""

    def __init__(self, c: Community, job: ModelJob) -> None:
        self._c, self.job = c, job
        self.stop = Event()
        self.stage, self.share = "", 0.0
        self._lines: deque[str] = deque()

    def tell(self, line: str) -> None:
        self._lines.append(line[:300])

    async def begin(self, stage: str, share: float) -> None:
        self.stage, self.share = stage, share
        self.tell(f"— {stage}")
        await self._beat()
        if self.stop.is_set():
            raise Cancelled

    async def within(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run it in a thread, with signs of life. Raises Cancelled when the job was cancelled meanwhile."""
        running = asyncio.create_task(asyncio.to_thread(work, *arguments))
        while not running.done():
            await asyncio.wait([running], timeout=BEAT)
            await self._beat()
        try:
            return running.result()
        except (OperationFailed, InterruptedError):
            if self.stop.is_set():
                raise Cancelled from None
            raise

    async def _beat(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if not await model_jobs.beat(self._c, self.job.id, self.stage, self.share, lines):
            self.stop.set()


async def run(c: Community, context: Context, job: ModelJob) -> JobState:
    """Do it and say how it ended."""
    work = Work(c, job)
    try:
        name = await _DO[job.kind](c, context, work)
        state, error = JobState.DONE, ""
    except Cancelled:
        name, state, error = "", JobState.CANCELLED, ""
    except (OperationFailed, CannotTeach) as failed:
        name, state, error = "", JobState.FAILED, str(failed)
    except (asyncio.CancelledError, KeyboardInterrupt):
        work.stop.set()
        await asyncio.shield(model_jobs.end(c, job.id, JobState.CANCELLED))
        raise
    except Exception as failed:
        log.exception("job %s failed", job.id)
        name, state, error = "", JobState.FAILED, type(failed).__name__
    await model_jobs.end(c, job.id, state, error, name)
    return state


async def _train(c: Community, context: Context, work: Work) -> str:
    await work.begin("写进训练资料", 0.02)
    await _base(c, context)
    waiting = await writing.waiting(c)
    done = await work.within(writing.write, context, waiting, work.job.id, work.tell)
    await writing.keep(c, waiting, done)
    work.tell(f"{waiting.words} {done.change}" if waiting else "nothing new")
    name = f"m{local(datetime.now(UTC)):%Y%m%d-%H%M%S}"
    await work.begin("训练候选模型", 0.05)
    path, stamp = await work.within(training.train_candidate, context, name, work.tell, work.stop)
    await work.begin("用没教过的话比一比", 0.45)
    rows = compare.rows_of(context.root)
    serving = await model_jobs.serving(c)
    old = training.kept(context.root, serving.name) if serving else training.model(context.root)
    before = await work.within(compare.read, context, rows, old, work.stop)
    work.share = 0.6
    after = await work.within(compare.read, context, rows, path, work.stop)
    found = compare.figures(rows, before, after)
    await work.begin("跑对话测试", 0.65)
    found["conversation"] = await work.within(compare.conversations, context, path, work.tell, work.stop)
    kept = compare.kept_conversations(compare.report_of(context))
    await talk_cases.ran(c, kept)
    found["conversation"]["kept_failed"] = sorted(number for number, gone in kept.items() if gone)
    found["taught"], found["change"] = len(waiting.labels), done.change
    blocked, losses = compare.judged(found)
    await model_jobs.keep_model(
        c,
        TrainedModel(
            0, name, compare.model_id(path), datetime.now(UTC), ModelState.CANDIDATE, found, blocked, losses, fingerprint=stamp
        ),
    )
    return name


async def _base(c: Community, context: Context) -> None:
    """The model that serves now, in the register and among the kept files, however it came there."""
    current = training.model(context.root)
    if not current.exists():
        raise OperationFailed("there is no trained model yet: ./linshe train")
    identity = compare.model_id(current)
    known = await model_jobs.serving(c)
    if known is not None and known.model_id == identity and training.kept(context.root, known.name).is_file():
        return
    name = f"base-{identity[:8]}"
    kept = training.kept(context.root, name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(current, kept)
    first = TrainedModel(0, name, identity, datetime.now(UTC), ModelState.SERVING, fingerprint=training.fingerprint(context.root))
    drop(context, await model_jobs.serves(c, name, None, "./linshe train", lambda: first))


async def _try(c: Community, context: Context, work: Work) -> str:
    """Kept conversations that wait, said to the model that serves: the trainer need not wait for a training to see whether they hold."""
    await work.begin("试跑留下的对话", 0.1)
    found = [case for case in await talk_cases.to_write(c) if case.state is LabelState.READY]
    if not found:
        raise OperationFailed("没有等着的对话测试")
    serving = await model_jobs.serving(c)
    file = training.kept(context.root, serving.name) if serving else training.model(context.root)
    with tempfile.TemporaryDirectory(prefix="linshe-try-") as folder:
        # A copy beside the project: nothing is written into its tests before a training does.
        talks.apply(Path(folder), [TalkChange(case.id, case.turns, case.home, case.why, False) for case in found])
        model = file if file.is_file() else training.model(context.root)
        result = await work.within(compare.conversations, context, model, work.tell, work.stop, Path(folder) / talks.TAUGHT)
    if not result["passed"] + result["failed"]:
        raise OperationFailed(result.get("why") or "对话测试没有跑起来")
    await talk_cases.ran(c, compare.kept_conversations(compare.report_of(context)))
    return ""


async def _publish(c: Community, context: Context, work: Work) -> str:
    return await _serve(c, context, work, "发布到每个应答进程")


async def _roll_back(c: Community, context: Context, work: Work) -> str:
    return await _serve(c, context, work, "退回到每个应答进程", here=True)


async def _serve(c: Community, context: Context, work: Work, stage: str, *, here: bool = False) -> str:
    await work.begin(stage, 0.1)
    await _base(c, context)
    model, old = await model_jobs.model_named(c, work.job.model), await model_jobs.serving(c)
    if model is None or old is None:
        raise OperationFailed(f"model {work.job.model} is not in the register")
    await publish.publish(context, model.name, old.name, "" if here else model.fingerprint)
    drop(context, await model_jobs.serves(c, model.name, work.job.asked_by, work.job.why))
    return model.name


def drop(context: Context, names: list[str]) -> None:
    for name in names:
        path = training.kept(context.root, name)
        for file in (path, path.with_suffix(".read.json")):
            file.unlink(missing_ok=True)


_DO = {JobKind.TRAIN: _train, JobKind.PUBLISH: _publish, JobKind.ROLLBACK: _roll_back, JobKind.TRY: _try}
