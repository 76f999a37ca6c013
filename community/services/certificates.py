"""A certificate of hours, from the ledger alone; its address is sealed and runs out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from community.errors import ConfigError, NotFound
from community.model.calendar import local
from community.ports import Community

LASTS = timedelta(days=7)
YEARS = 3
MOST_LINES = 40
EXPIRED = "这个证明的链接已经过期，在对话里说“开证明”，我再给您一个。"


@dataclass(frozen=True)
class Line:
    day: date
    what: str
    minutes: int


@dataclass(frozen=True)
class Certificate:
    """`name`: the resident, or of whom of their family. `lines` newest last, at most MOST_LINES of `times`; `number` is for staff to
    compare."""

    name: str
    community: str
    minutes: int
    times: int
    first: date
    last: date
    lines: tuple[Line, ...]
    number: str
    made_on: date


async def people(c: Community, resident_id: int) -> list[tuple[str, int]]:
    """(whose, minutes) for whom hours are in the ledger; the resident is the empty string."""
    found: dict[str, int] = {}
    async with c.reading() as uow:
        for entry in await uow.points.served(resident_id, _since(c.clock.now())):
            found[entry.who] = found.get(entry.who, 0) + entry.minutes
    return sorted(found.items())


def address(c: Community, resident_id: int, who: str = "") -> str:
    """Where it is to be had, for LASTS. Nobody can read or make one but us."""
    until = int((c.clock.now() + LASTS).timestamp())
    return f"{c.public_url}/certificates/" + c.vault.encrypt(json.dumps([resident_id, who, until])) + ".pdf"


async def opened(c: Community, token: str) -> Certificate:
    """Of the sealed part of an address. Raises NotFound for one that ran out or is none."""
    try:
        resident_id, who, until = json.loads(c.vault.decrypt(token))
    except (ConfigError, ValueError, TypeError) as error:
        raise NotFound(EXPIRED) from error
    if until < c.clock.now().timestamp():
        raise NotFound(EXPIRED)
    return await of_resident(c, int(resident_id), str(who))


async def of_resident(c: Community, resident_id: int, who: str = "") -> Certificate:
    """Raises NotFound when there are no hours."""
    async with c.reading() as uow:
        now = c.clock.now()
        resident = await uow.people.resident(resident_id)
        entries = [e for e in await uow.points.served(resident_id, _since(now)) if e.who == who]
        if resident is None or not entries:
            raise NotFound("还没有记上的志愿时长，参加一次活动、现场签到后就能开证明。")
        room = await uow.places.get(resident.room_id) if resident.room_id else None
        community = await uow.places.get(room.community_id) if room is not None and room.community_id else None
        lines = tuple(Line(local(e.at).date(), e.what, e.minutes) for e in entries)
        name = f"{resident.name}的{who}" if who else resident.name
        number = c.vault.fingerprint(f"certificate {entries[-1].id} {resident_id} {who}")[:10].upper()
        return Certificate(
            name, community.name if community is not None else "", sum(e.minutes for e in entries), len(entries), lines[0].day,
            lines[-1].day, lines[-MOST_LINES:], number, local(now).date(),
        )  # fmt: skip


def _since(now: datetime) -> datetime:
    return now - timedelta(days=366 * YEARS)
