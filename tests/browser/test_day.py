"""A day in two browsers: a resident reports on a phone, a grid worker handles it at the desk, the resident's page tells.

Pictures for the README are saved when LINSHE_SHOTS names a folder.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.running_city import RunningCity

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)"),
    pytest.mark.timeout(600),
]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
SHOTS = os.environ.get("LINSHE_SHOTS", "")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        await opened.close()


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.wait_for_timeout(400)
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


async def resident(browser: Browser, city: RunningCity, name: str) -> Page:
    context = await browser.new_context(**PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=city.gateway)
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto("/chat")
    await page.locator("#chooser-list .person", has_text=name).click()
    await expect(page.locator("#chooser")).to_be_hidden()
    await expect(page.locator("#whoami")).to_contain_text(name)
    return page


async def say(page: Page, text: str, expected: str | re.Pattern[str]) -> str:
    """Write as on a phone, wait for the answer that holds `expected`, return it."""
    before = await page.locator(".row.out:not(.typing) .bubble").count()
    await page.fill("#text", text)
    await page.click("#send")
    answer = page.locator(".row.out:not(.typing) .bubble", has_text=expected).last
    await expect(page.locator(".row.out:not(.typing) .bubble").nth(before)).to_be_visible(timeout=40_000)
    await expect(answer).to_be_visible(timeout=40_000)
    return str(await answer.inner_text())


async def test_a_report_on_a_phone_is_handled_at_the_desk_and_the_page_tells_without_reload(
    browser: Browser, running: RunningCity
) -> None:
    phone = await resident(browser, running, "李秀英")
    await say(phone, "3幢2单元的楼道灯坏了，昨天晚上就不亮了", re.compile("照片|提交"))
    card = await say(phone, "跳过", "提交")
    assert "剡溪花园3幢2单元" in card
    done = await say(phone, "1", re.compile(r"1\d{5}"))
    number = re.search(r"\b1\d{5}\b", done)
    assert number is not None

    context = await browser.new_context(
        **DESK, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=running.console
    )
    desk = await context.new_page()
    desk.set_default_timeout(15_000)
    await desk.goto("/login")
    await desk.fill("[name=login]", "wuye01")  # lights are the property company's first
    await desk.fill("[name=password]", "linshe-demo")
    await desk.click("button[type=submit]")
    await desk.wait_for_selector(".nav-item")
    await shot(desk, "start")
    await desk.goto(f"/tickets/{number.group()}")
    await desk.get_by_role("button", name="接单", exact=True).click()
    await expect(desk.locator(".t-tags")).to_contain_text("已接单")
    await expect(phone.locator(".bubble", has_text="已接单").last).to_be_visible(timeout=10_000)
    await desk.get_by_role("button", name="办结").click()
    await desk.locator(".form textarea").fill("已更换2单元楼道灯管，试亮正常")
    await desk.get_by_role("button", name="确定办结").click()
    await expect(desk.locator(".t-tags")).to_contain_text("待居民确认")
    told = phone.locator(".bubble", has_text="已更换2单元楼道灯管").last
    await expect(told).to_be_visible(timeout=10_000)
    await shot(phone, "chat")
    await shot(desk, "ticket")

    await say(phone, "1", re.compile("分"))
    await say(phone, "5", re.compile("谢|分"))
    await expect(desk.locator("body")).to_contain_text("已结案", timeout=10_000)
    count = await phone.locator(".row .bubble").count()
    await phone.reload()
    await expect(phone.locator(".row .bubble")).to_have_count(count, timeout=10_000)


async def test_html_from_a_resident_is_shown_and_never_run(browser: Browser, running: RunningCity) -> None:
    page = await resident(browser, running, "李秀英")
    await page.evaluate("window.hit = 0")
    await page.fill("#text", "<img src=x onerror='window.hit=1'><b>灯坏了</b>")
    await page.click("#send")
    await expect(page.locator(".bubble", has_text="<b>灯坏了</b>")).to_be_visible()
    await page.wait_for_timeout(500)
    assert await page.evaluate("window.hit") == 0
