"""Sends what is due in the outbox, each row by the sender of its channel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from community.model.message import OutboxMessage
from community.ports import Community
from community.services import outbound
from gateway.metrics import Metrics

log = structlog.get_logger("gateway.delivery")

BATCH = 100
POLL_FIRST = 0.5
POLL_LATER = 2.0


class SendFailed(Exception):
    """The channel did not take it this time; the text goes into the row, so no personal data in it."""


class Sender(Protocol):
    """One channel's way out. `send` returns once the channel has taken the message, or raises SendFailed."""

    async def send(self, message: OutboxMessage) -> None: ...


class Delivery:
    """`senders` is the registry: a further channel adds its name here and nothing else."""

    def __init__(self, community: Community, senders: Mapping[str, Sender], metrics: Metrics) -> None:
        self._community, self._senders, self._metrics = community, senders, metrics
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        pause = POLL_FIRST
        while True:
            self._woken.clear()
            try:
                sent = await self.once()
            except Exception as error:
                log.error("delivery failed", exc_info=error)
                sent = 0
            if sent == BATCH:
                continue
            pause = POLL_FIRST if sent else min(POLL_LATER, pause * 1.5)
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                pass

    async def once(self) -> int:
        """Send what is due now; returns how many were."""
        batch = await outbound.due(self._community, BATCH)
        sent: list[int] = []
        stopped: set[int] = set()
        for message in batch:
            # What one person is told stays in order: after a failure the rest waits with it.
            if message.resident_id in stopped:
                continue
            if await self._send(message):
                sent.append(message.id)
            else:
                stopped.add(message.resident_id)
        if sent:
            await outbound.mark_sent(self._community, sent)
        return len(sent)

    async def _send(self, message: OutboxMessage) -> bool:
        sender = self._senders.get(message.channel)
        try:
            if sender is None:
                raise SendFailed("no sender for this channel")
            await sender.send(message)
        except SendFailed as error:
            log.warning("not sent", message=message.id, channel=message.channel, error=str(error))
            await outbound.mark_failed(self._community, message.id, str(error))
            self._metrics.delivered.labels(message.channel, "failed").inc()
            return False
        self._metrics.delivered.labels(message.channel, "sent").inc()
        return True
