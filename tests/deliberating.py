"""A ballot's households beyond the small city's, and what tests of 协商议事 do again and again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, update

from community.model.ballot import Ballot, Rule
from community.model.people import ChannelIdentity, Resident
from community.ports import Community
from community.services import ballots, voting
from community.services.ballots import NewBallot
from community.store.tables import households, residents
from tests.small_city import SmallCity

ROOMS = [f"剡溪花园/{building}/{unit}/{room}" for building in ("3", "5") for unit in ("1", "2") for room in ("101", "502")]
"""The eight rooms of 剡溪花园; three have a household in the small city."""


async def settle(c: Community, city: SmallCity, each: int = 1) -> list[Resident]:
    """A household in every room of 剡溪花园, and `each` residents living there whose home is verified."""
    made: list[Resident] = []
    async with c.uow() as uow:
        session = uow.session  # type: ignore[attr-defined]
        await session.execute(update(residents).values(home_verified=True).where(residents.c.room_id.is_not(None)))
        for room in ROOMS:
            place = city.places[room]
            if await uow.people.household_of_room(place.id) is None:
                await session.execute(insert(households).values(room_id=place.id, head_name="住户", members=2, elderly_alone=False))
            for n in range(each):
                resident = Resident(0, f"voter-{place.id}-{n}", f"住户{place.id}", room_id=place.id, home_verified=True, demo=True)
                await uow.people.add_resident(resident)
                await uow.people.add_identity(ChannelIdentity(0, resident.id, "webchat", resident.key))
                made.append(resident)
        await uow.commit()
    return made


async def opened(c: Community, city: SmallCity, key: str = "b", place: str = "剡溪花园", **more: object) -> Ballot:
    """An open ballot of 剡溪花园."""
    now = c.clock.now()
    desk = city.staff["desk1"].id
    given: dict[str, object] = {"rule": Rule.SIMPLE, **more}
    new = NewBallot(city.places[place].id, f"装车棚{key}", now, now + timedelta(days=3), f"prepare:{key}", **given)  # type: ignore[arg-type]
    ballot = await ballots.prepare(c, desk, new)
    await ballots.open_ballot(c, desk, ballot.id, f"open:{key}")
    return ballot


async def vote(c: Community, resident_id: int, ballot_id: int, *options: str, key: str = "") -> None:
    """Vote as a person does: on a paper, looking for the digit that stands for each option."""
    question = await voting.paper(c, resident_id, ballot_id)
    await voting.cast(c, resident_id, question.token, await marks(c, question.token, *options), key or f"{resident_id}:{ballot_id}")


async def marks(c: Community, token: str, *options: str) -> str:
    from community.services.ballot_papers import read

    async with c.reading() as uow:
        paper = await read(uow, c, token)
        assert paper is not None
        ballot = await uow.ballots.get(paper.ballot_id)
        assert ballot is not None
        found = [one["options"].index(option) for one, option in zip(ballot.items, options, strict=True)]
        return "".join(str(order.index(option) + 1) for order, option in zip(paper.orders, found, strict=True))
