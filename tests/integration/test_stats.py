"""Figures and the lists behind them, on SQLite and PostgreSQL, over a fortnight in which something of everything happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from community.errors import Forbidden, InvalidInput
from community.model.calendar import local
from community.model.category import Category
from community.model.figures import Mark, has_mark
from community.model.ticket import Outcome, Status, Ticket
from community.ports import Community, Scope, TicketQuery
from community.services import clock as clockwork
from community.services import desk, stats, tickets
from community.services.desk import DeskFilter
from community.services.stats import Figure, Stats
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity


@dataclass
class Fortnight:
    """The people of the small city, and one ticket of each fate by its name."""

    city: SmallCity
    numbers: dict[str, str]


@pytest.fixture
async def fortnight(community: Community, city: SmallCity, clock: FakeClock) -> Fortnight:
    c, made = community, Fortnight(city, {})
    worker = {room: city.staff[login].id for room, login in (("剡溪花园/3", "grid1"), ("剡溪花园/5", "grid2"), ("鹿山苑/1", "grid3"))}
    resident = {"剡溪花园/3": "R0001", "剡溪花园/5": "R0003", "鹿山苑/1": "R0004"}

    async def file(name: str, category: Category, building: str) -> tuple[str, int, int]:
        who = city.residents[resident[building]].id
        place = city.places[building]
        done = await tickets.file_ticket(c, FileTicket(who, category, f"{name}的事", place.full_name, place.id, f"k:{name}"))
        made.numbers[name] = done.ticket.number
        return done.ticket.number, worker[building], who

    clock.forward(days=-13)
    number, me, who = await file("confirmed", Category.LEAK, "剡溪花园/3")
    clock.forward(minutes=10)
    await desk.start(c, me, number)
    clock.forward(hours=2)
    await desk.resolve(c, me, number, "换了水管。")
    await tickets.confirm(c, who, number, "k:confirmed:confirm")
    number, me, _ = await file("silent", Category.LIGHTING, "剡溪花园/5")
    await desk.accept(c, me, number)
    await desk.resolve(c, me, number, "灯杆归市政，已转告。", outcome=Outcome.EXPLAINED)
    slow, me, _ = await file("slow", Category.PARKING, "剡溪花园/3")
    number, me, who = await file("late", Category.LIGHTING, "剡溪花园/3")
    clock.forward(days=1)
    await desk.accept(c, me, slow)
    clock.forward(days=3)
    await desk.start(c, me, number)
    clock.forward(days=3)
    await desk.resolve(c, me, number, "终于换好了。")
    await clockwork.tick(c)
    await tickets.reopen(c, who, number, "还是不亮", "k:late:reopen")
    number, _, who = await file("withdrawn", Category.NOISE, "鹿山苑/1")
    await tickets.withdraw(c, who, number, "不吵了", "k:withdrawn:withdraw")
    await file("forgotten", Category.NOISE, "鹿山苑/1")
    number, me, _ = await file("paused", Category.NOISE, "剡溪花园/5")
    await desk.accept(c, me, number)
    await desk.pause(c, me, number, "等配件", c.clock.now() + timedelta(days=10))
    clock.forward(days=6)
    number, me, _ = await file("working", Category.PARKING, "剡溪花园/5")
    await desk.accept(c, me, number)
    await file("new", Category.PARKING, "剡溪花园/3")
    return made


async def of(c: Community, member: int, days: int = 14) -> Stats:
    return await stats.stats(c, member, *stats.last_days(local(c.clock.now()).date(), days))


def figures(thing: Any) -> Iterator[Figure]:
    """Every figure anywhere in it."""
    if isinstance(thing, Figure):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from figures(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from figures(getattr(thing, field.name))


@pytest.mark.parametrize("login", ["desk1", "desk2", "grid1", "grid3", "property", "operator"])
async def test_every_number_opens_a_list_of_exactly_so_many(
    community: Community, fortnight: Fortnight, login: str
) -> None:
    me = fortnight.city.staff[login].id
    shown = list(figures(await of(community, me)))
    assert len(shown) > 60
    assert any(figure.value for figure in shown)
    for figure in shown:
        assert (await desk.list_tickets(community, me, figure.behind)).total == figure.value, figure


async def test_the_figures_say_what_happened(community: Community, fortnight: Fortnight) -> None:
    seen = await of(community, fortnight.city.staff["operator"].id)
    assert seen.total.filed.value == 9
    # Slow was accepted too late; forgotten is missed though nobody accepted it, and late, which nobody took up again; withdrawn is neither,
    # nor is what is paused: its promise stands still.
    assert (seen.total.accepted.part.value, seen.total.accepted.other.value) == (4, 3)
    assert (seen.total.resolved.part.value, seen.total.resolved.other.value) == (2, 3)
    assert (seen.reopened.part.value, seen.reopened.whole.value, seen.reopened.percent) == (1, 3, 100 / 3)
    closed = seen.closings
    ended = (closed.total, closed.by_resident, closed.by_silence, closed.withdrawn, closed.solved, closed.explained)
    assert [f.value for f in ended] == [3, 1, 1, 1, 1, 1]
    assert sum(row.filed.value for row in seen.days) == 9
    assert sum(row.ended.value for row in seen.days) == 3
    assert (len(seen.days), seen.days[-1].day) == (14, date(2026, 11, 24))
    assert [row.filed.value for row in seen.by_category] == [3, 3, 2, 1]
    assert {row.name: row.filed.value for row in seen.by_grid} == {"第一网格": 4, "第二网格": 3, "第三网格": 2}


async def test_times_are_plain_hours_from_filing(community: Community, fortnight: Fortnight) -> None:
    seen = await of(community, fortnight.city.staff["desk1"].id)
    assert seen.to_resolve.over.value == 2
    assert seen.to_resolve.most is not None
    assert timedelta(hours=2, minutes=10) <= seen.to_resolve.most < timedelta(hours=2, minutes=11)
    assert seen.to_accept.half is not None
    assert seen.to_accept.half < timedelta(minutes=1)


async def test_the_sql_of_a_mark_is_its_rule(community: Community, fortnight: Fortnight) -> None:
    now = community.clock.now()
    everything = Scope(everything=True)
    async with community.reading() as uow:
        every = (await uow.tickets.search(TicketQuery(everything, limit=200))).items
        assert len(every) == 9
        for mark in Mark:
            found = await uow.tickets.search(TicketQuery(everything, limit=200, mark=(mark, now)))
            assert {t.number for t in found.items} == {t.number for t in every if has_mark(t, mark, now)}, mark


async def test_a_neighbourhood_does_not_see_anothers_figures(community: Community, fortnight: Fortnight) -> None:
    seen = await of(community, fortnight.city.staff["desk2"].id)
    assert seen.total.filed.value == 2
    assert [row.name for row in seen.by_grid] == ["第三网格"]
    assert [row.name for row in seen.workload] == ["周敏"]


async def test_a_grid_worker_sees_the_load_of_nobody_else(community: Community, fortnight: Fortnight) -> None:
    city = fortnight.city
    seen = await of(community, city.staff["grid1"].id)
    assert [row.name for row in seen.workload] == ["王强"]
    company = await of(community, city.staff["property"].id)
    assert company.workload == ()
    told = await stats.told(community, city.staff["grid1"].id, DeskFilter(worker_id=city.staff["grid2"].id))
    assert told == ["其他同事"]


async def test_who_has_no_tickets_is_refused_in_a_sentence(community: Community, city: SmallCity) -> None:
    with pytest.raises(Forbidden, match="统计给办理工单的同事看"):
        await of(community, city.staff["lawyer"].id)


@pytest.mark.parametrize(("first", "last"), [(date(2026, 11, 2), date(2026, 11, 1)), (date(2024, 1, 1), date(2026, 1, 1))])
async def test_a_period_that_is_none_is_told(community: Community, city: SmallCity, first: date, last: date) -> None:
    with pytest.raises(InvalidInput):
        await stats.stats(community, city.staff["desk1"].id, first, last)


async def test_days_end_at_midnight_in_shanghai(community: Community, city: SmallCity, clock: FakeClock) -> None:
    place = city.places["剡溪花园/3"]
    for hour, key in ((15, "a"), (16, "b")):
        clock.time = clock.time.replace(hour=hour, minute=0, second=0)
        await tickets.file_ticket(
            community,
            FileTicket(city.residents["R0001"].id, Category.NOISE, "太吵了", place.full_name, place.id, f"midnight:{key}"),
        )
    seen = await stats.stats(community, city.staff["desk1"].id, date(2026, 11, 24), date(2026, 11, 25))
    assert [row.filed.value for row in seen.days] == [1, 1]


async def test_a_list_says_by_what_it_is_narrowed(community: Community, city: SmallCity) -> None:
    asked = DeskFilter(
        mark=Mark.ACCEPT_MISSED, grid_id=city.places["第二网格"].id, worker_id=city.staff["grid2"].id, status=Status.CLOSED
    )
    assert await stats.told(community, city.staff["desk1"].id, asked) == ["接单超时", "第二网格", "陈丽"]
    assert await stats.told(community, city.staff["desk2"].id, DeskFilter(grid_id=asked.grid_id)) == ["其他网格"]


def test_a_ticket_nobody_answered_for_is_no_kept_promise() -> None:
    """Mark by mark, over a ticket that was only withdrawn."""
    moment = local(FakeClock().now())
    ticket = Ticket(
        1, "1", 1, Category.NOISE, "normal", Status.WITHDRAWN, "", "", None, None, None, None,  # type: ignore[arg-type]
        moment, moment, moment, ended_at=moment,
    )  # fmt: skip
    assert [mark for mark in Mark if has_mark(ticket, mark, moment + timedelta(days=9))] == []
