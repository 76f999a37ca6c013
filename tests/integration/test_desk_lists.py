"""What is due first at the head of the list, pages without gaps, honest totals, and numbers that agree with the lists behind them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from community.model.category import Category
from community.model.ticket import Status
from community.ports import Community
from community.services import desk, desk_counts, tickets
from community.services.desk import DeskFilter, Page
from community.services.tickets import FileTicket
from community.store.repos import ticket_lists
from tests.conftest import FakeClock
from tests.small_city import SmallCity

PLACES = ("剡溪花园/3", "剡溪花园/5", "鹿山苑/1")


async def put(c: Community, city: SmallCity, place: str, category: Category = Category.LIGHTING) -> str:
    at, who = city.places[place], city.residents["R0005"].id
    command = FileTicket(who, category, "路灯不亮", at.full_name, at.id, f"k{c.clock.now().timestamp()}")
    return (await tickets.file_ticket(c, command)).ticket.number


async def end(c: Community, city: SmallCity, number: str) -> None:
    await tickets.withdraw(c, city.residents["R0005"].id, number, "好了", f"{number}:end")


async def page(c: Community, city: SmallCity, who: str = "operator", **asked: object) -> Page:
    return await desk.list_tickets(c, city.staff[who].id, DeskFilter(**asked))  # type: ignore[arg-type]


async def test_what_is_due_first_is_first_also_where_it_is_only_to_be_accepted(
    community: Community, city: SmallCity
) -> None:
    slow = await put(community, city, "剡溪花园/3", Category.GREENING)
    fast = await put(community, city, "剡溪花园/3", Category.ELEVATOR)
    plain = await put(community, city, "剡溪花园/3", Category.LIGHTING)
    assert [i.number for i in (await page(community, city)).items] == [fast, plain, slow]
    # Once accepted, the promise to resolve runs: that of the lift, in two days, is later than the others' to accept.
    await desk.accept(community, city.staff["grid1"].id, fast)
    assert [i.number for i in (await page(community, city)).items] == [plain, slow, fast]


async def test_a_paused_ticket_is_not_late_and_waits_behind_what_is_due(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    member = city.staff["grid1"].id
    paused, plain = await put(community, city, "剡溪花园/3"), await put(community, city, "剡溪花园/3")
    for number in (paused, plain):
        await desk.accept(community, member, number)
    await desk.pause(community, member, paused, "等配件", clock.now() + timedelta(days=20))
    clock.forward(days=10)
    assert [i.number for i in (await page(community, city)).items] == [plain, paused]
    assert [i.number for i in (await page(community, city, status="overdue")).items] == [plain]
    assert (await desk.counts(community, member)).overdue == 1
    (grid,) = (await desk_counts.map_counts(community, member)).grids.values()
    assert (grid.open, grid.overdue) == (2, 1)


async def test_pages_go_on_from_what_is_open_to_what_has_ended_without_gap_or_repetition(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    numbers = []
    for n in range(12):
        numbers.append(await put(community, city, PLACES[n % 3]))
        clock.forward(minutes=1)
    gone = numbers[:7]
    for number in gone:
        await end(community, city, number)
    whole = await page(community, city, status="any")
    assert [i.number for i in whole.items] == numbers[7:] + gone[::-1]
    assert (whole.total, whole.more) == (12, False)
    for size in (1, 3, 5):
        pages = [await page(community, city, status="any", limit=size, offset=at) for at in range(0, 15, size)]
        assert [i.number for p in pages for i in p.items] == numbers[7:] + gone[::-1]
        assert {p.total for p in pages} == {12}
    for who in ("desk1", "property", "desk2", "grid1"):
        seen = await page(community, city, who, status="ended")
        again = [await page(community, city, who, status="ended", limit=1, offset=at) for at in range(seen.total)]
        assert [p.items[0].number for p in again] == [i.number for i in seen.items]


async def test_a_street_of_many_communities_has_one_list(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    async with community.uow() as uow:
        member = await uow.people.staff(city.staff["desk1"].id)
        assert member is not None
        member.place_id = city.places["street"].id
        await uow.commit()
    numbers = []
    for n in range(6):
        numbers.append(await put(community, city, PLACES[n % 3]))
        clock.forward(minutes=1)
        await end(community, city, numbers[-1])
    pages = [await page(community, city, "desk1", status="ended", limit=2, offset=at) for at in (0, 2, 4, 6)]
    assert [i.number for p in pages for i in p.items] == numbers[::-1]


async def test_a_total_that_is_not_counted_to_its_end_says_so(
    community: Community, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_lists, "COUNTED", 3)
    for n in range(8):
        await end(community, city, await put(community, city, PLACES[n % 3]))
    first = await page(community, city, status="ended", limit=1)
    assert (first.total, first.more) == (5, True)
    last = await page(community, city, status="ended", limit=1, offset=7)
    assert (last.total, last.more, len(last.items)) == (8, False, 1)


async def test_days_of_filing_and_ending_are_local_and_the_counts_agree_with_the_lists(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    clock.forward(hours=13, minutes=59)  # Tuesday 23:59 in Shanghai, still 15:59 in UTC
    tuesday, wednesday = date(2026, 11, 24), date(2026, 11, 25)
    late = await put(community, city, "剡溪花园/3")
    clock.forward(minutes=2)
    early = await put(community, city, "剡溪花园/5")
    await end(community, city, late)
    clock.forward(minutes=5)
    counts = await desk.counts(community, city.staff["operator"].id)
    assert counts.by_day == [(tuesday, 1, 0), (wednesday, 1, 1)]
    assert counts.ended_recent == 1
    for days, number in ((tuesday, late), (wednesday, early)):
        found = await page(community, city, status="any", filed=(days, days))
        assert [i.number for i in found.items] == [number]
    assert [i.number for i in (await page(community, city, status="any", ended=(wednesday, wednesday))).items] == [late]
    assert (await page(community, city, status="ended", ended=(tuesday, tuesday))).items == []
    both = await page(community, city, status="any", filed=(tuesday, wednesday), words="路灯")
    assert [i.number for i in both.items] == [early, late]


async def test_the_start_page_and_the_map_count_what_the_lists_show(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    for n in range(5):
        await put(community, city, PLACES[n % 3], (Category.ELEVATOR, Category.GREENING)[n % 2])
    resolved = await put(community, city, "剡溪花园/3")
    await desk.accept(community, city.staff["grid1"].id, resolved)
    await desk.resolve(community, city.staff["grid1"].id, resolved, "换了灯")
    await end(community, city, await put(community, city, "剡溪花园/3"))
    clock.forward(hours=2)  # the lifts were to be accepted by now, the greens not yet
    for who in ("operator", "desk1", "desk2", "grid1", "property", "lawyer"):
        member = city.staff[who].id
        counts = await desk.counts(community, member)
        shown = {status: (await page(community, city, who, status=status)).total for status in ("open", "overdue")}
        assert (counts.open, counts.overdue) == (shown["open"], shown["overdue"])
        assert sum(number for _, _, number in counts.by_category) == counts.open
        assert counts.resolved_waiting == (await page(community, city, who, status="resolved")).total
        assert counts.mine_open == (await page(community, city, who, group="mine")).total
        on_map = await desk_counts.map_counts(community, member)
        assert sum(grid.open for grid in on_map.grids.values()) == counts.open
        assert sum(grid.overdue for grid in on_map.grids.values()) == counts.overdue
    grids = (await desk_counts.map_counts(community, city.staff["operator"].id)).grids
    first, second, third = (city.places[name].id for name in ("第一网格", "第二网格", "第三网格"))
    assert {grid: (n.open, n.overdue) for grid, n in grids.items()} == {first: (2, 1), second: (2, 1), third: (1, 1)}


async def test_a_ticket_without_a_place_is_counted_beside_the_map(community: Community, city: SmallCity) -> None:
    who = city.residents["R0005"].id
    await tickets.file_ticket(community, FileTicket(who, Category.NOISE, "晚上很吵", "", None, "k:1"))
    found = await desk_counts.map_counts(community, city.staff["operator"].id)
    assert (found.grids, found.elsewhere.open) == ({}, 1)


async def test_a_state_by_its_own_name_is_a_filter(community: Community, city: SmallCity) -> None:
    kept, gone = await put(community, city, "剡溪花园/3"), await put(community, city, "剡溪花园/5")
    await end(community, city, gone)
    assert [i.number for i in (await page(community, city, status=Status.WITHDRAWN)).items] == [gone]
    assert [i.number for i in (await page(community, city, status=Status.DISPATCHED)).items] == [kept]
    assert (await page(community, city, status=Status.CLOSED)).total == 0
