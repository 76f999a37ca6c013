"""Training, publishing, rolling back: asked for here, done by the trainer process (`ops/teaching`), one at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.people import Role
from community.model.teaching import (
    JOB_NAMES,
    JOB_STATE_NAMES,
    KEPT_MODELS,
    MODEL_STATE_NAMES,
    OPEN_JOBS,
    JobKind,
    JobState,
    Label,
    LabelState,
    ModelJob,
    ModelState,
    TrainedModel,
)
from community.ports import Community, UnitOfWork
from community.services.access import staff_of
from community.services.trainers import LEADS, TEACHES, waiting

SILENT = timedelta(seconds=60)
"""A trainer process says every few seconds that it lives; after so long somebody else may take its job."""
LOG_KEPT = 6000
"""Characters of a job's log that a page shows: its end."""
SHORTEST_REASON = 4


@dataclass(frozen=True)
class JobView:
    id: int
    kind: str
    kind_name: str
    state: str
    state_name: str
    asked_by: str
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    stage: str
    share: float
    log: str
    error: str
    model: str
    running: bool


@dataclass(frozen=True)
class ModelView:
    name: str
    model_id: str
    made_at: datetime
    state: str
    state_name: str
    figures: dict[str, Any]
    blocked: tuple[str, ...]
    losses: tuple[str, ...]
    published_at: datetime | None
    why: str


@dataclass(frozen=True)
class ModelsPage:
    running: JobView | None
    jobs: tuple[JobView, ...]
    models: tuple[ModelView, ...]
    ready: int
    """Labels, words and conversations that the next training puts in or takes out."""
    may_lead: bool


async def page(c: Community, staff_id: int) -> ModelsPage:
    async with c.reading() as uow:
        role = await _trainer(uow, staff_id)
        jobs = [await _job(uow, one) for one in await uow.model_jobs.latest(20)]
        kept = await uow.models.in_state((ModelState.CANDIDATE, ModelState.SERVING, ModelState.KEPT))
        ready = await waiting(uow)
    running = next((job for job in jobs if job.running), None)
    return ModelsPage(running, tuple(jobs), tuple(_model(one) for one in kept), ready, role in LEADS)


async def ask(c: Community, staff_id: int, kind: JobKind, model: str = "", why: str = "") -> int:
    """Ask for a job; its id. Raises Conflict while another one is open or where the figures forbid it, Forbidden where only a lead may,
    InvalidInput without the reason that a loss needs, NotFound for a model that is not there."""
    async with c.uow() as uow:
        role = await _trainer(uow, staff_id)
        if await uow.model_jobs.in_state(OPEN_JOBS):
            raise Conflict("已经有一件在做了，等它完成或取消它。")
        if kind in (JobKind.PUBLISH, JobKind.ROLLBACK):
            await _may(uow, role, kind, model, why)
        job = ModelJob(0, kind, JobState.WAITING, staff_id, c.clock.now(), model, why.strip()[:300])
        await uow.model_jobs.add(job)
        uow.announce("models")
        await uow.commit()
        return job.id


async def _may(uow: UnitOfWork, role: Role, kind: JobKind, name: str, why: str) -> None:
    model = await uow.models.by_name(name)
    if model is None:
        raise NotFound("没有找到这个模型。")
    wanted = ModelState.CANDIDATE if kind is JobKind.PUBLISH else ModelState.KEPT
    if model.state is not wanted:
        raise Conflict(f"这个模型{MODEL_STATE_NAMES[model.state]}，不能{JOB_NAMES[kind]}。")
    if kind is JobKind.PUBLISH:
        if model.blocked:
            raise Conflict(f"不能发布：{'；'.join(model.blocked)}")
        if model.losses and role not in LEADS:
            raise Forbidden("有退步的模型，由负责人（运维）写明理由才能发布。")
        if model.losses and len(why.strip()) < SHORTEST_REASON:
            raise InvalidInput("有退步，请写明为什么还是要发布。")


async def cancel(c: Community, staff_id: int, job_id: int) -> None:
    """Ask a job to stop. One that waits ends at once; one that publishes goes through to its end."""
    async with c.uow() as uow:
        await _trainer(uow, staff_id)
        job = await uow.model_jobs.get(job_id, for_update=True)
        if job is None or job.state not in OPEN_JOBS:
            raise Conflict("这件已经结束了。")
        if job.state is JobState.WAITING:
            job.state, job.ended_at = JobState.CANCELLED, c.clock.now()
        job.cancel = True
        uow.announce("models")
        await uow.commit()


# -- what the trainer process says


async def claim(c: Community, worker: str) -> ModelJob | None:
    """The next job, for this process alone; also one whose process fell silent, from its beginning."""
    async with c.uow() as uow:
        now = c.clock.now()
        for one in await uow.model_jobs.in_state(OPEN_JOBS):
            job = await uow.model_jobs.get(one.id, for_update=True)
            if job is None or job.state not in OPEN_JOBS:
                continue
            if job.state is JobState.RUNNING and job.beat_at is not None and now - job.beat_at < SILENT and job.worker != worker:
                return None
            job.state, job.worker, job.beat_at, job.error = JobState.RUNNING, worker, now, ""
            job.began_at = job.began_at or now
            uow.announce("models")
            await uow.commit()
            return job
    return None


