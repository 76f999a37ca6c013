from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, insert, or_, select, union

from community.model.notice import Notice, NoticeEvent, NoticeState, Receipt
from community.model.place import PlaceKind
from community.store.repos.base import QueueRepo
from community.store.tables import (
    notice_areas,
    notice_events,
    notice_receipts,
    notices,
    places,
    resident_homes,
    residents,
)

_N = notices.c


class NoticeRepo(QueueRepo):
    async def add(self, notice: Notice) -> None:
        await self._add(notice)
        rows = [{"notice_id": notice.id, "place_id": place_id} for place_id in dict.fromkeys(notice.place_ids)]
        await self.session.execute(insert(notice_areas), rows)

    async def get(self, notice_id: int, *, for_update: bool = False) -> Notice | None:
        query = select(Notice).where(_N.id == notice_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def due(self, now: datetime) -> list[int]:
        query = select(_N.id).where(_N.state == NoticeState.WAITING, _N.send_at <= now).order_by(_N.send_at)
        return list(await self.session.scalars(query))

    async def over(self, since: datetime, until: datetime) -> list[int]:
        query = select(_N.id).where(_N.state == NoticeState.SENT, _N.ends_at > since, _N.ends_at <= until).order_by(_N.id)
        return list(await self.session.scalars(query))

    async def about(self, place_ids: Collection[int], since: datetime, *, waiting: bool = False) -> list[Notice]:
        here = select(notice_areas.c.notice_id).where(notice_areas.c.place_id.in_(place_ids))
        states = (NoticeState.SENT, NoticeState.WAITING) if waiting else (NoticeState.SENT,)
        query = select(Notice).where(_N.id.in_(here), _N.state.in_(states), _N.ends_at > since)
        return list(await self.session.scalars(query.order_by(_N.begins_at, _N.id)))

    async def of_places(self, community_ids: Collection[int] | None, since: datetime, limit: int) -> list[Notice]:
        query = select(Notice).where(_N.ends_at > since)
        if community_ids is not None:
            query = query.where(_N.community_id.in_(community_ids))
        return list(await self.session.scalars(query.order_by(_N.id.desc()).limit(limit)))

    async def living_at(self, place_ids: Collection[int]) -> dict[int, int]:
        if not place_ids:
            return {}
        first = select(residents.c.id, residents.c.room_id).where(residents.c.room_id.in_(place_ids))
        further = select(resident_homes.c.resident_id, resident_homes.c.room_id).where(resident_homes.c.room_id.in_(place_ids))
        return {int(who): int(room) for who, room in await self.session.execute(union(first, further))}

    async def rooms_below(self, place_ids: Collection[int]) -> dict[int, int]:
        unit, building = places.alias("unit"), places.alias("building")
        room = places.alias("room")
        query = (
            select(room.c.id, building.c.id)
            .join(unit, room.c.parent_id == unit.c.id)
            .join(building, unit.c.parent_id == building.c.id)
            .where(
                room.c.kind == PlaceKind.ROOM,
                or_(
                    room.c.id.in_(place_ids),
                    unit.c.id.in_(place_ids),
                    building.c.id.in_(place_ids),
                    room.c.estate_id.in_(place_ids),
                    room.c.grid_id.in_(place_ids),
                    room.c.community_id.in_(place_ids),
                ),
            )
        )
        return {int(one): int(of) for one, of in await self.session.execute(query)}

    async def tell(self, receipts: Sequence[Receipt]) -> None:
        rows = [{c.name: getattr(one, c.name) for c in notice_receipts.columns if c.name != "id"} for one in receipts]
        if rows:
            statement = self._insert(notice_receipts).values(rows)
            await self.session.execute(statement.on_conflict_do_nothing(index_elements=["notice_id", "resident_id"]))

    async def counts(self, notice_ids: Collection[int]) -> dict[int, tuple[int, int]]:
        of, read = notice_receipts.c.notice_id, func.count(notice_receipts.c.read_at)
        query = select(of, func.count(), read).where(of.in_(notice_ids)).group_by(of)
        return {int(one): (int(told), int(answered)) for one, told, answered in await self.session.execute(query)}

    async def receipts(self, notice_id: int) -> list[Receipt]:
        query = select(Receipt).where(notice_receipts.c.notice_id == notice_id).order_by(notice_receipts.c.id)
        return list(await self.session.scalars(query))

    async def receipt(self, notice_id: int, resident_id: int) -> Receipt | None:
        query = select(Receipt).where(notice_receipts.c.notice_id == notice_id, notice_receipts.c.resident_id == resident_id)
        return await self.session.scalar(query)

    async def add_event(self, event: NoticeEvent) -> None:
        await self._add(event)

    async def events(self, notice_id: int) -> list[NoticeEvent]:
        query = select(NoticeEvent).where(notice_events.c.notice_id == notice_id).order_by(notice_events.c.id)
        return list(await self.session.scalars(query))
