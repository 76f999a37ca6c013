from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, or_, select

from community.model.kf import KfAccount
from community.store.repos.base import QueueRepo
from community.store.tables import kf_accounts


class KfRepo(QueueRepo):
    async def lock(self, open_kfid: str) -> KfAccount:
        """This account, made when missing, locked until the end of the transaction."""
        query = select(KfAccount).where(kf_accounts.c.open_kfid == open_kfid)
        query = query.with_for_update().execution_options(populate_existing=True)
        found = await self.session.scalar(query)
        if found is None:
            new = {"open_kfid": open_kfid, "cursor": "", "token": "", "noted": 0, "fetched": 0, "attempts": 0}
            statement = self._insert(kf_accounts).values(**new, error="")
            await self.session.execute(statement.on_conflict_do_nothing(index_elements=["open_kfid"]))
            found = await self.session.scalar(query)
        if found is None:
            raise LookupError("an account that was just made is gone")
        return found

    async def any_due(self, open_kfids: Collection[str], now: datetime, looked_before: datetime) -> bool:
        """Whether `due` would find something. Only read."""
        return (await self.session.scalars(self._due(open_kfids, now, looked_before).limit(1))).first() is not None

    async def due(self, open_kfids: Collection[str], now: datetime, looked_before: datetime) -> list[KfAccount]:
        """Those of these accounts that somebody should fetch from now, locked: noted since, or not looked at since `looked_before`."""
        query = self._due(open_kfids, now, looked_before).order_by(kf_accounts.c.id).with_for_update(skip_locked=True)
        return list(await self.session.scalars(query.execution_options(populate_existing=True)))

    def _due(self, open_kfids: Collection[str], now: datetime, looked_before: datetime) -> Select[KfAccount]:
        t = kf_accounts.c
        return select(KfAccount).where(
            t.open_kfid.in_(open_kfids),
            or_(t.noted > t.fetched, t.looked_at.is_(None), t.looked_at <= looked_before),
            or_(t.next_try_at.is_(None), t.next_try_at <= now),
            or_(t.lease_until.is_(None), t.lease_until < now),
        )

    async def held(self) -> list[KfAccount]:
        """Those that somebody fetches from, or did when they died; locked."""
        query = select(KfAccount).where(kf_accounts.c.worker.is_not(None)).with_for_update(skip_locked=True)
        return list(await self.session.scalars(query))
