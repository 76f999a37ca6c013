"""我也遇到: one trouble, one ticket, and everybody who met it hears of its end. On both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from community.errors import IllegalMove, NotFound
from community.model.category import Category
from community.model.message import OutboxMessage
from community.model.ticket import Move, Status
from community.ports import Community
from community.services import desk, following, tickets
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity, build_small_city

LAMP = "楼道灯坏了"


@pytest.fixture
async def city(community: Community) -> SmallCity:
    return await build_small_city(community)


async def filed(c: Community, city: SmallCity, category: Category = Category.LIGHTING, words: str = LAMP) -> str:
    place = city.places["剡溪花园/3/2/502"]
    cmd = FileTicket(city.residents["R0001"].id, category, words, place.full_name, place.id, f"k{words}")
    return (await tickets.file_ticket(c, cmd)).ticket.number


async def seen(c: Community, city: SmallCity, who: str, where: str, words: str, category: Category = Category.LIGHTING) -> str:
    found = await following.similar(c, city.residents[who].id, category, city.places[where].id, words)
    return found.number if found else ""


async def told(c: Community, city: SmallCity, who: str) -> list[str]:
    async with c.reading() as uow:
        query = select(OutboxMessage).order_by(OutboxMessage.id)  # type: ignore[arg-type]
        rows = list(await uow.session.scalars(query))  # type: ignore[attr-defined]
        return [row.text for row in rows if row.resident_id == city.residents[who].id]


async def test_a_neighbour_in_the_same_building_is_offered_to_join(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", "3幢的楼道灯不亮") == number
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", "车库门口太暗") == ""  # another lamp
    assert await seen(community, city, "R0003", "剡溪花园/5/1/101", LAMP) == ""  # another building
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", LAMP, Category.NOISE) == ""
    assert await seen(community, city, "R0001", "剡溪花园/3/2/502", LAMP) == ""  # their own
    await desk.accept(community, city.staff["grid1"].id, number)
    await desk.resolve(community, city.staff["grid1"].id, number, "换好了")
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", LAMP) == ""


async def test_a_neighbour_who_says_it_in_other_words_is_offered_to_join_too(community: Community, city: SmallCity) -> None:
    number = await filed(community, city, Category.DOOR_ACCESS, "单元门禁刷不开")
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", "大门卡刷了没反应，进不去", Category.DOOR_ACCESS) == number
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", "想再办一张卡给钟点工", Category.DOOR_ACCESS) == ""


async def test_a_leak_in_one_flat_is_not_the_leak_in_another(community: Community, city: SmallCity) -> None:
    await filed(community, city, Category.LEAK, "厨房漏水")
    assert await seen(community, city, "R0002", "剡溪花园/3/1/101", "厨房漏水", Category.LEAK) == ""


async def test_who_joins_hears_of_the_end_and_may_ask_and_urge_but_not_close(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number, two = await filed(community, city), city.residents["R0002"].id
    for _ in range(2):
        await following.join(community, two, number, "我这也是", "j1")
    await tickets.add_note(community, city.residents["R0001"].id, number, "我手机13900001111", (), "n1")
    (mine,) = await tickets.mine(community, two)
    assert (mine.number, mine.words, mine.following) == (number, "我这也是", True)
    detail = await tickets.progress(community, two, number)
    assert detail.ticket.number == number
    everything = f"{detail}{mine}{await tickets.find(community, two, number)}"
    for theirs in (LAMP, "李秀英", "502", "13900001111"):
        assert theirs not in everything, theirs
    assert (await tickets.urge(community, two, number, "u1")).counted
    with pytest.raises(NotFound):
        await tickets.confirm(community, two, number, "c1")
    with pytest.raises(NotFound):
        await tickets.progress(community, city.residents["R0003"].id, number)
    worker = city.staff["grid1"].id
    await desk.accept(community, worker, number)
    await desk.resolve(community, worker, number, "换好了")
    ends = [text for text in await told(community, city, "R0002") if "换好了" in text]
    assert len(ends) == 1
    assert "您也遇到的照明问题" in ends[0]
    assert LAMP not in ends[0]
    assert "我这也是" not in " ".join(await told(community, city, "R0001"))
    async with community.reading() as uow:
        kept = await uow.tickets.by_number(number)
        assert kept is not None
        notes = [e.note for e in await uow.tickets.events(kept.id) if e.move is Move.NOTE]
    assert notes == ["又有一户遇到，共2户", "我手机13900001111"]
    with pytest.raises(IllegalMove):
        await following.join(community, city.residents["R0003"].id, number, LAMP, "j3")


async def test_a_report_that_is_taken_back_stays_for_those_who_joined(community: Community, city: SmallCity) -> None:
    one, two = city.residents["R0001"].id, city.residents["R0002"].id
    place = city.places["剡溪花园/3/2/502"]
    cmd = FileTicket(one, Category.LIGHTING, LAMP, place.full_name, place.id, "k", detail="找李秀英", contact="13900001111")
    number = (await tickets.file_ticket(community, cmd)).ticket.number
    await following.join(community, two, number, "我这层也不亮", "j1")
    for _ in range(2):  # the turn may be done again
        view = await tickets.withdraw(community, one, number, "不用了", "w1")
        assert view.status is Status.DISPATCHED
    detail = await tickets.progress(community, two, number)
    assert (detail.ticket.words, detail.ticket.following) == ("我这层也不亮", False)
    for theirs in (LAMP, "李秀英", "13900001111"):
        assert theirs not in str(detail), theirs
    opened = await desk.open_ticket(community, city.staff["grid1"].id, number)
    assert opened.contact == ""
    worker = city.staff["grid1"].id
    await desk.accept(community, worker, number)
    await desk.resolve(community, worker, number, "换好了")
    assert "办好了没有" in (await told(community, city, "R0002"))[-1]
    await tickets.confirm(community, two, number, "c1")


async def test_neighbours_who_join_at_once_are_each_counted_once(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    people = [city.residents[who].id for who in ("R0002", "R0003", "R0004")]
    await asyncio.gather(*(following.join(community, who, number, LAMP, f"j{who}") for who in people))
    async with community.reading() as uow:
        kept = await uow.tickets.by_number(number)
        assert kept is not None
        assert sorted(await uow.tickets.followers(kept.id)) == sorted(people)
        notes = [e.note for e in await uow.tickets.events(kept.id) if e.move is Move.NOTE]
    assert notes == [f"又有一户遇到，共{n}户" for n in (2, 3, 4)]


async def test_who_has_joined_may_leave_and_hears_no_more(community: Community, city: SmallCity) -> None:
    number, two = await filed(community, city), city.residents["R0002"].id
    await following.join(community, two, number, LAMP, "j1")
    assert (await tickets.withdraw(community, two, number, "", "w1")).status is Status.DISPATCHED
    assert await tickets.mine(community, two) == []
    worker = city.staff["grid1"].id
    await desk.accept(community, worker, number)
    await desk.resolve(community, worker, number, "换好了")
    assert await told(community, city, "R0002") == []
    assert "办好了没有" in (await told(community, city, "R0001"))[-1]
