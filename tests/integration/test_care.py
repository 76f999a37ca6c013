"""A request for a hand: the resident agrees, volunteers nearby are asked, exactly one has it. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, LinsheError, NotFound
from community.model.category import Category
from community.model.message import OutboxMessage
from community.model.people import ChannelIdentity, Resident
from community.model.ticket import Status
from community.model.volunteer import Activity, Shift, Signup, SignupStatus
from community.ports import Community
from community.services import care, desk, signups, tickets, volunteering
from community.services import clock as ticking
from community.services.care import Taken
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity

WHAT = "去药店取一次药"
PHONE = "13800001234"


@pytest.fixture
async def volunteers(community: Community, city: SmallCity) -> list[int]:
    """Four neighbours who help at the old people's table, and one of another community who does so, too."""
    now = community.clock.now()
    made = []
    async with community.uow() as uow:
        table = Activity(0, "老年食堂助餐", "敬老助餐", "", "食堂", city.places["剡溪社区"].id, "社区")
        await uow.volunteering.add_activity(table)
        shift = Shift(0, table.id, now + timedelta(days=20), now + timedelta(days=20, hours=2), 9)
        await uow.volunteering.add_shift(shift)
        for n, home in enumerate(("剡溪花园/5/1/101", "剡溪花园/3/1/101", "剡溪花园/5/2/502", "剡溪花园/3/1/502", "鹿山苑/1/1/101")):
            one = Resident(0, f"v{n}", f"志愿{n}", room_id=city.places[home].id)
            await uow.people.add_resident(one)
            await uow.people.add_identity(ChannelIdentity(0, one.id, "webchat", f"V{n}"))
            await uow.volunteering.add_signup(Signup(0, shift.id, one.id, SignupStatus.SIGNED_UP, now, now))
            made.append(one.id)
        await uow.commit()
    return made


async def filed(c: Community, city: SmallCity) -> str:
    home = city.places["剡溪花园/3/2/502"]
    cmd = FileTicket(
        city.residents["R0001"].id, Category.ELDERLY_CARE, "帮我妈取药", home.full_name, home.id, "care", contact=PHONE
    )
    return (await tickets.file_ticket(c, cmd)).ticket.number


async def make(c: Community, city: SmallCity, number: str, hours: float = 24, staff: str = "grid1") -> None:
    start = c.clock.now() + timedelta(hours=hours)
    await care.make(c, city.staff[staff].id, number, WHAT, start, start + timedelta(hours=1))


async def offered(c: Community, city: SmallCity) -> str:
    number = await filed(c, city)
    await make(c, city, number)
    await care.agree(c, city.residents["R0001"].id, number, True)
    return number


async def told(c: Community, who: int) -> list[OutboxMessage]:
    async with c.reading() as uow:
        query = select(OutboxMessage).order_by(OutboxMessage.id)  # type: ignore[arg-type]
        return [m for m in await uow.session.scalars(query) if m.resident_id == who]  # type: ignore[attr-defined]


async def status(c: Community, city: SmallCity, number: str) -> Status:
    return (await tickets.progress(c, city.residents["R0001"].id, number)).ticket.status


async def test_nobody_is_asked_before_the_resident_agrees_and_only_near_ones_then(
    community: Community, city: SmallCity, volunteers: list[int]
) -> None:
    number, who = await filed(community, city), city.residents["R0001"].id
    await make(community, city, number)
    asked = (await told(community, who))[-1]
    assert [b["title"] for b in asked.buttons] == ["同意", "不用了"]
    assert await told(community, volunteers[0]) == []
    assert await care.agree(community, who, number, True) == 4
    assert await care.agree(community, who, number, True) == 1  # a click twice asks nobody twice
    (offer,) = await told(community, volunteers[0])
    assert WHAT in offer.text
    assert "剡溪花园" in offer.text
    assert not any(word in offer.text for word in ("502", "李秀英", PHONE, "3幢", number))
    assert await told(community, volunteers[4]) == []  # lives elsewhere
    with pytest.raises(NotFound):
        await care.take(community, volunteers[4], number, True)
    # It is nobody's to sign up for by the list.
    assert all(s.title != WHAT for s in (await volunteering.upcoming(community, volunteers[0])).shifts)
    assert all(s.shift.title != WHAT for s in await volunteering.mine(community, volunteers[0]))


