"""Sites and guides in the database: whose they are, who may change them, what two people do at once. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime

import pytest

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.calendar import SHANGHAI
from community.model.opening import OnHoliday
from community.model.site import ContactRole
from community.ports import Community
from community.services import guide_desk, guides
from community.services.guide_desk import ContactEdit, SiteEdit, SiteLine
from tests.conftest import FakeClock
from tests.guiding import add_sites
from tests.small_city import SmallCity

EDIT = ContactEdit(ContactRole.CPPCC, "包建华", "区政协委员", "邻里驿站", "每月第二个周六", "14:00-16:00")


def edit_of(line: SiteLine, **changes: object) -> SiteEdit:
    same = SiteEdit(line.view.address, line.view.phone, line.week, line.on_holiday, line.view.note, line.version)
    return replace(same, **changes)  # type: ignore[arg-type]


async def line_of(c: Community, staff_id: int, name: str) -> SiteLine:
    return next(one for one in (await guide_desk.page(c, staff_id)).sites if one.view.name == name)


async def test_ones_own_community_answers_and_a_power_cut_is_told_with_its_reason(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    made = await add_sites(community, city)
    desk, who = city.staff["desk1"].id, city.residents["R0001"].id
    first = await guides.answer(community, who, "高龄津贴怎么领", "k1")
    assert first.kind == "guide"
    assert first.site is not None
    assert (first.site.name, first.site.state) == ("剡溪社区服务中心", "现在开着，12:00午休，13:30再开")
    neighbour = await guides.answer(community, city.residents["R0004"].id, "高龄津贴怎么领", "k2")
    assert neighbour.site is not None
    assert neighbour.site.name == "鹿山社区服务中心"
    await guide_desk.set_day(community, desk, made["centre"].id, date(2026, 11, 24), "不开", "停电")
    again = await guides.answer(community, who, "现在开门吗", "k3")
    assert "现在没开（停电），明天8:30开" in again.text
    await guide_desk.drop_day(community, desk, made["centre"].id, date(2026, 11, 24))
    assert "现在开着" in (await guides.answer(community, who, "现在开门吗", "k4")).text


async def test_days_and_holidays_are_answered_by_date(community: Community, city: SmallCity, clock: FakeClock) -> None:
    await add_sites(community, city)
    who = city.residents["R0001"].id
    clock.time = datetime(2026, 9, 25, 15, 0, tzinfo=SHANGHAI)
    said = (await guides.answer(community, who, "国庆开不开", "k1")).text
    assert "10月1日至7日（国庆节）不开" in said
    assert "10月8日（周四）8:30开" in said
    assert "国庆节调休上班" in (await guides.answer(community, who, "10月10号上班吗", "k2")).text
    assert "剡溪警务室" in (await guides.answer(community, who, "派出所户籍窗口国庆开不开", "k3")).text
    clock.time = datetime(2026, 12, 28, 10, 0, tzinfo=SHANGHAI)
    assert "放假安排还没公布" in (await guides.answer(community, who, "元旦上不上班", "k4")).text


async def test_a_deputys_day_that_is_over_today_is_the_next_one(community: Community, city: SmallCity, clock: FakeClock) -> None:
    await add_sites(community, city)
    who = city.residents["R0001"].id
    clock.time = datetime(2026, 12, 15, 10, 0, tzinfo=SHANGHAI)
    assert "12月15日" in await guides.contact_text(community, who, "人大代表什么时候接待")
    clock.time = datetime(2026, 12, 15, 11, 0, tzinfo=SHANGHAI)
    assert "1月15日" in await guides.contact_text(community, who, "人大代表什么时候接待")
    assert "还没有登记" in await guides.contact_text(community, who, "政协委员哪天来")


async def test_what_no_guide_met_is_counted_masked_and_once_a_message(community: Community, city: SmallCity) -> None:
    await add_sites(community, city)
    who = city.residents["R0001"].id
    words = "办理民用无人机飞行执照找谁，我电话13812345678"
    for key in ("in-1", "in-1", "in-2"):
        assert (await guides.answer(community, who, words, key)).kind == "none"
    page = await guide_desk.page(community, city.staff["desk1"].id)
    assert [(one.text, one.times) for one in page.misses] == [("办理民用无人机飞行执照找谁，我电话［电话］", 2)]
    assert (await guide_desk.page(community, city.staff["desk2"].id)).misses == ()


async def test_a_desk_changes_its_own_sites_only_and_it_is_written_down(community: Community, city: SmallCity) -> None:
    made = await add_sites(community, city)
    desk, other = city.staff["desk1"].id, city.staff["desk2"].id
    line = await line_of(community, desk, "剡溪社区服务中心")
    week = ("8:00-20:00", *line.week[1:])
    await guide_desk.edit_site(community, desk, made["centre"].id, edit_of(line, week=week, phone="0581-0000-9999"))
    seen = await line_of(community, desk, "剡溪社区服务中心")
    assert seen.week[0] == "8:00-20:00"
    [event] = (await guide_desk.page(community, desk)).events
    assert event.who == "沈芳"
    assert "周一 8:00–20:00" in event.did
    with pytest.raises(NotFound):
        await guide_desk.edit_site(community, other, made["centre"].id, edit_of(seen))
    with pytest.raises(NotFound):
        await guide_desk.set_day(community, other, made["centre"].id, date(2026, 11, 30), "", "停电")
    for login in ("grid1", "property", "lawyer"):
        with pytest.raises(Forbidden):
            await guide_desk.page(community, city.staff[login].id)
    with pytest.raises(Forbidden):
        await guide_desk.edit_site(community, city.staff["trainer"].id, made["centre"].id, edit_of(seen))
    assert (await guide_desk.page(community, other)).events == ()


async def test_of_two_who_change_the_same_site_one_is_asked_to_look_again(community: Community, city: SmallCity) -> None:
    made = await add_sites(community, city)
    desk = city.staff["desk1"].id
    line = await line_of(community, desk, "剡溪社区服务中心")
    edits = [edit_of(line, note=f"第{n}位") for n in range(4)]
    done = await asyncio.gather(
        *(guide_desk.edit_site(community, desk, made["centre"].id, one) for one in edits), return_exceptions=True
    )
    assert sum(one is None for one in done) == 1
    assert all(one is None or isinstance(one, Conflict) for one in done)
    same = await asyncio.gather(
        *(guide_desk.set_day(community, desk, made["centre"].id, date(2026, 11, 30), "", "停电") for _ in range(4)), return_exceptions=True
    )
    assert all(one is None or isinstance(one, Conflict) for one in same)
    assert len((await line_of(community, desk, "剡溪社区服务中心")).days) == 1


async def test_a_contact_day_is_added_changed_and_paused(community: Community, city: SmallCity) -> None:
    await add_sites(community, city)
    desk, here = city.staff["desk1"].id, city.places["剡溪社区"].id
    await guide_desk.edit_contact(community, desk, EDIT, community_id=here)
    added = next(one for one in (await guide_desk.page(community, desk)).contacts if one.name == "包建华")
    assert (added.rule, added.next_on) == ("每月第二个周六", date(2026, 12, 12))
    assert "包建华" in await guides.contact_text(community, city.residents["R0001"].id, "政协委员哪天来")
    await guide_desk.edit_contact(community, desk, replace(EDIT, active=False), added.id, version=added.version)
    assert "包建华" not in await guides.contact_text(community, city.residents["R0001"].id, "政协委员哪天来")
    with pytest.raises(Conflict):
        await guide_desk.edit_contact(community, desk, EDIT, added.id, version=added.version)
    with pytest.raises(Forbidden):
        await guide_desk.edit_contact(community, desk, EDIT, community_id=city.places["鹿山社区"].id)
    with pytest.raises(NotFound):
        await guide_desk.edit_contact(community, city.staff["desk2"].id, EDIT, added.id, version=added.version)


async def test_bad_input_is_refused_with_a_sentence(community: Community, city: SmallCity) -> None:
    made = await add_sites(community, city)
    desk, site = city.staff["desk1"].id, made["centre"].id
    line = await line_of(community, desk, "剡溪社区服务中心")
    for bad in (edit_of(line, address=""), edit_of(line, phone="找小王"), edit_of(line, week=("八点到五点", *line.week[1:]))):
        with pytest.raises(InvalidInput):
            await guide_desk.edit_site(community, desk, site, bad)
    for day, spans, reason in ((date(2026, 11, 23), "", "停电"), (date(2026, 11, 30), "", ""), (date(2026, 11, 30), "上午", "停电")):
        with pytest.raises(InvalidInput):
            await guide_desk.set_day(community, desk, site, day, spans, reason)
    for bad_contact in (replace(EDIT, rule="有空就来"), replace(EDIT, hours="9:00-10:00、11:00-12:00"), replace(EDIT, name="")):
        with pytest.raises(InvalidInput):
            await guide_desk.edit_contact(community, desk, bad_contact, community_id=city.places["剡溪社区"].id)


async def test_holidays_as_usual_are_kept_with_the_hours(community: Community, city: SmallCity) -> None:
    await add_sites(community, city)
    desk = city.staff["desk1"].id
    line = await line_of(community, desk, "剡溪警务室")
    assert line.on_holiday is OnHoliday.AS_USUAL
    await guide_desk.edit_site(community, desk, line.view.id, edit_of(line, note="夜里按门铃"))
    assert (await line_of(community, desk, "剡溪警务室")).on_holiday is OnHoliday.AS_USUAL
