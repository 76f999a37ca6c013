"""The platform's record of what it took: asked about messages of which nobody here knows whether they arrived."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from community.ports import Community
from community.services import fates
from community.services.fates import Fate
from community.services.parcels import Parcel
from gateway.metrics import Metrics

log = structlog.get_logger("gateway.fates")

LANDED = 5.0
"""Seconds after its beginning in which a message on its way has arrived or never will: as long as a call of ours may take."""
APART = 3.0
"""Seconds between two questions at least: one for all who wait."""
AWAY_FOR, REFUSED_FOR = 60.0, 86400.0
"""Seconds for which it is not asked again: after a failure of any kind, and when the account has no right to it. Meanwhile what is of
unknown fate is sent again at once."""


class NoRecord(Exception):
    """It could not be asked. `refused`: this account never may."""

    def __init__(self, error: str, *, refused: bool = False) -> None:
        super().__init__(error)
        self.refused = refused


class Record(Protocol):
    async def taken(self, since: datetime, until: datetime, addresses: Collection[str]) -> fates.Record:
        """Every text taken for these people in between. Raises NoRecord."""
        ...


class Asker:
    """`on_settled` is called when something may be sent again. One question at a time, for all that has landed by then."""

    def __init__(
        self,
        community: Community,
        worker: str,
        record: Record,
        metrics: Metrics,
        alarm: Callable[[str], None],
        on_settled: Callable[[], None],
    ) -> None:
        self._community, self._worker, self._record = community, worker, record
        self._metrics, self._alarm, self._on_settled = metrics, alarm, on_settled
        self.landed, self.apart = LANDED, APART
        self._doubts: list[Parcel] = []
        self._asking: asyncio.Task[None] | None = None
        self._asked_at, self._silent_until = float("-inf"), 0.0

    @property
    def open(self) -> bool:
        """Whether there is any sense in asking now."""
        return time.monotonic() >= self._silent_until

    def doubt(self, parcels: Sequence[Parcel]) -> None:
        self._doubts += parcels
        if parcels and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._ask())

    async def stop(self) -> None:
        """What is in doubt stays so: its lease runs out, and whoever comes next asks."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def settled(self) -> None:
        """Returns when nothing is in doubt."""
        if self._asking is not None:
            await self._asking

    async def _ask(self) -> None:
        while self._doubts:
            try:
                await self._ask_once()
            except Exception as error:
                # The database is away: the leases run out, and whoever takes these rows up next asks again.
                log.error("cannot settle what is in doubt", exc_info=error)
            self._on_settled()

    async def _ask_once(self) -> None:
        first = min(parcel.doubt.at for parcel in self._doubts if parcel.doubt)
        pause = self.landed - (self._community.clock.now() - first).total_seconds()
        await asyncio.sleep(max(0.0, min(self.landed, pause), self._asked_at + self.apart - time.monotonic()))
        now = self._community.clock.now()
        landed = [p for p in self._doubts if p.doubt and (now - p.doubt.at).total_seconds() >= self.landed]
        landed = landed or list(self._doubts)
        self._doubts = [parcel for parcel in self._doubts if parcel not in landed]
        found = await self._taken(landed, now) if self.open else None
        outcomes = await fates.settle(self._community, self._worker, landed, found)
        for parcel, outcome in zip(landed, outcomes, strict=True):
            self._metrics.fates.labels(parcel.channel, str(outcome)).inc()
        log.warning("messages of unknown fate", **{str(fate): outcomes.count(fate) for fate in Fate if fate in outcomes})

    async def _taken(self, landed: Sequence[Parcel], now: datetime) -> fates.Record | None:
        self._asked_at = time.monotonic()
        since = min(parcel.doubt.since for parcel in landed if parcel.doubt)
        try:
            return await self._record.taken(since, now, {parcel.address for parcel in landed})
        except NoRecord as error:
            self._silent_until = time.monotonic() + (REFUSED_FOR if error.refused else AWAY_FOR)
            log.warning("no record of what the platform took", error=str(error), refused=error.refused)
            self._alarm("record_refused" if error.refused else "record")
        except Exception as error:
            # An answer that nobody foresaw must not keep messages from leaving.
            self._silent_until = time.monotonic() + AWAY_FOR
            log.error("the platform's record makes no sense", exc_info=error)
            self._alarm("record")
        return None
