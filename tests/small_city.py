"""A city small enough to hold in the head: two communities, three grids, two estates, five residents, eight staff."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta

from sqlalchemy import insert

from community.model.people import ChannelIdentity, Duty, Household, PropertyCompany, Resident, Role, Staff
from community.model.place import Place, PlaceKind
from community.model.volunteer import Activity, Shift
from community.ports import Community, UnitOfWork
from community.store.tables import company_estates

PASSWORD = "right-password-1"


@dataclass
class SmallCity:
    places: dict[str, Place] = field(default_factory=dict)
    residents: dict[str, Resident] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)


_HASHED: dict[str, str] = {}
"""A third of a second of Argon2, once a run of the tests and not once a city."""


async def build_small_city(c: Community) -> SmallCity:
    city = SmallCity()
    async with c.uow() as uow:
        await _places(uow, city)
        await _people(uow, c, city)
        await _activities(uow, c, city)
        await uow.commit()
    return city


async def _places(uow: UnitOfWork, city: SmallCity) -> None:
    async def put(name: str, kind: PlaceKind, parent: str | None, key: str, full: str, **more: object) -> Place:
        above = city.places[parent] if parent else None
        place = Place(0, above.id if above else None, kind, key, more.pop("shown", key), full_name=full)  # type: ignore[arg-type]
        for column in ("city_id", "street_id", "community_id", "grid_id", "estate_id"):
            setattr(place, column, getattr(above, column, None))
        for column, value in more.items():
            setattr(place, column, value)
        await uow.places.add(place)
        own = {
            PlaceKind.CITY: "city_id",
            PlaceKind.STREET: "street_id",
            PlaceKind.COMMUNITY: "community_id",
            PlaceKind.GRID: "grid_id",
            PlaceKind.ESTATE: "estate_id",
        }.get(kind)
        if own:
            setattr(place, own, place.id)
        city.places[name] = place
        return place

    await put("city", PlaceKind.CITY, None, "云溪市", "云溪市")
    await put("street", PlaceKind.STREET, "city", "望江街道", "云溪市望江街道")
    for community, grids in (("剡溪社区", ("第一网格", "第二网格")), ("鹿山社区", ("第三网格",))):
        await put(community, PlaceKind.COMMUNITY, "street", community, f"望江街道{community}")
        for grid in grids:
            await put(grid, PlaceKind.GRID, community, grid, f"{community}{grid}")
    for estate, community, aliases, buildings in (
        ("剡溪花园", "剡溪社区", "剡溪", (("3", "第一网格"), ("5", "第二网格"))),
        ("鹿山苑", "鹿山社区", "", (("1", "第三网格"),)),
    ):
        await put(estate, PlaceKind.ESTATE, community, estate, estate, address=estate, aliases=aliases)
        for building, grid in buildings:
            grid_id = city.places[grid].id
            at = f"{estate}/{building}"
            full = f"{estate}{building}幢"
            await put(at, PlaceKind.BUILDING, estate, building, full, address=at, shown=f"{building}幢", grid_id=grid_id)
            for unit in ("1", "2"):
                u = f"{at}/{unit}"
                await put(u, PlaceKind.UNIT, at, unit, f"{full}{unit}单元", address=u, shown=f"{unit}单元")
                for room in ("101", "502"):
                    r = f"{u}/{room}"
                    shown = f"{full}{unit}单元{room}室"
                    await put(r, PlaceKind.ROOM, u, room, shown, address=r, shown=f"{room}室")


async def _people(uow: UnitOfWork, c: Community, city: SmallCity) -> None:
    company = PropertyCompany(0, "安居物业", "0575-0000-1000")
    uow.session.add(company)  # type: ignore[attr-defined]
    company.id = None  # type: ignore[assignment]
    await uow.flush()
    await uow.session.execute(  # type: ignore[attr-defined]
        insert(company_estates).values(company_id=company.id, estate_id=city.places["剡溪花园"].id)
    )
    hashed = _HASHED.get(PASSWORD) or _HASHED.setdefault(PASSWORD, c.passwords.hash(PASSWORD))
    for login, name, role, place in (
        ("grid1", "王强", Role.GRID_WORKER, "第一网格"),
        ("grid2", "陈丽", Role.GRID_WORKER, "第二网格"),
        ("grid3", "周敏", Role.GRID_WORKER, "第三网格"),
        ("desk1", "沈芳", Role.COMMUNITY_STAFF, "剡溪社区"),
        ("desk2", "何军", Role.COMMUNITY_STAFF, "鹿山社区"),
        ("property", "赵物业", Role.PROPERTY, None),
        ("lawyer", "林律师", Role.LAWYER, "剡溪社区"),
        ("operator", "运维", Role.OPERATOR, "city"),
        ("trainer", "杜训练", Role.TRAINER, "city"),
    ):
        member = Staff(0, login, name, role, city.places[place].id if place else None, phone="138-0000-0001")
        member.password_hash = hashed
        if role is Role.PROPERTY:
            member.company_id = company.id
        member.id = None  # type: ignore[assignment]
        uow.session.add(member)  # type: ignore[attr-defined]
        await uow.flush()
        city.staff[login] = member
        if role is Role.GRID_WORKER:
            for weekday in range(5):
                duty = Duty(0, member.id, weekday, time(8, 30), time(18, 0))
                duty.id = None  # type: ignore[assignment]
                uow.session.add(duty)  # type: ignore[attr-defined]
        if role is Role.LAWYER:
            for weekday in (1, 3):
                duty = Duty(0, member.id, weekday, time(14), time(17))
                duty.id = None  # type: ignore[assignment]
                uow.session.add(duty)  # type: ignore[attr-defined]
    for code, name, room in (
        ("R0001", "李秀英", "剡溪花园/3/2/502"),
        ("R0002", "张建国", "剡溪花园/3/1/101"),
        ("R0003", "吴小梅", "剡溪花园/5/1/101"),
        ("R0004", "孙伟", "鹿山苑/1/1/502"),
        ("R0005", "钱多多", None),
    ):
        place = city.places[room] if room else None
        if place is not None:
            household = Household(0, place.id, name, 2)
            household.id = None  # type: ignore[assignment]
            uow.session.add(household)  # type: ignore[attr-defined]
        resident = Resident(0, f"rkey{code}", name, room_id=place.id if place else None, demo=True)
        resident.home_verified = place is not None
        await uow.people.add_resident(resident)
        await uow.people.add_identity(ChannelIdentity(0, resident.id, "webchat", code))
        city.residents[code] = resident


async def _activities(uow: UnitOfWork, c: Community, city: SmallCity) -> None:
    """Saturday is 2026-11-28 when the clock starts on Tuesday 2026-11-24."""
    start = c.clock.now().replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=4)
    for name, title, kind, hours, capacity in (
        ("waste", "垃圾分类宣传", "垃圾分类", (0, 2), 1),
        ("patrol", "小区平安巡逻", "巡逻", (1, 3), 5),
        ("meal", "敬老助餐", "助餐", (26, 28), 2),
    ):
        activity = Activity(0, title, kind, "", "社区广场", city.places["剡溪社区"].id, "剡溪社区")
        await uow.volunteering.add_activity(activity)
        shift = Shift(0, activity.id, start + timedelta(hours=hours[0]), start + timedelta(hours=hours[1]), capacity)
        await uow.volunteering.add_shift(shift)
        city.shifts[name] = shift
