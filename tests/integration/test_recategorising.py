"""Staff put a ticket's category right, on SQLite and PostgreSQL: what residents are told, whose it is, one of two at once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.category import Category, Urgency
from community.model.promise import First, PromiseRule
from community.model.staffing import Heard as Typed
from community.model.staffing import StaffLetter, Told
from community.model.ticket import Move, Status
from community.ports import Community
from community.services import conversations, desk, following, incidents, staff_accounts, staff_in, staff_talk, tickets
from community.services.desk import DeskFilter
from community.services.recategorising import Recategorised, recategorise
from community.services.staff_category import says_danger
from community.services.tickets import FileTicket
from community.store.tables import staff_outbox
from gateway.wecom.commands import parse
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unsent import unsent

HAMMER = "楼上天天早上敲墙，吵得睡不着"


async def filed(
    c: Community, city: SmallCity, category: Category = Category.SANITATION, words: str = HAMMER, key: str = "in-1:file"
) -> str:
    place = city.places["剡溪花园/3"].id
    who = city.residents["R0001"].id
    return (await tickets.file_ticket(c, FileTicket(who, category, words, "剡溪花园3幢", place, key))).ticket.number


async def told(c: Community, city: SmallCity, who: str = "R0001") -> list[str]:
    return [row.text for row in await unsent(c) if row.resident_id == city.residents[who].id]


async def put_right(c: Community, city: SmallCity, number: str, category: Category, who: str = "grid1", **more: object) -> Recategorised:
    key = str(more.pop("key", f"k:{who}:{category}"))
    return await recategorise(c, city.staff[who].id, number, category, key, **more)  # type: ignore[arg-type]


async def test_the_list_the_history_and_the_promise_follow_and_the_resident_reads_the_new_time_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, city)
    before = await tickets.progress(community, city.residents["R0001"].id, number)
    clock.forward(minutes=30)
    done = await put_right(community, city, number, Category.NOISE, why="是噪音")
    right = await filed(community, city, Category.NOISE, key="in-2:file")
    as_filed = (await tickets.progress(community, city.residents["R0001"].id, right)).ticket
    assert done.ticket.category is Category.NOISE
    # By the rule of the category it has now, from when it was received.
    assert done.ticket.resolve_by - before.ticket.resolve_by > timedelta(hours=4)
    assert done.ticket.resolve_by <= as_filed.resolve_by
    news = [text for text in await told(community, city) if "承诺改为" in text]
    assert len(news) == 1
    assert "网格员王强" in news[0]
    assert day_text(done.ticket.resolve_by, clock.now()) in news[0]
    worker = city.staff["grid1"].id
    event = (await desk.open_ticket(community, worker, number)).detail.events[-1]
    assert (event.move, event.who, event.note, event.visible) == (Move.RECATEGORISE, "王强", "环境卫生改为噪音扰民：是噪音", False)
    listed = await desk.list_tickets(community, worker, DeskFilter(category=Category.NOISE))
    assert number in [ticket.number for ticket in listed.items]
    assert (await desk.counts(community, worker)).by_category[0][0] is Category.NOISE


async def test_the_same_press_twice_changes_and_tells_once(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    both = await asyncio.gather(
        *(put_right(community, city, number, Category.NOISE, key="once", seen=Category.SANITATION) for _ in range(2)),
        return_exceptions=True,
    )
    assert all(isinstance(one, Recategorised | Conflict) for one in both)
    await put_right(community, city, number, Category.NOISE, key="once", seen=Category.SANITATION)
    events = (await desk.open_ticket(community, city.staff["grid1"].id, number)).detail.events
    assert [event.move for event in events].count(Move.RECATEGORISE) == 1
    assert len([text for text in await told(community, city) if "承诺改为" in text]) == 1


async def test_of_two_at_once_one_wins_and_the_other_reads_who_was_quicker(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    both = await asyncio.gather(
        put_right(community, city, number, Category.NOISE, "grid1", seen=Category.SANITATION),
        put_right(community, city, number, Category.RENOVATION, "desk1", seen=Category.SANITATION),
        return_exceptions=True,
    )
    [won] = [one for one in both if isinstance(one, Recategorised)]
    [lost] = [one for one in both if isinstance(one, Exception)]
    assert isinstance(lost, Conflict)
    kept = (await desk.open_ticket(community, city.staff["desk1"].id, number)).detail.ticket.category
    assert kept is won.ticket.category
    # The one who looks again, or comes a moment later with the old page, reads it in plain words.
    with pytest.raises(Conflict, match="(王强|沈芳)刚把类别改成了“(噪音扰民|装修)”"):
        await put_right(community, city, number, Category.DISPUTE, "desk1", seen=Category.SANITATION)


async def test_only_who_may_handle_it_and_only_what_is_open(community: Community, city: SmallCity) -> None:
    number = await filed(community, city)
    with pytest.raises(NotFound):
        await put_right(community, city, number, Category.NOISE, "desk2")
    with pytest.raises(NotFound):
        await put_right(community, city, number, Category.NOISE, "trainer")
    await desk.transfer(community, city.staff["grid1"].id, number, city.staff["grid2"].id, "换班")
    with pytest.raises(Forbidden):
        await put_right(community, city, number, Category.NOISE, "grid1")
    with pytest.raises(InvalidInput, match="不用改"):
        await put_right(community, city, number, Category.SANITATION, "grid2")
    await tickets.withdraw(community, city.residents["R0001"].id, number, "", "in-3:withdraw")
    with pytest.raises(IllegalMove, match="已撤回"):
        await put_right(community, city, number, Category.NOISE, "grid2")


async def test_what_is_handled_in_an_incident_is_taken_out_first(community: Community, city: SmallCity) -> None:
    worker = city.staff["grid1"].id
    number, other = await filed(community, city), await filed(community, city, key="in-2:file")
    await incidents.merge(community, worker, [number, other], "m1")
    with pytest.raises(IllegalMove, match="移出事件"):
        await put_right(community, city, number, Category.NOISE)
    await incidents.take_out(community, worker, number, "o1")
    assert (await put_right(community, city, number, Category.NOISE)).ticket.category is Category.NOISE


async def test_a_broken_promise_stays_broken_and_an_earlier_one_is_never_in_the_past(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, city)
    first = (await desk.open_ticket(community, city.staff["desk1"].id, number)).detail.ticket
    clock.forward(days=5)
    late = await put_right(community, city, number, Category.ILLEGAL_BUILDING, "desk1")
    assert (late.ticket.resolve_by, late.told, late.ticket.overdue) == (first.resolve_by, False, True)
    tree = await filed(community, city, Category.GREENING, "树倒了挡着路", "in-5:file")
    clock.forward(days=3)
    soon = await put_right(community, city, tree, Category.ROAD, "desk1", key="a")
    gas = await put_right(community, city, tree, Category.GAS, "desk1", key="b")
    assert clock.now() < gas.ticket.resolve_by < soon.ticket.resolve_by
    assert gas.ticket.urgency is Urgency.HIGH


async def test_a_pause_is_not_counted_in_the_new_promise(community: Community, city: SmallCity, clock: FakeClock) -> None:
    worker = city.staff["grid1"].id
    numbers = [await filed(community, city, key=f"in-{n}:file") for n in (1, 2)]
    for number in numbers:
        await desk.accept(community, worker, number)
    await desk.pause(community, worker, numbers[0], "等居委会的章", clock.now() + timedelta(days=10))
    paused = await put_right(community, city, numbers[0], Category.NOISE, key="p")
    plain = await put_right(community, city, numbers[1], Category.NOISE, key="q")
    assert timedelta(days=8) < paused.ticket.resolve_by - plain.ticket.resolve_by < timedelta(days=13)


async def test_nobody_waits_out_a_pause_in_danger(community: Community, city: SmallCity, clock: FakeClock) -> None:
    worker, number = city.staff["grid1"].id, await filed(community, city, Category.FUMES, "楼道里有股怪味")
    await desk.accept(community, worker, number)
    await desk.pause(community, worker, number, "等居委会的章", clock.now() + timedelta(days=10))
    clock.forward(hours=1)
    done = await put_right(community, city, number, Category.GAS, danger=True)
    assert (done.ticket.status, done.ticket.urgency) == (Status.IN_PROGRESS, Urgency.DANGER)
    assert done.ticket.resolve_by - clock.now() <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("words", "danger"),
    [
        ("危急", True), ("消防 危急", True), ("危急，有人困在里面", True),
        ("不危急，只是灭火器过期", False), ("没有危急情况", False), ("非危急", False),
    ],  # fmt: skip
)
def test_only_the_word_by_itself_says_danger(words: str, danger: bool) -> None:
    assert says_danger(words) is danger


async def test_neighbours_who_wait_read_the_new_time_and_nobody_reads_why(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, city)
    await following.join(community, city.residents["R0002"].id, number, "我家也听得到", "in-7:join")
    await put_right(community, city, number, Category.NOISE, why="听着像装修")
    [news] = [text for text in await told(community, city, "R0002") if "承诺改为" in text]
    assert HAMMER[:6] not in news
    for who in ("R0001", "R0002"):
        assert "听着像装修" not in " ".join(await told(community, city, who))
    seen = await tickets.progress(community, city.residents["R0001"].id, number)
    assert Move.RECATEGORISE not in [event.move for event in seen.events]
    assert seen.ticket.category is Category.NOISE


async def test_what_waits_for_the_residents_word_keeps_its_times_and_a_new_round_has_those_of_its_category(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    worker, who = city.staff["grid1"].id, city.residents["R0001"].id
    number = await filed(community, city)
    await desk.accept(community, worker, number)
    done = await desk.resolve(community, worker, number, "敲墙的已经停了")
    kept = await put_right(community, city, number, Category.ILLEGAL_BUILDING, key="a")
    assert (kept.ticket.resolve_by, kept.told) == (done.resolve_by, False)
    clock.forward(days=4)
    again = await tickets.reopen(community, who, number, "又敲了", "in-8:reopen")
    # Anew from when it was opened again, not from when it was filed four days ago.
    noise = await put_right(community, city, number, Category.NOISE, key="b")
    assert clock.now() < noise.ticket.resolve_by < again.resolve_by
    back = await put_right(community, city, number, Category.ILLEGAL_BUILDING, key="c")
    assert back.ticket.resolve_by == again.resolve_by


async def test_what_belongs_to_another_team_says_so_and_stays_until_it_is_handed_over(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    async with community.uow() as uow:
        await uow.promises.add(PromiseRule(0, Category.ELEVATOR, date(2026, 1, 1), 60, 16, first=First.PROPERTY))
        await uow.commit()
    number = await filed(community, city)
    done = await put_right(community, city, number, Category.ELEVATOR)
    assert done.elsewhere is not None
    staff, label = done.elsewhere
    assert (staff, label.split(" · ")[0]) == (city.staff["property"].id, "赵物业")
    assert done.ticket.holder_name == "王强"
    went = await desk.transfer(community, city.staff["grid1"].id, number, staff, "类别改为电梯")
    assert went.holder_name == "赵物业"
    back = await put_right(community, city, number, Category.NOISE, "property")
    assert back.elsewhere is not None
    assert back.elsewhere[0] == city.staff["grid1"].id


async def test_danger_has_the_number_first_plain_time_and_a_person_asked_for(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await filed(community, city, Category.FUMES, "楼道里有股怪味")
    with pytest.raises(InvalidInput, match="没有危急"):
        await put_right(community, city, number, Category.NOISE, danger=True)
    done = await put_right(community, city, number, Category.GAS, danger=True)
    assert done.ticket.urgency is Urgency.DANGER
    assert abs(done.ticket.accept_by - clock.now() - timedelta(minutes=15)) < timedelta(seconds=1)
    assert done.ticket.resolve_by - clock.now() <= timedelta(hours=24)
    [news] = [text for text in await told(community, city) if "危急" in text]
    assert news.startswith("请马上开窗")
    assert "社区值班（沈芳" in news
    waiting = await conversations.queue(community, city.staff["desk1"].id)
    assert [view.topic_name for view in waiting] == ["危急"]
    # It stays danger when the category is put right once more.
    assert (await put_right(community, city, number, Category.POWER)).ticket.urgency is Urgency.DANGER


async def test_a_grid_worker_types_it_in_wecom_and_hands_it_over_by_a_digit(community: Community, city: SmallCity) -> None:
    async with community.uow() as uow:
        await uow.promises.add(PromiseRule(0, Category.ELEVATOR, date(2026, 1, 1), 60, 16, first=First.PROPERTY))
        await uow.commit()
    await staff_accounts.set_wecom(community, "grid1", "grid1")
    number, count = await filed(community, city), 0

    async def say(text: str) -> str:
        nonlocal count
        count += 1
        await staff_in.receive(community, staff_in.Incoming("grid1", f"m{count}", Typed.TEXT, text))
        [message] = await staff_in.claim(community, "w", 5)
        await staff_talk.handle(community, "w", message, parse)
        async with community.reading() as uow:
            newest = select(StaffLetter).order_by(staff_outbox.c.id.desc()).limit(3)
            found = await uow.session.scalars(newest)  # type: ignore[attr-defined]
            return next(letter.text for letter in found if letter.kind is Told.TEXT)

    assert "没有“怪事”这一类" in await say(f"改类别 {number} 怪事")
    assert "按“噪音扰民”" in await say("噪音")
    assert "不用改" in await say("改类别 噪音")
    said = await say("改类别 电梯 是电梯井的声音")
    assert "按“电梯”" in said
    assert "归赵物业" in said
    assert "转给物业" in await say("1")
    events = (await desk.open_ticket(community, city.staff["desk1"].id, number)).detail.events
    changes = [event.note for event in events if event.move is Move.RECATEGORISE]
    assert changes == ["环境卫生改为噪音扰民", "噪音扰民改为电梯：是电梯井的声音"]
