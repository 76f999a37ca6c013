"""查阅记录: who looked at a phone number or household, or took a list away. Read here; written by the services that give these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from community.errors import Forbidden
from community.model.audit import VIEWED_NAMES, Viewed, ViewLine
from community.model.people import ROLE_NAMES, Role, Staff
from community.model.ticket import Ticket
from community.ports import Community, SeenLine, UnitOfWork, ViewQuery
from community.services.access import scope_of, staff_of

SEES = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})


@dataclass(frozen=True)
class AuditFilter:
    """`who` is a member of staff, `days` are local with both ends included, `number` is a whole ticket number."""

    who: int | None = None
    what: Viewed | None = None
    days: tuple[date, date] | None = None
    number: str = ""
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class AuditLine:
    """`at` is aware UTC; `number` and `resident_name` are empty where the look was at neither; `page` is a path of the console."""

    id: int
    at: datetime
    staff_name: str
    role_name: str
    what: Viewed
    what_name: str
    number: str
    resident_name: str
    page: str
    note: str


@dataclass(frozen=True)
class AuditPage:
    """`people` are (staff id, 'name · role'), all whose lines the asker may read."""

    items: tuple[AuditLine, ...]
    total: int
    people: tuple[tuple[int, str], ...]


async def looked(
    uow: UnitOfWork,
    member: Staff,
    what: Viewed,
    now: datetime,
    *,
    ticket: Ticket | None = None,
    resident_id: int | None = None,
    page: str = "",
    note: str = "",
) -> None:
    """Write the line of a look, inside the unit of work that must be committed before what was looked at is given.

    `page` and `note` must hold nothing personal: lines are read by others than the looker.
    """
    of = resident_id if ticket is None else ticket.resident_id
    line = ViewLine(0, now, member.id, what, ticket.id if ticket else None, of, page[:120], note[:200])
    await uow.view_log.add(line)


async def lines(c: Community, staff_id: int, asked: AuditFilter) -> AuditPage:
    """Who of the asker's people looked at what, newest first. Forbidden but for community staff and operators.

    A community's staff read of everybody who works in it (also for its property companies); a street's of all its communities.
    """
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role not in SEES:
            raise Forbidden("查阅记录给社区和运维看。")
        scope = await scope_of(uow, member)
        people = await uow.view_log.people_of(None if scope.everything else scope.community_ids, member.place_id)
        theirs = frozenset(person.id for person in people)
        whose = theirs if asked.who is None else theirs & {asked.who}
        query = ViewQuery(
            staff_ids=None if scope.everything and asked.who is None else whose,
            what=asked.what,
            days=asked.days,
            number=asked.number.strip()[:12],
            limit=max(1, min(asked.limit, 200)),
            offset=max(0, asked.offset),
        )
        found, total = await uow.view_log.search(query)
        names = tuple((person.id, f"{person.name} · {person.role_name}") for person in people)
        return AuditPage(tuple(_line(one) for one in found), total, names)


def _line(seen: SeenLine) -> AuditLine:
    line = seen.line
    return AuditLine(
        id=line.id,
        at=line.at,
        staff_name=seen.staff_name,
        role_name=ROLE_NAMES[Role(seen.role)],
        what=line.what,
        what_name=VIEWED_NAMES[line.what],
        number=seen.number,
        resident_name=seen.resident_name,
        page=line.page,
        note=line.note,
    )
