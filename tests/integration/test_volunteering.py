"""Signing up, waiting and moving up, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from community.errors import Conflict, Forbidden, InvalidInput, LinsheError, NotFound
from community.model.party import read_party
from community.model.people import Resident
from community.model.points import Entry, Gift, Why
from community.model.volunteer import SignupStatus, Style
from community.ports import Community
from community.services import (
    certificates,
    checkin,
    ledgers,
    organising,
    points,
    signups,
    volunteer_clock,
    volunteering,
)
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unsent import unsent


async def test_a_full_shift_means_waitlist_and_its_place_is_said(community: Community, city: SmallCity) -> None:
    shift = city.shifts["waste"].id
    first = await signups.sign_up(community, city.residents["R0001"].id, shift, "in-1:s")
    second = await signups.sign_up(community, city.residents["R0002"].id, shift, "in-2:s")
    third = await signups.sign_up(community, city.residents["R0003"].id, shift, "in-3:s")
    assert [(r.status, r.position) for r in (first, second, third)] == [
        ("signed_up", 0),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]


async def test_a_freed_place_is_kept_for_the_first_who_waits_until_they_confirm(community: Community, city: SmallCity) -> None:
    shift = city.shifts["waste"].id
    people = [city.residents[code].id for code in ("R0001", "R0002", "R0003")]
    for n, person in enumerate(people):
        await signups.sign_up(community, person, shift, f"in-{n}:s")
    await signups.cancel(community, people[0], shift, "in-9:c")
    assert [m.status for m in await volunteering.mine(community, people[1])] == [SignupStatus.CONFIRMING]
    assert [m.position for m in await volunteering.mine(community, people[2])] == [1]
    messages = await unsent(community)
    assert [m.resident_id for m in messages] == [people[1]]
    assert "留到今天22:00" not in messages[0].text, "nobody is asked to answer at night"
    assert "留到明天9:00" in messages[0].text
    # The repeated message of the one who cancelled asks nobody else.
    await signups.cancel(community, people[0], shift, "in-9:c")
    assert [m.position for m in await volunteering.mine(community, people[2])] == [1]
    with pytest.raises(NotFound):
        await signups.cancel(community, people[0], shift, "in-10:c")
    await signups.confirm(community, people[1], shift)
    await signups.confirm(community, people[1], shift)
    assert [m.status for m in await volunteering.mine(community, people[1])] == [SignupStatus.SIGNED_UP]
    assert await differences(community) == []


async def test_who_does_not_confirm_in_time_makes_way_for_the_next(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    shift = city.shifts["waste"].id
    people = [city.residents[code].id for code in ("R0001", "R0002", "R0003")]
    for n, person in enumerate(people):
        await signups.sign_up(community, person, shift, f"in-{n}:s")
    await signups.cancel(community, people[0], shift, "in-9:c")
    clock.forward(hours=24)
    with pytest.raises(Conflict):
        await signups.confirm(community, people[1], shift)
    await volunteer_clock.run(community)
    await volunteer_clock.run(community)
    assert await volunteering.mine(community, people[1]) == []
    assert [m.status for m in await volunteering.mine(community, people[2])] == [SignupStatus.CONFIRMING]
    assert [m.resident_id for m in await unsent(community)] == [people[1], people[1], people[2]]
    assert await differences(community) == []


async def test_at_night_nobody_is_asked_and_nobody_new_takes_the_place_of_who_waits(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    shift = city.shifts["waste"].id
    people = [city.residents[code].id for code in ("R0001", "R0002", "R0003")]
    for n, person in enumerate(people[:2]):
        await signups.sign_up(community, person, shift, f"in-{n}:s")
    clock.forward(hours=13)
    await signups.cancel(community, people[0], shift, "in-9:c")
    await volunteer_clock.run(community)
    assert await unsent(community) == []
    late = await signups.sign_up(community, people[2], shift, "in-3:s")
    assert (late.status, late.position) == ("waitlisted", 2)
    clock.forward(hours=10)
    await volunteer_clock.run(community)
    assert [m.status for m in await volunteering.mine(community, people[1])] == [SignupStatus.CONFIRMING]


async def test_a_family_gets_its_places_together_or_waits_together(community: Community, city: SmallCity) -> None:
    shift, family = city.shifts["meal"].id, read_party("我和我女儿报名")
    one = city.residents["R0001"].id
    await signups.sign_up(community, one, shift, "in-1:s")
    with pytest.raises(InvalidInput, match="一共只有2个名额"):
        await signups.sign_up(community, city.residents["R0002"].id, shift, "in-2:s", read_party("两大一小"))
    pair = await signups.sign_up(community, city.residents["R0002"].id, shift, "in-3:s", family)
    assert (pair.status, pair.position) == ("waitlisted", 1)
    with pytest.raises(InvalidInput, match="3个人报不下"):
        await signups.sign_up(community, one, shift, "in-4:s", read_party("帮我妈和我爸也报一个"))
    added = await signups.sign_up(community, one, shift, "in-5:s", read_party("帮我妈也报一个"))
    assert added.status == "added"
    assert added.shift.taken == 2
    again = await signups.sign_up(community, one, shift, "in-5:s", read_party("帮我妈也报一个"))
    assert again.shift.taken == 2
    await signups.cancel(community, one, shift, "in-6:c")
    (mine,) = await volunteering.mine(community, city.residents["R0002"].id)
    assert (mine.status, mine.seats) == (SignupStatus.CONFIRMING, 2)
    assert await differences(community) == []


async def test_a_minimum_age_is_asked_once_and_kept(community: Community, city: SmallCity) -> None:
    person, shift = city.residents["R0001"].id, city.shifts["patrol"].id
    async with community.uow() as uow:
        pair = await uow.volunteering.shift(shift)
        assert pair is not None
        pair[0].minimum_age = 16
        await uow.commit()
    with pytest.raises(InvalidInput, match="要满16岁，女儿"):
        await signups.sign_up(community, person, shift, "in-1:s", read_party("我和我女儿12岁一起报名"))
    asked = await signups.sign_up(community, person, shift, "in-2:s", read_party("我和女儿报名"))
    assert (asked.status, [p.who for p in asked.asked]) == ("ask_age", ["女儿"])
    assert await volunteering.mine(community, person) == []
    sure = await signups.sign_up(community, person, shift, "in-3:s", read_party("我和女儿报名"), of_age=True)
    assert (sure.status, sure.shift.taken) == ("signed_up", 2)


async def test_the_day_before_is_told_once_and_who_came_has_hours_and_points(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    shift = city.shifts["patrol"].id
    family, alone, away = (city.residents[code].id for code in ("R0001", "R0002", "R0003"))
    await signups.sign_up(community, family, shift, "a", read_party("我和女儿"))
    await signups.sign_up(community, alone, shift, "b")
    await signups.sign_up(community, away, shift, "c")
    code = checkin.code_of(community, shift)
    with pytest.raises(NotFound):
        await checkin.check_in(community, family, code)
    clock.forward(days=3, hours=7, minutes=30)  # Friday 17:30; the shift is on Saturday at ten
    await volunteer_clock.run(community)
    await volunteer_clock.run(community)
    assert sorted(m.resident_id for m in await unsent(community)) == [family, alone, away]
    clock.forward(hours=16)
    with pytest.raises(InvalidInput):
        await checkin.check_in(community, family, "0000" if code != "0000" else "0001")
    assert (await checkin.check_in(community, family, code)).people == "您和女儿"
    assert (await checkin.check_in(community, family, code)).again
    await organising.mark(community, city.staff["desk1"].id, await signup_id(community, shift, alone), True)
    with pytest.raises(NotFound):
        await organising.mark(community, city.staff["desk2"].id, await signup_id(community, shift, away), True)
    clock.forward(hours=4)
    await volunteer_clock.run(community)
    await volunteer_clock.run(community)
    first = await points.balance(community, family)
    assert (first.points, first.minutes, [e.who for e in first.entries]) == (40, 240, ["女儿", ""])
    assert (await points.balance(community, alone)).points == 20
    assert (await points.balance(community, away)).points == 0
    # He was there after all: the organiser says so later, and it is entered once.
    late = await signup_id(community, shift, away)
    await organising.mark(community, city.staff["desk1"].id, late, True)
    await organising.mark(community, city.staff["desk1"].id, late, True)
    assert (await points.balance(community, away)).points == 20
    assert await differences(community) == []
    paper = await certificates.opened(community, certificates.address(community, family, "女儿").split("/")[-1][:-4])
    assert (paper.name, paper.minutes) == ("李秀英的女儿", 120)
    clock.forward(days=8)
    with pytest.raises(NotFound):
        await certificates.opened(community, certificates.address(community, family)[:-6].split("/")[-1])


async def test_wrong_codes_end_with_the_organiser(community: Community, city: SmallCity, clock: FakeClock) -> None:
    shift, person = city.shifts["patrol"].id, city.residents["R0001"].id
    await signups.sign_up(community, person, shift, "a")
    clock.forward(days=3, hours=23, minutes=45)
    code = checkin.code_of(community, shift)
    for n in range(5):
        with pytest.raises(InvalidInput):
            await checkin.check_in(community, person, f"{(int(code) + n + 1) % 10_000:04d}")
    with pytest.raises(InvalidInput, match="负责人"):
        await checkin.check_in(community, person, code)


async def test_the_last_gift_goes_to_one_and_nobody_pays_for_nothing(community: Community, city: SmallCity) -> None:
    people = [city.residents[code].id for code in ("R0001", "R0002", "R0003")]
    async with community.uow() as uow:
        for person in people:
            (await uow.points.open(person)).points = 50
            await uow.points.add(Entry(0, person, 50, 0, Why.CORRECTED, "起始", f"begin-{person}", community.clock.now()))
        gift = Gift(0, "大米", city.places["剡溪社区"].id, 30, 2, 2)
        await uow.points.add_gift(gift)
        await uow.commit()
    asked = [points.exchange(community, person, gift.id, f"in-{n}") for person in people for n in range(2)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(d, BaseException) for d in done) == 2
    assert all(isinstance(d, (Conflict, points.Exchanged)) for d in done)
    assert sorted([(await points.balance(community, person)).points for person in people]) == [20, 20, 50]
    assert await differences(community) == []
    async with community.uow() as uow:
        (await uow.points.open(people[0])).points += 1
        await uow.commit()
    assert len(await differences(community)) == 1, "a ledger that does not add up is seen"


async def test_a_series_goes_on_by_itself_and_not_twice(community: Community, city: SmallCity, clock: FakeClock) -> None:
    made = await organising.save(
        community,
        city.staff["desk1"].id,
        organising.Draft("护河", "护河", "", "码头", 8, series="weekly 5 08:00-10:00"),
    )
    await asyncio.gather(volunteer_clock.run(community), volunteer_clock.run(community))
    listed = [s.when_text for s in (await volunteering.upcoming(community, 1)).shifts if s.title == "护河"]
    assert len(listed) == 4
    clock.forward(days=7)
    await volunteer_clock.run(community)
    listed = [s.when_text for s in (await volunteering.upcoming(community, 1)).shifts if s.title == "护河"]
    assert len(listed) == 4
    assert "12月26日" in listed[-1]
    with pytest.raises(NotFound):
        await organising.open_activity(community, city.staff["desk2"].id, made)
    with pytest.raises(Forbidden):
        await organising.open_activity(community, city.staff["lawyer"].id, made)


async def test_classes_and_services_are_found_by_what_people_call_them_and_bring_no_hours(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    desk, person = city.staff["desk1"].id, city.residents["R0001"].id
    begins = clock.now().replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=2)
    times = ((begins, begins + timedelta(hours=2)),)
    for title, kind, style in (("假期书法班", "书法", Style.CLASS), ("上门磨剪刀", "磨刀", Style.SERVICE)):
        await organising.save(community, desk, organising.Draft(title, kind, "", "礼堂", 5, style=style, times=times))
    found = await volunteering.upcoming(community, person, "暑假班有哪些课")
    assert [s.title for s in found.shifts] == ["假期书法班"]
    assert [s.title for s in (await volunteering.upcoming(community, person, "菜单式服务有什么")).shifts] == ["上门磨剪刀"]
    shift = found.shifts[0].shift_id
    await signups.sign_up(community, person, shift, "a")
    clock.time = begins
    await checkin.check_in(community, person, checkin.code_of(community, shift))
    clock.forward(hours=3)
    await volunteer_clock.run(community)
    assert (await points.balance(community, person)).minutes == 0
    assert await differences(community) == []


async def test_a_shift_is_written_to_once_and_an_export_leaves_a_line(community: Community, city: SmallCity) -> None:
    shift = city.shifts["patrol"].id
    for n, code in enumerate(("R0001", "R0002")):
        await signups.sign_up(community, city.residents[code].id, shift, f"in-{n}")
    desk = city.staff["desk1"].id
    assert await organising.message(community, desk, shift, "改到北门集合", "k1") == 2
    assert await organising.message(community, desk, shift, "改到北门集合", "k1") == 0
    assert len(await unsent(community)) == 2
    title, _, rows = await organising.export_shift(community, desk, shift)
    assert (title, [row[0] for row in rows]) == ("小区平安巡逻", ["李秀英", "张建国"])
    with pytest.raises(Forbidden):
        await organising.message(community, city.staff["grid1"].id, shift, "不该由我发", "k2")


async def differences(c: Community) -> list[str]:
    return [line for found in await ledgers.check_all(c) for line in found.differences]


async def signup_id(c: Community, shift: int, resident: int) -> int:
    async with c.reading() as uow:
        signup = await uow.volunteering.signup(shift, resident)
        assert signup is not None
        return signup.id


async def test_two_things_at_one_time_are_refused_with_the_reason(community: Community, city: SmallCity) -> None:
    person = city.residents["R0001"].id
    await signups.sign_up(community, person, city.shifts["waste"].id, "in-1:s")
    with pytest.raises(Conflict, match="垃圾分类宣传"):
        await signups.sign_up(community, person, city.shifts["patrol"].id, "in-2:s")
    done = await signups.sign_up(community, person, city.shifts["meal"].id, "in-3:s")
    assert done.status == "signed_up"


async def test_the_same_message_signs_up_once(community: Community, city: SmallCity) -> None:
    person, shift = city.residents["R0001"].id, city.shifts["meal"].id
    one = await signups.sign_up(community, person, shift, "in-1:s")
    two = await signups.sign_up(community, person, shift, "in-1:s")
    three = await signups.sign_up(community, person, shift, "in-2:s")
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
        *(signups.sign_up(community, p, shift, f"in-{p}:s") for p in people), return_exceptions=True
    )
    assert not [r for r in results if isinstance(r, BaseException)]
    done = [r for r in results if not isinstance(r, BaseException)]
    assert sum(r.status == "signed_up" for r in done) == 5
    assert sorted(r.position for r in done if r.status == "waitlisted") == list(range(1, 36))


async def test_cancelling_and_signing_up_at_once_never_overfills(community: Community, city: SmallCity) -> None:
    shift, codes = city.shifts["meal"].id, ("R0001", "R0002", "R0003", "R0004")
    ids = [city.residents[c].id for c in codes]
    for n, person in enumerate(ids[:3]):
        await signups.sign_up(community, person, shift, f"a-{n}")
    results = await asyncio.gather(
        signups.cancel(community, ids[0], shift, "c-0"),
        signups.cancel(community, ids[1], shift, "c-1"),
        signups.sign_up(community, ids[3], shift, "a-3"),
        return_exceptions=True,
    )
    assert not [r for r in results if isinstance(r, BaseException) and not isinstance(r, LinsheError)]
    async with community.reading() as uow:
        pair = await uow.volunteering.shift(shift)
        assert pair is not None
        standing = [
            m for person in ids for m in await volunteering.mine(community, person) if m.status is not SignupStatus.WAITLISTED
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
