"""The rows that the closed loop touches, in dictionaries: as much of `community.ports.UnitOfWork` as its services ask for.

For one task at a time and without a way back: a use case that raises must not have changed anything before. What the loop never
asks for is not here, and asking for it is an error.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from chinese.ticket_numbers import FIRST_SERIAL, ticket_number
from community.model.category import Category
from community.model.message import OutboxMessage
from community.model.people import ChannelIdentity, Duty, Leave, PropertyCompany, Resident, Role, Staff
from community.model.place import Place, PlaceKind
from community.model.promise import PromiseRule
from community.model.staffing import StaffLetter
from community.model.ticket import SILENCE, Move, Status, Ticket, TicketEvent
from ops.simulation.memory_incidents import Incidents


class Tickets:
    def __init__(self) -> None:
        self.all: dict[int, Ticket] = {}
        self.history: dict[int, list[TicketEvent]] = defaultdict(list)
        self.looked: list[int] = []
        """Which tickets the clock has looked at since this was emptied."""
        self.at: dict[int, list[Ticket]] = defaultdict(list)
        """By place."""
        self.merged: dict[int, dict[int, Ticket]] = defaultdict(dict)
        """By incident: what was ever put into it, by id."""
        self._events = 0
        self._looks: list[tuple[datetime, int]] = []
        self._silences: list[tuple[datetime, int]] = []

    async def add(self, ticket: Ticket) -> None:
        ticket.id = len(self.all) + 1
        ticket.number = ticket_number(ticket.id)
        self.all[ticket.id] = ticket
        self.at[ticket.place_id or 0].append(ticket)

    async def get(self, ticket_id: int, *, for_update: bool = False) -> Ticket | None:
        return self.all.get(ticket_id)

    async def by_number(self, number: str, *, for_update: bool = False) -> Ticket | None:
        # The last digit only checks the others.
        found = self.all.get(int(number[:-1]) - FIRST_SERIAL)
        return found if found is not None and found.number == number else None

    async def add_event(self, event: TicketEvent) -> None:
        self._events += 1
        event.id = self._events
        self.history[event.ticket_id].append(event)
        ticket = self.all[event.ticket_id]
        if event.move is Move.MERGE:
            self.merged[event.data["incident"]][ticket.id] = ticket
        if ticket.look_at is not None:
            heapq.heappush(self._looks, (ticket.look_at, ticket.id))
        if ticket.status is Status.RESOLVED:
            heapq.heappush(self._silences, (event.at + SILENCE, ticket.id))

    async def events(self, ticket_id: int) -> list[TicketEvent]:
        return self.history[ticket_id]

    async def photos(self, ticket_id: int) -> list[tuple[str, str]]:
        return []

    async def followers(self, ticket_id: int) -> list[int]:
        return []

    async def number_at(self, place_id: int, category: Category, since: datetime) -> int:
        return 1

    def next_moment(self) -> datetime | None:
        """When the clock has something to do next."""
        while self._looks and self.all[self._looks[0][1]].look_at != self._looks[0][0]:
            heapq.heappop(self._looks)
        while self._silences and not self._still_silent(*self._silences[0]):
            heapq.heappop(self._silences)
        heads = [queue[0][0] for queue in (self._looks, self._silences) if queue]
        return min(heads) if heads else None

    def _still_silent(self, when: datetime, ticket_id: int) -> bool:
        ticket = self.all[ticket_id]
        return ticket.status is Status.RESOLVED and ticket.resolved_at is not None and ticket.resolved_at + SILENCE == when

    async def to_look_at(self, now: datetime, limit: int = 100) -> list[int]:
        found: list[int] = []
        while self._looks and self._looks[0][0] <= now and len(found) < limit:
            when, ticket_id = heapq.heappop(self._looks)
            if self.all[ticket_id].look_at == when:
                found.append(ticket_id)
        self.looked += found
        return found

    async def silent_since(self, before: datetime, limit: int = 100) -> list[int]:
        found: list[int] = []
        while self._silences and self._silences[0][0] < before + SILENCE and len(found) < limit:
            when, ticket_id = heapq.heappop(self._silences)
            if self._still_silent(when, ticket_id):
                found.append(ticket_id)
        return found


class People:
    def __init__(self) -> None:
        self.residents: dict[int, Resident] = {}
        self.everybody: dict[int, Staff] = {}
        self.companies: dict[int, PropertyCompany] = {}
        self.company_of: dict[int, int] = {}
        self.times: dict[int, list[Duty]] = defaultdict(list)
        self.away: dict[int, list[Leave]] = defaultdict(list)
        self._at: dict[int, list[Staff]] = defaultdict(list)

    def add_staff(self, member: Staff) -> Staff:
        member.id = len(self.everybody) + 1
        self.everybody[member.id] = member
        if member.place_id is not None:
            self._at[member.place_id].append(member)
        return member

    async def resident(self, resident_id: int) -> Resident | None:
        return self.residents.get(resident_id)

    async def identity_of(self, resident_id: int) -> ChannelIdentity:
        return ChannelIdentity(resident_id, resident_id, "webchat", str(resident_id))

    async def staff(self, staff_id: int) -> Staff | None:
        return self.everybody.get(staff_id)

    async def staff_of_place(self, place_id: int, role: Role | None = None) -> list[Staff]:
        return [member for member in self._at[place_id] if role is None or member.role is role]

    async def all_staff(self) -> list[Staff]:
        return list(self.everybody.values())

    async def duties(self, staff_ids: Sequence[int]) -> list[Duty]:
        return [duty for staff_id in staff_ids for duty in self.times[staff_id]]

    async def leaves(self, staff_ids: Sequence[int], day: date) -> list[Leave]:
        return [x for staff_id in staff_ids for x in self.away.get(staff_id, ()) if x.starts <= day <= x.ends]

    async def company_of_estate(self, estate_id: int) -> PropertyCompany | None:
        return self.companies.get(self.company_of.get(estate_id, 0))

    async def staff_of_company(self, company_id: int) -> list[Staff]:
        return [member for member in self.everybody.values() if member.company_id == company_id]

    async def estates_of_company(self, company_id: int) -> list[int]:
        return [estate for estate, company in self.company_of.items() if company == company_id]


class Places:
    def __init__(self) -> None:
        self.all: dict[int, Place] = {}
        self._inside: dict[int, list[int]] = defaultdict(list)

    def add_place(self, kind: PlaceKind, name: str, above: Place | None) -> Place:
        place = Place(len(self.all) + 1, above.id if above else None, kind, name, name, full_name=name)
        for level in ("city_id", "street_id", "community_id", "grid_id", "estate_id"):
            setattr(place, level, getattr(above, level, None))
        if hasattr(place, f"{kind.value}_id"):
            setattr(place, f"{kind.value}_id", place.id)
        self.all[place.id] = place
        if above is not None:
            self._inside[above.id].append(place.id)
        return place

    async def get(self, place_id: int) -> Place | None:
        return self.all.get(place_id)

    async def children(self, parent_id: int, kind: PlaceKind | None = None) -> list[Place]:
        return [p for p in self.all.values() if p.parent_id == parent_id and kind in (None, p.kind)]

    async def lock(self, place_id: int) -> None:
        pass

    async def ids_below(self, place_id: int) -> list[int]:
        found = [place_id]
        for one in found:
            found += self._inside[one]
        return found

    async def communities_below(self, place: Place) -> list[int]:
        if place.kind is PlaceKind.COMMUNITY:
            return [place.id]
        return [p.id for p in self.all.values() if p.kind is PlaceKind.COMMUNITY and p.street_id == place.id]


class Keys:
    def __init__(self) -> None:
        self.refs: dict[str, str] = {}

    async def ref(self, key: str) -> str | None:
        return self.refs.get(key)

    async def put(self, key: str, ref: str, now: datetime) -> None:
        self.refs[key] = ref


class Outbox:
    """How often each key was told: `refused` counts those that came again."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        self.refused = 0

    async def add(self, message: OutboxMessage) -> bool:
        if message.idempotency_key in self.told:
            self.refused += 1
            return False
        self.told[message.idempotency_key] = message.text
        return True


