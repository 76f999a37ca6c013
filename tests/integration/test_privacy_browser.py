"""Homes, letters and deletions at the console, in a real browser, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from community.ports import Community
from community.services import home_binding, homes, privacy
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
    yield from staged(tmp_path_factory.mktemp("console-privacy"), valkey)


async def asked(stage: Stage, code: str, room: str) -> None:
    who = stage.city.city.residents[code].id

    async def ask(c: Community) -> None:
        await homes.set_phone(c, who, "13800005678")
        await homes.bind_home(c, who, room, f"bind-{code}")
        await home_binding.ask_check(c, who)
        await privacy.noticed(c, who, "首次对话时告知")
        await privacy.ask_deletion(c, who)

    await stage.act(ask)


async def test_staff_decide_on_a_home_print_letters_and_see_what_is_to_be_deleted_when(
    stage: Stage, browser: Browser  # noqa: F811
) -> None:
    await asked(stage, "R0005", "剡溪花园3幢1单元502")
    await asked(stage, "R0002", "剡溪花园5幢1单元101")
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/privacy")
        await expect(page.locator("[data-request]")).to_have_count(2)
        await expect(page.locator(".page-privacy")).to_contain_text("138****5678")
        await expect(page.locator("[data-deletion]").first).to_contain_text("还有7天")
        await shot(page, "privacy")
        first = page.locator("[data-request]").first
        await first.get_by_role("button", name="不通过").click()
        await page.locator(".form").get_by_role("button", name="不通过").click()
        await expect(page.locator("body")).to_contain_text("请写一句为什么不通过")
        await page.get_by_label("为什么").fill("户主说不认识，请带证件来社区")
        await page.locator(".form").get_by_role("button", name="不通过").click()
        await expect(page.locator(".page-privacy")).to_contain_text("户主说不认识")
        await page.get_by_role("button", name="通过", exact=True).click()
        await expect(page.locator(".page-privacy")).to_contain_text("已通过")
        await page.get_by_label("打给哪里").fill("剡溪花园3幢2单元")
        async with page.expect_popup() as opened:
            await page.get_by_role("button", name="打开打印页").click()
        letters = await opened.value
        await expect(letters.locator(".sheet")).to_have_count(2)
        await shot(letters, "privacy-letters")
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto("/privacy")
        await expect(page.locator(".refusal")).to_contain_text("社区工作者")
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/privacy")
        assert await fits(page)
        await shot(page, "privacy-phone")
