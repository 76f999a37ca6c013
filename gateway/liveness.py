"""While its turns go on, a worker leaves a sign of life; the gateways ask for it (community.services.liveness)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from community.ports import Community
from community.services import liveness

log = structlog.get_logger("gateway.liveness")


async def run(community: Community, well: Callable[[], bool]) -> None:
    while True:
        if well():
            try:
                await liveness.sign(community)
            except Exception as error:
                log.warning("left no sign of life", error=type(error).__name__)
        await asyncio.sleep(liveness.EVERY.total_seconds())
