from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select

from community.model.message import OutboxStatus
from community.model.place import Place
from community.model.room import RoomNote
from community.store.repos.base import QueueRepo
from community.store.tables import places, room_notes


class RoomRepo(QueueRepo):
    async def add(self, note: RoomNote) -> bool:
        """Write a note. False, and nothing written, when its idempotency key is there already."""
        row = {
            c.name: getattr(note, c.name)
            for c in room_notes.columns
            if c.name != "id" and getattr(note, c.name) is not None
        }
        statement = self._insert(room_notes).values(**row)
        statement = statement.on_conflict_do_nothing(index_elements=["idempotency_key"]).returning(room_notes.c.id)
        return await self.session.scalar(statement) is not None

    async def lock_turn(self, community_id: int) -> None:
        """Whoever counts what a robot said keeps others from counting until the end of the transaction."""
        await self.session.scalar(select(Place).where(places.c.id == community_id).with_for_update(key_share=True))

    async def spent(self, community_ids: Collection[int], since: datetime, now: datetime) -> tuple[int, int]:
        """(said since, on their way now) in these rooms. What a worker that is gone left behind is older than its lease: not counted."""
        t = room_notes.c
        query = (
            select(t.status, func.count())
            .where(
                t.community_id.in_(community_ids),
                or_(
                    and_(t.status == OutboxStatus.SENT, t.sent_at > since),
                    and_(t.status == OutboxStatus.SENDING, t.lease_until >= now),
                ),
            )
            .group_by(t.status)
        )
        counted = {status: int(number) for status, number in await self.session.execute(query)}
        return counted.get(OutboxStatus.SENT, 0), counted.get(OutboxStatus.SENDING, 0)

    async def any_due(self, community_ids: Collection[int], now: datetime) -> bool:
        return (await self.session.scalars(self._due(community_ids, now).limit(1))).first() is not None

    async def due(self, community_ids: Collection[int], now: datetime, limit: int) -> list[RoomNote]:
        """Notes to be said in these rooms, locked, in order; also those whose worker is gone."""
        query = self._due(community_ids, now).order_by(room_notes.c.id).limit(limit)
        return list(await self.session.scalars(query.with_for_update(skip_locked=True)))

    def _due(self, community_ids: Collection[int], now: datetime) -> Select[RoomNote]:
        t = room_notes.c
        waits = and_(t.status == OutboxStatus.PENDING, or_(t.next_try_at.is_(None), t.next_try_at <= now))
        left_behind = and_(t.status == OutboxStatus.SENDING, t.lease_until < now)
        return select(RoomNote).where(t.community_id.in_(community_ids), or_(waits, left_behind))

    async def owned(self, note_id: int, worker: str) -> RoomNote | None:
        query = select(RoomNote).where(
            room_notes.c.id == note_id, room_notes.c.worker == worker, room_notes.c.status == OutboxStatus.SENDING
        )
        return await self.session.scalar(query.with_for_update())
