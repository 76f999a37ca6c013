"""Incidents on both databases: reports of one building gathered, told, closed at once, and nothing lost when they are taken apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, LinsheError, NotFound
from community.model.category import Category, Urgency
from community.model.incident import Told
from community.model.message import OutboxMessage
from community.model.people import ChannelIdentity, Resident, Role, Staff
from community.model.staffing import StaffLetter
from community.model.ticket import Move, Status, Ticket
from community.ports import Community
from community.services import broadcasts, desk, following, incident_acts, incidents, mediation, promise_clock, tickets
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity, build_small_city

HOMES = {"R11": "3/1/101", "R12": "3/1/502", "R21": "3/2/101", "R22": "3/2/502", "R51": "5/1/502"}


@pytest.fixture
async def city(community: Community) -> SmallCity:
    """With a few more people in building 3, and a grid worker who is in WeCom."""
    city = await build_small_city(community)
    async with community.uow() as uow:
        for code, home in HOMES.items():
            resident = Resident(0, f"rkey{code}", f"邻居{code}", room_id=city.places[f"剡溪花园/{home}"].id, demo=True)
            await uow.people.add_resident(resident)
            await uow.people.add_identity(ChannelIdentity(0, resident.id, "webchat", code))
            city.residents[code] = resident
        for login in ("grid1", "desk1"):
            member = await uow.people.staff(city.staff[login].id)
            assert member is not None
            member.wecom_id = login
        await uow.commit()
    return city


def report(
    city: SmallCity, who: str, where: str = "", words: str = "家里没水了", category: Category = Category.WATER_SUPPLY, n: int = 0
) -> FileTicket:
    place = city.places[f"剡溪花园/{where or HOMES[who]}"]
    return FileTicket(city.residents[who].id, category, words, place.full_name, place.id, f"{who}:{words}:{n}")


async def file(c: Community, city: SmallCity, who: str, **more: object) -> str:
    return (await tickets.file_ticket(c, report(city, who, **more))).ticket.number  # type: ignore[arg-type]


async def three(c: Community, city: SmallCity) -> list[str]:
    return [await file(c, city, who) for who in ("R11", "R12", "R21")]


async def ticket(c: Community, number: str) -> Ticket:
    async with c.reading() as uow:
        found = await uow.tickets.by_number(number)
        assert found is not None
        return found


async def incident_of(c: Community, number: str) -> int | None:
    return (await ticket(c, number)).incident_id


async def history(c: Community, number: str) -> list[Move]:
    async with c.reading() as uow:
        return [e.move for e in await uow.tickets.events((await ticket(c, number)).id)]


async def told(c: Community, city: SmallCity, who: str) -> list[str]:
    async with c.reading() as uow:
        query = select(OutboxMessage).order_by(OutboxMessage.id)  # type: ignore[arg-type]
        rows = list(await uow.session.scalars(query))  # type: ignore[attr-defined]
        return [row.text for row in rows if row.resident_id == city.residents[who].id]


async def staff_told(c: Community, city: SmallCity, login: str) -> list[str]:
    async with c.reading() as uow:
        query = select(StaffLetter).order_by(StaffLetter.id)  # type: ignore[arg-type]
        rows = list(await uow.session.scalars(query))  # type: ignore[attr-defined]
        return [row.text for row in rows if row.staff_id == city.staff[login].id]


async def test_the_third_household_in_half_an_hour_makes_it_one_incident(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    first = await file(community, city, "R11")
    clock.forward(minutes=10)
    second = await file(community, city, "R12")
    assert await incident_of(community, first) is None
    clock.forward(minutes=10)
    third = await file(community, city, "R21")
    one = await incident_of(community, first)
    assert one is not None
    assert {await incident_of(community, number) for number in (second, third)} == {one}
    before = await ticket(community, third)
    assert (before.status, before.holder_id) == (Status.DISPATCHED, city.staff["grid1"].id)
    seen = await incidents.show(community, city.staff["desk1"].id, one)
    assert (seen.mark.name, seen.mark.tickets, seen.mark.households) == ("停水水压 · 剡溪花园3幢", 3, 3)
    assert seen.log[0].what_name == "自动合成事件"
    # What comes later belongs to it, however long it takes; another building and another trouble do not.
    clock.forward(hours=5)
    assert await incident_of(community, await file(community, city, "R22")) == one
    assert await incident_of(community, await file(community, city, "R51")) is None
    assert await incident_of(community, await file(community, city, "R22", words="停电了", category=Category.POWER)) is None


async def test_what_is_slow_of_one_household_or_dangerous_is_not_gathered(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    for n in range(3):
        await file(community, city, "R11", n=n)
    slow = await file(community, city, "R12")
    clock.forward(minutes=31)
    late = await file(community, city, "R21")
    assert [await incident_of(community, number) for number in (slow, late)] == [None, None]
    numbers = []
    for who in ("R11", "R12", "R21"):
        cmd = report(city, who, words="有煤气味", category=Category.GAS)
        numbers.append((await tickets.file_ticket(community, replace(cmd, urgency=Urgency.DANGER))).ticket.number)
    assert [await incident_of(community, number) for number in numbers] == [None] * 3
    for who in ("R11", "R12", "R21"):
        numbers.append(await file(community, city, who, words="跳广场舞太吵", category=Category.NOISE))
    assert await incident_of(community, numbers[-1]) is None


async def test_the_lift_of_the_next_unit_is_another_lift(community: Community, city: SmallCity) -> None:
    lift = {"words": "电梯不动", "category": Category.ELEVATOR}
    mine = [await file(community, city, who, **lift) for who in ("R11", "R12")]
    other = await file(community, city, "R21", **lift)
    assert await incident_of(community, other) is None
    mine.append(await file(community, city, "R0002", where="3/1/101", n=1, **lift))  # the same home as R11
    assert await incident_of(community, mine[0]) is None
    mine.append(await file(community, city, "R0001", where="3/1/502", **lift))
    assert len({await incident_of(community, number) for number in mine}) == 1
    assert await incident_of(community, mine[0]) is not None
    assert await incident_of(community, other) is None


async def test_joins_count_as_reports_do(community: Community, city: SmallCity) -> None:
    number = await file(community, city, "R11")
    await following.join(community, city.residents["R12"].id, number, "我也没水", "j1")
    assert await incident_of(community, number) is None
    view = await following.join(community, city.residents["R21"].id, number, "我也没水", "j2")
    assert view.incident is not None
    assert (view.incident.households, view.incident.tickets) == (3, 1)


async def test_later_callers_are_told_what_is_known_and_counted_in_without_a_ticket(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    numbers = await three(community, city)
    place = city.places["剡溪花园/3/2/502"].id
    four = city.residents["R22"].id
    # However differently they say it.
    known = await following.similar(community, four, Category.WATER_SUPPLY, place, "洗衣机进不了")
    assert known is not None
    assert known.incident is not None
    assert (known.number, known.incident.households, known.incident.expected_at) == (numbers[0], 3, None)
    assert await following.similar(community, city.residents["R11"].id, Category.WATER_SUPPLY, place, "家里没水了") is None
    until = clock.now() + timedelta(hours=6)
    worker = city.staff["grid1"].id
    assert await incident_acts.expect(community, worker, known.incident.id, until, "水泵在换", "e1") == 3
    known = await following.similar(community, four, Category.WATER_SUPPLY, place, "洗衣机进不了")
    assert known is not None
    assert known.incident is not None
    assert (known.incident.expected_at, known.incident.expected_by) == (until, "网格员王强")
    await following.join(community, four, known.number, "洗衣机进不了", "j1")
    assert await following.similar(community, four, Category.WATER_SUPPLY, place, "还是没水") is None
    seen = await incidents.show(community, worker, known.incident.id)
    assert (seen.mark.households, seen.mark.tickets) == (4, 3)


async def test_neighbours_at_the_same_second_make_one_incident(community: Community, city: SmallCity) -> None:
    people = ("R11", "R12", "R21", "R22", "R0001")
    where = {"R0001": "3/2/502"}
    filed = await asyncio.gather(
        *(tickets.file_ticket(community, report(city, who, where.get(who, ""))) for who in people)
    )
    found = {await incident_of(community, one.ticket.number) for one in filed}
    assert len(found) == 1
    (one,) = found
    assert one is not None
    async with community.reading() as uow:
        lines = await uow.incidents.events(one)
        assert [line.what for line in lines].count(Told.GATHERED) == 1
        assert (await uow.incidents.counts([one]))[one][:2] == (5, 5)
    for done in filed:
        assert (await history(community, done.ticket.number)).count(Move.MERGE) == 1


async def test_reports_and_joins_at_the_same_second_do_not_wait_for_each_other_for_ever(
    community: Community, city: SmallCity
) -> None:
    number = await file(community, city, "R11")
    await asyncio.gather(
        *(following.join(community, city.residents[who].id, number, "也没水", f"j{who}") for who in ("R12", "R0001", "R0002")),
        *(tickets.file_ticket(community, report(city, who)) for who in ("R21", "R22")),
    )
    async with community.reading() as uow:
        mine = await uow.tickets.of_resident(city.residents["R21"].id)
    assert {await incident_of(community, number), mine[0].incident_id} == {mine[0].incident_id}
    assert mine[0].incident_id is not None


async def test_staff_are_told_once_and_residents_each_of_every_hop(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    numbers = [*await three(community, city), await file(community, city, "R22")]
    new = [text for text in await staff_told(community, city, "grid1") if "新工单" in text]
    assert len(new) == 3  # two before it was an incident, and one that says so
    assert "事件1：3户反映" in new[-1]
    clock.forward(minutes=50)
    await promise_clock.run(community)
    reminded = [text for text in await staff_told(community, city, "grid1") if "提醒" in text]
    assert len(reminded) == 1
    clock.forward(minutes=15)
    await promise_clock.run(community)
    assert {(await ticket(community, number)).holder_id for number in numbers} == {city.staff["desk1"].id}
    up = [text for text in await staff_told(community, city, "desk1") if "请督办" in text]
    assert len(up) == 1
    assert len([text for text in await staff_told(community, city, "grid1") if "请把情况告诉" in text]) == 1
    for who in ("R11", "R12", "R21", "R22"):
        assert len([text for text in await told(community, city, who) if "升到社区" in text]) == 1


async def test_one_closing_reaches_each_who_reported_or_joined_once_and_each_confirms_their_own(
    community: Community, city: SmallCity
) -> None:
    numbers = await three(community, city)
    twice = await file(community, city, "R11", words="水龙头不出水")
    await following.join(community, city.residents["R22"].id, numbers[1], "我家也停", "j1")
    one = await incident_of(community, twice)
    assert one is not None
    worker = city.staff["grid1"].id
    assert await incident_acts.accept(community, worker, one, "a1") == 4
    for _ in range(2):
        assert await incident_acts.resolve(community, worker, one, "物业换了水泵，我看过了", "r1") == (4, 4)
    for number in (*numbers, twice):
        assert (await ticket(community, number)).status is Status.RESOLVED
    for who in ("R11", "R12", "R21", "R22"):
        ends = [text for text in await told(community, city, who) if "换了水泵" in text]
        assert len(ends) == 1, who
    (mine,) = [text for text in await told(community, city, "R11") if "换了水泵" in text]
    assert "办好了没有" in mine
    assert twice in mine
    await tickets.confirm(community, city.residents["R12"].id, numbers[1], "c1")
    reopened = await tickets.reopen(community, city.residents["R21"].id, numbers[2], "我家还没水", "o1")
    assert (reopened.status, reopened.holder_id) == (Status.DISPATCHED, worker)
    assert (await ticket(community, numbers[0])).status is Status.RESOLVED
    # What was opened again is still in it, and is all that is left to do.
    mark = (await incidents.show(community, worker, one)).mark
    assert (mark.open, mark.households, mark.waiting) == (1, 4, 1)
    assert await incident_acts.accept(community, worker, one, "a2") == 1
    with pytest.raises(IllegalMove):
        await incident_acts.accept(community, worker, one, "a3")


async def test_who_has_not_accepted_is_closed_with_the_rest_and_its_history_says_how(
    community: Community, city: SmallCity
) -> None:
    numbers = await three(community, city)
    one = await incident_of(community, numbers[0]) or 0
    await incident_acts.resolve(community, city.staff["desk1"].id, one, "物业换了水泵", "r1")
    assert await history(community, numbers[2]) == [Move.FILE, Move.MERGE, Move.DISPATCH, Move.ACCEPT, Move.RESOLVE]
    assert all("已接单" not in text for text in await told(community, city, "R21"))


async def test_a_ticket_taken_out_goes_on_as_if_it_had_never_been_merged(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    numbers = await three(community, city)
    one = await incident_of(community, numbers[1]) or 0
    before = await ticket(community, numbers[1])
    assert await incidents.take_out(community, city.staff["grid1"].id, numbers[1], "t1") == one
    assert await incidents.take_out(community, city.staff["grid1"].id, numbers[1], "t1") == one
    after = await ticket(community, numbers[1])
    kept = ("status", "holder_id", "level", "accept_by", "resolve_by", "remind_at", "escalate_at", "look_at", "words", "resident_id")
    assert [getattr(before, name) for name in kept] == [getattr(after, name) for name in kept]
    assert after.incident_id is None
    with pytest.raises(IllegalMove):
        await incidents.take_out(community, city.staff["grid1"].id, numbers[1], "t2")
    # Somebody has looked: it is not gathered again by itself. The rest is closed without it.
    assert await incident_of(community, await file(community, city, "R22")) == one
    assert await incident_of(community, numbers[1]) is None
    await incident_acts.resolve(community, city.staff["desk1"].id, one, "物业换了水泵", "r1")
    assert (await ticket(community, numbers[1])).status is Status.DISPATCHED
    assert all("换了水泵" not in text for text in await told(community, city, "R12"))
    clock.forward(hours=2)
    await promise_clock.run(community)
    assert any("升到社区" in text for text in await told(community, city, "R12"))


async def test_staff_merge_by_hand_within_their_place_only(community: Community, city: SmallCity) -> None:
    c = community
    leak = await file(c, city, "R11", words="楼上漏水", category=Category.LEAK)
    damp = await file(c, city, "R12", words="墙上渗水", category=Category.LEAK)
    far = await file(c, city, "R51", words="天花板滴水", category=Category.LEAK)
    other = (await tickets.file_ticket(c, FileTicket(
        city.residents["R0004"].id, Category.LEAK, "漏水", "鹿山苑", city.places["鹿山苑/1/1/502"].id, "far"))).ticket.number  # fmt: skip
    desk1, grid1 = city.staff["desk1"].id, city.staff["grid1"].id
    with pytest.raises(InvalidInput):
        await incidents.merge(c, desk1, [leak], "m0")
    with pytest.raises(NotFound):
        await incidents.merge(c, grid1, [leak, far], "m1")  # the other grid's
    with pytest.raises(Forbidden):
        await incidents.merge(c, city.staff["lawyer"].id, [leak, damp], "m2")
    with pytest.raises(InvalidInput, match="同一个社区"):
        await incidents.merge(c, city.staff["operator"].id, [leak, other], "m3")
    one = await incidents.merge(c, grid1, [leak, damp], "m4")
    assert await incidents.merge(c, grid1, [leak, damp], "m4") == one
    assert await incidents.merge(c, desk1, [far], "m5", into=one) == one
    with pytest.raises(NotFound):
        await incidents.show(c, city.staff["desk2"].id, one)
    seen = await incidents.show(c, grid1, one)
    assert ([t.number for t in seen.tickets], seen.hidden, seen.may_handle) == ([leak, damp], 1, False)
    with pytest.raises(Forbidden, match="不在您管的范围"):
        await incident_acts.resolve(c, grid1, one, "修好了", "r1")
    assert (await incidents.show(c, desk1, one)).may_handle
    # Two incidents become the older one, whole.
    water = await three(c, city)
    two = await incident_of(c, water[0])
    assert await incidents.merge(c, desk1, [leak, water[0]], "m6") == one != two
    assert {await incident_of(c, number) for number in water} == {one}


async def test_what_is_between_two_households_is_no_incident(community: Community, city: SmallCity) -> None:
    one, other, third = await three(community, city)
    alone = await file(community, city, "R51", words="楼上天天吵", category=Category.NOISE)
    await mediation.open_from(community, city.staff["desk1"].id, alone)
    with pytest.raises(IllegalMove, match="调解"):
        await incidents.merge(community, city.staff["desk1"].id, [one, alone], "k-between")
    with pytest.raises(Conflict, match="先移出"):
        await mediation.open_from(community, city.staff["desk1"].id, other)
    assert await incident_of(community, alone) is None
    assert await incident_of(community, third) is not None


async def test_a_grid_worker_speaks_for_what_is_theirs(community: Community, city: SmallCity, clock: FakeClock) -> None:
    numbers = await three(community, city)
    one = await incident_of(community, numbers[0]) or 0
    grid1, desk1 = city.staff["grid1"].id, city.staff["desk1"].id
    await desk.transfer(community, desk1, numbers[0], desk1, "我来办")
    with pytest.raises(Forbidden, match=numbers[0]):
        await incident_acts.expect(community, grid1, one, clock.now() + timedelta(hours=2), "水泵在换", "e1")
    with pytest.raises(InvalidInput):
        await incident_acts.expect(community, desk1, one, clock.now() - timedelta(hours=2), "水泵在换", "e2")
    promised = (await ticket(community, numbers[0])).resolve_by
    assert await incident_acts.expect(community, desk1, one, clock.now() + timedelta(hours=2), "水泵在换", "e3") == 3
    assert (await ticket(community, numbers[0])).resolve_by == promised
    (said,) = [text for text in await told(community, city, "R11") if "水泵在换" in text]
    assert "社区工作者沈芳说预计" in said
    assert "承诺的时间不变" in said


async def test_a_broadcast_reaches_everybody_of_the_building_once(community: Community, city: SmallCity) -> None:
    c, one, worker = community, await incident_of(community, (await three(community, city))[0]) or 0, city.staff["grid1"].id
    text = await broadcasts.draft(c, worker, one)
    look = await broadcasts.preview(c, worker, one, text)
    assert (look.refused, look.audience.residents, look.audience.reachable) == ("", 6, 6)
    assert look.text.startswith("【剡溪花园3幢】各位邻居，")
    for _ in range(2):
        await broadcasts.send(c, worker, one, text, "b1", 0)
    for who in ("R11", "R12", "R21", "R22", "R0001", "R0002"):
        assert [said for said in await told(c, city, who) if "各位邻居" in said] == [look.text]
    for who in ("R51", "R0003", "R0004", "R0005"):
        assert await told(c, city, who) == []
    with pytest.raises(Conflict, match="王强刚刚发过"):
        await broadcasts.send(c, city.staff["desk1"].id, one, "物业下午来修水泵。", "b2", 0)
    with pytest.raises(NotFound):
        await broadcasts.preview(c, city.staff["grid2"].id, one, text)


@pytest.mark.parametrize("text", [
    "有邻居说我家婴儿要冲奶粉等不了，请大家节约用水。", "邻居R12家也停水了，正在修。", "请打13900001111问。", "2单元502室先报的，正在修。",
])  # fmt: skip
async def test_a_broadcast_never_says_what_a_reporter_said(community: Community, city: SmallCity, text: str) -> None:
    numbers = [await file(community, city, "R11", words="没水了，我家婴儿要冲奶粉等不了"), await file(community, city, "R12")]
    numbers.append(await file(community, city, "R0001", where="3/2/502"))
    one = await incident_of(community, numbers[0]) or 0
    worker = city.staff["grid1"].id
    assert (await broadcasts.preview(community, worker, one, await broadcasts.draft(community, worker, one))).refused == ""
    with pytest.raises(InvalidInput):
        await broadcasts.send(community, worker, one, text, "b1", 0)
    assert (await broadcasts.preview(community, worker, one, text)).refused


async def test_an_expectation_that_strangers_read_is_no_quotation_either(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    numbers = [await file(community, city, "R11", words="没水了，我家婴儿要冲奶粉等不了"), await file(community, city, "R12")]
    numbers.append(await file(community, city, "R21"))
    one, until = await incident_of(community, numbers[0]) or 0, clock.now() + timedelta(hours=2)
    with pytest.raises(InvalidInput, match="原话"):
        await incident_acts.expect(community, city.staff["desk1"].id, one, until, "我家婴儿要冲奶粉等不了，在修", "e1")


async def test_the_end_can_be_told_to_the_building_too(community: Community, city: SmallCity) -> None:
    one, worker = await incident_of(community, (await three(community, city))[0]) or 0, city.staff["grid1"].id
    await incident_acts.resolve(community, worker, one, "换了水泵", "r1")
    text = await broadcasts.draft(community, worker, one)
    assert "网格员王强说已经办好了" in text
    assert (await broadcasts.send(community, worker, one, text, "b1", 0)).reachable == 6
    late = await file(community, city, "R22")
    assert await incident_of(community, late) is None
    with pytest.raises(IllegalMove, match="已经办结"):
        await incidents.merge(community, worker, [late], "m1", into=one)


async def test_where_nobody_can_be_reached_it_says_so(community: Community, city: SmallCity) -> None:
    """Reported by telephone for a building in which nobody has bound a home."""
    async with community.uow() as uow:
        people = [Resident(0, f"k{n}", f"来电{n}") for n in range(3)]
        for person in people:
            await uow.people.add_resident(person)
        await uow.commit()
    place = city.places["鹿山苑/1/2/101"]
    numbers = []
    for person in people:
        cmd = FileTicket(person.id, Category.POWER, "停电", place.full_name, city.places["鹿山苑/1"].id, f"k{person.id}")
        numbers.append((await tickets.file_ticket(community, cmd)).ticket.number)
    async with community.uow() as uow:
        gone = await uow.people.resident(city.residents["R0004"].id)
        assert gone is not None
        gone.room_id = None
        await uow.commit()
    one = await incident_of(community, numbers[0]) or 0
    desk2 = city.staff["desk2"].id
    look = await broadcasts.preview(community, desk2, one, "正在抢修，晚上7点前来电。")
    assert (look.audience.residents, look.audience.reachable) == (3, 0)
    assert "通知发不到" in look.refused
    with pytest.raises(InvalidInput, match="通知发不到"):
        await broadcasts.send(community, desk2, one, "正在抢修，晚上7点前来电。", "b1", 0)


async def test_fifty_merges_and_takings_out_at_once_keep_every_history_true(community: Community, city: SmallCity) -> None:
    numbers = [await file(community, city, who, words="楼道堆物", category=Category.SANITATION) for who in ("R11", "R12", "R21", "R22")]
    numbers += [await file(community, city, "R0001", where="3/2/502", words="楼道堆物", category=Category.SANITATION)]
    people = [city.staff["grid1"].id, city.staff["desk1"].id]
    started = [await ticket(community, number) for number in numbers]

    async def act(n: int) -> None:
        member, one, two = people[n % 2], numbers[n % 5], numbers[(n * 3 + 1) % 5]
        try:
            if n % 3 == 2:
                await incidents.take_out(community, member, one, f"k{n}")
            elif one != two:
                await incidents.merge(community, member, [one, two], f"k{n}")
        except LinsheError:
            pass  # a colleague was faster

    await asyncio.gather(*(act(n) for n in range(50)))
    moved = 0
    for before, number in zip(started, numbers, strict=True):
        after, inside = await ticket(community, number), None
        async with community.reading() as uow:
            events = [e for e in await uow.tickets.events(after.id) if e.move in (Move.MERGE, Move.UNMERGE)]
        for event in events:
            assert event.data["from"] == inside, (number, event.data)
            inside = event.data.get("incident")
        assert after.incident_id == inside
        moved += len(events)
        assert (after.status, after.holder_id, after.resolve_by, after.look_at) == (
            before.status, before.holder_id, before.resolve_by, before.look_at,
        )  # fmt: skip
    assert moved >= 5


async def test_two_who_close_at_once_close_it_once(community: Community, city: SmallCity) -> None:
    one = await incident_of(community, (await three(community, city))[0]) or 0
    grid1, desk1 = city.staff["grid1"].id, city.staff["desk1"].id
    done = await asyncio.gather(
        incident_acts.resolve(community, grid1, one, "换了水泵", "r1"),
        incident_acts.resolve(community, desk1, one, "修好了水泵", "r2"),
        return_exceptions=True,
    )
    assert sorted(isinstance(one_, IllegalMove) for one_ in done) == [False, True], done
    for who in ("R11", "R12", "R21"):
        assert len([text for text in await told(community, city, who) if "办好了没有" in text]) == 1


async def test_the_list_marks_what_is_in_an_incident(community: Community, city: SmallCity) -> None:
    numbers = await three(community, city)
    alone = await file(community, city, "R51")
    page = await desk.list_tickets(community, city.staff["desk1"].id, desk.DeskFilter())
    marks = {view.number: view.incident.households if view.incident else None for view in page.items}
    assert marks == {**dict.fromkeys(numbers, 3), alone: None}


async def test_mediators_do_not_handle_buildings(community: Community, city: SmallCity) -> None:
    async with community.uow() as uow:
        mediator = Staff(0, "med", "调解", Role.MEDIATOR, city.places["剡溪社区"].id)
        mediator.id = None  # type: ignore[assignment]
        uow.session.add(mediator)  # type: ignore[attr-defined]
        await uow.commit()
    one = await file(community, city, "R11", words="吵架", category=Category.DISPUTE)
    two = await file(community, city, "R12", words="吵架", category=Category.DISPUTE)
    with pytest.raises(Forbidden):
        await incidents.merge(community, mediator.id, [one, two], "m1")
