"""The demo city: as large as it says, honest in its histories, written once."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from community.config import ROOT
from community.errors import ConfigError
from community.model.calendar import SHANGHAI
from community.model.category import Category
from community.model.people import Role, Staff
from community.model.place import Place, PlaceKind
from community.model.ticket import ENDED, TRANSITIONS, ClosedBy, Move, Status, Ticket, TicketEvent
from community.model.volunteer import Shift, SignupStatus
from community.ports import Community
from community.services import (
    care,
    certificates,
    desk,
    diary_list,
    homes,
    leave,
    ledgers,
    mediation,
    places,
    points,
    staff_auth,
    tickets,
    volunteering,
    webchat,
)
from community.store import migrate
from community.store import tables as t
from community.store.seed import demo_accounts, seed_demo
from tests.conftest import FakeClock, community_on

FOLDER = ROOT / "data" / "demo"
SECRET = frozenset(
    {"password_hash", "phone_cipher", "phone_hash", "contact_hash", "contact", "staff_diary.text", "staff_diary.need",
     "consultations.question", "consultations.note", "ballot_urns.sealed", "signups.party",
     "group_drafts.who", "group_drafts.words", "group_drafts.key", "group_drafts.mark"}
)


class At(FakeClock):
    def __init__(self, moment: str) -> None:
        self.time = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


def sqlite_in(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'demo.db'}"


@pytest.fixture(scope="module")
def seeded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One seeded SQLite city, with its secret, for all tests that only look."""
    folder = tmp_path_factory.mktemp("seeded")
    migrate.upgrade(sqlite_in(folder))

    async def seed() -> None:
        async with community_on(sqlite_in(folder), folder, FakeClock()) as opened:
            await seed_demo(opened, FOLDER)

    asyncio.run(seed())
    return folder


@pytest.fixture
async def seeded(seeded_folder: Path, clock: FakeClock) -> AsyncIterator[Community]:
    async with community_on(sqlite_in(seeded_folder), seeded_folder, clock) as opened:
        yield opened


async def rows(c: Community, query: Any) -> list[Any]:
    async with c.reading() as uow:
        return list(await uow.session.execute(query))  # type: ignore[attr-defined]


async def things(c: Community, query: Any) -> list[Any]:
    return [row[0] for row in await rows(c, query)]


