"""我也遇到: somebody reports what a neighbour has reported already, and joins that ticket instead of making a second one."""

from __future__ import annotations

from datetime import timedelta

from community.errors import IllegalMove, NotFound
from community.model.category import Category
from community.model.people import Actor
from community.model.place import Place, PlaceKind
from community.model.ticket import OPEN, Move, Ticket
from community.ports import Community, UnitOfWork
from community.services import gathering, moves
from community.services.staff_notify import moved
from community.services.tickets import announce, view_of
from community.services.views import TicketView

WITHIN = timedelta(days=30)
SHARED = frozenset({
    Category.ELEVATOR, Category.LIGHTING, Category.DOOR_ACCESS, Category.WATER_SUPPLY, Category.POWER, Category.GAS, Category.FIRE_SAFETY,
    Category.EBIKE, Category.PARKING, Category.SANITATION, Category.GREENING, Category.NOISE, Category.FUMES, Category.ROAD,
    Category.PESTS, Category.FALLING_OBJECT,
})  # fmt: skip
"""What a whole unit or building meets at once. A leak on one floor is not the leak on another: those only match in the same place."""


async def similar(
    c: Community, resident_id: int, category: Category, place_id: int | None, words: str
) -> TicketView | None:
    """The open ticket of somebody else that this report would be a second one of. None when there is none, or none is sure enough.

    Where an incident is known already, its words need not be like these: three households have said that it is the whole building.
    """
    async with c.reading() as uow:
        place = await uow.places.get(place_id) if place_id else None
        if place is None:
            return None
        now = c.clock.now()
        known = await _incident(uow, resident_id, category, place.id)
        if known is not None:
            return await view_of(uow, known, now)
        near = await _near(uow, place, category)
        others: list[Ticket] = []
        here: Ticket | None = None
        for ticket in await uow.tickets.open_near(near, category, now - WITHIN):
            if ticket.resident_id == resident_id or resident_id in await uow.tickets.followers(ticket.id):
                continue
            if ticket.incident_id is not None and resident_id in await uow.incidents.residents(ticket.incident_id):
                continue  # they have been counted: this is another trouble, or the same said twice
            if await uow.mediations.of_ticket(ticket.id) is not None:
                continue  # Between two sides: no neighbour's business, and the other side may be who reports now.
            if ticket.place_id == place.id:
                here = ticket
                break  # whatever its words: what comes behind it need not be compared
            others.append(ticket)
        same = await c.sameness.same(words, [ticket.words for ticket in others])
        found = next((ticket for ticket, is_same in zip(others, same, strict=True) if is_same), here)
        return await view_of(uow, found, now) if found is not None else None


async def _incident(uow: UnitOfWork, resident_id: int, category: Category, place_id: int) -> Ticket | None:
    """The oldest open ticket of an incident that is known where this is reported, unless this resident is counted in it."""
    area = await gathering.area(uow, category, place_id)
    if area is None:
        return None
    leads: dict[int, Ticket] = {}
    for ticket in await uow.incidents.open_near(await uow.places.ids_below(area.id), category):
        leads.setdefault(ticket.incident_id or 0, ticket)
    for incident_id, lead in leads.items():
        if resident_id not in await uow.incidents.residents(incident_id):
            return lead
    return None


async def _near(uow: UnitOfWork, place: Place, category: Category) -> set[int]:
    """The place itself; for what is shared also what it lies in, and what lies in that, within one building."""
    near = {place.id}
    if category not in SHARED or place.kind not in (PlaceKind.BUILDING, PlaceKind.UNIT, PlaceKind.ROOM):
        return near
    top = place
    while top.kind is not PlaceKind.BUILDING and top.parent_id is not None:
        above = await uow.places.get(top.parent_id)
        if above is None or above.kind not in (PlaceKind.BUILDING, PlaceKind.UNIT):
            break
        top = above
        near.add(top.id)
    units = [top] if top.kind is PlaceKind.UNIT else await uow.places.children(top.id)
    near |= {unit.id for unit in units}
    for unit in units:
        near |= {room.id for room in await uow.places.children(unit.id)}
    return near


async def join(c: Community, resident_id: int, number: str, words: str, key: str) -> TicketView:
    """Join an open ticket: told of what comes of it, and counted. The same `key` again changes nothing.

    Raises NotFound for an unknown number, IllegalMove when it has ended meanwhile.
    """
    async with c.uow() as uow:
        ticket = await uow.tickets.by_number(number.strip())
        if ticket is not None:
            ticket = await gathering.locked(uow, ticket, c.clock.now())
        resident = await uow.people.resident(resident_id)
        if ticket is None or resident is None:
            raise NotFound(f"没有查到工单{number.strip()[:12]}，请再核对一下号码。")
        now = c.clock.now()
        if await uow.keys.ref(key) is None:
            if await uow.mediations.of_ticket(ticket.id) is not None:
                raise NotFound(f"没有查到工单{ticket.number}，请再核对一下号码。")
            if ticket.status not in OPEN:
                raise IllegalMove(f"工单{ticket.number}刚刚办结了，您要是还没好，我给您另报一件。")
            followers = await uow.tickets.followers(ticket.id)
            if resident_id != ticket.resident_id and resident_id not in followers:
                await uow.tickets.follow(ticket.id, resident_id, words.strip()[:1000], now)
                # Who they are and what exactly they said is not the first reporter's business.
                event = ticket.apply(Move.NOTE, Actor.system("邻居"), now, f"又有一户遇到，共{len(followers) + 2}户")
                await moves.keep(uow, c, ticket, event)
                await gathering.gather(uow, c, ticket, now)
                await moved(uow, ticket, event)
                announce(uow, ticket)
            await uow.keys.put(key, ticket.number, now)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return view
