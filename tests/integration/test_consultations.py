"""The community's lawyer: a time is given once, given back, reminded of, and read by whom it concerns. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from community.errors import Conflict, Forbidden, IllegalMove, LinsheError, NotFound
from community.model.calendar import local
from community.model.consultation import ConsultationStatus, Outcome
from community.model.people import Leave, Staff
from community.ports import Community
from community.services import consultations
from tests.conftest import FakeClock
from tests.small_city import SmallCity


@pytest.fixture
def lawyer(city: SmallCity) -> Staff:
    """On duty on Tuesdays and Thursdays from two to five."""
    return city.staff["lawyer"]


async def outbox(c: Community, resident_id: int) -> list[str]:
    async with c.reading() as uow:
        return [line.text for line in await uow.outbox.latest(resident_id, 50)]


async def test_a_time_is_booked_told_of_the_evening_before_and_read_by_its_lawyer_alone(
    community: Community, city: SmallCity, lawyer: Staff, clock: FakeClock
) -> None:
    who = city.residents["R0001"].id
    slots = (await consultations.free(community, who)).slots
    assert len(slots) == 4
    assert {slot.lawyer for slot in slots} == {"林律师"}
    chosen = slots[-1]
    booked = await consultations.book(community, who, chosen.lawyer_id, chosen.starts_at, "押金不退，我电话13912345678", "k1")
    assert (await consultations.book(community, who, chosen.lawyer_id, chosen.starts_at, "again", "k1")).id == booked.id
    assert chosen.starts_at not in [slot.starts_at for slot in (await consultations.free(community, who)).slots]
    evening = local(chosen.starts_at).replace(hour=18, minute=1) - timedelta(days=1)
    clock.time = evening
    assert await consultations.remind(community) == 1
    assert await consultations.remind(community) == 0
    days = await consultations.day(community, lawyer.id, local(chosen.starts_at).date(), 1)
    assert [(one.resident, "［电话］" in one.question) for one in days] == [(city.residents["R0001"].name, True)]
    seen = await consultations.day(community, city.staff["desk1"].id, local(chosen.starts_at).date(), 1)
    assert [one.question for one in seen] == [""]
    with pytest.raises(Forbidden):
        await consultations.day(community, city.staff["grid1"].id, local(chosen.starts_at).date(), 1)
    with pytest.raises(IllegalMove):
        await consultations.settle(community, lawyer.id, booked.id, ConsultationStatus.CAME, Outcome.EXPLAINED)
    clock.time = chosen.starts_at + timedelta(minutes=40)
    with pytest.raises(NotFound):
        await consultations.settle(community, city.staff["desk1"].id, booked.id, ConsultationStatus.CAME)
    await consultations.settle(community, lawyer.id, booked.id, ConsultationStatus.CAME, Outcome.LEGAL_AID, "填了申请")
    (done,) = await consultations.day(community, lawyer.id, local(chosen.starts_at).date(), 1)
    assert (done.status_name, done.outcome_name, done.note) == ("来过了", "建议申请法援", "填了申请")


async def test_one_time_is_given_to_one_of_many_who_ask_at_once(community: Community, city: SmallCity, lawyer: Staff) -> None:
    first = (await consultations.free(community, city.residents["R0001"].id)).slots[0]

    async def ask(name: str) -> str:
        try:
            await consultations.book(community, city.residents[name].id, first.lawyer_id, first.starts_at, "", f"k-{name}")
        except Conflict:
            return "no"
        return "yes"

    names = ["R0001", "R0002", "R0003"]
    assert sorted(await asyncio.gather(*map(ask, names))) == ["no"] * (len(names) - 1) + ["yes"]


async def test_what_is_given_back_can_be_had_by_a_neighbour_and_a_new_time_gives_the_old_one_back(
    community: Community, city: SmallCity, lawyer: Staff
) -> None:
    one, other = (city.residents[name].id for name in sorted(city.residents)[:2])
    slots = (await consultations.free(community, one)).slots
    await consultations.book(community, one, lawyer.id, slots[0].starts_at, "", "a")
    await consultations.book(community, one, lawyer.id, slots[1].starts_at, "", "b")
    mine = await consultations.mine(community, one)
    assert mine is not None
    assert mine.starts_at == slots[1].starts_at
    await consultations.book(community, other, lawyer.id, slots[0].starts_at, "", "c")
    await consultations.cancel(community, one)
    assert await consultations.mine(community, one) is None
    with pytest.raises(LinsheError):
        await consultations.cancel(community, one)


async def test_a_lawyer_who_is_away_or_calls_a_day_off_is_not_waited_for(community: Community, city: SmallCity, lawyer: Staff) -> None:
    who = city.residents["R0001"].id
    slot = (await consultations.free(community, who)).slots[0]
    day = local(slot.starts_at).date()
    await consultations.book(community, who, lawyer.id, slot.starts_at, "", "k")
    assert await consultations.call_off(community, lawyer.id, lawyer.id, day, "临时开庭") == 1
    assert any("来不了" in text and "临时开庭" in text for text in await outbox(community, who))
    # Nobody is offered the day that was called off.
    assert all(local(one.starts_at).date() != day for one in (await consultations.free(community, who)).slots)
    async with community.uow() as uow:
        await uow.leaves.add(Leave(0, lawyer.id, day + timedelta(days=1), day + timedelta(days=3)))
        await uow.commit()
    assert all(local(one.starts_at).date() > day + timedelta(days=3) for one in (await consultations.free(community, who)).slots)