async def dump(c: Community, without: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    """Every row of every table in plain values."""
    kept = {}
    for table in t.metadata.sorted_tables:
        columns = [column for column in table.columns if not {column.name, f"{table.name}.{column.name}"} & without]
        kept[table.name] = sorted((tuple(row) for row in await rows(c, select(*columns))), key=repr)
    return kept


async def test_the_demo_city_is_written_once_and_lives_on(community: Community) -> None:
    first = await seed_demo(community, FOLDER)
    assert not first.done_before
    assert first.lines
    before = await dump(community)
    second = await seed_demo(community, FOLDER)
    assert second.done_before
    assert await dump(community) == before

    _, resident = await webchat.demo_login(community, "R0001")
    guess = await places.resolve(community, "3幢2单元", resident.id)
    cmd = tickets.FileTicket(resident.id, Category.LEAK, "漏水了", guess.text, guess.place_id, "in-1:file")
    filed = await tickets.file_ticket(community, cmd)
    assert filed.ticket.holder_name == "林小雨"
    assert filed.ticket.holder_role == "网格员"


async def test_the_same_day_gives_the_same_city_at_any_hour(tmp_path: Path) -> None:
    dumps = []
    for hour in ("00:05", "23:50"):
        folder = tmp_path / hour[:2]
        migrate.upgrade(sqlite_in(folder))
        async with community_on(sqlite_in(folder), folder, At(f"2026-11-24T{hour}")) as c:
            await seed_demo(c, FOLDER)
            dumps.append(await dump(c, without=SECRET))
    assert dumps[0] == dumps[1]


@pytest.mark.parametrize("day", ["2026-02-24", "2026-10-05", "2026-10-08", "2028-02-27"])
async def test_holidays_and_weekends_do_not_put_history_into_the_future(day: str, tmp_path: Path) -> None:
    """After the Spring Festival, inside and after the National Day week, a Sunday whose calendar is not known yet."""
    migrate.upgrade(sqlite_in(tmp_path))
    today = datetime.fromisoformat(day).replace(tzinfo=SHANGHAI)
    async with community_on(sqlite_in(tmp_path), tmp_path, At(f"{day}T09:00")) as c:
        await seed_demo(c, FOLDER)
        (latest,) = await things(c, select(func.max(t.ticket_events.c.at)))
        (earliest,) = await things(c, select(func.min(t.tickets.c.created_at)))
        (first_shift,) = await things(c, select(func.min(t.shifts.c.starts_at)).where(t.shifts.c.settled_at.is_(None)))
        assert today - timedelta(days=21) < earliest < latest < today < first_shift


async def test_a_production_city_meets_no_fictional_people(sqlite_url: str, tmp_path: Path) -> None:
    async with community_on(sqlite_url, tmp_path, FakeClock()) as c:
        with pytest.raises(ConfigError, match="LINSHE_MODE"):
            await seed_demo(dataclasses.replace(c, demo=False), FOLDER)
        assert not any((await dump(c)).values())


async def test_a_file_that_cannot_be_read_is_named(sqlite_url: str, tmp_path: Path) -> None:
    async with community_on(sqlite_url, tmp_path, FakeClock()) as c:
        with pytest.raises(ConfigError, match=r"city\.yml"):
            await seed_demo(c, tmp_path)
        (tmp_path / "city.yml").write_text("a: [")
        with pytest.raises(ConfigError, match=r"city\.yml"):
            await seed_demo(c, tmp_path)


async def test_the_city_is_as_large_as_it_says(seeded: Community) -> None:
    counting = select(t.places.c.kind, func.count()).group_by(t.places.c.kind)
    kinds: dict[PlaceKind, int] = dict([tuple(row) for row in await rows(seeded, counting)])
    assert {k: kinds[k] for k in (PlaceKind.CITY, PlaceKind.STREET, PlaceKind.COMMUNITY, PlaceKind.GRID)} == {
        PlaceKind.CITY: 1,
        PlaceKind.STREET: 2,
        PlaceKind.COMMUNITY: 4,
        PlaceKind.GRID: 24,
    }
    assert 24 <= kinds[PlaceKind.MICROGRID] <= 48
    assert 55 <= kinds[PlaceKind.BUILDING] <= 65
    assert 2_900 <= kinds[PlaceKind.ROOM] <= 3_100
    counted = {
        table.name: (await things(seeded, select(func.count()).select_from(table)))[0]
        for table in (t.households, t.residents, t.staff, t.property_companies, t.activities, t.tickets)
    }
    assert counted == {
        "households": kinds[PlaceKind.ROOM],
        "residents": 20,
        "staff": 60,
        "property_companies": 3,
        "activities": 16,  # one of them is a neighbour's request, which is offered and not listed
        "tickets": 43,
    }


async def test_the_estate_shanxi_huayuan_has_twelve_buildings_of_two_or_three_units(seeded: Community) -> None:
    async with seeded.reading() as uow:
        estate = await uow.places.by_address("剡溪花园")
        assert estate is not None
        assert estate.names() == ["剡溪花园", "剡溪", "剡溪小区"]
        buildings = await uow.places.children(estate.id, PlaceKind.BUILDING)
        units = [len(await uow.places.children(b.id, PlaceKind.UNIT)) for b in buildings]
        assert len(units) == 12
        assert set(units) == {2, 3}
        assert len({b.grid_id for b in buildings}) == 3
        room = await uow.places.by_address("剡溪花园/3/2/502")
        assert room is not None
        assert room.full_name == "剡溪花园3幢2单元502室"
        community = await uow.places.get(room.community_id or 0)
        assert community is not None
        assert community.full_name == "云溪市望江街道临溪社区"


async def test_every_place_of_an_estate_has_its_grid_and_a_grid_worker(seeded: Community) -> None:
    known = {p.id: p for p in await things(seeded, select(Place))}
    workers = {s.place_id for s in await things(seeded, select(Staff)) if s.role is Role.GRID_WORKER}
    inside = [p for p in known.values() if p.address]
    assert len({p.address for p in inside}) == len(inside)
    for place in inside:
        grid = known[place.grid_id]
        assert grid.kind is PlaceKind.GRID
        assert (grid.community_id, grid.street_id, grid.city_id) == (place.community_id, place.street_id, place.city_id)
        assert None not in (place.community_id, place.street_id, place.city_id, place.estate_id)
        assert place.grid_id in workers
        if place.kind is not PlaceKind.ESTATE:
            assert known[place.microgrid_id].parent_id == place.grid_id
            assert place.address == f"{known[place.parent_id].address}/{place.key}"
    assert {p.grid_id for p in inside} == {p.id for p in known.values() if p.kind is PlaceKind.GRID}


async def test_the_first_resident_is_at_home_and_known_by_code(seeded: Community) -> None:
    residents = await webchat.demo_residents(seeded)
    assert len(residents) == 20
    assert (residents[0].code, residents[0].name, residents[0].home) == ("R0001", "李秀英", "剡溪花园3幢2单元502室")
    _, resident = await webchat.demo_login(seeded, "R0001")
    home = await homes.home_of(seeded, resident.id)
    assert home is not None
    assert home.verified
    async with seeded.reading() as uow:
        household = await uow.people.household_of_room(home.place_id)
        assert household is not None
        assert (household.id, household.head_name) == (resident.household_id, "李秀英")
        assert household.elderly_alone


async def test_no_phone_of_the_demo_city_can_be_anybodys(seeded: Community) -> None:
    assert all(s.phone.startswith("154-0000-") for s in await things(seeded, select(Staff)))
    assert all(p.startswith("0581-0000-") for p in await things(seeded, select(t.property_companies.c.phone)))
    for cipher in await things(seeded, select(t.residents.c.phone_cipher)):
        assert seeded.vault.decrypt(cipher).startswith("1540000")


async def test_every_role_has_an_account_to_look_around_with(seeded: Community) -> None:
    accounts = demo_accounts(FOLDER)
    roles = set()
    for login, password, about, name in accounts:
        _, member = await staff_auth.sign_in(seeded, login, password)
        roles.add(member.role)
        assert member.name == name
        assert about.startswith(member.role_name)
    assert roles == set(Role)
    assert len({about for _, _, about, _ in accounts}) == len(accounts)
    worker = await staff_auth.sign_in(seeded, "grid01", accounts[0][1])
    page = await desk.list_tickets(seeded, worker[1].id, desk.DeskFilter(group="mine"))
    assert "剡溪花园3幢2单元" in " ".join(view.place_text for view in page.items)


def replayed(events: list[TicketEvent]) -> Status:
    status = None
    for event in events:
        assert event.from_status == status
        if status is None:
            assert event.move is Move.FILE
            status = Status.RECEIVED
        else:
            status = TRANSITIONS[status, event.move]
        assert event.to_status is status
    assert status is not None
    return status


async def test_every_history_could_have_happened(seeded: Community) -> None:
    found: list[Ticket] = await things(seeded, select(Ticket))
    staff = {s.id: s for s in await things(seeded, select(Staff))}
    for ticket in found:
        async with seeded.reading() as uow:
            events = await uow.tickets.events(ticket.id)
        assert replayed(events) is ticket.status
        assert [e.at for e in events] == sorted(e.at for e in events)
        assert events[0].at == ticket.created_at
        assert ticket.holder_id in staff
        assert (ticket.ended_at is not None) == (ticket.status in ENDED)
        moves = [e.move for e in events]
        assert ticket.urge_count == moves.count(Move.URGE)
        assert (ticket.rating is not None) == (moves[-1] is Move.RATE)
        if ticket.status is Status.CLOSED:
            silent = ClosedBy.SILENCE if Move.SILENT_CLOSE in moves else ClosedBy.RESIDENT
            assert ticket.closed_by is silent
        for event in events:
            here = event.at.astimezone(SHANGHAI)
            if event.actor_kind == "staff":
                assert seeded.is_workday(here.date())
                assert (8, 30) <= (here.hour, here.minute) <= (18, 0)
            elif event.actor_kind == "resident":
                assert event.actor_id == ticket.resident_id
                assert (6, 30) <= (here.hour, here.minute) <= (23, 30)
    # A ticket is never left RECEIVED: filing sends it to somebody in the same breath.
    assert {ticket.status for ticket in found} == set(Status) - {Status.RECEIVED}
    assert {ticket.category for ticket in found} == set(Category)
    assert len({ticket.community_id for ticket in found}) == 4
    assert [ticket.created_at for ticket in found] == sorted(ticket.created_at for ticket in found)
    log = await things(seeded, select(TicketEvent).order_by(t.ticket_events.c.id))
    assert [e.at for e in log] == sorted(e.at for e in log)


async def test_the_first_resident_can_ask_after_her_tickets(seeded: Community) -> None:
    _, resident = await webchat.demo_login(seeded, "李秀英")
    lamp = (await tickets.find(seeded, resident.id, "那个灯怎么样了")).ticket
    assert lamp is not None
    assert (lamp.category, lamp.status, lamp.holder_name) == (Category.LIGHTING, Status.IN_PROGRESS, "林小雨")
    assert not lamp.overdue
    mine = await tickets.mine(seeded, resident.id)
    assert [(v.category, v.rating) for v in mine if v.status is Status.CLOSED] == [(Category.LEAK, 5)]
    assert len(mine) >= 3


async def test_shifts_are_to_come_and_count_who_is_in_them(seeded: Community, clock: FakeClock) -> None:
    to_come = t.shifts.c.settled_at.is_(None)
    listing = await volunteering.upcoming(seeded, 1)
    total = (await things(seeded, select(func.count()).select_from(t.shifts).where(to_come)))[0]
    assert len(listing.shifts) == total - 1
    assert max(s.starts_at for s in listing.shifts) < clock.now() + timedelta(days=28)
    signups = await rows(seeded, select(t.signups.c.shift_id, t.signups.c.resident_id, t.signups.c.status))
    by_id = {shift.id: shift for shift in await things(seeded, select(Shift))}
    for shift in listing.shifts:
        statuses = [status for shift_id, _, status in signups if shift_id == shift.shift_id]
        assert statuses.count(SignupStatus.SIGNED_UP) == shift.taken <= shift.capacity
        if SignupStatus.WAITLISTED in statuses:
            assert shift.full
    assert any(s.full for s in listing.shifts)
    for who in {resident_id for _, resident_id, _ in signups}:
        times = sorted((by_id[s].starts_at, by_id[s].ends_at) for s, resident_id, _ in signups if resident_id == who)
        assert all(one[1] <= other[0] for one, other in zip(times, times[1:], strict=False))
    per_activity = await rows(seeded, select(func.count()).select_from(t.shifts).where(to_come).group_by(t.shifts.c.activity_id))
    assert {n for (n,) in per_activity} <= {1, 2, 3, 4}


async def test_the_property_company_is_asked_first_for_a_light_in_its_estate(seeded: Community) -> None:
    async with seeded.reading() as uow:
        place = await uow.places.by_address("剡溪花园/3/2/502")
        resident = (await uow.people.demo_residents(1))[0]
    assert place is not None
    cmd = tickets.FileTicket(resident.id, Category.LIGHTING, "楼道灯坏了", "剡溪花园3幢2单元", place.id, "light")
    view = (await tickets.file_ticket(seeded, cmd)).ticket
    assert (view.holder_role, view.holder_name) == ("物业", "季大庆")


async def test_a_grid_worker_of_the_demo_city_finds_a_visit_due_and_a_colleague_soon_away(seeded: Community) -> None:
    async with seeded.reading() as uow:
        worker, clerk = await uow.people.staff_by_login("grid01"), await uow.people.staff_by_login("linxi1")
    assert worker is not None
    assert clerk is not None
    due = await diary_list.due(seeded, worker.id)
    (note,) = due.items
    assert (note.place_text, note.late) == ("剡溪花园3幢2单元502室", True)
    opened = await diary_list.open_note(seeded, worker.id, note.id)
    assert opened.household == "剡溪花园3幢2单元502室 · 1口人 · 独居老人"
    page = await leave.page(seeded, clerk.id)
    assert [(one.name, one.deputy, one.running) for one in page.coming] == [("卢秋月", "邵明亮", False)]
    assert page.running == []
async def test_a_mediation_and_a_neighbours_hand_are_there_to_be_seen(seeded: Community) -> None:
    staff = {s.login: s for s in await things(seeded, select(Staff))}
    found = {ticket.words[:6]: ticket for ticket in await things(seeded, select(Ticket))}
    both = await mediation.look(seeded, staff["mediator01"].id, found["10幢那家遛"].number)
    assert both is not None
    assert both.first is not None
    assert both.second is not None
    assert (both.first.name, both.second.name, both.second.state) == ("周国平", "赵雨桐", "愿意调解")
    assert [line.by_staff for line in both.second.lines] == [True, False, True]
    assert both.meet_place == "临溪社区调解室"
    hand = found["我妈后天要去"]
    task = await care.look(seeded, hand.holder_id or 0, hand.number)
    assert task is not None
    assert (task.state, task.volunteer) == ("有人接了", "陈建明")


async def test_what_helping_brought_adds_up_and_a_certificate_is_to_be_had(seeded: Community) -> None:
    assert [line for one in await ledgers.check_all(seeded) for line in one.differences] == []
    (first,) = await things(seeded, select(t.residents.c.id).where(t.residents.c.name == "李秀英"))
    own = await points.balance(seeded, first)
    assert own.points >= 80, "enough for a gift"
    assert (await certificates.of_resident(seeded, first)).times == 7
    assert [name for name, _ in await points.ranking(seeded, first)] == ["陈**", "李**"]
    assert {g.title for g in await points.gifts(seeded, first)} >= {"五斤东北大米", "抽纸一提"}
