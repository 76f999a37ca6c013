"""Promises that act, on both databases: levels, leave, pauses, photos, rules and their trial, many at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from community.errors import Forbidden, IllegalMove, InvalidInput, LinsheError
from community.model.calendar import SHANGHAI
from community.model.category import Category
from community.model.level import Level
from community.model.message import OutboxMessage
from community.model.people import Leave
from community.model.promise import First, Photos, PromiseRule, built_in
from community.model.ticket import Move, Outcome, Status, Ticket
from community.ports import Community
from community.services import clock as ticking
from community.services import desk, promise_clock, promises, tickets
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity, build_small_city


@pytest.fixture
async def city(community: Community) -> SmallCity:
    return await build_small_city(community)


async def filed(c: Community, city: SmallCity, category: Category = Category.LIGHTING, key: str = "k") -> str:
    place = city.places["剡溪花园/3/2/502"].id
    cmd = FileTicket(city.residents["R0001"].id, category, "灯坏了", "剡溪花园3幢", place, key)
    return (await tickets.file_ticket(c, cmd)).ticket.number


async def ticket(c: Community, number: str) -> Ticket:
    async with c.reading() as uow:
        found = await uow.tickets.by_number(number)
        assert found is not None
        return found


async def moves(c: Community, number: str) -> list[Move]:
    async with c.reading() as uow:
        return [e.move for e in await uow.tickets.events((await ticket(c, number)).id)]


async def told(c: Community, city: SmallCity, who: str = "R0001") -> list[str]:
    async with c.reading() as uow:
        query = select(OutboxMessage).order_by(OutboxMessage.id)  # type: ignore[arg-type]
        rows = list(await uow.session.scalars(query))  # type: ignore[attr-defined]
        return [row.text for row in rows if row.resident_id == city.residents[who].id]


async def set_rule(c: Community, category: Category, **values: object) -> None:
    async with c.uow() as uow:
        await uow.promises.add(replace(built_in(category), effective_from=date(2020, 1, 1), **values))  # type: ignore[arg-type]
        await uow.commit()


async def test_a_broken_promise_goes_up_one_level_and_the_resident_hears_it_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, city)
    clock.forward(hours=3, minutes=31)  # 10:00 + two working hours are over after lunch
    for _ in range(3):
        await ticking.tick(community)
    now = await ticket(community, number)
    assert (now.status, now.level, now.holder_id) == (Status.DISPATCHED, Level.COMMUNITY, city.staff["desk1"].id)
    hops = [text for text in await told(community, city) if "升到" in text]
    assert len(hops) == 1
    assert "升到社区，由社区工作者沈芳督办" in hops[0]
    assert (await moves(community, number)).count(Move.ESCALATE) == 1


async def test_the_top_is_pressed_once_a_working_day_and_never_passed(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, city)
    clock.forward(hours=4)
    await ticking.tick(community)
    for _ in range(8):
        clock.forward(hours=6)
        await ticking.tick(community)
        await ticking.tick(community)
    history = await moves(community, number)
    assert history.count(Move.ESCALATE) == 1  # the small city has nobody at the street, and no desk of the city
    assert history.count(Move.PRESS) == 2  # two working days


async def test_processes_that_look_at_once_make_each_step_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    numbers = [await filed(community, city, key=f"k{n}") for n in range(6)]
    clock.forward(hours=4)
    await asyncio.gather(*(promise_clock.run(community) for _ in range(5)))
    for number in numbers:
        assert (await moves(community, number)).count(Move.ESCALATE) == 1


async def test_a_pause_stops_the_clock_and_its_end_is_told(community: Community, city: SmallCity, clock: FakeClock) -> None:
    number, worker = await filed(community, city), city.staff["grid1"].id
    await desk.accept(community, worker, number)
    until = clock.now() + timedelta(days=7)
    with pytest.raises(InvalidInput, match="为什么"):
        await desk.pause(community, worker, number, " ", until)
    with pytest.raises(InvalidInput, match="以后"):
        await desk.pause(community, worker, number, "等配件", clock.now() - timedelta(days=1))
    await desk.pause(community, worker, number, "等配件", until)
    clock.forward(days=6)
    assert (await ticking.tick(community)).promises == 0
    clock.forward(days=1, minutes=1)
    await ticking.tick(community)
    now = await ticket(community, number)
    assert (now.status, now.paused_until) == (Status.IN_PROGRESS, None)
    all_three_days = datetime(2026, 12, 4, 10, 0, tzinfo=SHANGHAI)
    assert abs(now.resolve_by - all_three_days) < timedelta(seconds=1)
    pause, resumed = (await told(community, city))[-2:]
    assert "等配件" in pause
    assert "接着办了" in resumed


async def test_only_who_may_work_on_it_pauses_and_goes_on(community: Community, city: SmallCity, clock: FakeClock) -> None:
    number = await filed(community, city)
    await desk.accept(community, city.staff["grid1"].id, number)
    with pytest.raises(LinsheError):
        await desk.pause(community, city.staff["grid2"].id, number, "等配件", clock.now() + timedelta(days=1))
    with pytest.raises(IllegalMove):
        await desk.resume(community, city.staff["grid1"].id, number)


async def test_who_is_on_leave_gets_nothing_and_the_deputy_does(community: Community, city: SmallCity) -> None:
    async with community.uow() as uow:
        today = date(2026, 11, 24)
        await uow.people.add_leave(Leave(0, city.staff["grid1"].id, today, today, city.staff["grid2"].id))
        await uow.commit()
    assert (await ticket(community, await filed(community, city))).holder_id == city.staff["grid2"].id


async def test_without_a_deputy_the_level_above_has_it(community: Community, city: SmallCity) -> None:
    async with community.uow() as uow:
        today = date(2026, 11, 24)
        await uow.people.add_leave(Leave(0, city.staff["grid1"].id, today, today))
        await uow.commit()
    now = await ticket(community, await filed(community, city))
    assert (now.holder_id, now.level) == (city.staff["desk1"].id, Level.COMMUNITY)


async def test_the_property_company_comes_first_where_the_rule_says_so(community: Community, city: SmallCity) -> None:
    await set_rule(community, Category.LIGHTING, first=First.PROPERTY)
    now = await ticket(community, await filed(community, city))
    assert (now.holder_id, now.level) == (city.staff["property"].id, Level.MICROGRID)
    other = await ticket(community, await filed(community, city, Category.NOISE, "k2"))
    assert (other.holder_id, other.level) == (city.staff["grid1"].id, Level.GRID)


async def test_a_desk_can_take_up_what_came_back_to_it(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    await desk.return_ticket(community, city.staff["grid1"].id, number, "不归我管")
    view = await desk.accept(community, city.staff["desk1"].id, number)
    assert (view.status, view.holder_name) == (Status.ACCEPTED, "沈芳")


async def test_done_needs_a_photo_where_the_rule_wants_one_and_an_explanation_does_not(
    community: Community, city: SmallCity
) -> None:
    await set_rule(community, Category.SANITATION, photos=Photos.AFTER)
    number, worker = await filed(community, city, Category.SANITATION), city.staff["grid1"].id
    await desk.accept(community, worker, number)
    with pytest.raises(InvalidInput, match="照片"):
        await desk.resolve(community, worker, number, "扫干净了")
    assert (await ticket(community, number)).status is Status.ACCEPTED
    await desk.resolve(community, worker, number, "那是施工围挡，月底拆", outcome=Outcome.EXPLAINED)
    assert (await ticket(community, number)).outcome is Outcome.EXPLAINED
    assert "这样处理您看行不行" in (await told(community, city))[-1]


async def test_rules_are_changed_by_the_city_from_tomorrow_on(community: Community, city: SmallCity) -> None:
    def rule(day: date, minutes: int = 60) -> PromiseRule:
        return replace(built_in(Category.LIGHTING), effective_from=day, accept_minutes=minutes)

    operator, today = city.staff["operator"].id, date(2026, 11, 24)
    with pytest.raises(Forbidden):
        await promises.set_rule(community, city.staff["desk1"].id, rule(today + timedelta(days=1)))
    with pytest.raises(InvalidInput, match="明天"):
        await promises.set_rule(community, operator, rule(today))
    with pytest.raises(InvalidInput, match="接单时限"):
        await promises.set_rule(community, operator, rule(today + timedelta(days=1), 1))
    await promises.set_rule(community, operator, rule(promises.tomorrow(community)))
    (line,) = [x for x in await promises.list_rules(community, operator) if x.category is Category.LIGHTING]
    assert (line.now.accept_minutes, line.may_change) == (120, True)
    assert line.coming is not None
    assert (line.coming.accept_minutes, line.coming.author) == (60, "运维")


async def test_a_trial_says_what_a_shorter_promise_would_have_done_and_changes_nothing(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    worker = city.staff["grid1"].id
    for index, hours in enumerate((0.5, 1.5, 1.5)):
        number = await filed(community, city, key=f"k{index}")
        clock.forward(hours=hours)
        await desk.accept(community, worker, number)
        await desk.resolve(community, worker, number, "换了灯泡")
        clock.time = clock.time.replace(hour=2, minute=0) + timedelta(days=1)
    shorter = replace(built_in(Category.LIGHTING), accept_minutes=60)
    trial = await promises.try_rule(community, city.staff["operator"].id, shorter)
    assert (trial.tickets, trial.late_accept_before, trial.late_accept_after) == (3, 0, 2)
    assert (trial.late_resolve_before, trial.late_resolve_after) == (0, 0)
    elsewhere = await promises.try_rule(community, city.staff["grid3"].id, shorter)
    assert elsewhere.tickets == 0
    async with community.reading() as uow:
        assert await uow.promises.everything() == []


async def test_fifty_changes_of_one_ticket_at_once_leave_one_history(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, worker, who = await filed(community, city), city.staff["grid1"].id, city.residents["R0001"].id
    desk1 = city.staff["desk1"].id
    clock.forward(hours=4)

    async def change(index: int) -> bool:
        try:
            match index % 7:
                case 0:
                    await desk.accept(community, worker, number)
                case 1:
                    await desk.add_staff_note(community, desk1, number, f"备注{index}")
                case 2:
                    await tickets.add_note(community, who, number, f"补充{index}", (), f"n{index}")
                case 3:
                    await desk.transfer(community, desk1, number, city.staff["grid2"].id, "请帮忙")
                case 4:
                    await desk.resolve(community, desk1, number, "换了灯泡")
                case 5:
                    await tickets.reopen(community, who, number, "还没好", f"r{index}")
                case _:
                    await promise_clock.run(community)
        except LinsheError:
            return False
        return True

    done = await asyncio.gather(*(change(index) for index in range(50)))
    assert any(done)
    async with community.reading() as uow:
        now = await uow.tickets.by_number(number)
        assert now is not None
        events = await uow.tickets.events(now.id)
    status = None
    for event in events:
        assert event.from_status == status
        status = event.to_status
    assert status == now.status
    assert now.reopen_count == sum(1 for e in events if e.move is Move.REOPEN)


async def test_trouble_that_comes_back_is_marked_for_whoever_gets_it(community: Community, city: SmallCity) -> None:
    numbers = [await filed(community, city, key=f"k{n}") for n in range(3)]
    async with community.reading() as uow:
        notes = [(await uow.tickets.events((await ticket(community, n)).id))[1].note for n in numbers]
    assert notes == ["派给网格员王强", "派给网格员王强（该处60天内第2次）", "派给网格员王强（该处60天内第3次）"]


async def test_what_the_community_does_not_mend_is_named_together_with_who_does(
    community: Community, city: SmallCity
) -> None:
    place = city.places["剡溪花园/3/2/502"].id
    cmd = FileTicket(city.residents["R0001"].id, Category.POWER, "停电了", "剡溪花园3幢", place, "p")
    assert (await tickets.file_ticket(community, cmd)).department == "供电公司（95598）"
    cmd = replace(cmd, category=Category.LIGHTING, key="l")
    assert (await tickets.file_ticket(community, cmd)).department == ""
