"""A clerk writes a notice and sees what residents will read, who has answered, and whom to call; on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from playwright.async_api import Browser, expect

from community.model.calendar import local
from community.services import noticing
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
from tests.integration.test_days_browser import fits


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("notices"), valkey)


async def test_a_clerk_writes_one_and_sees_who_answers(stage: Stage, browser: Browser) -> None:  # noqa: F811
    now = local(datetime.now(timezone.utc))
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/notices/new")
        await page.get_by_label("标题").fill("水箱清洗")
        await page.get_by_label("发给哪里").click()
        await page.get_by_role("option", name="剡溪花园3幢").click()
        await page.keyboard.press("Escape")
        await page.get_by_label("从", exact=True).fill(f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}")
        await page.get_by_label("到", exact=True).fill(f"{now + timedelta(hours=5):%Y-%m-%dT%H:%M}")
        # Whatever the hour of this test: at night it would wait for the morning.
        await page.get_by_text("急，夜里也发").click()
        await page.get_by_label("为什么不能等到早上").fill("马上停水")
        preview = page.locator(".notice-preview")
        await expect(preview.locator(".notice-bubble")).to_contain_text("【剡溪花园3幢】停水：水箱清洗")
        await expect(preview).to_contain_text("2位住户，2位收得到，马上发")
        await fits(page)
        await shot(page, "notice-1-new")
        await preview.get_by_role("button", name="发出").click()
        await expect(page.locator(".notice-side")).to_contain_text("0/2人回了")
        resident = stage.city.city.residents["R0002"].id
        number = int(page.url.rsplit("/", 1)[1])
        await stage.act(lambda c: noticing.read(c, resident, number))
        await expect(page.locator(".notice-side")).to_contain_text("1/2人回了")
        await expect(page.locator(".notice-side")).to_contain_text("李**")
        await shot(page, "notice-2-read")
        await page.get_by_role("button", name="撤回更正").click()
        await page.locator(".form textarea").fill("检修改到下周，今天不停水")
        await page.locator(".form").get_by_role("button", name="撤回").click()
        await expect(page.locator(".cand")).to_contain_text("撤回了")
    async with signed_in(browser, stage, "desk1", PHONE) as phone:
        await phone.goto("/notices")
        await expect(phone.locator(".notice-row")).to_contain_text("水箱清洗")
        await fits(phone)
        await shot(phone, "notice-3-phone")
        await phone.goto("/notices/new")
        await fits(phone)
        await shot(phone, "notice-4-phone-new")


async def test_who_may_not_publish_is_told_so(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "lawyer", DESK) as page:
        await page.goto("/notices")
        await expect(page.locator(".content")).to_contain_text("通知由社区、网格员或物业来发")
