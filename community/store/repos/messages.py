from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from community.model.conversation import Conversation, Holder
from community.model.message import (
    HistoryLine,
    InboxMessage,
    InboxStatus,
    OutboxMessage,
)
from community.store.repos.base import QueueRepo, Repo, takeable
from community.store.tables import conversations, inbox, outbox, residents

UNFINISHED = (InboxStatus.NEW, InboxStatus.WORKING)


# Statements that run for every message are built once: to build one costs more than to run it.


_INSERT_ALL: dict[str, Any] = {}
"""By dialect."""


@functools.cache
def _claimable() -> Select[InboxMessage]:
    query = select(InboxMessage).where(takeable(inbox, InboxStatus.NEW, InboxStatus.WORKING, "resident_id"))
    return query.order_by(inbox.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)


@functools.cache
def _said_since() -> Select[InboxMessage]:
    return (
        select(InboxMessage)
        .where(
            inbox.c.resident_id.in_(bindparam("resident_ids", expanding=True)),
            inbox.c.status == InboxStatus.NEW,
            inbox.c.said_at.is_not(None),
        )
        .order_by(inbox.c.id)
    )


@functools.cache
def _key_with_bot() -> Select[str]:
    return (
        select(residents.c.key)
        .join(conversations, conversations.c.resident_id == residents.c.id)
        .where(residents.c.id == bindparam("resident_id"), conversations.c.holder == Holder.BOT)
    )


