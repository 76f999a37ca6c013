"""An organiser publishes, sees who comes, checks in and writes to a shift, at a desk and on a phone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, expect

from community.model.party import read_party
from community.model.points import Entry, Why
from community.model.volunteer import Shift
from community.ports import Community
from community.services import checkin, points, signups
from tests.integration.test_console_browser import (  # noqa: F401 (fixtures)
    DESK,
    PHONE,
    Stage,
    browser,
    pytestmark,
    shot,
    signed_in,
    staged,
)
from tests.integration.test_diary_browser import fits


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-activities"), valkey)


async def begun(stage: Stage) -> tuple[int, str]:
    """(shift, code) of a shift that takes check-ins now, with a family, a neighbour and one who waits."""

    async def make(c: Community) -> tuple[int, str]:
        async with c.uow() as uow:
            pair = await uow.volunteering.shift(stage.city.city.shifts["patrol"].id)
            assert pair is not None
            now = c.clock.now()
            shift = Shift(0, pair[0].id, now + timedelta(minutes=20), now + timedelta(hours=2), 3)
            await uow.volunteering.add_shift(shift)
            await uow.commit()
        people = stage.city.city.residents
        await signups.sign_up(c, people["R0001"].id, shift.id, "b1", read_party("我和我女儿"))
        await signups.sign_up(c, people["R0002"].id, shift.id, "b2")
        await signups.sign_up(c, people["R0003"].id, shift.id, "b3")
        return shift.id, checkin.code_of(c, shift.id)

    found: tuple[int, str] = await stage.act(make)
    return found


async def test_a_series_is_published_and_its_shifts_stand_in_the_list(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/activities")
        await page.get_by_text("发布活动").click()
        await page.wait_for_url("**/activities/new")
        await page.get_by_label("名称").fill("剡溪清滩护河")
        await page.get_by_label("种类").fill("护河")
        await page.get_by_label("集合地点").fill("江滨公园码头")
        await page.get_by_role("combobox", name="重复").click()
        await page.get_by_role("option", name="每周六").click()
        await shot(page, "activity-new")
        await page.get_by_role("button", name="发布活动").click()
        await page.wait_for_url("**/activities")
        row = page.locator(".activity", has_text="剡溪清滩护河")
        await expect(row.locator(".act-shift")).to_have_count(4)
        await expect(row).to_contain_text("每周六 09:00–11:00")
        await shot(page, "activities")
        await row.get_by_role("link", name="剡溪清滩护河").click()
        await expect(page.get_by_label("名称")).to_have_value("剡溪清滩护河")
        await page.get_by_label("集合地点").fill("")
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator(".q-notification")).to_contain_text("请填地点")


async def test_people_are_checked_in_on_a_phone_and_written_to(stage: Stage, browser: Browser) -> None:  # noqa: F811
    shift, code = await begun(stage)
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/activities")
        assert await fits(page)
        await shot(page, "activities-phone")
        await page.goto(f"/shifts/{shift}")
        await expect(page.locator(".shift-digits")).to_have_text(code)
        await expect(page.locator(".srow").nth(0)).to_contain_text("本人和女儿，2人")
        await expect(page.locator(".srow").nth(2)).to_contain_text("候补第1位")
        await page.locator(".srow").nth(0).get_by_text("签到", exact=True).click()
        await expect(page.locator(".srow").nth(0)).to_contain_text("已签到")
        assert await fits(page)
        await shot(page, "shift-phone")
        await page.get_by_role("button", name="通知大家").click()
        await page.get_by_label("写什么").fill("下雨改到岗亭集合")
        await page.get_by_role("button", name="发出").click()
        await expect(page.locator(".q-notification")).to_contain_text("已通知2户")
        got = await page.request.get(f"/shifts/{shift}/list.xlsx")
        rows = list(load_workbook(io.BytesIO(await got.body())).active.values)
        assert [row[0] for row in rows[2:]] == ["李秀英", "张建国", "吴小梅"]
        await page.goto("/activities/new")
        assert await fits(page)
        await shot(page, "activity-new-phone")
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto(f"/shifts/{shift}")
        await expect(page.locator(".srow")).to_have_count(3)
        await shot(page, "shift")


async def test_another_community_and_a_lawyer_see_nothing_of_it(stage: Stage, browser: Browser) -> None:  # noqa: F811
    shift = stage.city.city.shifts["patrol"].id
    async with signed_in(browser, stage, "desk2", DESK) as page:
        got = await page.request.get(f"/shifts/{shift}/list.xlsx")
        assert got.status == 404
        await page.goto(f"/shifts/{shift}")
        await expect(page.locator(".refusal")).to_contain_text("没有找到")
    async with signed_in(browser, stage, "lawyer", DESK) as page:
        await page.goto("/activities")
        await expect(page.locator(".refusal")).to_contain_text("社区工作人员")




async def test_a_gift_is_put_on_offer_and_handed_over_once_it_was_exchanged(stage: Stage, browser: Browser) -> None:  # noqa: F811
    who = stage.city.city.residents["R0001"].id
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/gifts")
        await page.get_by_text("上架礼品").click()
        await page.get_by_label("名称").fill("五斤大米")
        await page.get_by_label("要多少积分").fill("30")
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator("[data-gift]")).to_contain_text("剩10/10份")

        async def exchange(c: Community) -> None:
            async with c.uow() as uow:
                (await uow.points.open(who)).points = 30
                await uow.points.add(Entry(0, who, 30, 0, Why.CORRECTED, "起始", "begin", c.clock.now()))
                await uow.commit()
            (gift,) = await points.gifts(c, who)
            await points.exchange(c, who, gift.id, "in-1:gift")

        await stage.act(exchange)
        await page.reload()
        await expect(page.locator("[data-order]")).to_contain_text("李秀英")
        await expect(page.locator("[data-gift]")).to_contain_text("剩9/10份")
        assert await fits(page)
        await shot(page, "gifts-phone")
        await page.get_by_text("已领走").click()
        await expect(page.locator("[data-order]")).to_have_count(0)
    async with signed_in(browser, stage, "desk2", DESK) as page:
        await page.goto("/gifts")
        await expect(page.locator("[data-gift]")).to_have_count(0)
