"""通知 for residents: what is going on where they live, and whether a report is what a notice tells of."""

from __future__ import annotations

from dataclasses import dataclass

from community.errors import NotFound
from community.model.category import Category
from community.model.notice import AHEAD, LATE, NoticeEvent
from community.ports import Community, UnitOfWork
from community.services.notice_views import NoticeView, view_of
from community.services.places import resolve_in


@dataclass(frozen=True)
class GoingOn:
    """`where`: the place asked about, '' when neither a home nor a place is known. What is current comes first."""

    where: str
    notices: tuple[NoticeView, ...]


async def going_on(c: Community, resident_id: int, text: str = "") -> GoingOn:
    """What is told of the place that `text` names, or else of the resident's homes: current, and coming within AHEAD."""
    async with c.reading() as uow:
        now = c.clock.now()
        guess = await resolve_in(uow, text, resident_id) if text else None
        places: set[int] = set()
        where = ""
        resident = await uow.people.resident(resident_id)
        homes = [resident.room_id] if resident is not None and resident.room_id else []
        homes += [one.room_id for one in await uow.homes.of_resident(resident_id)]
        if guess is not None and guess.place_id is not None:
            places, where = await _around(uow, guess.place_id), guess.text
            for room in homes:  # 剡溪花园今天停水吗, from somebody who lives there: also what is told of their own building
                lives_in = await _around(uow, room)
                places |= lives_in if guess.place_id in lives_in else set()
        else:
            for room in homes:
                places |= await _around(uow, room)
            first = await uow.places.get(homes[0]) if homes else None
            where = first.full_name.split("单元")[0] if first is not None else ""
            if first is not None and first.address:
                estate, building = first.address.split("/")[:2]
                where = f"{estate}{building}幢"
        found = await uow.notices.about(places, now - LATE, waiting=True) if places else []
        found = [one for one in found if one.begins_at <= now + AHEAD]
        found.sort(key=lambda one: (now >= one.ends_at, one.begins_at))
        return GoingOn(where, tuple(view_of(one, now) for one in found[:5]))


async def covering(c: Community, resident_id: int, category: Category, place_id: int | None) -> NoticeView | None:
    """The notice that a report of this category at this place may be what it tells of. What is over by up to LATE is found, too: then it
    has not ended as told."""
    if place_id is None:
        return None
    async with c.reading() as uow:
        now = c.clock.now()
        found = [one for one in await uow.notices.about(await _around(uow, place_id), now - LATE) if one.covers(category, now)]
        found.sort(key=lambda one: (now >= one.ends_at, one.ends_at))
        return view_of(found[0], now) if found else None


async def read(c: Community, resident_id: int, notice_id: int, how: str = "button") -> NoticeView:
    """The resident says that they know. Raises NotFound for a notice they were not told. Twice changes nothing."""
    async with c.uow() as uow:
        notice = await uow.notices.get(notice_id)
        receipt = await uow.notices.receipt(notice_id, resident_id)
        if notice is None or (receipt is None and how == "button"):
            raise NotFound("这条通知找不到了。")
        if receipt is not None and receipt.read_at is None:
            receipt.read_at, receipt.how = c.clock.now(), how
            uow.announce("tickets", community_id=notice.community_id)
            await uow.commit()
        return view_of(notice, c.clock.now())


async def has_not_ended(c: Community, notice_id: int, number: str) -> None:
    """A ticket says that it is not over although it should be: its writer sees that on the notice."""
    async with c.uow() as uow:
        notice = await uow.notices.get(notice_id, for_update=True)
        if notice is None or number in notice.late:
            return
        notice.late = [*notice.late, number]
        await uow.notices.add_event(NoticeEvent(0, notice.id, c.clock.now(), "系统", f"到时间没有恢复：居民报了工单{number}"))
        uow.announce("tickets", community_id=notice.community_id)
        await uow.commit()


async def _around(uow: UnitOfWork, place_id: int) -> set[int]:
    """The place and all that it lies in: a notice to the estate is one to its rooms, too."""
    found: set[int] = set()
    place = await uow.places.get(place_id)
    while place is not None and place.id not in found:
        found |= {one for one in (place.id, place.grid_id, place.microgrid_id, place.community_id, place.estate_id) if one}
        place = await uow.places.get(place.parent_id) if place.parent_id else None
    return found


