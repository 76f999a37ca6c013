from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select

from community.model.advice import AdviceGiven
from community.store.repos.base import QueueRepo
from community.store.tables import legal_advice

_C = legal_advice.c


class AdviceRepo(QueueRepo):
    async def add(self, given: AdviceGiven) -> int:
        row = {c.name: getattr(given, c.name) for c in legal_advice.columns if c.name != "id"}
        statement = self._insert(legal_advice).values(**row).on_conflict_do_nothing(index_elements=["key"]).returning(_C.id)
        made = await self.session.scalar(statement)
        if made is None:
            made = await self.session.scalar(select(_C.id).where(_C.key == given.key))
        return int(made or 0)

    async def get(self, advice_id: int) -> AdviceGiven | None:
        return await self.session.get(AdviceGiven, advice_id)

    async def wanting(self, since: datetime, limit: int, offset: int) -> list[AdviceGiven]:
        of_no_use = or_(_C.kind.in_(("none", "articles")), _C.useful.is_(False))
        query = select(AdviceGiven).where(and_(_C.asked_at >= since, of_no_use)).order_by(_C.id.desc())
        return list(await self.session.scalars(query.limit(limit).offset(offset)))

    async def counts(self, since: datetime) -> dict[str, int]:
        by_kind = select(_C.kind, func.count()).where(_C.asked_at >= since).group_by(_C.kind)
        said = select(_C.useful, func.count()).where(_C.asked_at >= since, _C.useful.is_not(None)).group_by(_C.useful)
        kinds = {str(kind): int(count) for kind, count in await self.session.execute(by_kind)}
        votes = {("useful" if useful else "useless"): int(count) for useful, count in await self.session.execute(said)}
        return {**kinds, **votes}
