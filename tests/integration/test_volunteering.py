"""Signing up, waiting and moving up, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest

from community.errors import Conflict, LinsheError, NotFound
from community.model.people import Resident
from community.model.volunteer import SignupStatus
from community.ports import Community
from community.services import volunteering
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unsent import unsent


async def test_a_full_shift_means_waitlist_and_its_place_is_said(community: Community, city: SmallCity) -> None:
    shift = city.shifts["waste"].id
    first = await volunteering.sign_up(community, city.residents["R0001"].id, shift, "in-1:s")
    second = await volunteering.sign_up(community, city.residents["R0002"].id, shift, "in-2:s")
    third = await volunteering.sign_up(community, city.residents["R0003"].id, shift, "in-3:s")
    assert [(r.status, r.position) for r in (first, second, third)] == [
        ("signed_up", 0),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]


async def test_cancelling_moves_the_first_in_the_waitlist_up_and_tells_them(
    community: Community, city: SmallCity
) -> None:
    shift = city.shifts["waste"].id
    people = [city.residents[code].id for code in ("R0001", "R0002", "R0003")]
    for n, person in enumerate(people):
        await volunteering.sign_up(community, person, shift, f"in-{n}:s")
    await volunteering.cancel(community, people[0], shift, "in-9:c")
    assert [m.status for m in await volunteering.mine(community, people[1])] == [SignupStatus.SIGNED_UP]
    assert [m.position for m in await volunteering.mine(community, people[2])] == [1]
    messages = await unsent(community)
    assert [m.resident_id for m in messages] == [people[1]]
    assert "报名成功" in messages[0].text
    # The repeated message of the one who cancelled moves nobody else up.
    await volunteering.cancel(community, people[0], shift, "in-9:c")
    assert [m.position for m in await volunteering.mine(community, people[2])] == [1]
    with pytest.raises(NotFound):
        await volunteering.cancel(community, people[0], shift, "in-10:c")


async def test_two_things_at_one_time_are_refused_with_the_reason(community: Community, city: SmallCity) -> None:
    person = city.residents["R0001"].id
    await volunteering.sign_up(community, person, city.shifts["waste"].id, "in-1:s")
    with pytest.raises(Conflict, match="垃圾分类宣传"):
        await volunteering.sign_up(community, person, city.shifts["patrol"].id, "in-2:s")
    done = await volunteering.sign_up(community, person, city.shifts["meal"].id, "in-3:s")
    assert done.status == "signed_up"


async def test_the_same_message_signs_up_once(community: Community, city: SmallCity) -> None:
    person, shift = city.residents["R0001"].id, city.shifts["meal"].id
    one = await volunteering.sign_up(community, person, shift, "in-1:s")
    two = await volunteering.sign_up(community, person, shift, "in-1:s")
    three = await volunteering.sign_up(community, person, shift, "in-2:s")
    assert (one.status, two.status, three.status) == ("signed_up", "signed_up", "already")
    assert three.shift.taken == 1


async def test_forty_people_at_once_for_five_places(community: Community, city: SmallCity) -> None:
    people = []
    async with community.uow() as uow:
        for n in range(40):
            resident = Resident(0, f"crowd{n}", f"居民{n}")
            await uow.people.add_resident(resident)
            people.append(resident.id)
        await uow.commit()
    shift = city.shifts["patrol"].id
    results = await asyncio.gather(
        *(volunteering.sign_up(community, p, shift, f"in-{p}:s") for p in people), return_exceptions=True
    )
    assert not [r for r in results if isinstance(r, BaseException)]
    done = [r for r in results if not isinstance(r, BaseException)]
    assert sum(r.status == "signed_up" for r in done) == 5
    assert sorted(r.position for r in done if r.status == "waitlisted") == list(range(1, 36))


async def test_cancelling_and_signing_up_at_once_never_overfills(community: Community, city: SmallCity) -> None:
    shift, codes = city.shifts["meal"].id, ("R0001", "R0002", "R0003", "R0004")
    ids = [city.residents[c].id for c in codes]
    for n, person in enumerate(ids[:3]):
        await volunteering.sign_up(community, person, shift, f"a-{n}")
    results = await asyncio.gather(
        volunteering.cancel(community, ids[0], shift, "c-0"),
        volunteering.cancel(community, ids[1], shift, "c-1"),
        volunteering.sign_up(community, ids[3], shift, "a-3"),
        return_exceptions=True,
    )
    assert not [r for r in results if isinstance(r, BaseException) and not isinstance(r, LinsheError)]
    async with community.reading() as uow:
        pair = await uow.volunteering.shift(shift)
        assert pair is not None
        standing = [
            m for person in ids for m in await volunteering.mine(community, person) if m.status is SignupStatus.SIGNED_UP
        ]
        assert pair[1].taken == len(standing) == 2


async def test_listing_understands_the_day_and_the_kind(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = city.residents["R0001"].id
    saturday = await volunteering.upcoming(community, person, "周六有什么活动")
    assert [s.title for s in saturday.shifts] == ["垃圾分类宣传", "小区平安巡逻"]
    by_kind = await volunteering.upcoming(community, person, "有没有助餐的活动")
    assert [s.title for s in by_kind.shifts] == ["敬老助餐"]
    found = await volunteering.find_shift(community, person, "我要报名周六的巡逻")
    assert [s.title for s in found] == ["小区平安巡逻"]
    assert await volunteering.find_shift(community, person, "我想当志愿者") == []
    clock.forward(days=10)
    assert (await volunteering.upcoming(community, person)).shifts == []
