"""Who gets a ticket: the grid worker of the place, on duty if one is, with stand-ins up to the community."""

from __future__ import annotations

from datetime import datetime

from community.model.calendar import local
from community.model.people import Duty, Role, Staff
from community.model.place import Place
from community.ports import UnitOfWork


def _on_duty(duties: list[Duty], staff_id: int, now: datetime) -> bool:
    here = local(now)
    return any(
        d.staff_id == staff_id and d.weekday == here.weekday() and d.starts <= here.time() < d.ends for d in duties
    )


async def worker_for(uow: UnitOfWork, place: Place | None, now: datetime) -> Staff | None:
    """The grid worker of `place` who is on duty, else the first of that grid, else somebody of the community's desk.

    With no place at all: the first community desk of the city, so that nothing is without a holder.
    """
    if place is not None:
        for place_id, role in ((place.grid_id, Role.GRID_WORKER), (place.community_id, Role.COMMUNITY_STAFF)):
            people = await uow.people.staff_of_place(place_id, role) if place_id else []
            if people:
                duties = await uow.people.duties([p.id for p in people])
                return next((p for p in people if _on_duty(duties, p.id, now)), people[0])
    everyone = await uow.people.all_staff()
    return next((s for s in everyone if s.active and s.role is Role.COMMUNITY_STAFF), None)


async def duty_phone(uow: UnitOfWork, place: Place | None) -> tuple[str, str]:
    """(name, phone) of the community's duty desk, for danger; empty when there is none."""
    desk: list[Staff] = []
    if place is not None and place.community_id:
        desk = await uow.people.staff_of_place(place.community_id, Role.COMMUNITY_STAFF)
    if not desk:
        desk = [s for s in await uow.people.all_staff() if s.role is Role.COMMUNITY_STAFF and s.active]
    return (desk[0].name, desk[0].phone) if desk else ("", "")
