"""Whether anybody works on what comes in. Each worker leaves a sign of life in the database, which is there when Valkey is not."""

from __future__ import annotations

from datetime import datetime, timedelta

from community.ports import Community

FACT = "worker_alive_at"
EVERY = timedelta(seconds=5)
LASTS = timedelta(seconds=20)
"""Three signs may be missed, and the clocks of two machines differ."""


async def sign(c: Community) -> None:
    """A worker is well now. Any worker's sign stands for all of them: the newest is kept.

    May raise what the database raises when two workers leave the very first one together.
    """
    async with c.uow() as uow:
        await uow.facts.put(FACT, c.clock.now().isoformat())
        await uow.commit()


async def worker_lives(c: Community) -> bool:
    """Whether any worker was well a moment ago."""
    async with c.reading() as uow:
        at = await uow.facts.get(FACT)
        return at is not None and c.clock.now() - datetime.fromisoformat(at) < LASTS
