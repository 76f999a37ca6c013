"""Proposals and meetings: who is told what, once, and who may do what. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.ballot import Rule
from community.model.category import Category
from community.model.deliberation import MeetingKind, Outcome, Status
from community.ports import Community
from community.services import ballots, meetings, proposal_desk, proposals, tickets
from community.services import clock as ticking
from community.services.ballots import NewBallot
from community.services.deliberation import ProposalView
from community.services.meetings import NewMeeting
from community.services.proposal_desk import FromTickets
from community.services.proposals import RaiseProposal
from community.services.tickets import FileTicket
from tests.conftest import FakeClock
from tests.deliberating import settle, vote
from tests.small_city import SmallCity

WORDS = "我想提个议题，3幢楼下装电瓶车充电棚，雨天没地方充"


async def told(c: Community, resident_id: int, words: str) -> int:
    """How many messages with these words they got."""
    async with c.reading() as uow:
        lines = await uow.conversations.history(resident_id, 100)
    return sum(1 for line in lines if line.direction == "out" and words in line.text)


async def raised(c: Community, city: SmallCity, who: str = "R0001", key: str = "p") -> ProposalView:
    return await proposals.raise_one(c, RaiseProposal(city.residents[who].id, WORDS, Category.EBIKE, key))


async def meeting_of(c: Community, city: SmallCity, *proposal_ids: int, key: str = "m") -> int:
    new = NewMeeting(
        city.places["剡溪社区"].id, MeetingKind.QUARTERLY, "四季度议事会", c.clock.now() + timedelta(days=5), "二楼会议室", key
    )
    made = await meetings.plan(c, city.staff["desk1"].id, new)
    await meetings.set_agenda(c, city.staff["desk1"].id, made.id, proposal_ids)
    return made.id


async def test_the_same_message_raises_one_proposal_of_ones_own_community(community: Community, city: SmallCity) -> None:
    first, again = await raised(community, city), await raised(community, city)
    assert first.id == again.id
    assert (first.title, first.place_text, first.signed) == ("3幢楼下装电瓶车充电棚", "剡溪花园3幢", 1)
    # Another community does not see it, nor sign it.
    stranger = city.residents["R0004"].id
    assert (await proposals.overview(community, stranger)).proposals == ()
    with pytest.raises(NotFound):
        await proposals.sign(community, stranger, first.id, "s")


async def test_households_that_sign_at_once_count_once_each_and_the_threshold_is_told_once(
    community: Community, city: SmallCity
) -> None:
    people = await settle(community, city, each=2)
    await proposal_desk.set_threshold(community, city.staff["desk1"].id, city.places["剡溪社区"].id, 8)
    one = await raised(community, city)
    await asyncio.gather(*(proposals.sign(community, p.id, one.id, f"s{n}") for n, p in enumerate(people)))
    seen = (await proposals.news(community, people[0].id, one.id)).proposal
    assert (seen.signed, seen.status) == (8, Status.CO_SIGNED)
    assert await told(community, city.residents["R0001"].id, "8户附议了") == 1
    assert not (await proposals.sign(community, people[0].id, one.id, "later")).counted


async def test_a_refusal_reaches_everybody_who_signed_with_its_reason(community: Community, city: SmallCity) -> None:
    people, desk = await settle(community, city), city.staff["desk1"].id
    one = await raised(community, city)
    for n, resident in enumerate(people[4:7]):
        await proposals.sign(community, resident.id, one.id, f"s{n}")
    with pytest.raises(InvalidInput, match="为什么"):
        await proposal_desk.refuse(community, desk, one.id, "不行")
    await proposal_desk.refuse(community, desk, one.id, "这块地是消防登高面，不能搭建")
    for resident_id in (city.residents["R0001"].id, *(p.id for p in people[4:7])):
        assert await told(community, resident_id, "消防登高面") == 1
    assert await told(community, people[7].id, "消防登高面") == 0
    with pytest.raises(Conflict, match="未受理"):
        await proposals.sign(community, people[7].id, one.id, "late")


async def test_the_notice_goes_out_as_it_was_seen_to_every_household_concerned_and_once(
    community: Community, city: SmallCity
) -> None:
    await settle(community, city)
    desk, one = city.staff["desk1"].id, await raised(community, city)
    meeting = await meeting_of(community, city, one.id)
    seen = await meetings.open_meeting(community, desk, meeting)
    assert "1. 3幢楼下装电瓶车充电棚" in seen.notice
    await meetings.change(community, desk, meeting, "四季度议事会", community.clock.now() + timedelta(days=6), "三楼会议室")
    with pytest.raises(InvalidInput, match="刚才变了"):
        await meetings.send_notice(community, desk, meeting, seen.notice, "n1")
    seen = await meetings.open_meeting(community, desk, meeting)
    sent = await meetings.send_notice(community, desk, meeting, seen.notice, "n1")
    assert sent == seen.reach == 11  # eight of the rooms, three of the small city
    assert await meetings.send_notice(community, desk, meeting, seen.notice, "n1") == 11
    who = city.residents["R0001"].id
    assert await told(community, who, "三楼会议室\n要议的事") == 1
    assert await told(community, city.residents["R0004"].id, "议事会") == 0
    # Called off: they hear of it, and the proposal waits for another meeting.
    await meetings.cancel(community, desk, meeting, "台风")
    assert await told(community, who, "不开了：台风") == 1
    assert (await proposals.news(community, who, one.id)).proposal.status is Status.CO_SIGNED


async def test_from_the_agenda_to_what_was_done_everybody_who_asked_hears_each_step(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    people, desk = await settle(community, city), city.staff["desk1"].id
    one = await raised(community, city)
    meeting = await meeting_of(community, city, one.id)
    with pytest.raises(InvalidInput, match="还没有开"):
        await meetings.held(community, desk, meeting, "到会二十户，多数赞成。", "h")
    seen = await meetings.open_meeting(community, desk, meeting)
    await meetings.send_notice(community, desk, meeting, seen.notice, "n")
    clock.forward(days=6)
    await meetings.held(community, desk, meeting, "到会二十户，多数赞成。", "h")
    await meetings.held(community, desk, meeting, "到会二十户，多数赞成。", "h")
    who, now = city.residents["R0001"].id, community.clock.now()
    assert await told(community, who, "到会二十户") == 1
    estate = city.places["剡溪花园"].id
    new = NewBallot(estate, "装充电棚", now, now + timedelta(days=2), "b", rule=Rule.DOUBLE_HALF, proposal_id=one.id)
    ballot = await ballots.prepare(community, desk, new)
    with pytest.raises(InvalidInput, match="已经有一次表决"):
        await ballots.prepare(community, desk, NewBallot(estate, "再来", now, now + timedelta(days=2), "b2", proposal_id=one.id))
    await ballots.open_ballot(community, desk, ballot.id, "o")
    with pytest.raises(InvalidInput, match="由表决来定"):
        await proposal_desk.decide(community, desk, one.id, False, "算了")
    for n, resident in enumerate(people):
        await vote(community, resident.id, ballot.id, "反对" if n == 0 else "同意")
    clock.forward(days=3)
    await ticking.tick(community)
    news = await proposals.news(community, who, one.id)
    assert (news.proposal.status, news.proposal.outcome) == (Status.DECIDED, Outcome.PASSED)
    assert await told(community, who, "同意7户，反对1户") == 1  # as a household and as who raised it: one message
    due = date(2026, 12, 31)
    await proposal_desk.add_task(community, desk, one.id, "定位置", "安居物业", due, "t")
    await proposal_desk.add_task(community, desk, one.id, "定位置", "安居物业", due, "t")
    ((task,),) = [(await proposals.news(community, who, one.id)).tasks]
    with pytest.raises(InvalidInput, match="没完成"):
        await proposal_desk.finish(community, desk, one.id, "装好了")
    await proposal_desk.progress(community, desk, task.id, "选好了", True, "g")
    assert await proposal_desk.progress(community, desk, task.id, "选好了", True, "g") == 0
    await proposal_desk.finish(community, desk, one.id, "充电棚已启用")
    assert await told(community, who, "选好了") == 1
    assert await told(community, who, "充电棚已启用") == 1


async def test_what_is_reported_again_and_again_becomes_a_proposal_and_every_reporter_hears_of_it(
    community: Community, city: SmallCity
) -> None:
    desk, numbers = city.staff["desk1"].id, []
    for n, (who, room) in enumerate((("R0001", "3/2/502"), ("R0002", "3/1/101"), ("R0003", "5/1/101"))):
        place = city.places[f"剡溪花园/{room}"]
        command = FileTicket(city.residents[who].id, Category.PARKING, "车乱停", place.full_name, place.id, f"t{n}")
        numbers.append((await tickets.file_ticket(community, command)).ticket.number)
    (group,) = (await proposal_desk.list_proposals(community, desk)).repeated
    assert (group.place, group.category_name, sorted(group.numbers)) == ("剡溪花园", "停车", sorted(numbers))
    command = FromTickets("剡溪花园停车怎么管", "三家反映", group.numbers, "k")
    one = await proposal_desk.raise_from_tickets(community, desk, command)
    assert (await proposal_desk.raise_from_tickets(community, desk, command)).id == one.id
    assert one.status is Status.CO_SIGNED
    for who in ("R0001", "R0002", "R0003"):
        assert await told(community, city.residents[who].id, "提成了议题“剡溪花园停车怎么管”") == 1
    assert (await proposal_desk.list_proposals(community, desk)).repeated == ()
    with pytest.raises(InvalidInput, match="不在您的社区"):
        await proposal_desk.raise_from_tickets(community, city.staff["desk2"].id, FromTickets("停车怎么管", "", numbers, "other"))


async def test_only_the_community_of_it_acts_on_a_proposal(community: Community, city: SmallCity) -> None:
    one = await raised(community, city)
    for login in ("grid1", "property", "lawyer", "operator"):
        with pytest.raises(Forbidden):
            await proposal_desk.open_proposal(community, city.staff[login].id, one.id)
    for act in (
        proposal_desk.open_proposal(community, city.staff["desk2"].id, one.id),
        proposal_desk.refuse(community, city.staff["desk2"].id, one.id, "不归这里管的事"),
        proposal_desk.again(community, city.staff["desk2"].id, one.id),
        proposal_desk.set_threshold(community, city.staff["desk2"].id, city.places["剡溪社区"].id, 1),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(Forbidden):
        await proposals.withdraw(community, city.residents["R0002"].id, one.id)
    assert (await proposals.withdraw(community, city.residents["R0001"].id, one.id)).status is Status.WITHDRAWN


async def test_a_resident_without_a_verified_home_may_propose_but_not_sign(community: Community, city: SmallCity) -> None:
    async with community.uow() as uow:
        await uow.session.execute(text("UPDATE residents SET home_verified = :no"), {"no": False})  # type: ignore[attr-defined]
        await uow.commit()
    one = await raised(community, city)
    assert one.signed == 0
    with pytest.raises(InvalidInput, match="没有核实"):
        await proposals.sign(community, city.residents["R0002"].id, one.id, "s")
