"""A made-up city for the simulation: places, people with duty times and leave, rules that change in the middle."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from community.config import Settings
from community.model.calendar import SHANGHAI
from community.model.category import RULES, Category
from community.model.people import Duty, Leave, PropertyCompany, Resident, Role, Staff
from community.model.place import Place, PlaceKind
from community.model.promise import First, PromiseRule
from community.ports import Community
from community.store.cache import LocalCache
from community.store.signals import LocalSignals
from community.store.vault import Argon2Passwords, SecretVault
from ops.simulation.memory import Memory

PROPERTY_FIRST = (Category.ELEVATOR, Category.LIGHTING, Category.DOOR_ACCESS, Category.GREENING, Category.PROPERTY_SERVICE)


class DrivenClock:
    """Time that stands where it was put. UTC."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time


@dataclass
class City:
    """`rooms` are where residents live, in the order of `residents`."""

    memory: Memory
    clock: DrivenClock
    first_day: date
    days: int
    residents: list[Resident] = field(default_factory=list)
    rooms: list[Place] = field(default_factory=list)


def build(seed: int, first_day: date, days: int) -> City:
    """Two streets of two communities of six grids; half of the estates have a property company. Every grid worker is on leave for a
    week, some with a deputy; in two grids there is nobody at all."""
    random = Random(seed)  # noqa: S311 - no secret
    memory = Memory()
    city = City(memory, DrivenClock(datetime.combine(first_day, time(0), SHANGHAI)), first_day, days)
    top = memory.places.add_place(PlaceKind.CITY, "云溪市", None)
    _desk(memory, top, 1)
    for street_no in range(2):
        street = memory.places.add_place(PlaceKind.STREET, f"{street_no + 1}号街道", top)
        _desk(memory, street, 1)
        for community_no in range(2):
            community = memory.places.add_place(PlaceKind.COMMUNITY, f"社区{street_no}{community_no}", street)
            _desk(memory, community, 2)
            for grid_no in range(6):
                _grid(city, random, community, grid_no)
    _leaves(city, random)
    _rules(memory, first_day + timedelta(days=days // 2))
    return city


def _desk(memory: Memory, place: Place, people: int) -> None:
    for number in range(people):
        name = f"{place.name}值班{number + 1}"
        memory.people.add_staff(Staff(0, f"desk{place.id}-{number}", name, Role.COMMUNITY_STAFF, place.id))


def _grid(city: City, random: Random, community: Place, number: int) -> None:
    memory = city.memory
    grid = memory.places.add_place(PlaceKind.GRID, f"{community.name}第{number + 1}网格", community)
    if (community.id + number) % 12:
        worker = memory.people.add_staff(Staff(0, f"grid{grid.id}", f"网格员{grid.id}", Role.GRID_WORKER, grid.id))
        memory.people.times[worker.id] = [Duty(0, worker.id, day, time(8, 30), time(18, 0)) for day in range(5)]
    estate = memory.places.add_place(PlaceKind.ESTATE, f"{grid.name}小区", grid)
    if number % 2:
        company = PropertyCompany(len(memory.people.companies) + 1, f"物业{estate.id}", "0581-0000-0000")
        memory.people.companies[company.id] = company
        memory.people.company_of[estate.id] = company.id
        memory.people.add_staff(Staff(0, f"wuye{estate.id}", f"物业员{estate.id}", Role.PROPERTY, None, company.id))
    buildings = [memory.places.add_place(PlaceKind.BUILDING, f"{estate.name}{number + 1}幢", estate) for number in range(2)]
    for room_no in range(20):
        building = buildings[room_no // 10]
        room = memory.places.add_place(PlaceKind.ROOM, f"{building.name}{room_no + 101}室", building)
        resident = Resident(len(memory.people.residents) + 1, f"r{room.id}", f"居民{room.id}", room_id=room.id)
        resident.home_verified = True
        memory.people.residents[resident.id] = resident
        city.residents.append(resident)
        city.rooms.append(room)


def _leaves(city: City, random: Random) -> None:
    workers = [s for s in city.memory.people.everybody.values() if s.role is Role.GRID_WORKER]
    for index, worker in enumerate(workers):
        starts = city.first_day + timedelta(days=random.randrange(city.days))
        deputy = workers[(index + 1) % len(workers)].id if index % 3 == 0 else None
        city.memory.people.away[worker.id] = [Leave(0, worker.id, starts, starts + timedelta(days=6), deputy)]


def _rules(memory: Memory, change: date) -> None:
    """Property companies are asked first for what is theirs; in the middle of the run some promises become shorter."""
    for category in Category:
        built_in = RULES[category]
        first = First.PROPERTY if category in PROPERTY_FIRST else First.GRID
        rules = [PromiseRule(1, category, date(2020, 1, 1), built_in.accept_minutes, built_in.resolve_hours, first=first)]
        if category in (Category.LIGHTING, Category.LEAK, Category.NOISE):
            rules.append(PromiseRule(2, category, change, 30, built_in.resolve_hours // 2, step_hours=4, first=first))
        memory.promises.rules[category] = rules


def community_of(city: City, is_workday: object) -> Community:
    """The heart on these rows."""
    memory, clock = city.memory, city.clock
    settings = Settings(LINSHE_MODE="demo", LINSHE_SECRET_KEY=secrets.token_urlsafe(32))
    return Community(
        uow=lambda: memory,  # type: ignore[arg-type, return-value]
        reading=lambda: memory,  # type: ignore[arg-type, return-value]
        clock=clock,
        signals=LocalSignals(),
        vault=SecretVault(settings.check_secret()),
        passwords=Argon2Passwords(),
        media_files=None,  # type: ignore[arg-type]
        legal=None,  # type: ignore[arg-type]
        is_workday=is_workday,  # type: ignore[arg-type]
        cache=LocalCache(clock),
        demo=True,
    )
