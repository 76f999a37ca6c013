from __future__ import annotations

import functools
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, select, update

from community.model.message import InboxStatus, OutboxStatus
from community.model.staffing import StaffLetter, StaffMessage, StaffTalk, Told
from community.store.repos.base import QueueRepo, takeable
from community.store.tables import staff_inbox, staff_outbox, staff_talks

UNFINISHED = (InboxStatus.NEW, InboxStatus.WORKING)
UNDER_WAY = (OutboxStatus.PENDING, OutboxStatus.SENDING)


def _row(thing: object, table: object) -> dict[str, object]:
    columns = table.columns  # type: ignore[attr-defined]
    return {c.name: getattr(thing, c.name) for c in columns if c.name != "id" and getattr(thing, c.name) is not None}


# Statements that run at each look are built once: to build one costs more than to run it.


@functools.cache
def _claimable() -> Select[StaffMessage]:
    query = select(StaffMessage).where(takeable(staff_inbox, InboxStatus.NEW, InboxStatus.WORKING, "staff_id"))
    query = query.order_by(staff_inbox.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)
    return query.execution_options(populate_existing=True)


@functools.cache
def _heads() -> Select[StaffLetter]:
    query = select(StaffLetter).where(takeable(staff_outbox, OutboxStatus.PENDING, OutboxStatus.SENDING, "member"))
    query = query.order_by(staff_outbox.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)
    return query.execution_options(populate_existing=True)


@functools.cache
def _any_due() -> Select[int]:
    return select(staff_outbox.c.id).where(takeable(staff_outbox, OutboxStatus.PENDING, OutboxStatus.SENDING, "member")).limit(1)


class StaffInboxRepo(QueueRepo):
    async def insert(self, message: StaffMessage) -> tuple[int, bool]:
        """Keep a message once: (its id, True), or (the id of the first delivery, False)."""
        statement = self._insert(staff_inbox).values(**_row(message, staff_inbox))
        statement = statement.on_conflict_do_nothing(index_elements=["dedup_key"]).returning(staff_inbox.c.id)
        new_id = await self.session.scalar(statement)
        if new_id is not None:
            return int(new_id), True
        known = await self.session.scalar(select(staff_inbox.c.id).where(staff_inbox.c.dedup_key == message.dedup_key))
        return int(known or 0), False

    async def get(self, message_id: int) -> StaffMessage | None:
        return await self.session.get(StaffMessage, message_id)

    async def any_unfinished(self) -> bool:
        query = select(staff_inbox.c.id).where(staff_inbox.c.status.in_(UNFINISHED)).limit(1)
        return await self.session.scalar(query) is not None

    async def claim(self, worker: str, now: datetime, lease_until: datetime, limit: int) -> list[StaffMessage]:
        """Take up to `limit` messages to work on, at most one a member, never past an earlier unfinished one."""
        taken = list(await self.session.scalars(_claimable(), {"now": now, "limit": limit}))
        for message in taken:
            message.status, message.worker, message.lease_until = InboxStatus.WORKING, worker, lease_until
            message.attempts += 1
        await self.session.flush()
        return taken

    async def owned(self, message_id: int, worker: str) -> StaffMessage | None:
        """The message, locked, when this worker still holds its lease; None when another has taken it over."""
        query = (
            select(StaffMessage)
            .where(
                staff_inbox.c.id == message_id,
                staff_inbox.c.worker == worker,
                staff_inbox.c.status == InboxStatus.WORKING,
            )
            .with_for_update()
        )
        return await self.session.scalar(query)

    async def workers(self) -> list[str]:
        """Who holds a lease now."""
        query = select(staff_inbox.c.worker).where(
            staff_inbox.c.status == InboxStatus.WORKING, staff_inbox.c.worker.is_not(None)
        )
        return list(await self.session.scalars(query.distinct()))

    async def release(self, worker: str) -> int:
        """Give back everything this worker holds."""
        result = await self.session.execute(
            update(staff_inbox)
            .where(staff_inbox.c.status == InboxStatus.WORKING, staff_inbox.c.worker == worker)
            .values(status=InboxStatus.NEW, worker=None, lease_until=None, next_try_at=None)
        )
        return int(getattr(result, "rowcount", 0) or 0)

    async def dead(self, limit: int) -> list[StaffMessage]:
        query = select(StaffMessage).where(staff_inbox.c.status == InboxStatus.DEAD)
        return list(await self.session.scalars(query.order_by(staff_inbox.c.id.desc()).limit(limit)))


