"""Who may tell whom, and who lives there. Inside units of work."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from community.errors import Forbidden, NotFound
from community.model.notice import Notice
from community.model.people import Role, Staff
from community.model.place import Place
from community.ports import Scope, UnitOfWork
from community.services.access import communities_of, scope_of, staff_of

PUBLISHES = frozenset({Role.COMMUNITY_STAFF, Role.PROPERTY, Role.GRID_WORKER, Role.OPERATOR})


async def publisher(uow: UnitOfWork, staff_id: int) -> tuple[Staff, Scope]:
    member = await staff_of(uow, staff_id)
    if member.role not in PUBLISHES:
        raise Forbidden("通知由社区、网格员或物业来发。")
    return member, await scope_of(uow, member)


async def theirs_of(uow: UnitOfWork, staff_id: int, notice_id: int, *, for_update: bool = False) -> tuple[Staff, Notice]:
    member, scope = await publisher(uow, staff_id)
    notice = await uow.notices.get(notice_id, for_update=for_update)
    if notice is None or not await may(uow, scope, member, notice.place_ids, whole=False):
        raise NotFound("没有找到这条通知。")
    if for_update and not await may(uow, scope, member, notice.place_ids, whole=True):
        raise Forbidden("这条通知还发给了别的地方，由社区来改。")
    return member, notice


async def may(uow: UnitOfWork, scope: Scope, member: Staff, place_ids: Collection[int], *, whole: bool) -> bool:
    """Whether all (`whole`) or any of these places are this member's."""
    communities = await communities_of(uow, member)
    found = [await uow.places.get(one) for one in place_ids]
    theirs = [place is not None and covered(scope, place, communities) for place in found]
    return all(theirs) if whole else any(theirs)


async def places_of(uow: UnitOfWork, scope: Scope, member: Staff, ids: Sequence[int]) -> list[Place]:
    """Raises NotFound for one that is not theirs to speak to."""
    communities = await communities_of(uow, member)
    found = []
    for one in dict.fromkeys(ids):
        place = await uow.places.get(one)
        if place is None or not covered(scope, place, communities):
            raise NotFound("这个范围不归您管，请重新选。")
        found.append(place)
    return found


def covered(scope: Scope, place: Place, communities: Collection[int]) -> bool:
    return (
        scope.everything
        or place.community_id in scope.community_ids
        or place.id in scope.community_ids
        or place.grid_id in scope.grid_ids
        or place.id in scope.grid_ids
        or place.estate_id in scope.estate_ids
        or place.id in scope.estate_ids
    )


async def people_of(uow: UnitOfWork, place_ids: Collection[int]) -> tuple[dict[int, int], dict[int, tuple[str, str]], dict[int, int]]:
    """(resident: room; address of who can be reached; room: building)."""
    rooms = await uow.notices.rooms_below(place_ids) if place_ids else {}
    homes = await uow.notices.living_at(rooms.keys())
    addresses = await uow.people.addresses_of(homes.keys()) if homes else {}
    return homes, addresses, rooms


async def place_name(uow: UnitOfWork, place_id: int) -> str:
    place = await uow.places.get(place_id)
    return (place.full_name or place.name) if place else ""


def area_of(places: Sequence[Place]) -> str:
    names = [place.full_name or place.name for place in places]
    return "、".join(names[:6]) + (f"等{len(names)}处" if len(names) > 6 else "")
