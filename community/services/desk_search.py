"""One box to search in: what a clerk means is told by its form, and said back to them.

A ticket's number or the end of it, a telephone (left on the ticket, or its resident's), a place as people write it, or words;
a place may be followed by words. Finding is all this does: whose tickets they are is the query's scope.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chinese.address import ParsedAddress, PlaceMention, find_places, main_place
from chinese.contacts import find_phones
from chinese.normalise import Normalised, normalise
from chinese.ticket_numbers import find_number_mentions, ids_ending, is_valid
from community.model.place import Place, PlaceKind
from community.model.search import terms_of
from community.ports import Clue, Community, Scope, UnitOfWork
from community.services.homes import clean_phone
from community.services.places import deepest

SHORTEST_END = 4
"""Digits of a number's end: fewer fit too many tickets to be of use."""
_DIGITS = re.compile(r"\+?[0-9() -]+")
_NUMBER_WORDS = re.compile(r"(?:工单|单子|编号|单号|号码|号|no\.?|#|:|\s)*", re.IGNORECASE)
_PHONE_WORDS = re.compile(r"(?:电话|手机|号码|号|联系方式|tel|:|\s)*", re.IGNORECASE)
_AFTER_PLACE = re.compile(r"^(?:小区|的|里的?|室|附近|\s|,)+")


@dataclass(frozen=True)
class Understood:
    """`clues` as of TicketQuery: none of them is nothing found. `said` is for the page: 按电话查."""

    clues: tuple[Clue, ...]
    said: str


NOTHING = Understood((), "没看懂要找什么：请写工单号、电话、地点，或者内容里的词。")


async def understand(uow: UnitOfWork, c: Community, words: str) -> Understood:
    """What `words` (not empty) look for. Never raises for odd words."""
    flat = normalise(words.strip())
    if _DIGITS.fullmatch(flat.text):
        if found := await _digits(uow, c, flat.text):
            return found
    elif found := await _numbered(uow, c, flat):
        return found
    if found := await _administrative(uow, flat.text.strip()):
        return found
    if found := await _placed(uow, flat):
        return found
    return _worded(words)


def _worded(words: str) -> Understood:
    terms = terms_of(words)
    return Understood((Clue(terms=terms),), f"按内容查：{_quoted(terms)}") if terms else NOTHING


def _quoted(terms: tuple[str, ...]) -> str:
    return "".join(f"“{term}”" for term in terms)


async def _digits(uow: UnitOfWork, c: Community, text: str) -> Understood | None:
    """Digits alone may be several things at once: then any of them is found."""
    digits = re.sub(r"\D", "", text)
    clues: list[Clue] = []
    names: list[str] = []
    numbers = (digits,) if is_valid(digits) else ()
    plain = text.strip() == digits
    phone = clean_phone(text)
    ending = SHORTEST_END <= len(digits) <= 9 and plain
    if phone is not None and not numbers:
        ending = False  # a whole telephone number is no end of anything
    if numbers or ending:
        ids = frozenset(ids_ending(digits, await uow.tickets.last_id())) if ending else None
        clues.append(Clue(numbers=numbers, ticket_ids=ids))
        names.append("工单号" if numbers else "工单号末尾")
    if phone is not None:
        clues += await _phone_clues(uow, c, phone)
        names.append("电话")
    if clues and len(digits) <= SHORTEST_END + 1 and plain:
        clues.append(Clue(terms=(digits,)))  # 1203 is a room as well
        names.append("内容")
    return Understood(tuple(clues), f"按{'或'.join(names)}查") if clues else None


async def _numbered(uow: UnitOfWork, c: Community, flat: Normalised) -> Understood | None:
    """工单100015, 电话138-0000-0001: a number with nothing beside it but what it is called. Dictated ones too."""
    for phone in find_phones(flat):
        if _PHONE_WORDS.fullmatch(_without(flat, phone.start, phone.end)):
            return Understood(await _phone_clues(uow, c, phone.number), "按电话查")
    for found in find_number_mentions(flat):
        if found.right and _NUMBER_WORDS.fullmatch(_without(flat, found.start, found.end)):
            return Understood((Clue(numbers=(found.number,)),), "按工单号查")
    return None


async def _phone_clues(uow: UnitOfWork, c: Community, phone: str) -> tuple[Clue, ...]:
    """What was left with this number, what its resident reported, and what they joined."""
    fingerprint = c.vault.fingerprint(phone)
    residents = frozenset(await uow.people.residents_with_phone(fingerprint))
    clue = Clue(contact_hash=fingerprint, resident_ids=residents)
    joined = frozenset(await uow.tickets.followed_by(residents)) if residents else frozenset()
    return (clue, Clue(ticket_ids=joined)) if joined else (clue,)


def _without(flat: Normalised, start: int, end: int) -> str:
    return flat.original[:start] + " " + flat.original[end:]


async def _administrative(uow: UnitOfWork, name: str) -> Understood | None:
    """A street, community or grid by its whole name."""
    place = await uow.places.administrative(name)
    return Understood((Clue(area=await _area(uow, place)),), f"按地点查：{place.name}") if place is not None else None


async def _area(uow: UnitOfWork, place: Place) -> Scope | None:
    """What is kept of a place on every ticket in it; None for buildings and below."""
    if place.kind is PlaceKind.ESTATE:
        return Scope(estate_ids=frozenset({place.id}))
    if place.kind is PlaceKind.GRID:
        return Scope(grid_ids=frozenset({place.id}))
    if place.kind in (PlaceKind.COMMUNITY, PlaceKind.STREET):
        return Scope(community_ids=frozenset(await uow.places.communities_below(place)))
    return None


async def _placed(uow: UnitOfWork, flat: Normalised) -> Understood | None:
    """An estate named letter by letter, with building, unit and room as far as said, and words beside it."""
    names = await uow.places.estate_names_in(flat.text)
    where = main_place(find_places(flat, names)) if names else None
    if where is None or where.estate is None:
        return None
    clue, name = await _place_clue(uow, where)
    if clue is None:
        return None
    rest = _AFTER_PLACE.sub("", flat.original[where.end :])
    terms = terms_of(f"{flat.original[: where.start]} {rest}")
    said = f"按地点查：{name}" + (f"，内容有{_quoted(terms)}" if terms else "")
    return Understood((replace(clue, terms=terms),), said)


async def _place_clue(uow: UnitOfWork, where: PlaceMention) -> tuple[Clue | None, str]:
    """The tickets at a place or below it, and its name. A part that does not exist leads to what it would be in."""
    if where.estate and where.building and where.room and not where.unit:
        rooms = await uow.places.rooms_matching(where.estate, where.building, where.room)
        if rooms:
            name = f"{where.estate}{where.building}幢{where.room}室"
            return Clue(place_ids=frozenset(room.id for room in rooms)), name
    guess = await deepest(uow, ParsedAddress(where.estate, where.building, where.unit, where.room), False)
    place = await uow.places.get(guess.place_id) if guess.place_id else None
    if place is None:
        return None, ""
    area = await _area(uow, place)
    if area is not None:
        return Clue(area=area), place.full_name
    return Clue(place_ids=frozenset(await uow.places.ids_below(place.id))), place.full_name
