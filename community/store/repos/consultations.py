from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from community.model.consultation import Consultation, ConsultationStatus
from community.store.repos.base import Repo
from community.store.tables import consultations

_C = consultations.c


class ConsultationRepo(Repo):
    async def add(self, booking: Consultation) -> None:
        await self._add(booking)

    async def get(self, consultation_id: int, *, for_update: bool = False) -> Consultation | None:
        query = select(Consultation).where(_C.id == consultation_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def by_key(self, key: str) -> Consultation | None:
        return await self.session.scalar(select(Consultation).where(_C.key == key))

    async def of_resident(self, resident_id: int, now: datetime) -> list[Consultation]:
        query = select(Consultation).where(
            _C.resident_id == resident_id, _C.status == ConsultationStatus.BOOKED, _C.ends_at > now
        )
        return list(await self.session.scalars(query.order_by(_C.starts_at)))

    async def of_lawyers(self, lawyer_ids: Collection[int], first: datetime, past: datetime) -> list[Consultation]:
        query = select(Consultation).where(_C.lawyer_id.in_(lawyer_ids), _C.starts_at >= first, _C.starts_at < past)
        return list(await self.session.scalars(query.order_by(_C.starts_at, _C.id)))

    async def to_remind(self, now: datetime, limit: int) -> list[int]:
        query = select(_C.id).where(_C.remind_at <= now).order_by(_C.remind_at).limit(limit)
        return list(await self.session.scalars(query))
