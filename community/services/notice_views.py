"""通知 as staff see them: the list, and one with who has answered and whom to call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from community.model.audit import Viewed
from community.model.notice import KIND_NAMES, Notice, NoticeEvent, NoticeState, when_text
from community.model.place import Place
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, scope_of
from community.services.audit import looked
from community.services.notice_scope import covered, may, people_of, place_name, publisher, theirs_of

BACK = timedelta(days=60)
MOST_SHOWN = 100
SAME_LOOK = timedelta(minutes=10)
"""An open page asks again by itself: one look for so long."""


@dataclass(frozen=True)
class NoticeView:
    id: int
    kind: str
    kind_name: str
    title: str
    text: str
    when: str
    area: str
    state: str
    """waiting, coming, current, over or recalled."""
    by: str
    send_at: datetime
    sent_at: datetime | None
    begins_at: datetime
    ends_at: datetime
    correction: str
    late: tuple[str, ...]
    resends: int
    sent: int = 0
    read: int = 0


@dataclass(frozen=True)
class Unread:
    """Somebody who has not answered, to be called or knocked at: those who are old and alone first."""

    name: str
    home: str
    alone: bool


@dataclass(frozen=True)
class NoticeDetail:
    view: NoticeView
    by_building: tuple[tuple[str, int, int], ...]
    """(building, told, read)."""
    unread: tuple[Unread, ...]
    events: tuple[NoticeEvent, ...] = field(default=())


async def list_notices(c: Community, staff_id: int) -> list[NoticeView]:
    """Of the member's communities, the newest first."""
    async with c.reading() as uow:
        member, scope = await publisher(uow, staff_id)
        now = c.clock.now()
        ids = None if scope.everything else await communities_of(uow, member)
        found = await uow.notices.of_places(ids, now - BACK, MOST_SHOWN)
        theirs = [one for one in found if await may(uow, scope, member, one.place_ids, whole=False)]
        counts = await uow.notices.counts([one.id for one in theirs])
        return [view_of(one, now, *counts.get(one.id, (0, 0))) for one in theirs]


async def look(c: Community, staff_id: int, notice_id: int) -> NoticeDetail:
    """A notice, with those of the member's own places who have not answered: who they are is a look that is written down."""
    async with c.uow() as uow:
        member, notice = await theirs_of(uow, staff_id, notice_id)
        scope, communities = await scope_of(uow, member), await communities_of(uow, member)
        now = c.clock.now()
        receipts = await uow.notices.receipts(notice.id)
        homes, _, buildings = await people_of(uow, notice.place_ids)
        told: Counter[int] = Counter()
        read: Counter[int] = Counter()
        unread: list[Unread] = []
        for one in receipts:
            room = homes.get(one.resident_id)
            building = buildings.get(room, 0) if room else 0
            told[building] += 1
            if one.read_at is not None:
                read[building] += 1
                continue
            place = await uow.places.get(room) if room else None
            if place is not None and covered(scope, place, communities):
                unread.append(await _unread(uow, one.resident_id, place))
        names = {one: (await place_name(uow, one)) if one else "别处" for one in told}
        page = f"/notices/{notice.id}"
        if unread and not await uow.view_log.seen_since(member.id, Viewed.HOUSEHOLD, now - SAME_LOOK, note=f"通知{notice.id}"):
            await looked(uow, member, Viewed.HOUSEHOLD, now, page=page, note=f"通知{notice.id}")
        detail = NoticeDetail(
            view=await as_view(uow, notice, now),
            by_building=tuple(sorted((names[one], told[one], read[one]) for one in told)),
            unread=tuple(sorted(unread, key=lambda one: (not one.alone, one.home))),
            events=tuple(await uow.notices.events(notice.id)),
        )
        await uow.commit()
        return detail


async def _unread(uow: UnitOfWork, resident_id: int, room: Place) -> Unread:
    resident = await uow.people.resident(resident_id)
    verified = resident is not None and resident.home_verified and resident.room_id == room.id
    household = await uow.people.household_of_room(room.id) if verified else None
    return Unread(masked_name(resident.name if resident else ""), room.full_name, household is not None and household.elderly_alone)


def masked_name(name: str) -> str:
    """李秀英 -> 李**: who knocks at the door knows the door."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else "住户"


async def as_view(uow: UnitOfWork, notice: Notice, now: datetime) -> NoticeView:
    return view_of(notice, now, *(await uow.notices.counts([notice.id])).get(notice.id, (0, 0)))


def view_of(notice: Notice, now: datetime, sent: int = 0, read: int = 0) -> NoticeView:
    state = str(notice.state)
    if notice.state is NoticeState.SENT:
        state = "over" if now >= notice.ends_at else "current" if now >= notice.begins_at else "coming"
    return NoticeView(
        id=notice.id,
        kind=str(notice.kind),
        kind_name=KIND_NAMES[notice.kind],
        title=notice.title,
        text=notice.text,
        when=when_text(notice.begins_at, notice.ends_at, now),
        area=notice.area,
        state=state,
        by=notice.by_name,
        send_at=notice.send_at,
        sent_at=notice.sent_at,
        begins_at=notice.begins_at,
        ends_at=notice.ends_at,
        correction=notice.correction,
        late=tuple(notice.late),
        resends=notice.resends,
        sent=sent,
        read=read,
    )