class InboxRepo(QueueRepo):
    async def insert(self, message: InboxMessage) -> tuple[int, bool]:
        """Keep a message once: (its id, True), or (the id of the first delivery, False)."""
        row = {
            c.name: getattr(message, c.name)
            for c in inbox.columns
            if c.name != "id" and getattr(message, c.name) is not None
        }
        statement = self._insert(inbox).values(**row)
        statement = statement.on_conflict_do_nothing(index_elements=["channel", "dedup_key"]).returning(inbox.c.id)
        new_id = await self.session.scalar(statement)
        if new_id is not None:
            return int(new_id), True
        known = await self.session.scalar(
            select(inbox.c.id).where(inbox.c.channel == message.channel, inbox.c.dedup_key == message.dedup_key)
        )
        return int(known or 0), False

    async def insert_all(self, messages: Sequence[InboxMessage]) -> list[tuple[int, bool]]:
        """`insert` for many, in order."""
        rows = [{c.name: getattr(m, c.name) for c in inbox.columns if c.name != "id"} for m in messages]
        added = await self.session.execute(self._insert_all(), rows)
        new = {(channel, key): int(number) for number, channel, key in added}
        known: dict[tuple[str, str], int] = {}
        if len(new) < len(rows):
            query = select(inbox.c.id, inbox.c.channel, inbox.c.dedup_key).where(
                inbox.c.channel.in_({m.channel for m in messages}), inbox.c.dedup_key.in_({m.dedup_key for m in messages})
            )
            known = {
                (channel, key): int(number)
                for number, channel, key in await self.session.execute(query)
                if (channel, key) not in new
            }
        outcome = []
        for message in messages:
            key = (message.channel, message.dedup_key)
            # The same message twice among them: the first is new.
            first = key in new and key not in known
            known.setdefault(key, new.get(key, 0))
            outcome.append((known[key], first))
        return outcome

    def _insert_all(self) -> Any:
        dialect = self.session.get_bind().dialect.name
        if dialect not in _INSERT_ALL:
            statement = self._insert(inbox).on_conflict_do_nothing(index_elements=["channel", "dedup_key"])
            _INSERT_ALL[dialect] = statement.returning(inbox.c.id, inbox.c.channel, inbox.c.dedup_key)
        return _INSERT_ALL[dialect]

    async def get(self, message_id: int) -> InboxMessage | None:
        return await self.session.get(InboxMessage, message_id)

    async def claim(self, worker: str, now: datetime, lease_until: datetime, limit: int) -> list[InboxMessage]:
        """Take up to `limit` messages to work on, at most one a resident, never past an earlier unfinished one.

        A message whose worker's lease ran out may be taken again.
        """
        taken = list(await self.session.scalars(_claimable(), {"now": now, "limit": limit}))
        for message in taken:
            message.status, message.worker, message.lease_until = InboxStatus.WORKING, worker, lease_until
            message.attempts += 1
        await self.session.flush()
        return taken

    async def owned_of(self, message_ids: Collection[int], worker: str) -> list[InboxMessage]:
        """`owned` for many, always locked in the same order."""
        query = (
            select(InboxMessage)
            .where(inbox.c.id.in_(message_ids), inbox.c.worker == worker, inbox.c.status == InboxStatus.WORKING)
            .order_by(inbox.c.id)
            .with_for_update()
        )
        return list(await self.session.scalars(query))

    async def owned(self, message_id: int, worker: str) -> InboxMessage | None:
        """The message, locked, when this worker still holds its lease; None when another has taken it over."""
        query = (
            select(InboxMessage)
            .where(inbox.c.id == message_id, inbox.c.worker == worker, inbox.c.status == InboxStatus.WORKING)
            .with_for_update()
        )
        return await self.session.scalar(query)

    async def workers(self) -> list[str]:
        """Who holds a lease now."""
        query = select(inbox.c.worker).where(inbox.c.status == InboxStatus.WORKING, inbox.c.worker.is_not(None))
        return list(await self.session.scalars(query.distinct()))

    async def release(self, worker: str) -> int:
        """Give back everything this worker holds."""
        result = await self.session.execute(
            update(inbox)
            .where(inbox.c.status == InboxStatus.WORKING, inbox.c.worker == worker)
            .values(status=InboxStatus.NEW, worker=None, lease_until=None, next_try_at=None)
        )
        return int(getattr(result, "rowcount", 0) or 0)

    async def said_since(self, resident_ids: Collection[int]) -> list[InboxMessage]:
        """What these residents said, unclaimed, and has opened no window yet. Not locked: while the caller holds an earlier message
        of each of them, nobody else may take these."""
        return list(await self.session.scalars(_said_since(), {"resident_ids": list(resident_ids)}))

    async def call_back(self, error: str, now: datetime) -> int:
        """Make due what waits after an error that begins so. What another has at hand at this moment is left to it."""
        waiting = (
            select(inbox.c.id)
            .where(
                inbox.c.status == InboxStatus.NEW,
                inbox.c.next_try_at > now,
                inbox.c.error.startswith(error, autoescape=True),
            )
            .order_by(inbox.c.id)
            .with_for_update(skip_locked=True)
        )
        result = await self.session.execute(update(inbox).where(inbox.c.id.in_(waiting)).values(next_try_at=None))
        return int(getattr(result, "rowcount", 0) or 0)

    async def handled_since(self, resident_id: int, after_id: int) -> list[int]:
        query = (
            select(inbox.c.id)
            .where(inbox.c.resident_id == resident_id, inbox.c.id > after_id, inbox.c.status.not_in(UNFINISHED))
            .order_by(inbox.c.id)
        )
        return list(await self.session.scalars(query))

    async def unfinished(self, resident_id: int) -> list[int]:
        query = select(inbox.c.id).where(inbox.c.resident_id == resident_id, inbox.c.status.in_(UNFINISHED))
        return list(await self.session.scalars(query.order_by(inbox.c.id)))

    async def unfinished_of(self, resident_ids: Sequence[int]) -> dict[int, set[int]]:
        """The messages still worked on, of those of these residents who have any."""
        query = select(inbox.c.resident_id, inbox.c.id).where(
            inbox.c.resident_id.in_(resident_ids), inbox.c.status.in_(UNFINISHED)
        )
        found: dict[int, set[int]] = {}
        for resident_id, message_id in await self.session.execute(query):
            found.setdefault(resident_id, set()).add(message_id)
        return found

    async def dead(self, limit: int) -> list[InboxMessage]:
        query = select(InboxMessage).where(inbox.c.status == InboxStatus.DEAD).order_by(inbox.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

    async def number_of_dead(self, community_ids: Collection[int] | None, homeless: bool) -> int:
        return await self._number(inbox, InboxStatus.DEAD, community_ids, homeless)


class ConversationRepo(Repo):
    async def of_resident(self, resident_id: int, *, for_update: bool = False) -> Conversation | None:
        query = select(Conversation).where(conversations.c.resident_id == resident_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def key_with_bot(self, resident_id: int) -> str | None:
        """The key of this resident, if their conversation is there and with nobody but the assistant."""
        return await self.session.scalar(_key_with_bot(), {"resident_id": resident_id})

    async def add(self, conversation: Conversation) -> None:
        await self._add(conversation)

    async def with_people(self, resident_ids: Sequence[int]) -> set[int]:
        """Those of these residents who wait for a person or talk with one."""
        query = select(conversations.c.resident_id).where(
            conversations.c.resident_id.in_(resident_ids), conversations.c.holder != Holder.BOT
        )
        return set(await self.session.scalars(query))

    async def waiting_or_held(self) -> list[Conversation]:
        query = select(Conversation).where(conversations.c.holder != Holder.BOT).order_by(conversations.c.requested_at)
        return list(await self.session.scalars(query))

    async def history(self, resident_id: int, limit: int = 50) -> list[HistoryLine]:
        """The last lines of both directions, oldest first."""
        said = await self.session.scalars(
            select(InboxMessage).where(inbox.c.resident_id == resident_id).order_by(inbox.c.id.desc()).limit(limit)
        )
        sent = await self.session.scalars(
            select(OutboxMessage).where(outbox.c.resident_id == resident_id).order_by(outbox.c.id.desc()).limit(limit)
        )
        lines = [HistoryLine(f"in-{m.id}", "in", m.text, m.received_at, (), tuple(m.photos)) for m in said]
        lines += [_told(m) for m in sent]
        lines.sort(key=lambda line: (line.at, line.direction != "in", int(line.key.split("-")[1])))
        return lines[-limit:]

    async def told_about(self, resident_id: int, topic: str, limit: int = 50) -> list[HistoryLine]:
        """What this resident was told about one thing ('ticket:100017'), oldest first."""
        query = select(OutboxMessage).where(outbox.c.resident_id == resident_id, outbox.c.topic == topic)
        found = await self.session.scalars(query.order_by(outbox.c.id.desc()).limit(limit))
        return [_told(message) for message in reversed(list(found))]


def _told(message: OutboxMessage) -> HistoryLine:
    return HistoryLine(
        f"out-{message.id}",
        "staff" if message.author == "staff" else "out",
        message.text,
        message.created_at,
        tuple(message.buttons),
        tuple(message.photos),
        message.author_name,
        message.in_reply_to,
    )
