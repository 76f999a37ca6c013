from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from community.model.message import UNSENT, OutboxMessage, OutboxStatus
from community.store.repos.base import QueueRepo
from community.store.tables import outbox, residents

UNDER_WAY = (OutboxStatus.PENDING, OutboxStatus.SENDING)


class OutboxRepo(QueueRepo):
    async def add(self, message: OutboxMessage) -> bool:
        """Write a message to be sent. False, and nothing written, when its idempotency key is there already."""
        row = {
            c.name: getattr(message, c.name)
            for c in outbox.columns
            if c.name != "id" and getattr(message, c.name) is not None
        }
        statement = self._insert(outbox).values(**row)
        statement = statement.on_conflict_do_nothing(index_elements=["idempotency_key"]).returning(outbox.c.id)
        return await self.session.scalar(statement) is not None

    async def get(self, message_id: int) -> OutboxMessage | None:
        return await self.session.get(OutboxMessage, message_id)

    async def latest(self, resident_id: int, limit: int) -> list[OutboxMessage]:
        """The last messages to a resident, newest first."""
        query = select(OutboxMessage).where(outbox.c.resident_id == resident_id).order_by(outbox.c.id.desc())
        return list(await self.session.scalars(query.limit(limit)))

    async def latest_of(self, resident_ids: Collection[int], limit: int) -> dict[int, list[OutboxMessage]]:
        """`latest` for many; those without any are not there."""
        recent = outbox.alias("recent")
        last = (
            select(recent.c.id)
            .where(recent.c.resident_id == residents.c.id)
            .order_by(recent.c.id.desc())
            .limit(limit)
            .correlate(residents)
        )
        query = (
            select(OutboxMessage)
            .join(residents, outbox.c.id.in_(last))
            .where(residents.c.id.in_(resident_ids))
            .order_by(outbox.c.id.desc())
        )
        found: dict[int, list[OutboxMessage]] = {}
        for message in await self.session.scalars(query):
            found.setdefault(message.resident_id, []).append(message)
        return found

    async def heads(
        self, now: datetime, limit: int, only: Collection[str], but: Collection[str]
    ) -> list[OutboxMessage]:
        """The first messages of residents that may be sent now, locked: one a resident and channel.

        A message under a lease that ran out is one of them. What waits for the resident is not looked at here.
        """
        query = self._heads(now, only, but).order_by(outbox.c.id).limit(limit).with_for_update(skip_locked=True)
        return list(await self.session.scalars(query.execution_options(populate_existing=True)))

    async def any_due(self, now: datetime, only: Collection[str], but: Collection[str]) -> bool:
        """Whether `heads` would find something. Only read: senders are woken far more often than there is something to send."""
        return (await self.session.scalars(self._heads(now, only, but).limit(1))).first() is not None

    def _heads(self, now: datetime, only: Collection[str], but: Collection[str]) -> Select[OutboxMessage]:
        earlier = outbox.alias("earlier")
        free = or_(
            and_(
                outbox.c.status == OutboxStatus.PENDING,
                or_(outbox.c.next_try_at.is_(None), outbox.c.next_try_at <= now),
            ),
            and_(outbox.c.status == OutboxStatus.SENDING, outbox.c.lease_until < now),
        )
        first = ~(
            select(earlier.c.id)
            .where(
                earlier.c.resident_id == outbox.c.resident_id,
                earlier.c.channel == outbox.c.channel,
                earlier.c.id < outbox.c.id,
                earlier.c.status.in_(UNDER_WAY),
            )
            .exists()
        )
        query = select(OutboxMessage).where(outbox.c.status.in_(UNDER_WAY), free, first)
        if only:
            query = query.where(outbox.c.channel.in_(only))
        if but:
            query = query.where(outbox.c.channel.not_in(but))
        return query

    async def unsent(self, resident_ids: Collection[int], channels: Collection[str]) -> list[OutboxMessage]:
        """Everything not sent yet to these residents on these channels, in order; also what waits. Read anew, not locked."""
        query = (
            select(OutboxMessage)
            .where(outbox.c.resident_id.in_(resident_ids), outbox.c.status.in_(UNSENT), outbox.c.channel.in_(channels))
            .order_by(outbox.c.id)
        )
        return list(await self.session.scalars(query.execution_options(populate_existing=True)))

    async def owned(self, message_ids: Collection[int], worker: str) -> list[OutboxMessage]:
        """Those of these messages that this worker still holds, locked, in order."""
        query = (
            select(OutboxMessage)
            .where(outbox.c.id.in_(message_ids), outbox.c.worker == worker, outbox.c.status == OutboxStatus.SENDING)
            .order_by(outbox.c.id)
            .with_for_update()
        )
        return list(await self.session.scalars(query))

    async def extend(self, message_ids: Collection[int], worker: str, lease_until: datetime) -> None:
        await self.session.execute(
            update(outbox)
            .where(outbox.c.id.in_(message_ids), outbox.c.worker == worker, outbox.c.status == OutboxStatus.SENDING)
            .values(lease_until=lease_until)
        )

    async def sent(self, message_ids: Collection[int], worker: str, now: datetime) -> list[int]:
        """Mark what this worker holds as sent, all at once. Returns the residents it was for."""
        done = await self.session.scalars(
            update(outbox)
            .where(outbox.c.id.in_(message_ids), outbox.c.worker == worker, outbox.c.status == OutboxStatus.SENDING)
            .values(status=OutboxStatus.SENT, sent_at=now, worker=None, lease_until=None, error="")
            .returning(outbox.c.resident_id)
        )
        return list(done)

    async def wake(self, resident_id: int, channel: str) -> int:
        """What waited for this resident may be sent again."""
        return await self._change(
            and_(
                outbox.c.resident_id == resident_id,
                outbox.c.channel == channel,
                outbox.c.status == OutboxStatus.WAITING,
            ),
            status=OutboxStatus.PENDING,
            next_try_at=None,
        )

    async def wake_all(self, resident_ids: Collection[int], channel: str) -> set[int]:
        """`wake` for many. Returns those for whom something waited."""
        woken = await self.session.scalars(
            update(outbox)
            .where(
                outbox.c.resident_id.in_(resident_ids),
                outbox.c.channel == channel,
                outbox.c.status == OutboxStatus.WAITING,
            )
            .values(status=OutboxStatus.PENDING, next_try_at=None)
            .returning(outbox.c.resident_id)
        )
        return set(woken)

    async def bury(self, resident_id: int, channel: str, error: str) -> int:
        """Nothing more can be sent to this resident on this channel."""
        return await self._change(
            and_(outbox.c.resident_id == resident_id, outbox.c.channel == channel, outbox.c.status.in_(UNSENT)),
            status=OutboxStatus.DEAD,
            error=error,
            worker=None,
            lease_until=None,
        )

    async def workers(self) -> list[str]:
        """Who holds a lease now."""
        query = select(outbox.c.worker).where(outbox.c.status == OutboxStatus.SENDING, outbox.c.worker.is_not(None))
        return list(await self.session.scalars(query.distinct()))

    async def end_leases(self, worker: str, before: datetime) -> int:
        """Let the leases of this worker run out."""
        return await self._change(
            and_(outbox.c.status == OutboxStatus.SENDING, outbox.c.worker == worker), lease_until=before
        )

    async def carried(self, resident_id: int, inbox_id: int) -> list[OutboxMessage]:
        """What the callback of this message was answered with."""
        query = select(OutboxMessage).where(outbox.c.resident_id == resident_id, outbox.c.carried_by == inbox_id)
        return list(await self.session.scalars(query.order_by(outbox.c.id).with_for_update()))

    async def dead(self, limit: int) -> list[OutboxMessage]:
        query = (
            select(OutboxMessage).where(outbox.c.status == OutboxStatus.DEAD).order_by(outbox.c.id.desc()).limit(limit)
        )
        return list(await self.session.scalars(query))

    async def number_of_dead(self, community_ids: Collection[int] | None, homeless: bool) -> int:
        return await self._number(outbox, OutboxStatus.DEAD, community_ids, homeless)

    async def sent_between(self, channel: str, address: str, first: int, last: int) -> list[OutboxMessage]:
        """What was sent to this address, of these ids; locked, in order."""
        query = (
            select(OutboxMessage)
            .where(
                outbox.c.id.between(first, last),
                outbox.c.channel == channel,
                outbox.c.address == address,
                outbox.c.status == OutboxStatus.SENT,
            )
            .order_by(outbox.c.id)
            .with_for_update()
        )
        return list(await self.session.scalars(query))

    async def _change(self, which: ColumnElement[bool], **values: object) -> int:
        result = await self.session.execute(update(outbox).where(which).values(**values))
        return int(getattr(result, "rowcount", 0) or 0)