async def beat(c: Community, job_id: int, stage: str, share: float, lines: Sequence[str] = ()) -> bool:
    """Still at it; False when the job was cancelled or taken away."""
    async with c.uow() as uow:
        job = await uow.model_jobs.get(job_id, for_update=True)
        if job is None or job.state is not JobState.RUNNING:
            return False
        job.beat_at, job.stage, job.share = c.clock.now(), stage[:100], round(share, 3)
        if lines:
            job.log = (job.log + "\n".join(lines) + "\n")[-LOG_KEPT:]
        uow.announce("models")
        await uow.commit()
        return not job.cancel


async def end(c: Community, job_id: int, state: JobState, error: str = "", model: str = "") -> None:
    async with c.uow() as uow:
        job = await uow.model_jobs.get(job_id, for_update=True)
        if job is None:
            return
        job.state, job.ended_at, job.error = state, c.clock.now(), error[:2000]
        job.model, job.share = model or job.model, 1.0 if state is JobState.DONE else job.share
        uow.announce("models")
        await uow.commit()


async def to_write(c: Community) -> list[Label]:
    """Labels that training data must gain (READY) or lose (UNDONE), the oldest first."""
    async with c.reading() as uow:
        return list(reversed(await uow.labels.in_state((LabelState.READY, LabelState.UNDONE), 2000)))


async def written(c: Community, files: dict[int, str], change: str, gone: Collection[int]) -> None:
    """These labels (id: file) are in the data now by that change, those of `gone` out of it. What was taken back meanwhile has to go
    with the next one."""
    async with c.uow() as uow:
        for label_id, file in files.items():
            found = await uow.labels.get(label_id)
            if found is None:
                continue
            found.change, found.file = change[:64], file[:64]
            if label_id in gone:
                found.state = LabelState.REMOVED
            else:
                found.state = LabelState.UNDONE if found.state is LabelState.REMOVED else LabelState.TAUGHT
        await uow.commit()


async def keep_model(c: Community, model: TrainedModel) -> None:
    """A candidate is measured. Earlier candidates that nobody published go."""
    async with c.uow() as uow:
        for old in await uow.models.in_state((ModelState.CANDIDATE,)):
            old.state = ModelState.GONE
        known = await uow.models.by_name(model.name)
        if known is None:
            await uow.models.add(model)
        else:
            known.state, known.figures, known.blocked, known.losses = model.state, model.figures, model.blocked, model.losses
        uow.announce("models")
        await uow.commit()


async def serving(c: Community) -> TrainedModel | None:
    async with c.reading() as uow:
        return next(iter(await uow.models.in_state((ModelState.SERVING,))), None)


async def model_named(c: Community, name: str) -> TrainedModel | None:
    async with c.reading() as uow:
        return await uow.models.by_name(name)


async def serves(c: Community, name: str, staff_id: int | None, why: str, first: Callable[[], TrainedModel] | None = None) -> list[str]:
    """This model answers now; the one before is kept. Names of models that are one too many, whose files may go.

    `first` makes the row of a model that was trained before there was a register.
    """
    async with c.uow() as uow:
        now = c.clock.now()
        for old in await uow.models.in_state((ModelState.SERVING,)):
            old.state = ModelState.KEPT
        model = await uow.models.by_name(name)
        if model is None:
            if first is None:
                raise NotFound("没有找到这个模型。")
            model = first()
            await uow.models.add(model)
        model.state, model.published_at, model.published_by, model.why = ModelState.SERVING, now, staff_id, why[:300]
        await uow.flush()
        kept = await uow.models.in_state((ModelState.KEPT,))
        kept.sort(key=lambda one: one.published_at or one.made_at, reverse=True)
        over = kept[KEPT_MODELS - 1 :]
        for one in over:
            one.state = ModelState.GONE
        uow.announce("models")
        await uow.commit()
        return [one.name for one in over]


async def _trainer(uow: UnitOfWork, staff_id: int) -> Role:
    member = await staff_of(uow, staff_id)
    if member.role not in TEACHES:
        raise Forbidden("训练和发布是训练师的事。")
    return member.role


async def _job(uow: UnitOfWork, job: ModelJob) -> JobView:
    who = await uow.people.staff(job.asked_by)
    return JobView(
        id=job.id,
        kind=str(job.kind),
        kind_name=JOB_NAMES[job.kind],
        state=str(job.state),
        state_name=JOB_STATE_NAMES[job.state],
        asked_by=who.name if who else "",
        asked_at=job.asked_at,
        began_at=job.began_at,
        ended_at=job.ended_at,
        stage=job.stage,
        share=job.share,
        log=job.log,
        error=job.error,
        model=job.model,
        running=job.state in OPEN_JOBS,
    )


def _model(model: TrainedModel) -> ModelView:
    return ModelView(
        name=model.name,
        model_id=model.model_id,
        made_at=model.made_at,
        state=str(model.state),
        state_name=MODEL_STATE_NAMES[model.state],
        figures=model.figures,
        blocked=tuple(model.blocked),
        losses=tuple(model.losses),
        published_at=model.published_at,
        why=model.why,
    )
