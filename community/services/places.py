"""From words to a node of the place tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chinese.address import ParsedAddress, parse_address
from community.model.place import Place, PlaceKind
from community.ports import Community, Scope, UnitOfWork
from community.services import carers

Precision = Literal["room", "unit", "building", "estate", "community", "none"]


@dataclass(frozen=True)
class PlaceGuess:
    """`text` is what is shown and kept; `from_home` says that the resident's own home filled what was not said."""

    place_id: int | None
    text: str
    precise: Precision
    estate: str | None
    from_home: bool


async def estate_names(c: Community) -> list[tuple[str, str]]:
    """(name or alias, canonical name) of every estate."""
    async with c.reading() as uow:
        return await names_of(uow)


async def names_of(uow: UnitOfWork) -> list[tuple[str, str]]:
    return [(name, estate.name) for estate in await uow.places.estates() for name in estate.names()]


async def resolve(c: Community, text: str, resident_id: int | None = None) -> PlaceGuess:
    """Find the place that `text` means; the resident's home supplies the estate when only 3幢 is said.

    Nothing found gives precise 'none' with an empty text. Never raises for odd text.
    """
    async with c.reading() as uow:
        return await resolve_in(uow, text, resident_id)


async def resolve_in(uow: UnitOfWork, text: str, resident_id: int | None = None) -> PlaceGuess:
    parsed = parse_address(text, await names_of(uow))
    home = await _home(uow, resident_id)
    if parsed.empty:
        return PlaceGuess(None, "", "none", None, False)
    if parsed.home and not (parsed.building or parsed.estate or parsed.room) and home is not None:
        return PlaceGuess(home.id, home.full_name, "room", _estate_name(home), True)
    estate, from_home = parsed.estate, False
    if estate is None and home is not None and home.address:
        estate, from_home = _estate_name(home), True
    building, unit, room = parsed.building, parsed.unit, parsed.room
    if from_home and home is not None and home.address and building is None and (unit or room):
        # "二单元" alone, from somebody of 3幢: their own building.
        building = home.address.split("/")[1]
    full = ParsedAddress(estate, building, unit, room)
    return await deepest(uow, full, from_home)


async def resolve_near(uow: UnitOfWork, text: str, scope: Scope) -> PlaceGuess:
    """The place that `text` means to somebody who works within `scope`: where no estate is said, 3幢 is the one building of that number
    there. Precise 'none' when there are several of them, or none. What is named in full is found wherever it is."""
    parsed = parse_address(text, await names_of(uow))
    if parsed.estate is not None or parsed.building is None:
        return await deepest(uow, parsed, False) if parsed.estate is not None else PlaceGuess(None, "", "none", None, False)
    found: list[PlaceGuess] = []
    for building in await uow.places.buildings(parsed.building, scope):
        estate = (building.address or "").split("/")[0]
        found.append(await deepest(uow, ParsedAddress(estate, parsed.building, parsed.unit, parsed.room), False))
    if len(found) > 1 and (parsed.unit or parsed.room):
        # 3幢2单元502: of two estates only one may have such a room.
        whole = [guess for guess in found if guess.precise == ("room" if parsed.room else "unit")]
        found = whole or found
    return found[0] if len(found) == 1 else PlaceGuess(None, _say(parsed), "none", None, False)


async def deepest(uow: UnitOfWork, parsed: ParsedAddress, from_home: bool) -> PlaceGuess:
    """The deepest node of the address that exists. A part that does not exist is kept in the text only."""
    said = _say(parsed)
    if parsed.estate is None:
        return PlaceGuess(None, said, "none", None, False)
    if parsed.building and not parsed.unit and parsed.room:
        rooms = await uow.places.rooms_matching(parsed.estate, parsed.building, parsed.room)
        if len(rooms) == 1:
            return PlaceGuess(rooms[0].id, rooms[0].full_name, "room", parsed.estate, from_home)
    key = parsed.key or ""
    while key:
        place = await uow.places.by_address(key)
        if place is not None:
            whole = key.count("/") == len([p for p in (parsed.building, parsed.unit, parsed.room) if p])
            precise: Precision = place.kind.value  # type: ignore[assignment]
            return PlaceGuess(place.id, place.full_name if whole else said, precise, parsed.estate, from_home)
        key = key.rpartition("/")[0]
    return PlaceGuess(None, said, "none", parsed.estate, from_home)


def _say(parsed: ParsedAddress) -> str:
    out = parsed.estate or ""
    for number, suffix in ((parsed.building, "幢"), (parsed.unit, "单元"), (parsed.room, "室")):
        if number:
            out += number + suffix
    return out


def _estate_name(place: Place) -> str | None:
    return place.address.split("/")[0] if place.address else None


async def _home(uow: UnitOfWork, resident_id: int | None) -> Place | None:
    resident = await uow.people.resident(resident_id) if resident_id else None
    if resident_id and (link := await carers.acting(uow, resident_id)) is not None:
        resident = await uow.people.resident(link.elder_id)  # 我家 in a report for somebody is that one's home
    if resident is None or resident.room_id is None:
        return None
    place = await uow.places.get(resident.room_id)
    return place if place is not None and place.kind is PlaceKind.ROOM else None
