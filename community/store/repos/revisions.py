from __future__ import annotations

from sqlalchemy import func, select

from community.model.revision import ItemKind, Revision, RevisionState
from community.store.repos.base import Repo
from community.store.tables import revisions

_R = revisions.c


class RevisionRepo(Repo):
    async def add(self, revision: Revision) -> None:
        await self._add(revision)

    async def get(self, revision_id: int, *, for_update: bool = False) -> Revision | None:
        return await self.session.get(Revision, revision_id, with_for_update=for_update or None)

    async def live(self, kind: ItemKind) -> list[Revision]:
        query = select(Revision).where(_R.kind == kind, _R.state == RevisionState.IN_FORCE).order_by(_R.id)
        return list(await self.session.scalars(query))

    async def stamp(self, kind: ItemKind) -> str:
        query = select(func.count(), func.count(_R.live_key), func.max(_R.decided_at)).where(_R.kind == kind)
        return "|".join(map(str, (await self.session.execute(query)).one()))

    async def live_of(self, kind: ItemKind, code: str, *, for_update: bool = False) -> Revision | None:
        query = select(Revision).where(_R.live_key == f"{kind}:{code}")
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def proposed(self) -> list[Revision]:
        query = select(Revision).where(_R.state == RevisionState.PROPOSED).order_by(_R.id)
        return list(await self.session.scalars(query))

    async def history(self, kind: ItemKind | None, code: str, limit: int) -> list[Revision]:
        query = select(Revision)
        if kind is not None:
            query = query.where(_R.kind == kind)
        if code:
            query = query.where(_R.code == code)
        return list(await self.session.scalars(query.order_by(_R.id.desc()).limit(limit)))
