"""What happens by itself as time goes by is asked for every few seconds; the rules are in community.services.clock."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import structlog

from community.ports import Community
from community.services import clock

log = structlog.get_logger("gateway.clock")

EVERY = 15.0


async def run(community: Community, every: float = EVERY) -> None:
    while True:
        try:
            report = asdict(await clock.tick(community))
        except Exception as error:
            log.error("tick failed", exc_info=error)
        else:
            if any(report.values()):
                log.info("tick", **report)
        await asyncio.sleep(every)
