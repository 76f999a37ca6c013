"""Who is away and who stands in: entered once and rightly, read by colleagues, followed by routing. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.ticket import OPEN
from community.ports import Community, Scope, TicketQuery
from community.services import desk, leave, staff_accounts
from community.services.leave import LeaveView, NewLeave
from tests.conftest import FakeClock
from tests.integration.test_staff_wecom import filed, letters
from tests.small_city import SmallCity

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 3)


async def away(
    c: Community, city: SmallCity, who: str, deputy: str | None = None, by: str = "", days: tuple[date, date] = (FIRST, LAST)
) -> LeaveView:
    deputy_id = city.staff[deputy].id if deputy else None
    new = NewLeave(city.staff[who].id, *days, deputy_id, "家里有事")
    return await leave.enter(c, city.staff[by or who].id, new)


async def holder(c: Community, number: str) -> int | None:
    async with c.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        return ticket.holder_id


async def test_a_new_ticket_goes_to_who_stands_in_and_the_deputy_was_told(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    await staff_accounts.set_wecom(community, "grid2", "grid2")
    await away(community, city, "grid1", "grid2")
    (told,) = await letters(community, "grid2")
    assert told.text == "网格员王强12月1日至3日请假，由您代班。新工单会派给您。"
    assert await holder(community, await filed(community, city, "before")) == city.staff["grid1"].id
    clock.forward(days=7)
    assert await holder(community, await filed(community, city, "during", "门禁坏了")) == city.staff["grid2"].id
    clock.forward(days=3)
    assert await holder(community, await filed(community, city, "after", "电梯有异响")) == city.staff["grid1"].id


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ((LAST, FIRST), "结束的日子在开始之前"),
        ((date(2026, 11, 20), date(2026, 11, 23)), "已经过去"),
        ((FIRST, date(2028, 1, 1)), "最长一年"),
        ((LAST, date(2026, 12, 9)), "12月1日至3日已经有假了"),
        ((date(2026, 11, 25), FIRST), "12月1日至3日已经有假了"),
    ],
)
async def test_days_that_will_not_do_are_refused_with_a_sentence(
    community: Community, city: SmallCity, days: tuple[date, date], why: str
) -> None:
    await away(community, city, "grid1")
    with pytest.raises(InvalidInput, match=why):
        await away(community, city, "grid1", days=days)
    assert len((await leave.page(community, city.staff["grid1"].id)).coming) == 1


async def test_a_deputy_who_is_away_too_or_works_elsewhere_is_refused(community: Community, city: SmallCity) -> None:
    await away(community, city, "grid2", days=(LAST, LAST))
    with pytest.raises(InvalidInput, match="陈丽12月3日也请假，请换一位代班"):
        await away(community, city, "grid1", "grid2")
    for other in ("grid3", "lawyer", "property", "grid1"):
        with pytest.raises(InvalidInput, match="请在名单里选"):
            await away(community, city, "grid1", other)
    assert [label for _, label in await leave.deputies(community, city.staff["grid1"].id, city.staff["grid1"].id)] == [
        "陈丽 · 网格员 · 第二网格",
        "沈芳 · 社区工作者 · 剡溪社区",
    ]


async def test_who_stands_in_and_goes_away_themselves_is_shown(community: Community, city: SmallCity) -> None:
    await away(community, city, "grid1", "grid2")
    await away(community, city, "grid2", days=(LAST, LAST))
    first, _ = (await leave.page(community, city.staff["desk1"].id)).coming
    assert first.deputy_away


async def test_a_desk_enters_for_its_people_and_colleagues_see_days_but_not_why(
    community: Community, city: SmallCity
) -> None:
    made = await away(community, city, "grid1", "grid2", by="desk1")
    assert (made.reason, made.may_change) == ("家里有事", True)
    (seen,) = (await leave.page(community, city.staff["grid2"].id)).coming
    assert (seen.name, seen.deputy, seen.reason, seen.may_change, seen.open) == ("王强", "陈丽", "", False, None)
    assert (await leave.page(community, city.staff["grid3"].id)).coming == []
    with pytest.raises(Forbidden):
        await away(community, city, "grid1", by="grid2")
    with pytest.raises(NotFound):
        await away(community, city, "grid3", by="desk1")
    for other in ("grid2", "desk2"):
        with pytest.raises(NotFound):
            await leave.withdraw(community, city.staff[other].id, made.id)
        with pytest.raises(NotFound):
            await leave.hand_over(community, city.staff[other].id, made.id, "k")


async def test_what_has_begun_ends_yesterday_and_what_has_not_never_was(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    grid1 = city.staff["grid1"].id
    made = await away(community, city, "grid1", "grid2")
    await leave.withdraw(community, grid1, made.id)
    assert (await leave.page(community, grid1)).coming == []
    made = await away(community, city, "grid1", "grid2")
    clock.forward(days=8)
    (running,) = (await leave.page(community, grid1)).running
    assert running.id == made.id
    await leave.withdraw(community, grid1, made.id)
    assert (await leave.page(community, grid1)).running == []
    assert await holder(community, await filed(community, city)) == grid1
    with pytest.raises(NotFound):
        await leave.withdraw(community, grid1, made.id)


async def test_open_tickets_are_counted_and_go_to_the_deputy_in_one_press(community: Community, city: SmallCity) -> None:
    numbers = [await filed(community, city, f"k{n}", words) for n, words in enumerate(("灯坏了", "门禁坏了", "水管漏水"))]
    grid1, grid2 = city.staff["grid1"].id, city.staff["grid2"].id
    await desk.accept(community, grid1, numbers[0])
    made = await away(community, city, "grid1", "grid2", by="desk1")
    assert made.open == 3
    went = await leave.hand_over(community, city.staff["desk1"].id, made.id, "press")
    assert all(one.ok for one in went)
    assert {await holder(community, number) for number in numbers} == {grid2}
    assert await leave.hand_over(community, grid1, made.id, "press") == []
    opened = await desk.open_ticket(community, grid2, numbers[1])
    assert opened.detail.events[-1].note == "转给网格员陈丽：王强请假，由陈丽接着办"
    lonely = await away(community, city, "grid1", days=(date(2026, 12, 8), date(2026, 12, 8)))
    with pytest.raises(InvalidInput, match="还没有定代班的人"):
        await leave.hand_over(community, grid1, lonely.id, "press")


async def test_entered_twice_at_once_it_is_one_leave(community: Community, city: SmallCity) -> None:
    made = await asyncio.gather(*(away(community, city, "grid1", "grid2") for _ in range(3)), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in made) == 1
    async with community.reading() as uow:
        assert len(await uow.leaves.not_over([city.staff["grid1"].id], FIRST)) == 1
        query = TicketQuery(Scope(everything=True), statuses=OPEN)
        assert (await uow.tickets.search(query)).total == 0
