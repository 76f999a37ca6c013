"""A city of any size for the desk's bench: places, people and tickets, the same for the same seed. Written in bulk.

200 communities of 10 grids and 5 estates; an estate has 10 buildings of 2 units of 12 rooms. Ten estates are hot: each has as many
tickets as thirty others. About 3 % of the tickets are open, most of them young. Two thirds of the residents have left a phone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from math import log
from random import Random
from typing import Any

from chinese.ticket_numbers import ticket_number
from community.model.calendar import local
from community.model.category import RULES, Category, Urgency
from community.model.people import Role
from community.model.place import PlaceKind
from community.model.search import searchable
from community.model.ticket import ClosedBy, Status
from community.ports import Vault
from ops.bench import big_city_words as words

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
"""A Tuesday, 10:00 in Shanghai; the last ticket was filed just before."""
MONTHS = 24
COMMUNITIES, GRIDS, ESTATES, BUILDINGS, UNITS, FLOORS, DOORS = 200, 10, 5, 10, 2, 6, 2
STREETS, COMPANIES, HOT, HOT_WEIGHT, RESIDENTS = 20, 20, 10, 30, 100_000

_FIRST = (
    "望云", "临江", "剡溪", "鹿山", "听潮", "锦绣", "东湖", "西林", "南屏", "北岸", "春晓", "秋月", "梅园", "兰亭", "竹里", "桂苑", "松涛",
    "荷塘", "橘洲", "枫桥",
)  # fmt: skip
_MIDDLE = ("", "新", "大", "上", "下", "东", "西", "南", "北", "中")
_LAST = ("花园", "苑", "公寓", "新村", "家园")

Row = tuple[Any, ...]


@dataclass
class City:
    """Rows by table, and who and where the bench speaks of. `rooms` are (id, building, estate, grid, community, full name)."""

    places: list[Row] = field(default_factory=list)
    rooms: list[tuple[int, int, int, int, int, str]] = field(default_factory=list)
    estates: list[tuple[int, str]] = field(default_factory=list)
    grids: dict[int, list[int]] = field(default_factory=dict)
    communities: list[int] = field(default_factory=list)
    streets: list[int] = field(default_factory=list)
    hot: list[int] = field(default_factory=list)
    buildings: dict[int, str] = field(default_factory=dict)
    city_id: int = 0
    staff: list[Row] = field(default_factory=list)
    companies: list[Row] = field(default_factory=list)
    company_estates: list[Row] = field(default_factory=list)
    residents: list[Row] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    worker_of: dict[int, int] = field(default_factory=dict)


PLACE_COLUMNS = (
    "id", "parent_id", "kind", "key", "name", "full_name", "address", "aliases", "city_id", "street_id", "community_id", "grid_id",
    "microgrid_id", "estate_id",
)  # fmt: skip
STAFF_COLUMNS = (
    "id", "login", "name", "role", "place_id", "company_id", "phone", "password_hash", "active", "failed_logins",
)  # fmt: skip
RESIDENT_COLUMNS = (
    "id", "key", "name", "room_id", "home_verified", "phone_cipher", "phone_hash", "demo", "created_at",
)  # fmt: skip
TICKET_COLUMNS = (
    "id", "number", "resident_id", "category", "urgency", "status", "words", "detail", "contact", "place_text", "place_id",
    "estate_id", "grid_id", "community_id", "holder_id", "created_at", "accept_by", "resolve_by", "accepted_at", "resolved_at",
    "ended_at", "urge_count", "reopen_count", "rating", "closed_by", "source", "version", "contact_hash", "search_text", "paused_until",
)  # fmt: skip


def build(random: Random, vault: Vault, tell: Callable[[str], None]) -> City:
    """Everything but the tickets. The tree has 273,000 places."""
    city = City()
    tell("places")
    _places(city)
    tell("people")
    _staff(city)
    for number in range(1, RESIDENTS + 1):
        room = random.choice(city.rooms)
        phone = f"1{random.choice('356789')}{random.randrange(10**9):09d}" if random.random() < 2 / 3 else ""
        city.phones.append(phone)
        kept = (vault.encrypt(phone), vault.fingerprint(phone)) if phone else (None, None)
        city.residents.append((number, f"bench{number:06d}", f"居民{number}", room[0], True, *kept, False, NOW))
    return city


def _places(city: City) -> None:
    ids = itertools.count(1)
    names = ("".join(parts) for parts in itertools.product(_FIRST, _MIDDLE, _LAST))
    K = PlaceKind

    def put(
        kind: PlaceKind, parent: int | None, key: str, name: str, full: str, address: str | None, *above: int | None
    ) -> int:
        """`above`: city, street, community, grid, estate; of itself the id is put in."""
        at = next(ids)
        own = {K.CITY: 0, K.STREET: 1, K.COMMUNITY: 2, K.GRID: 3, K.ESTATE: 4}.get(kind)
        over = [at if own == i else id_ for i, id_ in enumerate(above)]
        aliases = name[:-2] + "小区" if kind is K.ESTATE and at % 5 == 0 and name.endswith("花园") else ""
        city.places.append((at, parent, kind, key, name, full, address, aliases, *over[:4], None, over[4]))
        return at

    top = city.city_id = put(K.CITY, None, "大云溪市", "大云溪市", "大云溪市", None, None, None, None, None, None)
    for s in range(STREETS):
        street = put(K.STREET, top, f"第{s + 1}街道", f"第{s + 1}街道", f"大云溪市第{s + 1}街道", None, top, *[None] * 4)
        city.streets.append(street)
        for n in range(COMMUNITIES // STREETS):
            name = f"第{s * (COMMUNITIES // STREETS) + n + 1}社区"
            community = put(K.COMMUNITY, street, name, name, name, None, top, street, None, None, None)
            city.communities.append(community)
            grids = [
                put(K.GRID, community, str(g), f"{name}第{g}网格", f"{name}第{g}网格", None, top, street, community, None, None)
                for g in range(1, GRIDS + 1)
            ]
            city.grids[community] = grids
            for e in range(ESTATES):
                _estate(city, put, next(names), (top, street, community), grids, e)
    city.hot = [estate for estate, _ in city.estates[:: len(city.estates) // HOT]][:HOT]


def _estate(
    city: City, put: Callable[..., int], name: str, above: tuple[int, int, int], grids: list[int], number: int
) -> None:
    K = PlaceKind
    estate = put(K.ESTATE, above[2], name, name, name, name, *above, grids[number], None)
    city.estates.append((estate, name))
    for b in range(1, BUILDINGS + 1):
        grid = grids[(number * BUILDINGS + b - 1) // (ESTATES * BUILDINGS // GRIDS)]
        over = (*above, grid, estate)
        full = f"{name}{b}幢"
        building = put(K.BUILDING, estate, str(b), f"{b}幢", full, f"{name}/{b}", *over)
        city.buildings[building] = full
        for u in range(1, UNITS + 1):
            unit = put(K.UNIT, building, str(u), f"{u}单元", f"{full}{u}单元", f"{name}/{b}/{u}", *over)
            for floor, door in itertools.product(range(1, FLOORS + 1), range(1, DOORS + 1)):
                r = f"{floor}{door:02d}"
                said = f"{full}{u}单元{r}室"
                room = put(K.ROOM, unit, r, f"{r}室", said, f"{name}/{b}/{u}/{r}", *over)
                city.rooms.append((room, building, estate, grid, above[2], said))


def _staff(city: City) -> None:
    ids = itertools.count(1)

    def put(login: str, role: Role, place: int | None, company: int | None = None) -> int:
        at = next(ids)
        city.staff.append((at, login, f"{role.value}{at}", role, place, company, "", "", True, 0))
        return at

    put("city", Role.COMMUNITY_STAFF, city.city_id)
    for n, place in enumerate(city.streets):
        put(f"street{n}", Role.COMMUNITY_STAFF, place)
    for n, place in enumerate(city.communities):
        put(f"desk{n}", Role.COMMUNITY_STAFF, place)
        for m, grid in enumerate(city.grids[place]):
            city.worker_of[grid] = put(f"grid{n}-{m}", Role.GRID_WORKER, grid)
    # Whole communities to one company: its estates lie together. The first has hot ones.
    share = len(city.estates) // COMPANIES
    for n in range(COMPANIES):
        city.companies.append((n + 1, f"物业公司{n + 1}", ""))
        city.company_estates += [(n + 1, estate) for estate, _ in city.estates[n * share : (n + 1) * share]]
        put(f"property{n}", Role.PROPERTY, None, n + 1)


class Tickets:
    """Rows of tickets in the order of filing. `rare` are the words that hardly anybody said, with how often."""

    def __init__(self, random: Random, city: City, number: int) -> None:
        self.random, self.city, self.number = random, city, number
        self.categories = list(Category)
        self.weights = list(itertools.accumulate(words.WEIGHTS.get(c, words.EACH) for c in self.categories))
        hot = set(city.hot)
        self.hot_rooms = [room for room in city.rooms if room[2] in hot]
        others = len(city.estates) - HOT
        self.hot_share = HOT * HOT_WEIGHT / (HOT * HOT_WEIGHT + others)
        self.begin = NOW - timedelta(days=MONTHS * 365.25 / 12)
        self.span = (NOW - self.begin).total_seconds()

    def rows(self) -> Iterator[Row]:
        for id_ in range(1, self.number + 1):
            yield self._row(id_)

    def _row(self, id_: int) -> Row:
        random, city = self.random, self.city
        at = self.begin + timedelta(seconds=self.span * (id_ - random.random()) / self.number)
        at = at.replace(microsecond=random.randrange(10**6))
        room = random.choice(self.hot_rooms if random.random() < self.hot_share else city.rooms)
        category = random.choices(self.categories, cum_weights=self.weights)[0]
        text, detail = self._text(category, local(at).month)
        # Most are about the room, many about the building.
        place, shown = (room[0], room[5]) if random.random() < 0.7 else (room[1], city.buildings[room[1]])
        resident = random.randrange(RESIDENTS)
        left = random.random() < 0.4 and city.phones[resident]
        contact, fingerprint = city.residents[resident][5:7] if left else ("", None)
        hours = RULES[category].resolve_hours * 3
        accept, resolve = at + timedelta(minutes=RULES[category].accept_minutes * 3), at + timedelta(hours=hours)
        status, accepted, resolved, ended, closed_by, rating = self._life(at, hours)
        paused_until = None
        if status is Status.IN_PROGRESS and id_ % 20 == 0:
            status, paused_until = Status.PAUSED, NOW + timedelta(days=1 + id_ % 30)
        urgency = RULES[category].urgency if random.random() < 0.98 else Urgency.DANGER
        return (
            id_, ticket_number(id_), resident + 1, category, urgency, status, text, detail, contact, shown, place, room[2], room[3],
            room[4], city.worker_of[room[3]], at, accept, resolve, accepted, resolved, ended, int(random.random() < 0.1), 0, rating,
            closed_by, "chat", 1, fingerprint, searchable(text, detail, shown), paused_until,
        )  # fmt: skip

    def _text(self, category: Category, month: int) -> tuple[str, str]:
        random = self.random
        said = random.choice(words.SAID[category])
        if random.random() < 0.1:
            said = next((season for season, months in words.SEASONS.items() if month in months), said)
        said = said.format(where=random.choice(words.WHERE), floor=random.randint(2, 18))
        text = f"{said}，{random.choice(words.SINCE)}"
        if random.random() < len(words.RARE) / 5_000:
            text += f"，就在{random.choice(words.RARE)}旁边"
        detail = random.choice(words.WISH) if random.random() < 0.4 else ""
        return text, detail

    def _life(
        self, at: datetime, hours: int
    ) -> tuple[Status, datetime | None, datetime | None, datetime | None, ClosedBy | None, int | None]:
        """How far it has come by NOW: three of a hundred are open, of the last month's about half."""
        random = self.random
        age = (NOW - at).total_seconds()
        accepted = at + timedelta(minutes=-60 * log(1 - random.random()))
        resolved = accepted + timedelta(hours=-hours / 2 * log(1 - random.random()))
        ended = resolved + timedelta(hours=min(72.0, -30 * log(1 - random.random())))
        if random.random() < (0.5 if age < 30 * 86400 else 0.01) or accepted > NOW:
            taken = random.random() < 0.6 and accepted < NOW
            state = (Status.ACCEPTED, Status.IN_PROGRESS) if taken else (Status.DISPATCHED, Status.DISPATCHED, Status.RETURNED)
            return random.choice(state), accepted if taken else None, None, None, None, None
        if resolved > NOW:
            return Status.IN_PROGRESS, accepted, None, None, None, None
        if ended > NOW:
            return Status.RESOLVED, accepted, resolved, None, None, None
        if random.random() < 0.04:
            return Status.WITHDRAWN, accepted, None, ended, None, None
        if random.random() < 0.3:
            return Status.CONFIRMED, accepted, resolved, ended, ClosedBy.RESIDENT, None
        by = random.choice((ClosedBy.RESIDENT, ClosedBy.SILENCE))
        return Status.CLOSED, accepted, resolved, ended, by, random.randint(3, 5) if by is ClosedBy.RESIDENT else None
