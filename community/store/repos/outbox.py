from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, or_, select, true, update

from community.model.message import UNSENT, Asked, OutboxMessage, OutboxStatus
from community.store.repos.base import QueueRepo, takeable
from community.store.tables import outbox, residents

UNDER_WAY = (OutboxStatus.PENDING, OutboxStatus.SENDING)
UNSEEN = (OutboxStatus.WAITING, OutboxStatus.DEAD)
"""What a resident certainly has not read."""


# Statements that run for every message are built once: to build one costs more than to run it.


def _due(only: Collection[str], but: Collection[str]) -> ColumnElement[bool]:
    """What may be sent `now`; of these channels, or of all but those."""
    due = takeable(outbox, OutboxStatus.PENDING, OutboxStatus.SENDING, "resident_id", "channel")
    if only:
        due = and_(due, outbox.c.channel.in_(only))
    return and_(due, outbox.c.channel.not_in(but)) if but else due


@functools.cache
def _heads(only: frozenset[str], but: frozenset[str]) -> Select[OutboxMessage]:
    query = select(OutboxMessage).where(_due(only, but)).order_by(outbox.c.id).limit(bindparam("limit"))
    return query.with_for_update(skip_locked=True).execution_options(populate_existing=True)


@functools.cache
def _any_due(only: frozenset[str], but: frozenset[str]) -> Select[int]:
    return select(outbox.c.id).where(_due(only, but)).limit(1)


@functools.cache
def _latest_of(lateral: bool) -> Select[Any]:
    """The last few of each resident. PostgreSQL reads the whole table unless the few are joined LATERAL, a word that SQLite has not."""
    recent = outbox.alias("recent")
    wanted = residents.c.id.in_(bindparam("resident_ids", expanding=True))
    few = select(recent).where(recent.c.resident_id == residents.c.id, recent.c.status.not_in(UNSEEN))
    few = few.order_by(recent.c.id.desc()).limit(bindparam("limit"))
    if lateral:
        last = few.lateral()
        query = select(last.c.resident_id, last.c.buttons, last.c.author, last.c.in_reply_to)
        return query.select_from(residents).join(last, true()).where(wanted).order_by(last.c.id.desc())
    ids = few.with_only_columns(recent.c.id).correlate(residents)
    query = select(outbox.c.resident_id, outbox.c.buttons, outbox.c.author, outbox.c.in_reply_to)
    return query.select_from(residents).join(outbox, outbox.c.id.in_(ids)).where(wanted).order_by(outbox.c.id.desc())


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

    async def add_all(self, messages: Sequence[OutboxMessage]) -> None:
        """`add` for many, in order."""
        rows = [{c.name: getattr(m, c.name) for c in outbox.columns if c.name != "id"} for m in messages]
        statement = self._insert(outbox).on_conflict_do_nothing(index_elements=["idempotency_key"])
        await self.session.execute(statement.returning(outbox.c.id), rows)

    async def get(self, message_id: int) -> OutboxMessage | None:
        return await self.session.get(OutboxMessage, message_id)

    async def latest(self, resident_id: int, limit: int) -> list[OutboxMessage]:
        """The last messages to a resident, newest first. What could not reach them yet is not among them: a number cannot mean it."""
        seen = outbox.c.status.not_in(UNSEEN)
        query = select(OutboxMessage).where(outbox.c.resident_id == resident_id, seen).order_by(outbox.c.id.desc())
        return list(await self.session.scalars(query.limit(limit)))

    async def latest_of(self, resident_ids: Collection[int], limit: int) -> dict[int, list[Asked]]:
        """`latest` for many, only what matters to an answer; those without any are not there."""
        query = _latest_of(self.session.get_bind().dialect.name == "postgresql")
        rows = await self.session.execute(query, {"resident_ids": list(resident_ids), "limit": limit})
        found: dict[int, list[Asked]] = {}
        for resident_id, *asked in rows:
            found.setdefault(resident_id, []).append(Asked(*asked))
        return found

    async def heads(
        self, now: datetime, limit: int, only: Collection[str], but: Collection[str]
    ) -> list[OutboxMessage]:
        """The first messages of residents that may be sent now, locked: one a resident and channel.

        A message under a lease that ran out is one of them. What waits for the resident is not looked at here.
        """
        query = _heads(frozenset(only), frozenset(but))
        found = await self.session.scalars(query, {"now": now, "limit": limit})
        return list(found)

    async def any_due(self, now: datetime, only: Collection[str], but: Collection[str]) -> bool:
        """Whether `heads` would find something. Only read: senders are woken far more often than there is something to send."""
        return await self.session.scalar(_any_due(frozenset(only), frozenset(but)), {"now": now}) is not None

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

    async def forget_waiting(self, prefix: str) -> int:
        """What waits for its resident and has a key that begins so is not sent any more. Returns how many."""
        gone = delete(outbox).where(
            outbox.c.status == OutboxStatus.WAITING, outbox.c.idempotency_key.startswith(prefix, autoescape=True)
        )
        return int(getattr(await self.session.execute(gone), "rowcount", 0) or 0)

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

    async def out_since(self, resident_id: int, channel: str, address: str, since: datetime) -> list[OutboxMessage]:
        """What was sent to this address since then, and that of which a part is out already."""
        partly = and_(outbox.c.status.in_(UNSENT), outbox.c.progress > 0)
        query = select(OutboxMessage).where(
            outbox.c.resident_id == resident_id,
            outbox.c.channel == channel,
            outbox.c.address == address,
            or_(outbox.c.sent_at >= since, partly),
        )
        return list(await self.session.scalars(query))

    async def _change(self, which: ColumnElement[bool], **values: object) -> int:
        result = await self.session.execute(update(outbox).where(which).values(**values))
        return int(getattr(result, "rowcount", 0) or 0)
