from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Text, case, cast, func, or_, select, update

from community.model.teaching import JobState, Label, LabelEvent, LabelState, ModelJob, ModelState, TrainedModel
from community.model.understanding import UNSURE, Looked, Understanding
from community.ports.teaching import Wanted
from community.store.repos.base import QueueRepo, Repo
from community.store.tables import chat_sessions, label_events, labels, model_jobs, models, understandings

_U, _S = understandings.c, chat_sessions.c


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

    async def said_by(
        self, resident_id: int, since: datetime, until: datetime, *, doubted: bool = False
    ) -> list[Understanding]:
        query = select(Understanding).where(_U.resident_id == resident_id, _U.at >= since, _U.at <= until)
        if doubted:
            query = query.where(_U.doubted.is_(True))
        return list(await self.session.scalars(query.order_by(_U.id.desc()).limit(100)))

    async def doubted(self, since: datetime, looked: Looked, limit: int) -> list[Understanding]:
        query = select(Understanding).where(_U.doubted.is_(True), _U.looked == looked, _U.at >= since)
        return list(await self.session.scalars(query.order_by(_U.at.desc(), _U.id.desc()).limit(limit)))

    async def by_intent(self, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
        query = select(_U.intent, _U.doubted, func.count()).where(_U.at >= since, _U.at < until)
        found: dict[str, tuple[int, int]] = {}
        for intent, doubted, number in await self.session.execute(query.group_by(_U.intent, _U.doubted)):
            before, wrong = found.get(intent, (0, 0))
            found[intent] = before + number, wrong + number * bool(doubted)
        return found

    async def by_doubt(self, since: datetime, until: datetime, doubts: Sequence[str]) -> dict[str, int]:
        numbers = [func.sum(case((_has(why), 1), else_=0)) for why in doubts]
        query = select(*numbers).where(_U.doubted.is_(True), _U.at >= since, _U.at < until)
        row = (await self.session.execute(query)).one()
        return {why: int(number or 0) for why, number in zip(doubts, row, strict=True)}

    async def votes(self, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
        query = select(_U.intent, _U.vote, func.count()).where(_U.vote.in_(("useful", "useless")), _U.at >= since, _U.at < until)
        rows = await self.session.execute(query.group_by(_U.intent, _U.vote))
        return {(str(intent), str(vote)): int(number) for intent, vote, number in rows}

    async def wanted(self, wanted: Wanted, limit: int) -> list[Understanding]:
        query = select(Understanding)
        if wanted.talk:
            query = query.join(chat_sessions, chat_sessions.c.id == _U.session_id)
            query = query.where(_S.began_at >= wanted.since, _S.began_at < wanted.until)
            if wanted.intents is not None:
                query = query.where(_S.intent.in_(wanted.intents))
            if wanted.talk == "alone":
                query = query.where(_S.handed.is_(False), _S.staff.is_(False))
            elif wanted.talk == "handed":
                query = query.where(_S.handed.is_(True))
        else:
            query = query.where(_U.at >= wanted.since, _U.at < wanted.until)
            if wanted.intents is not None:
                query = query.where(_U.intent.in_(wanted.intents))
        if wanted.doubted or wanted.doubt:
            query = query.where(_U.doubted.is_(True))
        elif wanted.plain:
            query = query.where(_U.doubted.is_(False))
        if wanted.doubt:
            query = query.where(_has(wanted.doubt))
        if wanted.unclear:
            query = query.where(_U.intent == UNSURE)
        if wanted.vote:
            query = query.where(_U.vote == wanted.vote)
        return list(await self.session.scalars(query.order_by(_U.at.desc(), _U.id.desc()).limit(limit)))

    async def share(self, since: datetime, until: datetime) -> dict[str, int]:
        query = select(_U.doubted, func.count()).where(_U.at >= since, _U.at < until).group_by(_U.doubted)
        counts = {bool(doubted): int(number) for doubted, number in await self.session.execute(query)}
        return {"all": sum(counts.values()), "doubted": counts.get(True, 0)}


def _has(doubt: str) -> ColumnElement[bool]:
    return cast(_U.doubts, Text).like(f'%"{doubt}"%')


class LabelRepo(Repo):
    async def add(self, label: Label) -> None:
        await self._add(label)

    async def get(self, label_id: int) -> Label | None:
        return await self.session.get(Label, label_id)

    async def by_text(self, text_key: str) -> Label | None:
        return await self.session.scalar(select(Label).where(labels.c.text_key == text_key))

    async def by_intent(self, states: Collection[LabelState]) -> dict[str, int]:
        query = select(labels.c.intent, func.count()).where(labels.c.state.in_(states)).group_by(labels.c.intent)
        return {str(intent): int(number) for intent, number in await self.session.execute(query)}

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
