"""One ballot a household, in whatever order people act; what can be read of a secret one; the count. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from community.errors import Conflict, Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.ballot import SCORES, YES_NO, BallotStatus, Kind, Rule
from community.model.deliberation import Outcome
from community.ports import Community
from community.services import ballot_count, ballot_ledger, ballot_papers, ballots, outbound, property_reviews, voting
from community.services import clock as ticking
from community.services.ballots import NewBallot
from community.services.notify import tell
from community.store.tables import ballot_papers as papers_table
from community.store.tables import ballot_turnout, ballot_urns, ballot_votes
from tests.conftest import FakeClock
from tests.deliberating import opened, settle, vote
from tests.small_city import SmallCity


async def rows(c: Community, statement: str) -> list[tuple[object, ...]]:
    async with c.reading() as uow:
        return [tuple(row) for row in (await uow.session.execute(text(statement))).all()]  # type: ignore[attr-defined]


# --- one vote a household, in any interleaving ------------------------------------------------------------------------------

PLANS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=15),  # who of sixteen people of eight households
        st.sampled_from(YES_NO),
        st.integers(min_value=0, max_value=1),  # a message delivered again has the same key
    ),
    min_size=2,
    max_size=14,
)


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "open"])
async def test_a_household_votes_once_however_many_of_it_vote_at_the_same_time_and_again(
    community: Community, city: SmallCity, secret: bool
) -> None:
    people = await settle(community, city, each=2)
    numbers = iter(range(1000))

    async def attempt(who: int, option: str, key: str, ballot_id: int) -> tuple[int, str] | None:
        """(household, option) when this was told to be a vote."""
        try:
            await vote(community, people[who].id, ballot_id, option, key=key)
        except (Conflict, NotFound):
            return None
        return people[who].room_id or 0, option

    async def play(plan: list[tuple[int, str, int]]) -> None:
        ballot = await opened(community, city, f"p{next(numbers)}", secret=secret)
        tried = [attempt(who, option, f"{ballot.id}:{who}:{again}", ballot.id) for who, option, again in plan]
        done = [one for one in await asyncio.gather(*tried) if one is not None]
        households = {people[who].room_id for who, _, _ in plan}
        async with community.reading() as uow:
            turnout = await uow.ballots.turnout(ballot.id)
            named = await uow.ballots.named(ballot.id)
            sealed = await uow.ballots.urn(ballot.id)
        # Everybody who tried has voted through somebody of their household, exactly once.
        assert len(turnout) == len(set(turnout)) == len(households)
        assert {room for room, _ in done} == households
        votes = ballot_papers.opened(community, sealed) if sealed else {}
        counted = sum(votes.values()) if secret else len(named)
        assert counted == len(households)
        assert await ballot_ledger.differences(community) == []

    loop = asyncio.get_running_loop()

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(PLANS)
    def every(plan: list[tuple[int, str, int]]) -> None:
        asyncio.run_coroutine_threadsafe(play(plan), loop).result(60)

    await asyncio.to_thread(every)


async def test_the_same_message_again_is_the_same_vote_and_another_one_is_refused(community: Community, city: SmallCity) -> None:
    people = await settle(community, city, each=2)
    ballot = await opened(community, city)
    question = await voting.paper(community, people[0].id, ballot.id)
    other = await voting.paper(community, people[0].id, ballot.id)
    first = await voting.cast(community, people[0].id, question.token, "1", "in-1:cast")
    assert await voting.cast(community, people[0].id, question.token, "1", "in-1:cast") == first
    with pytest.raises(Conflict, match="已经投过"):
        await voting.cast(community, people[0].id, other.token, "2", "in-2:cast")
    with pytest.raises(Conflict, match="已经投过"):
        await voting.paper(community, people[1].id, ballot.id)  # of the same household
    assert len(await rows(community, "SELECT * FROM ballot_turnout")) == 1


async def test_only_a_verified_home_on_the_roll_of_the_opening_votes(community: Community, city: SmallCity) -> None:
    people = await settle(community, city)
    ballot = await opened(community, city, place="剡溪花园", secret=True)
    stranger, homeless = city.residents["R0004"].id, city.residents["R0005"].id
    with pytest.raises(InvalidInput, match="名册里没有您家"):
        await voting.paper(community, stranger, ballot.id)
    with pytest.raises(InvalidInput, match="绑定住址"):
        await voting.paper(community, homeless, ballot.id)
    async with community.uow() as uow:
        moved = await uow.people.resident(people[0].id)
        assert moved is not None
        moved.home_verified = False
        await uow.commit()
    with pytest.raises(InvalidInput, match="没有核实"):
        await voting.paper(community, people[0].id, ballot.id)
    # A paper is its resident's own.
    question = await voting.paper(community, people[1].id, ballot.id)
    with pytest.raises(NotFound, match="用过或者过时"):
        await voting.cast(community, people[2].id, question.token, "1", "stolen")


async def test_nobody_votes_before_or_after_the_time_nor_counts_early(community: Community, city: SmallCity, clock: FakeClock) -> None:
    people = await settle(community, city)
    ballot = await opened(community, city)
    with pytest.raises(IllegalMove, match="不能提前开票"):
        await ballot_count.close(community, city.staff["desk1"].id, ballot.id)
    question = await voting.paper(community, people[0].id, ballot.id)
    clock.forward(days=3, seconds=1)
    with pytest.raises((IllegalMove, NotFound)):
        await voting.cast(community, people[0].id, question.token, "1", "late")


# --- what can be read of a secret ballot ------------------------------------------------------------------------------------


async def test_nothing_of_a_secret_vote_can_be_joined_to_who_cast_it(community: Community, city: SmallCity, clock: FakeClock) -> None:
    """Schema: no column of the votes or the urn names a household, a resident, a room, a time or a row's order; and on PostgreSQL the
    transaction that wrote the votes is none that wrote a turnout (xmin joins what the columns do not)."""
    people = await settle(community, city)
    ballot = await opened(community, city, secret=True)
    lengths = set()
    for n, resident in enumerate(people):
        await vote(community, resident.id, ballot.id, YES_NO[n % 2])
        ((sealed,),) = await rows(community, "SELECT sealed FROM ballot_urns")
        assert "同意" not in str(sealed)
        lengths.add(len(str(sealed)))
    assert len(lengths) == 1  # its length says nothing of the numbers
    assert await rows(community, "SELECT * FROM ballot_votes") == []
    assert await rows(community, "SELECT * FROM ballot_named") == []
    assert await rows(community, "SELECT * FROM ballot_papers") == []
    clock.forward(days=4)
    await ticking.tick(community)
    assert await rows(community, "SELECT * FROM ballot_urns") == []
    assert sorted(await rows(community, "SELECT option, votes FROM ballot_votes")) == [(0, 4), (1, 4), (2, 0)]
    assert set(ballot_votes.c.keys()) == {"ballot_id", "item", "option", "votes"}
    assert set(ballot_urns.c.keys()) == {"ballot_id", "sealed"}
    assert set(ballot_turnout.c.keys()) == {"ballot_id", "household_id", "day"}
    for table in (ballot_votes, ballot_urns):
        assert {key.column.table.name for key in table.foreign_keys} == {"ballots"}
    async with community.reading() as uow:
        if uow.session.get_bind().dialect.name == "postgresql":  # type: ignore[attr-defined]
            wrote = {row[0] for row in await rows(community, "SELECT xmin::text FROM ballot_votes")}
            came = {row[0] for row in await rows(community, "SELECT xmin::text FROM ballot_turnout")}
            assert len(wrote) == 1
            assert not wrote & came


async def test_no_choice_of_a_secret_vote_stands_in_the_rows_of_the_conversation(community: Community, city: SmallCity) -> None:
    """What is kept of it: the question as told, the digit, the read-back. Names are put in when it leaves, for its resident only."""
    people = await settle(community, city)
    ballot = await opened(community, city, secret=True)
    who = people[0].id
    question = await voting.paper(community, who, ballot.id)
    told = "\n".join(f"回 {digit} {name}" for digit, name in question.lines)
    again = await voting.go_on(community, who, question.token, "2")
    async with community.uow() as uow:
        await uow.session.execute(text("DELETE FROM outbox"))  # type: ignore[attr-defined]
        await tell(uow, who, told, key="q", now=community.clock.now())
        await tell(uow, who, f"您选的是：{again.said[0][1]}", key="a", now=community.clock.now())
        await uow.commit()
    kept = " ".join(str(row[0]) for row in await rows(community, "SELECT text FROM outbox"))
    assert not any(option in kept for option in YES_NO)
    parcels = await outbound.claim(community, "w")
    left = "\n".join(envelope.text for parcel in parcels for envelope in parcel.envelopes)
    assert all(option in left for option in YES_NO)
    lines = {line.text for line in await outbound.history(community, who)}
    async with community.reading() as uow:
        paper = await ballot_papers.read(uow, community, question.token)
    assert paper is not None
    chosen = YES_NO[paper.option(0, 2)]
    assert f"您选的是：{chosen}" in lines
    # Nobody else's screen, and after the vote not even one's own.
    assert chosen not in await ballot_papers.reveal(community, people[1].id, again.said[0][1])
    await voting.cast(community, who, question.token, "2", "cast")
    assert all(option not in line.text for line in await outbound.history(community, who) for option in YES_NO)
    for table in ("inbox", "outbox", "done_keys", "ballot_turnout", "ballot_papers"):
        assert not any(option in str(row) for row in await rows(community, f"SELECT * FROM {table}") for option in YES_NO)


async def test_papers_that_nobody_used_are_forgotten(community: Community, city: SmallCity, clock: FakeClock) -> None:
    people = await settle(community, city)
    ballot = await opened(community, city, secret=True)
    question = await voting.paper(community, people[0].id, ballot.id)
    clock.forward(hours=1, minutes=1)
    await ticking.tick(community)
    assert await rows(community, "SELECT * FROM ballot_papers") == []
    with pytest.raises(NotFound, match="过时"):
        await voting.go_on(community, people[0].id, question.token, "1")
    assert papers_table.c.keys() == ["token", "ballot_id", "sealed", "until"]


async def test_a_clerk_sees_the_turnout_and_never_a_number_before_the_count(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    people = await settle(community, city)
    ballot = await opened(community, city, secret=True)
    desk = city.staff["desk1"].id
    for resident in people[:5]:
        await vote(community, resident.id, ballot.id, "同意")
    seen = await ballots.look(community, desk, ballot.id)
    assert (seen.voted, seen.households, seen.votes, seen.ballot.result) == (5, 8, None, {})
    clock.forward(days=4)
    assert await ballot_count.run(community) == 1
    assert await ballot_count.run(community) == 0
    seen = await ballots.look(community, desk, ballot.id)
    assert seen.votes == {(0, 0): 5, (0, 1): 0, (0, 2): 0}
    assert seen.ballot.outcome is Outcome.PASSED
    told = [row[0] for row in await rows(community, "SELECT text FROM outbox WHERE text LIKE '【表决结果】%'")]
    assert len(told) == len(people) + 3  # the residents of the small city who live there, too
    assert "应到8户，参加5户；同意5户，反对0户，弃权0户" in str(told[0])


async def test_a_secret_ballot_of_a_few_is_not_opened_and_one_that_few_came_to_is_not_counted(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    people = await settle(community, city)
    with pytest.raises(InvalidInput, match="猜得出"):
        await opened(community, city, "few", place="剡溪花园/3", secret=True)
    ballot = await opened(community, city, secret=True)
    for resident in people[:4]:
        await vote(community, resident.id, ballot.id, "反对")
    clock.forward(days=4)
    await ticking.tick(community)
    seen = await ballots.look(community, city.staff["desk1"].id, ballot.id)
    assert seen.ballot.outcome is Outcome.NO_QUORUM
    assert seen.votes == {}
    assert await rows(community, "SELECT * FROM ballot_votes") == []
    assert await ballot_ledger.differences(community) == []


# --- the rest -----------------------------------------------------------------------------------------------------------------


async def test_owners_rule_counts_areas_where_they_are_known_and_only_by_name(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    people = await settle(community, city)
    desk, now = city.staff["desk1"].id, community.clock.now()
    areas = {f"剡溪花园/{b}/{u}/{r}": 50.0 for b in "35" for u in "12" for r in ("101", "502")} | {"剡溪花园/3/1/101": 500.0}
    estate = city.places["剡溪花园"].id
    new = NewBallot(estate, "动用维修资金", now, now + timedelta(days=3), "k1", secret=True, rule=Rule.OWNERS)
    secret = await ballots.prepare(community, desk, new)
    with pytest.raises(InvalidInput, match="记名"):
        await ballots.open_ballot(community, desk, secret.id, "o1", areas)
    new = NewBallot(estate, "动用维修资金", now, now + timedelta(days=3), "k2", secret=False, rule=Rule.OWNERS)
    ballot = await ballots.prepare(community, desk, new)
    with pytest.raises(InvalidInput, match="还有7户没有面积"):
        await ballots.open_ballot(community, desk, ballot.id, "o2", {"剡溪花园/3/1/101": 500.0})
    await ballots.open_ballot(community, desk, ballot.id, "o2", areas)
    rich = city.places["剡溪花园/3/1/101"].id
    for resident in people:
        if resident.room_id != rich:
            await vote(community, resident.id, ballot.id, "同意")
    clock.forward(days=4)
    await ticking.tick(community)
    # Seven of eight households, all agreed, but most of the area did not come.
    seen = await ballots.look(community, desk, ballot.id)
    assert seen.ballot.outcome is Outcome.NO_QUORUM
    assert "面积" in seen.ballot.result["words"]


async def test_a_review_of_the_property_company_feeds_its_ledger_once(community: Community, city: SmallCity, clock: FakeClock) -> None:
    people = await settle(community, city)
    desk, now = city.staff["desk1"].id, community.clock.now()
    ((company, _),) = await ballots.companies(community, desk)
    estate, items = city.places["剡溪花园"].id, ("保洁", "维修")
    new = NewBallot(estate, "物业年度评议", now, now + timedelta(days=3), "k", Kind.SCORES, items=items, company_id=company)
    ballot = await ballots.prepare(community, desk, new)
    await ballots.open_ballot(community, desk, ballot.id, "o")
    for n, resident in enumerate(people):
        await vote(community, resident.id, ballot.id, SCORES[0], SCORES[n % 2 * 4])
    clock.forward(days=4)
    await asyncio.gather(*(ballot_count.run(community) for _ in range(3)))
    seen = await ballots.look(community, desk, ballot.id)
    assert [(one.title, one.total, one.voters, one.mean) for one in seen.scores] == [("保洁", 40, 8, 5.0), ("维修", 24, 8, 3.0)]
    assert "保洁5.00分，维修3.00分" in seen.ballot.result["words"]
    assert await ballot_ledger.differences(community) == []
    (review,) = await property_reviews.latest(community, city.staff["property"].id)
    assert (review.company, review.households, review.mean, review.before) == ("安居物业", 8, 4.0, None)
    assert await property_reviews.latest(community, desk) == (review,)
    for login in ("desk2", "grid1", "operator"):
        assert await property_reviews.latest(community, city.staff[login].id) == ()
    async with community.uow() as uow:
        await uow.session.execute(text("UPDATE property_scores SET total = total + 1 WHERE item = 1"))  # type: ignore[attr-defined]
        await uow.commit()
    assert len(await ballot_ledger.differences(community)) == 1


async def test_the_ledger_finds_a_vote_too_many_and_a_household_too_few(community: Community, city: SmallCity) -> None:
    people = await settle(community, city)
    ballot = await opened(community, city, secret=True)
    for resident in people[:6]:
        await vote(community, resident.id, ballot.id, "同意")
    assert await ballot_ledger.differences(community) == []
    async with community.uow() as uow:
        await ballot_papers.drop_in(uow, community, ballot.id, (0,))
        await uow.commit()
    assert "票箱第1项有7票，投过票的有6户" in (await ballot_ledger.differences(community))[0]


async def test_only_the_community_of_it_prepares_opens_or_sees_a_ballot(community: Community, city: SmallCity) -> None:
    await settle(community, city)
    ballot = await opened(community, city)
    for login in ("grid1", "property", "lawyer"):
        with pytest.raises(Forbidden):
            await ballots.look(community, city.staff[login].id, ballot.id)
    with pytest.raises(NotFound):
        await ballots.look(community, city.staff["desk2"].id, ballot.id)
    now = community.clock.now()
    new = NewBallot(city.places["剡溪花园"].id, "装车棚", now, now + timedelta(days=1), "other")
    with pytest.raises(InvalidInput, match="本社区"):
        await ballots.prepare(community, city.staff["desk2"].id, new)


async def test_a_ballot_called_off_counts_nothing(community: Community, city: SmallCity, clock: FakeClock) -> None:
    people = await settle(community, city)
    ballot = await opened(community, city, secret=True)
    await vote(community, people[0].id, ballot.id, "同意")
    await ballots.call_off(community, city.staff["desk1"].id, ballot.id, "方案要改")
    assert await rows(community, "SELECT * FROM ballot_urns") == []
    with pytest.raises(IllegalMove, match="取消"):
        await vote(community, people[1].id, ballot.id, "同意")
    clock.forward(days=4)
    assert await ballot_count.run(community) == 0
    assert (await ballots.look(community, city.staff["desk1"].id, ballot.id)).ballot.status is BallotStatus.CANCELLED
