"""Notices: to everybody who lives there, once; not at night; read, sent again, put right. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from community.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.audit import Viewed
from community.model.category import Category
from community.model.household import ResidentHome
from community.model.message import OutboxMessage, OutboxStatus
from community.model.notice import Kind, goes_at
from community.ports import Community
from community.services import clock as clocks
from community.services import notice_views, notices, noticing
from community.services.notices import NewNotice
from tests.conftest import FakeClock
from tests.small_city import SmallCity


def water(c: Community, city: SmallCity, where: str = "剡溪花园/3", *, urgent: str = "", hours: float = 4, text: str = "") -> NewNotice:
    now = c.clock.now()
    words = text or "因水表检修停水，请提前存好用水。"
    return NewNotice(Kind.WATER, "水表检修", words, now, now + timedelta(hours=hours), (city.places[where].id,), urgent)


async def told(c: Community, who: int) -> list[str]:
    async with c.reading() as uow:
        return [row.text for row in reversed(await uow.outbox.latest(who, 20))]


async def test_everybody_of_the_building_is_told_once_and_nobody_else(community: Community, city: SmallCity) -> None:
    new = water(community, city)
    shown = await notices.preview(community, city.staff["desk1"].id, new)
    assert (shown.residents, shown.reachable, shown.refused, shown.waits) == (2, 2, "", False)
    assert shown.by_building == (("剡溪花园3幢", 2, 2),)
    made = await asyncio.gather(*(notices.publish(community, city.staff["desk1"].id, new, "one") for _ in range(2)), return_exceptions=True)
    assert any(isinstance(one, notice_views.NoticeView) for one in made)
    again = await notices.publish(community, city.staff["desk1"].id, new, "one")
    assert (again.state, again.sent, again.read) == ("current", 2, 0)
    assert len(await notice_views.list_notices(community, city.staff["desk1"].id)) == 1
    for code, times in (("R0001", 1), ("R0002", 1), ("R0003", 0)):
        said = await told(community, city.residents[code].id)
        assert [one for one in said if "水表检修" in one] == [shown.text] * times, code


async def test_a_second_home_is_told_too(community: Community, city: SmallCity) -> None:
    async with community.uow() as uow:
        who = city.residents["R0003"].id
        await uow.homes.add(ResidentHome(0, who, city.places["剡溪花园/3/2/502"].id, True, community.clock.now()))
        await uow.commit()
    await notices.publish(community, city.staff["desk1"].id, water(community, city), "two")
    assert any("水表检修" in one for one in await told(community, who))


async def test_at_night_it_waits_for_the_morning_unless_it_is_urgent(community: Community, city: SmallCity, clock: FakeClock) -> None:
    clock.forward(hours=13)  # 23:00 in the city
    desk = city.staff["desk1"].id
    assert (await notices.preview(community, desk, water(community, city, hours=20))).waits
    waiting = await notices.publish(community, desk, water(community, city, hours=20), "night")
    assert waiting.state == "waiting"
    assert await told(community, city.residents["R0001"].id) == []
    clock.forward(hours=7.9)
    assert (await clocks.tick(community)).notices == 0
    clock.forward(hours=0.2)
    assert (await clocks.tick(community)).notices == 1
    assert (await clocks.tick(community)).notices == 0
    assert len(await told(community, city.residents["R0001"].id)) == 1
    urgent = await notices.publish(community, desk, water(community, city, "剡溪花园/5", urgent="爆管，马上停水"), "urgent")
    assert urgent.state == "current"


def test_the_quiet_hours_end_at_seven(clock: FakeClock) -> None:
    night = clock.now().replace(hour=15, minute=30)  # 23:30
    assert goes_at(night, False) - night == timedelta(hours=7, minutes=30) - (night - night.replace(second=0, microsecond=0))
    assert goes_at(night, True) == night
    early = night.replace(hour=22)  # 6:30 of the next morning
    assert timedelta(0) < goes_at(early, False) - early <= timedelta(minutes=30)


async def test_reading_is_counted_by_building_and_those_who_did_not_are_named_to_be_called(community: Community, city: SmallCity) -> None:
    desk = city.staff["desk1"].id
    made = await notices.publish(community, desk, water(community, city), "read")
    await noticing.read(community, city.residents["R0002"].id, made.id)
    await noticing.read(community, city.residents["R0002"].id, made.id)
    seen = await notice_views.look(community, desk, made.id)
    assert (seen.view.sent, seen.view.read) == (2, 1)
    assert seen.by_building == (("剡溪花园3幢", 2, 1),)
    assert [(one.name, one.home) for one in seen.unread] == [("李**", "剡溪花园3幢2单元502室")]
    with pytest.raises(NotFound):
        await noticing.read(community, city.residents["R0003"].id, made.id)


async def test_it_goes_again_only_to_who_did_not_answer_not_at_once_and_twice_at_most(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    desk = city.staff["desk1"].id
    made = await notices.publish(community, desk, water(community, city, hours=10), "again")
    await noticing.read(community, city.residents["R0002"].id, made.id)
    with pytest.raises(IllegalMove, match="一个小时"):
        await notices.resend(community, desk, made.id)
    for _ in range(2):
        clock.forward(hours=1.1)
        assert await notices.resend(community, desk, made.id) == 1
    clock.forward(hours=1.1)
    with pytest.raises(IllegalMove, match="打电话"):
        await notices.resend(community, desk, made.id)
    assert len(await told(community, city.residents["R0001"].id)) == 3
    assert len(await told(community, city.residents["R0002"].id)) == 1


async def test_what_is_taken_back_is_put_right_with_everybody_and_answers_no_report(community: Community, city: SmallCity) -> None:
    desk, who, home = city.staff["desk1"].id, city.residents["R0001"].id, city.places["剡溪花园/3/2/502"].id
    made = await notices.publish(community, desk, water(community, city), "recall")
    assert await noticing.covering(community, who, Category.WATER_SUPPLY, home) is not None
    assert await noticing.covering(community, who, Category.LIGHTING, home) is None
    assert await noticing.covering(community, who, Category.WATER_SUPPLY, city.places["剡溪花园/5/1/101"].id) is None
    assert await notices.recall(community, desk, made.id, "检修改到下周，今天不停水") == 2
    assert "不停水" in (await told(community, who))[-1]
    assert await noticing.covering(community, who, Category.WATER_SUPPLY, home) is None
    assert (await noticing.going_on(community, who)).notices == ()


async def test_what_waits_for_the_morning_must_not_be_over_by_then_and_nobody_is_reminded_at_night(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    desk = city.staff["desk1"].id
    day = await notices.publish(community, desk, water(community, city, hours=20), "day")
    clock.forward(hours=12.6)  # 22:36
    with pytest.raises(InvalidInput, match="早上再发就过了"):
        await notices.publish(community, desk, water(community, city, hours=6), "night")
    with pytest.raises(IllegalMove, match="夜里不打扰"):
        await notices.resend(community, desk, day.id)


async def test_the_end_moved_there_and_back_is_told_each_time_with_its_date(community: Community, city: SmallCity) -> None:
    desk, who = city.staff["desk1"].id, city.residents["R0001"].id
    made = await notices.publish(community, desk, water(community, city), "ends")
    for hours in (6, 8, 6):
        assert await notices.move_end(community, desk, made.id, made.begins_at + timedelta(hours=hours)) == 2
    with pytest.raises(InvalidInput, match="没有变"):
        await notices.move_end(community, desk, made.id, made.begins_at + timedelta(hours=6))
    said = await told(community, who)
    assert [one.split("到")[1][:5] for one in said[1:]] == ["16:00", "18:00", "16:00"]
    assert all("11月24日" in one and "今天" not in one for one in said)


async def test_who_has_a_part_of_a_notice_sees_its_own_people_and_changes_nothing(community: Community, city: SmallCity) -> None:
    desk, grid = city.staff["desk1"].id, city.staff["grid1"].id
    new = water(community, city)
    where = (city.places["剡溪花园/3"].id, city.places["剡溪花园/5"].id)
    both = NewNotice(new.kind, new.title, new.text, new.begins_at, new.ends_at, where)
    made = await notices.publish(community, desk, both, "both")
    seen = [len((await notice_views.look(community, who, made.id)).unread) for who in (desk, grid)]
    assert seen[0] == 3
    assert 0 < seen[1] < 3
    with pytest.raises(Forbidden, match="别的地方"):
        await notices.recall(community, grid, made.id, "今天不停水了，改到下周")
    async with community.reading() as uow:
        assert await uow.view_log.seen_since(desk, Viewed.HOUSEHOLD, made.begins_at - timedelta(days=1), note=f"通知{made.id}")


async def test_somebody_of_the_estate_hears_of_their_own_building_and_of_what_should_be_over(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    desk, who = city.staff["desk1"].id, city.residents["R0001"].id
    await notices.publish(community, desk, water(community, city), "own")
    assert [one.title for one in (await noticing.going_on(community, who, "剡溪花园今天停水吗")).notices] == ["水表检修"]
    assert (await noticing.going_on(community, city.residents["R0003"].id, "剡溪花园今天停水吗")).notices == ()
    clock.forward(hours=4.5)
    assert [one.state for one in (await noticing.going_on(community, who)).notices] == ["over"]


async def test_who_may_tell_whom(community: Community, city: SmallCity) -> None:
    new = water(community, city)
    for login in ("lawyer", "trainer"):
        with pytest.raises(Forbidden):
            await notices.publish(community, city.staff[login].id, new, login)
    with pytest.raises(NotFound):
        await notices.publish(community, city.staff["desk2"].id, new, "other community")
    assert (await notices.publish(community, city.staff["property"].id, new, "property")).sent == 2
    made = (await notice_views.list_notices(community, city.staff["desk1"].id))[0]
    with pytest.raises(NotFound):
        await notice_views.look(community, city.staff["desk2"].id, made.id)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"text": "停"}, "内容"),
        ({"hours": -1.0}, "之后"),
        ({"hours": 24 * 90.0}, "60天"),
        ({"text": "有事打13812345678，停水了大家注意"}, "号码"),
    ],
)
async def test_what_should_not_go_to_a_whole_building_is_refused(
    community: Community, city: SmallCity, change: dict[str, object], why: str
) -> None:
    new = water(community, city, **change)  # type: ignore[arg-type]
    assert why in (await notices.preview(community, city.staff["desk1"].id, new)).refused
    with pytest.raises(InvalidInput, match=why):
        await notices.publish(community, city.staff["desk1"].id, new, "bad")


async def test_a_report_just_before_the_told_hour_is_answered_too_and_one_long_before_is_not(community: Community, city: SmallCity) -> None:
    desk, who, home = city.staff["desk1"].id, city.residents["R0001"].id, city.places["剡溪花园/3/2/502"].id
    now = community.clock.now()
    for minutes, found in ((90, False), (20, True)):
        begins = now + timedelta(minutes=minutes)
        new = NewNotice(Kind.WATER, "水箱清洗", "请提前存好用水。", begins, begins + timedelta(hours=3), (city.places["剡溪花园/3"].id,))
        await notices.publish(community, desk, new, f"early{minutes}")
        assert (await noticing.covering(community, who, Category.WATER_SUPPLY, home) is not None) is found


async def waiting_in(c: Community, who: int) -> list[OutboxMessage]:
    async with c.uow() as uow:
        rows = await uow.outbox.unsent([who], ["webchat"])
        for row in rows:
            row.status = OutboxStatus.WAITING  # as in a closed window
        await uow.commit()
        return rows


async def test_what_is_over_is_not_told_days_later_when_the_window_opens(community: Community, city: SmallCity, clock: FakeClock) -> None:
    desk, who = city.staff["desk1"].id, city.residents["R0001"].id
    first = await notices.publish(community, desk, water(community, city), "short")
    await notices.publish(community, desk, water(community, city, hours=30, text="二次供水水箱清洗，水压会小一点。"), "long")
    assert len(await waiting_in(community, who)) == 2
    clock.forward(hours=3.9)
    await clocks.tick(community)
    assert len(await waiting_in(community, who)) == 2
    clock.forward(hours=0.2)
    await clocks.tick(community)
    left = await waiting_in(community, who)
    assert ["水箱" in row.text for row in left] == [True]
    async with community.reading() as uow:
        receipt = await uow.notices.receipt(first.id, who)
    assert receipt is not None
    assert receipt.read_at is None
    clock.forward(hours=48)
    await clocks.tick(community)
    assert await waiting_in(community, who) == []
