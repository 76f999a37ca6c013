"""One subscription to the signals per process, and whether it works at all."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from community.ports import Signals
from gateway.metrics import Metrics

log = structlog.get_logger("gateway.hints")

PULSE_TOPIC = "gateway"
PULSE = 2.0
DEAF_AFTER = 3 * PULSE

Listener = Callable[[str, dict[str, Any]], None]


class Hints:
    """A subscription that lost its server looks like a quiet one. So each process also publishes a pulse and listens
    for it: while it comes back, publishing, the server and the subscription all work.
    """

    def __init__(self, signals: Signals, metrics: Metrics, topics: Sequence[str], listener: Listener) -> None:
        self._signals, self._metrics = signals, metrics
        self._topics, self._listener = tuple(topics), listener
        self._name = secrets.token_hex(8)
        self._heard_at = float("-inf")

    @property
    def hearing(self) -> bool:
        return time.monotonic() - self._heard_at < DEAF_AFTER

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._pulse())

    async def _listen(self) -> None:
        while True:
            try:
                async for topic, payload in self._signals.listen((*self._topics, PULSE_TOPIC)):
                    if topic != PULSE_TOPIC:
                        self._tell(topic, payload)
                    elif payload.get("name") == self._name:
                        self._heard_at = time.monotonic()
            except Exception as error:
                log.warning("signals broke off", error=type(error).__name__)
            await asyncio.sleep(1)

    def _tell(self, topic: str, payload: dict[str, Any]) -> None:
        try:
            self._listener(topic, payload)
        except Exception as error:
            # A hint of an unknown form must not end the subscription.
            log.error("hint failed", topic=topic, exc_info=error)

    async def _pulse(self) -> None:
        heard = True
        while True:
            try:
                await self._signals.publish((PULSE_TOPIC, {"name": self._name}))
            except Exception as error:
                # Said below, once, when the pulse does not come back.
                log.debug("pulse not published", error=type(error).__name__)
            await asyncio.sleep(PULSE)
            if heard != self.hearing:
                heard = self.hearing
                log.info("signals are back") if heard else log.warning("signals are away, polling instead")
                if heard:
                    # Hints given meanwhile are lost: everybody looks once.
                    self._tell("", {})
            self._metrics.hearing.set(heard)
