"""Sites and guides at the console: a date with other hours, hours changed, a contact day, a guide looked at; at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from community.services import guides
from tests.guiding import add_sites
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
    yield from staged(tmp_path_factory.mktemp("console-guides"), valkey)


async def test_a_clerk_closes_a_site_for_today_changes_hours_and_a_resident_hears_of_it(stage: Stage, browser: Browser) -> None:  # noqa: F811
    who = stage.city.city.residents["R0001"].id
    await stage.act(lambda c: add_sites(c, stage.city.city))
    await stage.act(lambda c: guides.answer(c, who, "办理民用无人机飞行执照要什么材料", "m-1"))
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/guides")
        row = page.locator("[data-site]", has_text="剡溪社区服务中心")
        await expect(page.locator("[data-site]")).to_have_count(3)
        await row.get_by_role("button", name="某天有变").click()
        await page.get_by_label("原因").fill("停电")
        await shot(page, "guides-day")
        await page.get_by_role("button", name="保存").click()
        await expect(row).to_contain_text("不开：停电")
        said = await stage.act(lambda c: guides.answer(c, who, "现在开门吗", "m-2"))
        assert "停电" in said.text
        await row.get_by_role("button", name="修改").click()
        await page.get_by_label("周日").fill("9:00-11:00")
        await shot(page, "guides-edit")
        await page.get_by_role("button", name="保存").click()
        await expect(row).to_contain_text("周日 9:00–11:00")
        await expect(page.locator(".guide-log")).to_contain_text("沈芳")
        await shot(page, "guides-desk")
        await page.get_by_role("button", name="没查到的").click()
        await expect(page.locator(".guide-event", has_text="无人机")).to_be_visible()
        await page.get_by_role("button", name="接待日").click()
        await page.get_by_role("button", name="新增接待日").click()
        await page.get_by_label("姓名").fill("苏玉琴")
        await page.get_by_label("身份").fill("区党代表")
        await page.get_by_label("在哪里").fill("邻里驿站")
        await page.get_by_label("哪天").fill("每月第二个周六")
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator("[data-contact]", has_text="苏玉琴")).to_contain_text("每月第二个周六")
        await shot(page, "guides-contacts")
        await page.get_by_role("button", name="指南", exact=True).click()
        await page.locator("[data-guide='old-age-allowance']").click()
        await expect(page.locator(".guide-sheet")).to_contain_text("2026-11-27")
        await shot(page, "guides-sheet")
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        for tab in ("sites", "contacts", "guides", "misses"):
            await page.goto(f"/guides?tab={tab}")
            await expect(page.locator(".guide-desk")).to_be_visible()
            assert await fits(page), tab
            await shot(page, f"guides-phone-{tab}")
    async with signed_in(browser, stage, "grid1", DESK) as page:
        await page.goto("/guides")
        await expect(page.locator("body")).to_contain_text("由社区工作人员管理")
