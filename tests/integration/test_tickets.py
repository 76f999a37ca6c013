"""Tickets through the services, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, LinsheError, NotFound
from community.model.category import Category
from community.model.message import OutboxMessage
from community.model.ticket import ClosedBy, Move, Status
from community.ports import Community
from community.services import clock as clockwork
from community.services import desk, tickets
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unsent import unsent


async def lamp(c: Community, city: SmallCity, key: str = "in-1:file", who: str = "R0001") -> str:
    detail = await tickets.file_ticket(
        c,
        FileTicket(
            resident_id=city.residents[who].id,
            category=Category.LIGHTING,
            words="三幢楼下的路灯不亮了",
            place_text="剡溪花园3幢",
            place_id=city.places["剡溪花园/3"].id,
            key=key,
            contact="13800000001",
        ),
    )
    return detail.ticket.number


async def told(c: Community, city: SmallCity, who: str = "R0001") -> list[str]:
    return [m.text for m in await unsent(c) if m.resident_id == city.residents[who].id]


async def test_a_report_reaches_the_grid_worker_of_its_building_with_a_promise(
    community: Community, city: SmallCity
) -> None:
    number = await lamp(community, city)
    detail = await tickets.progress(community, city.residents["R0001"].id, number)
    assert detail.ticket.status is Status.DISPATCHED
    assert detail.ticket.holder_name == "王强"
    assert detail.ticket.resolve_by > detail.ticket.accept_by > detail.ticket.created_at
    assert [e.move for e in detail.events] == [Move.FILE, Move.DISPATCH]


async def test_the_same_message_files_one_ticket(community: Community, city: SmallCity) -> None:
    assert await lamp(community, city) == await lamp(community, city)
    assert len(await tickets.mine(community, city.residents["R0001"].id)) == 1


async def test_the_same_message_handled_twice_at_once_files_one_ticket(community: Community, city: SmallCity) -> None:
    results = await asyncio.gather(*(lamp(community, city) for _ in range(6)), return_exceptions=True)
    numbers = {r for r in results if isinstance(r, str)}
    assert len(numbers) == 1
    assert all(isinstance(r, (str, Conflict)) for r in results)
    assert len(await tickets.mine(community, city.residents["R0001"].id)) == 1


async def test_a_resident_follows_a_ticket_to_the_end_and_has_the_last_word(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, resident = await lamp(community, city), city.residents["R0001"].id
    worker = city.staff["grid1"].id
    await desk.accept(community, worker, number)
    await desk.start(community, worker, number)
    await desk.resolve(community, worker, number, "已更换灯管")
    assert any("已更换灯管" in t and "办好了没有" in t for t in await told(community, city))
    reopened = await tickets.reopen(community, resident, number, "还是不亮", "in-2:reopen")
    assert reopened.status is Status.DISPATCHED
    await desk.accept(community, worker, number)
    await desk.resolve(community, worker, number, "更换了线路")
    await tickets.confirm(community, resident, number, "in-3:confirm")
    rated = await tickets.rate(community, resident, number, 5, "in-4:rate")
    assert (rated.status, rated.rating) == (Status.CLOSED, 5)
    events = (await desk.open_ticket(community, worker, number)).detail.events
    assert [e.move for e in events][-4:] == [Move.ACCEPT, Move.RESOLVE, Move.CONFIRM, Move.RATE]


async def test_confirming_twice_by_a_repeated_message_changes_nothing(community: Community, city: SmallCity) -> None:
    number, resident = await lamp(community, city), city.residents["R0001"].id
    await desk.accept(community, city.staff["grid1"].id, number)
    await desk.resolve(community, city.staff["grid1"].id, number, "修好")
    await tickets.confirm(community, resident, number, "in-9:confirm")
    again = await tickets.confirm(community, resident, number, "in-9:confirm")
    assert again.status is Status.CONFIRMED
    with pytest.raises(IllegalMove):
        await tickets.confirm(community, resident, number, "in-10:confirm")


async def test_another_residents_number_is_as_unknown_as_a_made_up_one(community: Community, city: SmallCity) -> None:
    number, stranger = await lamp(community, city), city.residents["R0002"].id
    with pytest.raises(NotFound) as theirs:
        await tickets.progress(community, stranger, number)
    with pytest.raises(NotFound) as unknown:
        await tickets.progress(community, stranger, "109995")
    assert theirs.value.message.replace(number, "") == unknown.value.message.replace("109995", "")
    for attempt in (
        tickets.urge(community, stranger, number, "x:1"),
        tickets.add_note(community, stranger, number, "偷看", (), "x:2"),
        tickets.withdraw(community, stranger, number, "", "x:3"),
        tickets.rate(community, stranger, number, 1, "x:4"),
        tickets.find(community, stranger, f"{number}怎么样了"),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_a_ticket_is_found_by_what_it_is_about(community: Community, city: SmallCity) -> None:
    number, resident = await lamp(community, city), city.residents["R0001"].id
    leak = await tickets.file_ticket(
        community, FileTicket(resident, Category.LEAK, "卫生间天花板漏水", "我家", None, "in-5:file")
    )
    found = await tickets.find(community, resident, "那个灯怎么样了")
    assert found.ticket is not None
    assert found.ticket.number == number
    found = await tickets.find(community, resident, "上次报的漏水有人管吗")
    assert found.ticket is not None
    assert found.ticket.number == leak.ticket.number
    both = await tickets.find(community, resident, "怎么样了")
    assert both.ticket is None
    assert len(both.candidates) == 2
    misread = await tickets.find(community, resident, "100015到哪了")
    assert misread.wrong_number == "100015"


async def test_urging_counts_once_in_half_an_hour_and_always_answers(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, resident = await lamp(community, city), city.residents["R0001"].id
    assert (await tickets.urge(community, resident, number, "in-2:urge")).counted
    assert not (await tickets.urge(community, resident, number, "in-3:urge")).counted
    clock.forward(minutes=31)
    assert (await tickets.urge(community, resident, number, "in-4:urge")).counted


async def test_staff_see_their_place_and_nothing_else(community: Community, city: SmallCity) -> None:
    number = await lamp(community, city)
    sees = {"grid1", "desk1", "property", "operator"}
    for login, member in city.staff.items():
        page = await desk.list_tickets(community, member.id, desk.DeskFilter(group="all", status="any"))
        if login in sees:
            assert page.total == 1
            assert (await desk.open_ticket(community, member.id, number)).detail.ticket.number == number
        else:
            assert page.total == 0
            for attempt in (
                desk.open_ticket(community, member.id, number),
                desk.accept(community, member.id, number),
                desk.resolve(community, member.id, number, "没我的事"),
                desk.transfer(community, member.id, number, member.id, ""),
                desk.add_staff_note(community, member.id, number, "偷看"),
            ):
                with pytest.raises(NotFound):
                    await attempt
        counts = await desk.counts(community, member.id)
        assert counts.open == (1 if login in sees else 0)


async def test_a_transferred_ticket_is_the_new_holders_to_handle(community: Community, city: SmallCity) -> None:
    number = await lamp(community, city)
    options = dict((await desk.open_ticket(community, city.staff["grid1"].id, number)).transfer_to)
    assert city.staff["property"].id in options
    assert city.staff["grid3"].id not in options
    with pytest.raises(Forbidden):
        await desk.transfer(community, city.staff["grid1"].id, number, city.staff["grid3"].id, "")
    moved = await desk.transfer(community, city.staff["grid1"].id, number, city.staff["property"].id, "物业的灯")
    assert moved.holder_name == "赵物业"
    await desk.accept(community, city.staff["property"].id, number)
    with pytest.raises(Forbidden):
        await desk.resolve(community, city.staff["grid1"].id, number, "抢着办结")


async def test_a_returned_ticket_goes_to_the_community_desk_with_the_reason(
    community: Community, city: SmallCity
) -> None:
    number = await lamp(community, city)
    with pytest.raises(InvalidInput):
        await desk.return_ticket(community, city.staff["grid1"].id, number, " ")
    back = await desk.return_ticket(community, city.staff["grid1"].id, number, "不属于我网格")
    assert (back.status, back.holder_name) == (Status.RETURNED, "沈芳")
    assert any("不属于我网格" in t for t in await told(community, city))


async def test_fifty_changes_at_once_keep_one_consistent_history(community: Community, city: SmallCity) -> None:
    number, worker = await lamp(community, city), city.staff["grid1"].id
    attempts = [desk.add_staff_note(community, worker, number, f"备注{i}") for i in range(40)]
    attempts += [desk.accept(community, worker, number) for _ in range(10)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert all(r is not None and (not isinstance(r, Exception) or isinstance(r, LinsheError)) for r in results)
    events = (await desk.open_ticket(community, worker, number)).detail.events
    assert sum(e.move is Move.ACCEPT for e in events) == 1
    assert sum(e.move is Move.NOTE for e in events) == 40
    assert all(isinstance(m, OutboxMessage) for m in await unsent(community))


async def test_silence_closes_after_three_days_and_is_counted_apart(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, worker = await lamp(community, city), city.staff["grid1"].id
    await desk.accept(community, worker, number)
    await desk.resolve(community, worker, number, "已换灯")
    clock.forward(days=2, hours=23)
    assert (await clockwork.tick(community)).closed_by_silence == 0
    clock.forward(hours=2)
    assert (await clockwork.tick(community)).closed_by_silence == 1
    assert (await clockwork.tick(community)).closed_by_silence == 0
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        assert ticket.closed_by is ClosedBy.SILENCE
    assert any("不算您确认" in t for t in await told(community, city))


async def test_contact_is_unreadable_in_the_database(community: Community, city: SmallCity) -> None:
    number = await lamp(community, city)
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        assert "13800000001" not in ticket.contact
    assert (await desk.open_ticket(community, city.staff["grid1"].id, number)).contact == "138****0001"
