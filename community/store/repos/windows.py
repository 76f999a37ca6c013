from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from community.model.window import Window
from community.store.repos.base import QueueRepo
from community.store.tables import channel_windows


class WindowRepo(QueueRepo):
    async def lock(self, channel: str, external_id: str) -> Window:
        """The ledger of this address, made when missing, locked until the end of the transaction."""
        query = select(Window).where(channel_windows.c.channel == channel, channel_windows.c.external_id == external_id)
        query = query.with_for_update().execution_options(populate_existing=True)
        found = await self.session.scalar(query)
        if found is None:
            await self._make(channel, [external_id])
            found = await self.session.scalar(query)
        if found is None:
            raise LookupError("a window that was just made is gone")
        return found

    async def lock_all(self, channel: str, external_ids: Collection[str]) -> dict[str, Window]:
        """`lock` for many, always in the same order, so that two who lock do not wait for each other."""
        query = select(Window).where(
            channel_windows.c.channel == channel, channel_windows.c.external_id.in_(external_ids)
        )
        query = query.order_by(channel_windows.c.id).with_for_update().execution_options(populate_existing=True)
        found = {window.external_id: window for window in await self.session.scalars(query)}
        if missing := set(external_ids) - set(found):
            await self._make(channel, sorted(missing))
            found = {window.external_id: window for window in await self.session.scalars(query)}
        return found

    async def lock_free(self, channel: str, external_ids: Collection[str]) -> dict[str, Window]:
        """The ledgers of these addresses, locked, but for those that somebody else has locked now."""
        query = select(Window).where(
            channel_windows.c.channel == channel, channel_windows.c.external_id.in_(external_ids)
        )
        known = set(await self.session.scalars(query.with_only_columns(channel_windows.c.external_id)))
        if missing := set(external_ids) - known:
            await self._make(channel, sorted(missing))
        locked = await self.session.scalars(
            query.order_by(channel_windows.c.id)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return {window.external_id: window for window in locked}

    async def get(self, channel: str, external_id: str) -> Window | None:
        return await self.session.scalar(
            select(Window).where(channel_windows.c.channel == channel, channel_windows.c.external_id == external_id)
        )

    async def _make(self, channel: str, external_ids: Collection[str]) -> None:
        new = {"channel": channel, "following": True, "room": 0, "in_flight": 0, "landed": [], "code": ""}
        rows = [{**new, "external_id": each} for each in external_ids]
        statement = self._insert(channel_windows).values(rows)
        await self.session.execute(statement.on_conflict_do_nothing(index_elements=["channel", "external_id"]))