class StaffOutbox:
    def __init__(self) -> None:
        self.letters: dict[str, StaffLetter] = {}

    async def add(self, letter: StaffLetter) -> bool:
        if letter.idempotency_key in self.letters:
            return False
        self.letters[letter.idempotency_key] = letter
        return True

    async def card(self, task: str) -> StaffLetter | None:
        return None

    async def cards_of(self, ticket_id: int, staff_id: int | None = None) -> list[StaffLetter]:
        return []


class Media:
    async def granted(self, media_hash: str, resident_id: int) -> bool:
        return False


class Promises:
    def __init__(self) -> None:
        self.rules: dict[Category, list[PromiseRule]] = defaultdict(list)

    async def of_category(self, category: Category) -> list[PromiseRule]:
        return self.rules.get(category, [])


class NoneOf:
    """Mediations, volunteers' tasks: the loop asks whether a ticket has one, and none has."""

    async def of_ticket(self, ticket_id: int) -> None:
        return None


class Unheard:
    """Nobody talks to the assistant here: what is filed was not said to it before."""

    async def said_by(self, resident_id: int, since: datetime, until: datetime, *, doubted: bool = False) -> list[Any]:
        return []


class Alone:
    """Nobody has set anything, and nobody looks after anybody."""

    async def settings(self, resident_id: int) -> None:
        return None

    async def between(self, carer_id: int, elder_id: int) -> None:
        return None

    async def of_carer(self, carer_id: int) -> list[Any]:
        return []


class Memory:
    """All rows, and the unit of work on them."""

    def __init__(self) -> None:
        self.tickets, self.people, self.places = Tickets(), People(), Places()
        self.keys, self.outbox, self.staff_outbox = Keys(), Outbox(), StaffOutbox()
        self.media, self.promises = Media(), Promises()
        self.incidents = Incidents(self.tickets, self.people)
        self.mediations, self.care = NoneOf(), NoneOf()
        self.privacy, self.carers = Alone(), Alone()
        self.understandings = Unheard()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def commit(self) -> None:
        pass

    async def flush(self) -> None:
        pass

    def announce(self, topic: str, **payload: Any) -> None:
        pass