class StaffOutboxRepo(QueueRepo):
    async def drop_untried(self, before: datetime) -> int:
        """Delete what was written before then and never tried; returns how many."""
        result = await self.session.execute(
            delete(staff_outbox).where(
                staff_outbox.c.status == OutboxStatus.PENDING,
                staff_outbox.c.attempts == 0,
                staff_outbox.c.created_at < before,
            )
        )
        return int(getattr(result, "rowcount", 0) or 0)

    async def add(self, letter: StaffLetter) -> bool:
        """Write something to be told. False, and nothing written, when its idempotency key is there already."""
        statement = self._insert(staff_outbox).values(**_row(letter, staff_outbox))
        statement = statement.on_conflict_do_nothing(index_elements=["idempotency_key"]).returning(staff_outbox.c.id)
        return await self.session.scalar(statement) is not None

    async def get(self, letter_id: int) -> StaffLetter | None:
        return await self.session.get(StaffLetter, letter_id)

    async def any_due(self, now: datetime) -> bool:
        return await self.session.scalar(_any_due(), {"now": now}) is not None

    async def heads(self, now: datetime, limit: int) -> list[StaffLetter]:
        """The first letters of members that may be sent now, locked: one a member. Also those whose sender's lease ran out."""
        return list(await self.session.scalars(_heads(), {"now": now, "limit": limit}))

    async def used(self, member: str, since: datetime) -> int:
        """How many messages may have reached this member since then."""
        query = select(func.coalesce(func.sum(staff_outbox.c.uses), 0)).where(
            staff_outbox.c.member == member, staff_outbox.c.used_at > since
        )
        return int(await self.session.scalar(query) or 0)

    async def same_lately(self, member: str, text: str, since: datetime, but: int) -> bool:
        """Whether another letter said the same to this member since then."""
        query = (
            select(staff_outbox.c.id)
            .where(
                staff_outbox.c.member == member,
                staff_outbox.c.used_at > since,
                staff_outbox.c.text == text,
                staff_outbox.c.id != but,
            )
            .limit(1)
        )
        return await self.session.scalar(query) is not None

    async def owned(self, letter_id: int, worker: str) -> StaffLetter | None:
        """This letter, locked, when this worker still holds it."""
        query = select(StaffLetter).where(
            staff_outbox.c.id == letter_id,
            staff_outbox.c.worker == worker,
            staff_outbox.c.status == OutboxStatus.SENDING,
        )
        return await self.session.scalar(query.with_for_update())

    async def card(self, task: str) -> StaffLetter | None:
        """The card of this name."""
        query = select(StaffLetter).where(staff_outbox.c.task == task, staff_outbox.c.kind == Told.CARD)
        return await self.session.scalar(query)

    async def cards_of(self, ticket_id: int, staff_id: int | None = None) -> list[StaffLetter]:
        """The cards that were written for a ticket (and a member), newest first."""
        query = select(StaffLetter).where(staff_outbox.c.ticket_id == ticket_id, staff_outbox.c.kind == Told.CARD)
        if staff_id is not None:
            query = query.where(staff_outbox.c.staff_id == staff_id)
        return list(await self.session.scalars(query.order_by(staff_outbox.c.id.desc())))

    async def readdress(self, staff_id: int, member: str) -> int:
        """What is under way to this member of staff goes to another name of theirs."""
        return await self._change(
            and_(staff_outbox.c.staff_id == staff_id, staff_outbox.c.status == OutboxStatus.PENDING), member=member
        )

    async def workers(self) -> list[str]:
        """Who holds a lease now."""
        query = select(staff_outbox.c.worker).where(
            staff_outbox.c.status == OutboxStatus.SENDING, staff_outbox.c.worker.is_not(None)
        )
        return list(await self.session.scalars(query.distinct()))

    async def end_leases(self, worker: str, before: datetime) -> int:
        """Let the leases of this worker run out."""
        return await self._change(
            and_(staff_outbox.c.status == OutboxStatus.SENDING, staff_outbox.c.worker == worker), lease_until=before
        )

    async def dead(self, limit: int) -> list[StaffLetter]:
        query = select(StaffLetter).where(staff_outbox.c.status == OutboxStatus.DEAD)
        return list(await self.session.scalars(query.order_by(staff_outbox.c.id.desc()).limit(limit)))

    async def _change(self, which: ColumnElement[bool], **values: object) -> int:
        result = await self.session.execute(update(staff_outbox).where(which).values(**values))
        return int(getattr(result, "rowcount", 0) or 0)


class StaffTalkRepo(QueueRepo):
    async def peek(self, staff_id: int) -> StaffTalk | None:
        return await self.session.get(StaffTalk, staff_id)

    async def lock(self, staff_id: int) -> StaffTalk:
        """Where the talk with this member stands, made when missing, locked until the end of the transaction."""
        query = select(StaffTalk).where(staff_talks.c.staff_id == staff_id)
        query = query.with_for_update().execution_options(populate_existing=True)
        found = await self.session.scalar(query)
        if found is None:
            new = {"staff_id": staff_id, "number": "", "asking": "", "options": [], "words": "", "photos": []}
            statement = self._insert(staff_talks).values(**new)
            await self.session.execute(statement.on_conflict_do_nothing(index_elements=["staff_id"]))
            found = await self.session.scalar(query)
        if found is None:
            raise LookupError("a talk that was just made is gone")
        return found