async def test_exactly_one_of_many_who_say_yes_at_once_has_it(
    community: Community, city: SmallCity, volunteers: list[int]
) -> None:
    number = await offered(community, city)

    async def take(who: int) -> Taken | LinsheError | None:
        for _ in range(20):
            try:
                return await care.take(community, who, number, True)
            except Conflict as busy:
                if "同时" not in busy.message:
                    return busy
                await asyncio.sleep(0.01)
        raise AssertionError("never its turn")

    answers = await asyncio.gather(*(take(who) for who in volunteers[:4] * 2))
    winners = {volunteers[n % 4] for n, one in enumerate(answers) if isinstance(one, Taken)}
    assert len(winners) == 1, answers
    taken = next(one for one in answers if isinstance(one, Taken))
    assert (taken.name, taken.address, taken.phone) == ("李秀英", "剡溪花园3幢2单元502室", PHONE)
    news = [m.text for m in await told(community, city.residents["R0001"].id) if "志愿者志愿" in m.text]
    assert len(news) == 1
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        task = await uow.care.of_ticket(ticket.id)
        assert task is not None
        pair = await uow.volunteering.shift(task.shift_id)
        assert pair is not None
        assert (pair[1].taken, {task.volunteer_id}) == (1, winners)
    assert WHAT in [s.shift.title for s in await volunteering.mine(community, winners.pop())]


async def test_done_asks_the_resident_in_turn(community: Community, city: SmallCity, volunteers: list[int], clock: FakeClock) -> None:
    number = await offered(community, city)
    await care.take(community, volunteers[0], number, True)
    assert await status(community, city, number) is Status.IN_PROGRESS
    clock.forward(hours=26)
    for _ in range(2):
        await ticking.tick(community)
    asked = [m for m in await told(community, volunteers[0]) if "帮好了吗" in m.text]
    assert len(asked) == 1
    with pytest.raises(NotFound):
        await care.done(community, volunteers[1], number, True)
    for _ in range(2):
        await care.done(community, volunteers[0], number, True)
    assert await status(community, city, number) is Status.RESOLVED
    question = (await told(community, city.residents["R0001"].id))[-1]
    assert [b["title"] for b in question.buttons] == ["办好了", "办了一部分", "还没好"]


async def test_nobody_by_the_time_and_it_goes_back_to_the_grid_worker(
    community: Community, city: SmallCity, volunteers: list[int], clock: FakeClock
) -> None:
    number = await offered(community, city)
    await care.take(community, volunteers[0], number, False)
    clock.forward(hours=22.1)
    reports = await asyncio.gather(*(care.run(community) for _ in range(3)))
    assert sum(reports) == 1
    last = (await told(community, city.residents["R0001"].id))[-1].text
    assert "网格员王强接着安排" in last
    with pytest.raises(Conflict):
        await care.take(community, volunteers[1], number, True)
    await make(community, city, number, staff="desk1")  # and may be tried again
    assert await care.agree(community, city.residents["R0001"].id, number, True) == 4


async def test_who_cannot_come_gives_it_back_also_by_my_activities(
    community: Community, city: SmallCity, volunteers: list[int]
) -> None:
    number = await offered(community, city)
    await care.take(community, volunteers[0], number, True)
    mine = next(s for s in await volunteering.mine(community, volunteers[0]) if s.shift.title == WHAT)
    await signups.cancel(community, volunteers[0], mine.shift.shift_id, "c")
    assert WHAT not in [s.shift.title for s in await volunteering.mine(community, volunteers[0])]
    assert "志愿者来不了了" in (await told(community, city.residents["R0001"].id))[-1].text
    with pytest.raises(NotFound):
        await signups.sign_up(community, volunteers[1], mine.shift.shift_id, "s")


async def test_what_ends_another_way_calls_the_volunteer_off(
    community: Community, city: SmallCity, volunteers: list[int]
) -> None:
    number = await offered(community, city)
    await care.take(community, volunteers[0], number, True)
    await tickets.withdraw(community, city.residents["R0001"].id, number, "女儿来了", "w")
    assert "您不用去了" in (await told(community, volunteers[0]))[-1].text


async def test_a_no_and_an_empty_neighbourhood_leave_it_with_the_grid_worker(community: Community, city: SmallCity) -> None:
    number, who = await filed(community, city), city.residents["R0001"].id
    await make(community, city, number)
    assert await care.agree(community, who, number, False) == 0
    with pytest.raises(IllegalMove):
        await care.agree(community, who, number, True)
    await make(community, city, number)
    assert await care.agree(community, who, number, True) == 0  # nobody near has ever signed up for such a thing


async def test_only_who_answers_for_the_ticket_may_make_a_task_of_it(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    for login in ("grid2", "property", "lawyer"):
        with pytest.raises((Forbidden, NotFound)):
            await make(community, city, number, staff=login)
    for hours in (0.5, 24 * 20):
        with pytest.raises(InvalidInput):
            await make(community, city, number, hours)
    await make(community, city, number)
    with pytest.raises(Conflict):
        await make(community, city, number)
    await desk.resolve(community, city.staff["grid1"].id, number, "我去取来了")
    with pytest.raises(IllegalMove):
        await care.agree(community, city.residents["R0001"].id, number, True)
