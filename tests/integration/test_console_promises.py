"""Promise rules at the console, in a real browser: who may change one, what a trial says, and that it holds from its day."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

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


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-promises"), valkey)


async def test_the_city_tries_a_rule_and_sets_it_from_tomorrow(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "operator") as page:
        await page.goto("/promises")
        lamp = page.locator(".rule[data-category='lighting']")
        await expect(lamp).to_contain_text("2小时")
        await expect(lamp).to_contain_text("3个工作日")
        await shot(page, "promises")
        await lamp.get_by_text("调整").click()
        form = page.locator(".form")
        await form.get_by_label("接单（分钟）").fill("1")
        await form.get_by_role("button", name="保存").click()
        await expect(page.get_by_text("接单时限要在5分钟到80小时之间。")).to_be_visible()
        await form.get_by_label("接单（分钟）").fill("60")
        await form.get_by_role("button", name="用上月工单试算").click()
        await expect(form.locator(".rule-trial")).to_contain_text("过去30天")
        await shot(page, "promises-form")
        await form.get_by_role("button", name="保存").click()
        await expect(lamp.locator(".rule-next")).to_contain_text("起：接单1小时，办结3个工作日（运维设）")
        await expect(lamp).to_contain_text("2小时")


async def test_a_community_reads_the_promises_on_a_phone_and_changes_none(
    stage: Stage, browser: Browser  # noqa: F811
) -> None:
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/promises")
        await expect(page.locator(".rule[data-category='power']")).to_contain_text("供电公司（95598）")
        await expect(page.get_by_text("调整")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await shot(page, "promises-phone")
