"""Sends what may be sent from the outbox, each parcel by the sender of its channel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

import structlog

from community.model.delivery import Envelope
from community.ports import Community
from community.services import outbound
from community.services.outbound import Failure, Parcel, Rules, Trouble
from gateway.metrics import Metrics
from gateway.names import is_gone, worker_name

log = structlog.get_logger("gateway.delivery")

BATCH = 100
PARALLEL = 16
POLL_FIRST = 0.5
POLL_LATER = 2.0
GRACE = 5.0
"""How long a stopping process waits for calls under way. What is cut off may have been taken: it is sent again."""


class SendFailed(Exception):
    """The channel did not take it. The text goes into the row, so no personal data in it."""

    def __init__(self, error: str, failure: Failure | None = None) -> None:
        super().__init__(error)
        self.failure = failure or Failure(Trouble.FAILED, error)


class LeaseLost(Exception):
    """Another worker sends the rest of this parcel."""


Took = Callable[[Envelope], Awaitable[None]]


class Sender(Protocol):
    """One channel's way out. Returns once the channel has taken all of the parcel, or raises SendFailed.

    `took` is awaited after each envelope that the channel counts and has taken; a channel for which a row is delivered by being
    there need not call it.
    """

    async def send(self, parcel: Parcel, took: Took) -> None: ...


class Delivery:
    """`senders` is the registry: a further channel adds its name here and nothing else.

    A channel that takes its time has a Delivery of its own (`only`), and the others leave it alone (`but`): nobody's page waits
    for WeChat.
    """

    def __init__(
        self,
        community: Community,
        senders: Mapping[str, Sender],
        metrics: Metrics,
        *,
        only: Collection[str] = (),
        but: Collection[str] = (),
        rules: Rules | None = None,
        parallel: int = PARALLEL,
    ) -> None:
        self.name = worker_name()
        self._community, self._senders, self._metrics = community, senders, metrics
        self._only, self._but, self._rules = frozenset(only), frozenset(but), rules or Rules()
        self._parallel = asyncio.Semaphore(parallel)
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[bool]] = set()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        pause = POLL_FIRST
        await self._release_gone()
        while True:
            self._woken.clear()
            try:
                sent = await self.once()
            except Exception as error:
                log.error("delivery failed", exc_info=error)
                sent = 0
            if sent >= BATCH:
                continue
            pause = POLL_FIRST if sent else min(POLL_LATER, pause * 1.5)
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                pass

    async def stop(self) -> None:
        """Let calls under way end, for a while."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=GRACE)
        for task in tuple(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def once(self) -> int:
        """Send what may be sent now; returns how many parcels were."""
        parcels = await outbound.claim(
            self._community, self.name, BATCH, only=self._only, but=self._but, rules=self._rules
        )
        tasks = [asyncio.create_task(self._send(parcel)) for parcel in parcels]
        for task in tasks:
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        if tasks:
            # Not gather: when this process stops, calls under way get their time in `stop`.
            await asyncio.wait(tasks)
        whole = [parcel for parcel, task in zip(parcels, tasks, strict=True) if task.result()]
        if whole:
            await outbound.all_sent(self._community, self.name, whole)
        return len(parcels)

    async def _send(self, parcel: Parcel) -> bool:
        """True when the parcel was taken as a whole and is still to be receipted."""
        done = 0

        async def took(envelope: Envelope) -> None:
            nonlocal done
            done += 1
            self._metrics.delivered.labels(parcel.channel, "sent").inc()
            if not await outbound.sent(self._community, self.name, parcel, envelope):
                raise LeaseLost

        async with self._parallel:
            try:
                sender = self._senders.get(parcel.channel)
                if sender is None:
                    raise SendFailed("no sender for this channel")
                await sender.send(parcel, took)
            except LeaseLost:
                log.warning("lease lost", channel=parcel.channel, rows=[row.id for row in parcel.rows])
                return False
            except SendFailed as error:
                await self._failed(parcel, done, error.failure)
                return False
            except Exception as error:
                # Ours, then: nobody else's parcel suffers, and it is not tried for ever.
                log.error("sender broke", channel=parcel.channel, exc_info=error)
                await self._failed(parcel, done, Failure(Trouble.FAILED, type(error).__name__, unknown=True))
                return False
        if not done:
            self._metrics.delivered.labels(parcel.channel, "sent").inc(len(parcel.rows))
        return not done

    async def _failed(self, parcel: Parcel, done: int, failure: Failure) -> None:
        log.warning(
            "not sent",
            channel=parcel.channel,
            rows=parcel.envelopes[done].row_ids if done < len(parcel.envelopes) else (),
            trouble=str(failure.trouble),
            error=failure.error,
        )
        self._metrics.delivered.labels(parcel.channel, str(failure.trouble)).inc()
        try:
            await outbound.failed(self._community, self.name, parcel, done, failure)
        except Exception as error:
            # The database is away: the lease runs out by itself.
            log.error("cannot note a failure", exc_info=error)

    async def _release_gone(self) -> None:
        try:
            released = await outbound.release_gone(self._community, is_gone)
            if released:
                log.warning("took up what a sender that is gone left", rows=released)
        except Exception as error:
            log.error("cannot look for senders that are gone", exc_info=error)
