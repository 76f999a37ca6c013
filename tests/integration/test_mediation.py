"""A mediation has two sides, and no word of one reaches the other. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, LinsheError, NotFound
from community.model.category import Category
from community.model.conversation import Topic
from community.model.mediation import Result, Side
from community.model.message import OutboxMessage
from community.model.people import Role, Staff
from community.model.ticket import ClosedBy, Move, Outcome, Status, Ticket
from community.ports import Community
from community.services import clock as ticking
from community.services import conversations, desk, following, handover, mediation, replies, tickets
from community.services.mediation import AskMediation
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.small_city import SmallCity

ANGRY = "楼下302天天半夜吵，欺人太甚"
OTHER = "剡溪花园3幢1单元101"
SUBJECT = "夜里的声响"


@pytest.fixture
async def mediator(community: Community, city: SmallCity) -> Staff:
    member = Staff(0, "mediator", "倪阿庆", Role.MEDIATOR, city.places["剡溪社区"].id, phone="138-0000-0009")
    async with community.uow() as uow:
        member.id = None  # type: ignore[assignment]
        uow.session.add(member)  # type: ignore[attr-defined]
        await uow.commit()
    city.staff["mediator"] = member
    return member


async def told(c: Community, city: SmallCity, who: str) -> list[OutboxMessage]:
    async with c.reading() as uow:
        query = select(OutboxMessage).order_by(OutboxMessage.id)  # type: ignore[arg-type]
        return [m for m in await uow.session.scalars(query) if m.resident_id == city.residents[who].id]  # type: ignore[attr-defined]


async def asked(c: Community, city: SmallCity, other: str = OTHER) -> str:
    return (await mediation.ask(c, AskMediation(city.residents["R0001"].id, ANGRY, other, "ask"))).ticket.number


async def both(c: Community, city: SmallCity) -> str:
    number, staff = await asked(c, city), city.staff["mediator"].id
    await desk.accept(c, staff, number)
    await mediation.invite(c, staff, number, city.residents["R0002"].id, SUBJECT)
    await mediation.answer(c, city.residents["R0002"].id, number, True, "yes")
    return number


async def ticket_of(c: Community, number: str) -> Ticket:
    async with c.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        return ticket


async def test_who_asks_has_a_ticket_that_the_mediator_holds_once(community: Community, city: SmallCity, mediator: Staff) -> None:
    number = await asked(community, city)
    assert await asked(community, city) == number
    ticket = await ticket_of(community, number)
    assert (ticket.category, ticket.holder_id, ticket.status) == (Category.DISPUTE, mediator.id, Status.DISPATCHED)
    view = await mediation.look(community, mediator.id, number)
    assert view is not None
    assert view.second is not None
    assert view.second.home == "剡溪花园3幢1单元101室"
    assert [name for _, name, _ in view.invitable] == ["张建国"]


async def test_words_for_the_other_side_are_kept_and_ones_own_home_is_refused(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number = await asked(community, city, "楼上那家")
    view = await mediation.look(community, mediator.id, number)
    assert view is not None
    assert view.second is not None
    assert (view.second.home, view.invitable, view.may_name) == ("楼上那家", (), True)
    with pytest.raises(InvalidInput):
        await mediation.name_other(community, mediator.id, number, "剡溪花园3幢2单元502")
    await mediation.name_other(community, mediator.id, number, OTHER)
    with pytest.raises(InvalidInput):
        await mediation.invite(community, mediator.id, number, city.residents["R0003"].id, SUBJECT)
    with pytest.raises(InvalidInput):
        await mediation.invite(community, mediator.id, number, city.residents["R0002"].id, " ")


async def test_the_invitation_is_one_polite_message_without_a_word_or_name_of_the_first_side(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number, second = await asked(community, city), city.residents["R0002"].id
    await mediation.invite(community, mediator.id, number, second, SUBJECT)
    with pytest.raises(Conflict):
        await mediation.invite(community, mediator.id, number, second, SUBJECT)
    (message,) = await told(community, city, "R0002")
    assert [b["title"] for b in message.buttons] == ["愿意谈", "不方便"]
    assert SUBJECT in message.text
    assert not any(word in message.text for word in ("李秀英", "502", "欺人", "302", number))
    assert message.topic == ""  # a template message of a ticket is made of its words
    with pytest.raises(NotFound):  # asked, not yet come: nothing of it is theirs
        await tickets.progress(community, second, number)
    assert await tickets.mine(community, second) == []
    with pytest.raises(NotFound):
        await mediation.answer(community, city.residents["R0003"].id, number, True, "k")


async def test_who_declines_is_not_asked_again_and_the_first_side_hears_no_reason(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number, second = await asked(community, city), city.residents["R0002"].id
    await mediation.invite(community, mediator.id, number, second, SUBJECT)
    for _ in range(2):
        await mediation.answer(community, second, number, False, "no")
    words = [m.text for m in await told(community, city, "R0001")]
    assert len(words) == 1
    assert "这次约不到另一方" in words[0]
    assert "张建国" not in words[0]
    with pytest.raises(Conflict):
        await mediation.invite(community, mediator.id, number, second, SUBJECT)
    with pytest.raises(IllegalMove):
        await mediation.answer(community, second, number, True, "yes")
    with pytest.raises(NotFound):
        await tickets.progress(community, second, number)


async def test_each_side_reads_its_own_thread_and_nothing_of_the_other(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number, first, second = await both(community, city), city.residents["R0001"].id, city.residents["R0002"].id
    await tickets.add_note(community, first, number, "一号楼的秘密", (), "n1")
    await tickets.add_note(community, second, number, "二号楼的秘密", (), "n2")
    await mediation.write(community, mediator.id, number, (Side.FIRST,), "只给一方的话", "w1")
    for _ in range(2):
        await mediation.write(community, mediator.id, number, (Side.SECOND,), "只给二方的话", "w2")
    await mediation.write(community, mediator.id, number, (Side.FIRST, Side.SECOND), "给两方的话", "w3")
    seen = {}
    for name, who in (("R0001", first), ("R0002", second)):
        detail = await tickets.progress(community, who, number)
        messages = "".join(m.text for m in await told(community, city, name))
        seen[name] = "".join(f"{e.who}{e.note}" for e in detail.events) + detail.ticket.words + detail.ticket.place_text + messages
        assert "给两方的话" in seen[name]
        assert messages.count("只给二方的话") == (1 if name == "R0002" else 0)
    for word in ("二号楼的秘密", "只给二方的话", "张建国", OTHER):
        assert word not in seen["R0001"], word
    for word in ("一号楼的秘密", "只给一方的话", "李秀英", "欺人太甚", "502"):
        assert word not in seen["R0002"], word
    view = await mediation.look(community, mediator.id, number)
    assert view is not None
    assert view.first is not None
    assert view.second is not None
    assert [x.text for x in view.first.lines] == [ANGRY, "一号楼的秘密", "只给一方的话", "给两方的话"]
    assert [x.text for x in view.second.lines] == ["二号楼的秘密", "只给二方的话", "给两方的话"]
    # Photos of the ticket are the first side's: the second's must not be among them.
    with pytest.raises(InvalidInput):
        await tickets.add_note(community, second, number, "看", ("hash",), "n3")
    # The second side cannot urge, withdraw or rate what is the first's.
    for act in (tickets.urge(community, second, number, "u"), tickets.withdraw(community, second, number, "", "w")):
        with pytest.raises(NotFound):
            await act


async def test_who_talks_with_the_second_side_is_shown_nothing_of_the_first(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number, second, desk1 = await both(community, city), city.residents["R0002"].id, city.staff["desk1"].id
    assert [t.number for t in await tickets.mine(community, second)] == [number]
    await conversations.ask_person(community, second, Topic.GENERAL, "想问问", "p")
    opened = await conversations.open_conversation(community, desk1, second)
    assert opened.tickets == []
    look = await replies.preview_talk(community, desk1, second, "您报的{工单号}在{地点}")
    assert "502" not in look.text
    assert number not in look.text
    assert "欺人" not in await handover.draft(community, desk1, second)


async def test_staff_who_do_not_lead_it_know_of_it_and_read_nothing(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number = await both(community, city)
    for login in ("grid1", "property"):
        view = await mediation.look(community, city.staff[login].id, number)
        assert view is not None
        assert (view.first, view.second, view.can_open) == (None, None, False)
        with pytest.raises(Forbidden):
            await mediation.write(community, city.staff[login].id, number, (Side.SECOND,), "话", f"k{login}")
    with pytest.raises(NotFound):
        await mediation.look(community, city.staff["desk2"].id, number)
    assert (await mediation.look(community, city.staff["desk1"].id, number)).second is not None  # type: ignore[union-attr]


async def test_the_appointment_goes_to_both_and_waits_for_who_comes_later(
    community: Community, city: SmallCity, mediator: Staff, clock: FakeClock
) -> None:
    number, second = await asked(community, city), city.residents["R0002"].id
    await desk.accept(community, mediator.id, number)
    await mediation.invite(community, mediator.id, number, second, SUBJECT)
    with pytest.raises(InvalidInput):
        await mediation.meet(community, mediator.id, number, clock.now() - timedelta(hours=1), "调解室")
    await mediation.meet(community, mediator.id, number, clock.now() + timedelta(days=1), "社区调解室")
    assert "社区调解室" in (await told(community, city, "R0001"))[-1].text
    assert len(await told(community, city, "R0002")) == 1
    await mediation.answer(community, second, number, True, "yes")
    assert "社区调解室" in (await told(community, city, "R0002"))[-1].text


async def test_an_agreement_is_closed_when_both_have_said_so(community: Community, city: SmallCity, mediator: Staff) -> None:
    number, first, second = await both(community, city), city.residents["R0001"].id, city.residents["R0002"].id
    with pytest.raises(InvalidInput):
        await desk.resolve(community, mediator.id, number, "谈好了")  # not past the two sides
    await mediation.conclude(community, mediator.id, number, Result.REACHED, "十点后不拖椅子，先敲门再说")
    for name in ("R0001", "R0002"):
        message = (await told(community, city, name))[-1]
        assert "十点后不拖椅子" in message.text
        assert "法院" not in message.text
        assert [b["title"] for b in message.buttons] == ["是这样", "不对，还要谈"]
    assert (await tickets.confirm(community, first, number, "c1")).status is Status.RESOLVED
    assert (await tickets.confirm(community, first, number, "c2")).status is Status.RESOLVED
    assert (await tickets.confirm(community, second, number, "c3")).status is Status.CONFIRMED
    ticket = await ticket_of(community, number)
    assert (ticket.outcome, ticket.closed_by) == (Outcome.SOLVED, ClosedBy.RESIDENT)


async def test_what_was_not_agreed_names_what_one_can_do_next(community: Community, city: SmallCity, mediator: Staff) -> None:
    number = await both(community, city)
    await mediation.conclude(community, mediator.id, number, Result.NOT_REACHED, "赔多少谈不拢")
    for name in ("R0001", "R0002"):
        text = (await told(community, city, name))[-1].text
        assert "人民调解委员会" in text
        assert "人民法院" in text
    assert (await ticket_of(community, number)).outcome is Outcome.EXPLAINED


async def test_one_no_goes_on_and_the_other_side_is_not_told_why(community: Community, city: SmallCity, mediator: Staff) -> None:
    number, first, second = await both(community, city), city.residents["R0001"].id, city.residents["R0002"].id
    await mediation.conclude(community, mediator.id, number, Result.REACHED, "各退一步")
    await tickets.confirm(community, first, number, "c1")
    view = await tickets.reopen(community, second, number, "他根本没做到", "r1")
    assert view.status is Status.DISPATCHED
    last = (await told(community, city, "R0001"))[-1].text
    assert "有一方还有话要说" in last
    everything = "".join(f"{e.who}{e.note}" for e in (await tickets.progress(community, first, number)).events) + last
    assert "没做到" not in everything
    assert "张建国" not in everything
    view_of_both = await mediation.look(community, mediator.id, number)
    assert view_of_both is not None
    assert view_of_both.second is not None
    assert view_of_both.second.lines[-1].text == "他根本没做到"
    assert view_of_both.result == ""


async def test_silence_closes_it_for_both_and_withdrawing_lets_the_other_side_go(
    community: Community, city: SmallCity, mediator: Staff, clock: FakeClock
) -> None:
    number = await both(community, city)
    await mediation.conclude(community, mediator.id, number, Result.REACHED, "各退一步")
    clock.forward(days=4)
    assert (await ticking.tick(community)).closed_by_silence == 1
    for name in ("R0001", "R0002"):
        assert "自动结案" in (await told(community, city, name))[-1].text
    await tickets.reopen(community, city.residents["R0001"].id, number, "还要谈", "again")
    await tickets.withdraw(community, city.residents["R0001"].id, number, "", "gone")
    assert "到此为止" in (await told(community, city, "R0002"))[-1].text


async def test_staff_open_one_from_a_ticket_but_not_from_one_that_neighbours_wait_for(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    place = city.places["剡溪花园/3/2/502"]
    cmd = FileTicket(city.residents["R0001"].id, Category.NOISE, "楼上半夜拖椅子", place.full_name, place.id, "noise")
    number, worker = (await tickets.file_ticket(community, cmd)).ticket.number, city.staff["grid1"].id
    assert (await mediation.look(community, worker, number)).can_open  # type: ignore[union-attr]
    with pytest.raises(LinsheError):
        await mediation.open_from(community, city.staff["grid2"].id, number)
    await mediation.open_from(community, worker, number)
    assert (await ticket_of(community, number)).holder_id == mediator.id
    assert "请了调解员倪阿庆来说和" in (await told(community, city, "R0001"))[-1].text
    # From now on it is nobody else's to join: the other side may be who reports the same.
    near = city.places["剡溪花园/3/1/101"].id
    assert await following.similar(community, city.residents["R0002"].id, Category.NOISE, near, "半夜拖椅子") is None
    with pytest.raises(NotFound):
        await following.join(community, city.residents["R0002"].id, number, "我也是", "join")
    second = FileTicket(city.residents["R0001"].id, Category.NOISE, "楼道太吵", place.full_name, place.id, "noise2")
    shared = (await tickets.file_ticket(community, second)).ticket.number
    await following.join(community, city.residents["R0002"].id, shared, "我也是", "join2")
    with pytest.raises(Conflict):
        await mediation.open_from(community, city.staff["desk1"].id, shared)


async def test_both_sides_answering_at_once_close_it_once(community: Community, city: SmallCity, mediator: Staff) -> None:
    number = await both(community, city)
    await mediation.conclude(community, mediator.id, number, Result.REACHED, "各退一步")

    async def say(name: str) -> None:
        for _ in range(20):
            try:
                await tickets.confirm(community, city.residents[name].id, number, f"c-{name}")
                return
            except Conflict:
                await asyncio.sleep(0.01)

    await asyncio.gather(say("R0001"), say("R0002"))
    async with community.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket is not None
        assert ticket.status is Status.CONFIRMED
        assert [e.move for e in await uow.tickets.events(ticket.id)].count(Move.CONFIRM) == 1


async def test_an_invitation_answered_yes_and_no_at_once_has_one_answer(
    community: Community, city: SmallCity, mediator: Staff
) -> None:
    number, second = await asked(community, city), city.residents["R0002"].id
    await mediation.invite(community, mediator.id, number, second, SUBJECT)
    done = await asyncio.gather(
        *(mediation.answer(community, second, number, yes, f"a{n}") for n, yes in enumerate((True, False, True, False))),
        return_exceptions=True,
    )
    assert all(isinstance(one, (str, LinsheError)) for one in done), done
    news = [m.text for m in await told(community, city, "R0001")]
    assert len(news) == 1
