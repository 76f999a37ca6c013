"""Who else has a ticket open, and who is writing. Kept in the shared cache with an end; without it nobody is said to be there."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Literal

from community.ports import Community
from community.services.access import staff_of, ticket_for

log = logging.getLogger(__name__)

Doing = Literal["looks", "writes"]
LOOKS_FOR, WRITES_FOR = 45.0, 12.0
"""Seconds that a mark stands. An open page renews it at each look (15 s at most), typing at each few letters."""
DOING_NAMES: dict[str, str] = {"looks": "正在看", "writes": "正在写答复"}


@dataclass(frozen=True)
class Colleague:
    name: str
    doing: str

    @property
    def said(self) -> str:
        return f"{self.name}{self.doing}"


async def here(c: Community, staff_id: int, number: str, doing: Doing = "looks") -> tuple[Colleague, ...]:
    """Say that I have this ticket open (or write about it); returns the colleagues who do too. NotFound outside my scope.

    Two marks at the same instant may lose one until it is renewed: a hint, not a lock.
    """
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        await ticket_for(uow, member, number)
        now = c.clock.now().timestamp()
        try:
            marks = await _marks(c, number, now)
            before = marks.get(str(member.id))
            looks, writes = now + LOOKS_FOR, now + WRITES_FOR if doing == "writes" else before[1] if before else 0.0
            marks[str(member.id)] = (looks, writes)
            await c.cache.put(_name(number), json.dumps(marks), LOOKS_FOR)
            if doing == "writes" and (before is None or before[1] <= now) or before is None:
                await c.signals.publish(("presence", {"number": number}))
        except Exception as error:  # the cache may raise anything while it is away
            log.debug("presence is away: %s", type(error).__name__)
            return ()
        found = []
        for other_id, (_, until) in marks.items():
            other = await uow.people.staff(int(other_id)) if other_id != str(member.id) else None
            if other is not None:
                found.append(Colleague(other.name, DOING_NAMES["writes" if until > now else "looks"]))
        return tuple(sorted(found, key=lambda one: (one.doing != DOING_NAMES["writes"], one.name)))


async def gone(c: Community, staff_id: int, number: str) -> None:
    """I closed it, or have sent what I wrote. Never raises: the mark ends by itself anyway."""
    try:
        now = c.clock.now().timestamp()
        marks = await _marks(c, number, now)
        if marks.pop(str(staff_id), None) is not None:
            await c.cache.put(_name(number), json.dumps(marks), LOOKS_FOR)
            await c.signals.publish(("presence", {"number": number}))
    except Exception as error:
        log.debug("presence is away: %s", type(error).__name__)


def _name(number: str) -> str:
    return f"presence:{number}"


async def _marks(c: Community, number: str, now: float) -> dict[str, tuple[float, float]]:
    """{staff id: (until when they look, until when they write)}, as UNIX times; what has ended is left out."""
    kept = json.loads(await c.cache.get(_name(number)) or "{}")
    return {who: (float(looks), float(writes)) for who, (looks, writes) in kept.items() if looks > now}
