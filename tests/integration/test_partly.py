"""办了一部分: the third answer to 办好了没有. On both databases."""

from __future__ import annotations

import asyncio

from community.errors import LinsheError
from community.model.category import Category
from community.model.figures import Mark
from community.model.message import OutboxMessage, OutboxStatus
from community.model.ticket import Move, Outcome, Status
from community.ports import Community
from community.services import desk, inbound, stats, tickets
from community.services.inbound import Incoming
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity


async def resolved(c: Community, city: SmallCity, key: str = "k", outcome: Outcome = Outcome.SOLVED) -> str:
    place = city.places["剡溪花园/3/2/502"]
    cmd = FileTicket(city.residents["R0001"].id, Category.LIGHTING, "两盏灯都不亮", place.full_name, place.id, key)
    number = (await tickets.file_ticket(c, cmd)).ticket.number
    worker = city.staff["grid1"].id
    await desk.accept(c, worker, number)
    await desk.resolve(c, worker, number, "换了一盏", outcome=outcome)
    return number


async def last_to(c: Community, city: SmallCity, who: str = "R0001") -> OutboxMessage:
    async with c.reading() as uow:
        return (await uow.outbox.latest(city.residents[who].id, 1))[0]


async def test_the_question_has_three_numbered_answers_and_two_of_them_go_on(community: Community, city: SmallCity) -> None:
    await resolved(community, city)
    asked = await last_to(community, city)
    assert [b["title"] for b in asked.buttons] == ["办好了", "办了一部分", "还没好"]
    assert "1 办好了\n2 办了一部分\n3 还没好" in asked.text


async def test_what_was_only_explained_is_not_asked_in_parts(community: Community, city: SmallCity) -> None:
    number = await resolved(community, city, outcome=Outcome.EXPLAINED)
    assert [b["title"] for b in (await last_to(community, city)).buttons] == ["可以", "不行，还要办"]
    view = await tickets.reopen(community, city.residents["R0001"].id, number, "还差一半", "k2", partly=True)
    assert not view.partly
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        assert (ticket.reopen_count, ticket.partly_count) == (1, 0)


async def test_part_goes_back_to_its_holder_with_what_is_missing_and_a_new_promise(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await resolved(community, city)
    before = (await tickets.progress(community, city.residents["R0001"].id, number)).ticket
    clock.forward(days=3)
    for _ in range(2):  # a click twice is one answer
        view = await tickets.reopen(community, city.residents["R0001"].id, number, "楼上那盏还黑着", "in-9:reopen", partly=True)
    assert view.status is Status.DISPATCHED
    assert view.partly
    assert view.holder_id == city.staff["grid1"].id
    assert view.resolve_by > before.resolve_by
    events = (await tickets.progress(community, city.residents["R0001"].id, number)).events
    assert [(e.move, e.move_name, e.note) for e in events][-1] == (Move.PARTLY, "办了一部分", "楼上那盏还黑着")


async def test_it_is_counted_apart_from_a_plain_reopening(community: Community, city: SmallCity, clock: FakeClock) -> None:
    who = city.residents["R0001"].id
    part, plain = await resolved(community, city, "a"), await resolved(community, city, "b")
    await tickets.reopen(community, who, part, "", "k1", partly=True)
    await tickets.reopen(community, who, plain, "", "k2")
    day = stats.today(community)
    seen = await stats.stats(community, city.staff["desk1"].id, day, day)
    assert (seen.partly.part.value, seen.reopened.part.value, seen.partly.whole.value) == (1, 1, 2)
    for figure, number in ((seen.partly.part, part), (seen.reopened.part, plain)):
        page = await desk.list_tickets(community, city.staff["desk1"].id, figure.behind)
        assert [t.number for t in page.items] == [number]
    assert seen.partly.part.behind.mark is Mark.PARTLY


async def said(c: Community, city: SmallCity, text: str, key: str) -> str | None:
    who = city.residents["R0001"].id
    received = await inbound.receive(c, Incoming("webchat", who, key, text))
    async with c.reading() as uow:
        row = await uow.inbox.get(received.id)
        assert row is not None
        return row.payload


async def test_a_bare_digit_means_the_question_also_after_other_news_and_never_one_that_could_not_arrive(
    community: Community, city: SmallCity
) -> None:
    number = await resolved(community, city)
    assert await said(community, city, "2", "m1") == f'/partly_resolved{{"ticket_number":"{number}"}}'
    assert await said(community, city, "３", "m2") == f'/not_resolved{{"ticket_number":"{number}"}}'
    assert await said(community, city, "办了一部分", "m3") == f'/partly_resolved{{"ticket_number":"{number}"}}'
    assert await said(community, city, "4", "m4") is None
    other = await resolved(community, city, "other")
    async with community.uow() as uow:
        (await uow.outbox.latest(city.residents["R0001"].id, 1))[0].status = OutboxStatus.WAITING
        await uow.commit()
    # The second question waits at the platform: who types now answers the first.
    assert number in (await said(community, city, "2", "m5") or "")
    assert other not in (await said(community, city, "1", "m6") or "")


async def test_two_answers_at_once_are_one(community: Community, city: SmallCity) -> None:
    number, who = await resolved(community, city), city.residents["R0001"].id
    results = await asyncio.gather(
        tickets.reopen(community, who, number, "还差一盏", "x1", partly=True),
        tickets.confirm(community, who, number, "x2"),
        return_exceptions=True,
    )
    assert all(not isinstance(r, Exception) or isinstance(r, LinsheError) for r in results), results
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        moves = [e.move for e in await uow.tickets.events(ticket.id)]
    assert moves.count(Move.PARTLY) + moves.count(Move.CONFIRM) in (1, 2)
    assert ticket.status in (Status.DISPATCHED, Status.CONFIRMED)
