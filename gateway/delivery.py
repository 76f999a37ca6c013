"""Sends what may be sent from the outbox, each parcel by the sender of its channel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from community.model.delivery import Envelope, way_of
from community.ports import Community
from community.services import outbound
from community.services.outbound import Failure, Trouble
from community.services.parcels import Parcel, Rules
from gateway.fates import Asker, Record
from gateway.gathering import Gathering
from gateway.loops import set_within
from gateway.metrics import Metrics
from gateway.names import is_gone, worker_name
from gateway.pace import Pace

log = structlog.get_logger("gateway.delivery")

BATCH = 100
PARALLEL = 16
POLL_FIRST = 0.5
POLL_LATER = 2.0
GRACE = 5.0
"""How long a stopping process waits for calls under way. What is cut off may have been taken: it is of unknown fate."""


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
    for WeChat. `record` is where the platform of all of `only` says what it took, and `alarm` is told when it does not.
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
        record: Record | None = None,
        alarm: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self.name = worker_name()
        self._community, self._senders, self._metrics = community, senders, metrics
        self._only, self._but, self._rules = frozenset(only), frozenset(but), rules or Rules()
        self._parallel = parallel
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[int]] = set()
        self.asker = Asker(community, self.name, record, metrics, alarm, self.wake) if record is not None else None
        self._receipts: Gathering[tuple[Parcel, Envelope], bool] = Gathering(
            # Without a pace: what the platform took and we have not noted is read twice when this process dies.
            lambda taken: outbound.sent(community, self.name, taken)
        )

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        pause, pace = POLL_FIRST, Pace()
        await self._release_gone()
        while True:
            self._woken.clear()
            try:
                async with pace:
                    started = await self._start()
            except Exception as error:
                log.error("delivery failed", exc_info=error)
                started = set()
            pause = POLL_FIRST if started else min(POLL_LATER, pause * 1.5)
            await set_within(self._woken, pause)

    async def stop(self) -> None:
        """Let calls under way end, for a while."""
        if self.asker is not None:
            await self.asker.stop()
        if self._sending:
            await asyncio.wait(self._sending, timeout=GRACE)
        for task in tuple(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def once(self) -> int:
        """Send what may be sent now, and wait until it is; returns for how many residents there was something."""
        started = await self._start()
        if started:
            await asyncio.wait(started)
        return sum(task.result() for task in started)

    async def _start(self) -> set[asyncio.Task[int]]:
        """Begin to send as much as there is room for. A slow call keeps nobody else waiting."""
        room = self._parallel - len(self._sending)
        if room <= 0:
            return set()
        limit = room if self._only else BATCH
        parcels = await outbound.claim(
            self._community, self.name, limit, only=self._only, but=self._but, rules=self._rules_now()
        )
        if self.asker is not None:
            self.asker.doubt([parcel for parcel in parcels if parcel.doubt])
            parcels = [parcel for parcel in parcels if not parcel.doubt]
        counted = [parcel for parcel in parcels if way_of(parcel.channel).metered]
        others = [parcel for parcel in parcels if not way_of(parcel.channel).metered]
        started = {
            asyncio.create_task(self._send_all(some)) for some in ([[one] for one in counted] + [others]) if some
        }
        for task in started:
            self._sending.add(task)
            task.add_done_callback(self._ended)
        return started

    def _rules_now(self) -> Rules:
        """While the platform's record cannot be asked nobody waits for it."""
        return replace(self._rules, recorded=self._only) if self.asker is not None and self.asker.open else self._rules

    def _ended(self, task: asyncio.Task[int]) -> None:
        self._sending.discard(task)
        # There is room now, and perhaps something more for the same resident.
        self.wake()

    async def _send_all(self, parcels: Sequence[Parcel]) -> int:
        """What is taken whole is receipted in one transaction."""
        whole = [parcel for parcel in parcels if await self._send(parcel)]
        if whole:
            try:
                await outbound.all_sent(self._community, self.name, whole)
            except Exception as error:
                # The database is away: the lease runs out, and it is sent again.
                log.error("cannot note what was sent", exc_info=error)
        return len(parcels)

    async def _send(self, parcel: Parcel) -> bool:
        """True when the parcel was taken as a whole and is still to be receipted."""
        done = 0

        async def took(envelope: Envelope) -> None:
            nonlocal done
            done += 1
            self._metrics.delivered.labels(parcel.channel, "sent").inc()
            await self._note(parcel, envelope)

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

    async def _note(self, parcel: Parcel, envelope: Envelope) -> None:
        """Receipt what was taken. Tried hard: each receipt that is lost is an answer somebody reads twice."""
        for pause in (0.1, 0.5, None):
            try:
                if await self._receipts.take((parcel, envelope)):
                    return
                raise LeaseLost
            except LeaseLost:
                raise
            except Exception as error:
                log.error("cannot note what was sent", rows=envelope.row_ids, exc_info=error)
                if pause is None:
                    # The lease runs out, and what is left of the parcel is sent then; this one again.
                    raise LeaseLost from error
                await asyncio.sleep(pause)

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
