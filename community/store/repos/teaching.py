from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update

from community.model.teaching import JobState, Label, LabelEvent, LabelState, ModelJob, ModelState, TrainedModel
from community.model.understanding import Looked, Understanding
from community.store.repos.base import QueueRepo, Repo
from community.store.tables import label_events, labels, model_jobs, models, understandings

_U = understandings.c


class UnderstandingRepo(QueueRepo):
    async def add_all(self, rows: Sequence[Understanding]) -> None:
        if not rows:
            return
        values = [{c.name: getattr(row, c.name) for c in understandings.columns if c.name != "id"} for row in rows]
        await self.session.execute(self._insert(understandings).values(values).on_conflict_do_nothing(index_elements=["key"]))

    async def by_key(self, key: str) -> Understanding | None:
        return await self.session.scalar(select(Understanding).where(_U.key == key))

    async def get_all(self, ids: Collection[int]) -> list[Understanding]:
        return list(await self.session.scalars(select(Understanding).where(_U.id.in_(ids)).order_by(_U.id)))

    async def assign(self, ids: Collection[int], to: int | None, was: int | None) -> int:
        free = or_(_U.assigned_to.is_(None), _U.assigned_to == was, _U.assigned_to == to)
        change = update(understandings).where(_U.id.in_(ids), _U.looked == Looked.OPEN, free).values(assigned_to=to)
        done = await self.session.execute(change)
        return int(done.rowcount)  # type: ignore[attr-defined]

    async def latest_of(self, resident_id: int, since: datetime, but: str) -> Understanding | None:
        query = select(Understanding).where(_U.resident_id == resident_id, _U.at >= since, _U.key != but)
        return await self.session.scalar(query.order_by(_U.id.desc()).limit(1))

    async def doubted(self, since: datetime, looked: Looked, limit: int) -> list[Understanding]:
        query = select(Understanding).where(_U.doubted.is_(True), _U.looked == looked, _U.at >= since)
        return list(await self.session.scalars(query.order_by(_U.at.desc(), _U.id.desc()).limit(limit)))

    async def by_intent(self, since: datetime, until: datetime) -> dict[str, int]:
        query = select(_U.intent, func.count()).where(_U.at >= since, _U.at < until).group_by(_U.intent)
        return {str(intent): int(number) for intent, number in await self.session.execute(query)}

    async def between(self, since: datetime, until: datetime, limit: int) -> list[Understanding]:
        query = select(Understanding).where(_U.doubted.is_(True), _U.at >= since, _U.at < until)
        return list(await self.session.scalars(query.order_by(_U.at.desc(), _U.id.desc()).limit(limit)))

    async def share(self, since: datetime, until: datetime) -> dict[str, int]:
        query = select(_U.doubted, func.count()).where(_U.at >= since, _U.at < until).group_by(_U.doubted)
        counts = {bool(doubted): int(number) for doubted, number in await self.session.execute(query)}
        return {"all": sum(counts.values()), "doubted": counts.get(True, 0)}


class LabelRepo(Repo):
    async def add(self, label: Label) -> None:
        await self._add(label)

    async def get(self, label_id: int) -> Label | None:
        return await self.session.get(Label, label_id)

    async def by_text(self, text_key: str) -> Label | None:
        return await self.session.scalar(select(Label).where(labels.c.text_key == text_key))

    async def in_state(self, states: Collection[LabelState], limit: int = 500) -> list[Label]:
        query = select(Label).where(labels.c.state.in_(states)).order_by(labels.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

    async def add_event(self, event: LabelEvent) -> None:
        await self._add(event)

    async def events(self, label_id: int | None, limit: int = 100) -> list[LabelEvent]:
        query = select(LabelEvent).order_by(label_events.c.id.desc()).limit(limit)
        if label_id is not None:
            query = query.where(label_events.c.label_id == label_id)
        return list(await self.session.scalars(query))


class ModelJobRepo(Repo):
    async def add(self, job: ModelJob) -> None:
        await self._add(job)

    async def get(self, job_id: int, *, for_update: bool = False) -> ModelJob | None:
        query = select(ModelJob).where(model_jobs.c.id == job_id)
        if for_update:
            # What was read before this transaction waited for its turn is old.
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def in_state(self, states: Collection[JobState]) -> list[ModelJob]:
        return list(await self.session.scalars(select(ModelJob).where(model_jobs.c.state.in_(states)).order_by(model_jobs.c.id)))

    async def latest(self, limit: int) -> list[ModelJob]:
        return list(await self.session.scalars(select(ModelJob).order_by(model_jobs.c.id.desc()).limit(limit)))


class ModelRepo(Repo):
    async def add(self, model: TrainedModel) -> None:
        await self._add(model)

    async def by_name(self, name: str) -> TrainedModel | None:
        return await self.session.scalar(select(TrainedModel).where(models.c.name == name))

    async def in_state(self, states: Collection[ModelState]) -> list[TrainedModel]:
        query = select(TrainedModel).where(models.c.state.in_(states)).order_by(models.c.id.desc())
        return list(await self.session.scalars(query))
