"""A message that never left, in the running city: seen at the desk, sent again, read on the phone."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from community.ports import Community
from tests.browser.test_day import DESK, browser, pytestmark, resident, shot  # noqa: F401 (fixtures and marks)
from tests.dead import die_out
from tests.running_city import RunningCity

WORDS = "您周六的志愿活动改到下午两点，请留意"


async def test_a_message_that_never_left_is_sent_again_from_the_desk_and_arrives_on_the_phone(
    browser: Browser,  # noqa: F811
    running: RunningCity,
    heart: Community,
) -> None:
    phone = await resident(browser, running, "李秀英")
    async with heart.reading() as uow:
        (who,) = [one for one in await uow.people.demo_residents() if one.name == "李秀英"]
    key = await die_out(heart, who.id, WORDS, "TimeoutError", "webchat")
    await expect(phone.locator(".bubble", has_text=WORDS)).to_have_count(0)

    context = await browser.new_context(**DESK, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=running.console)
    desk = await context.new_page()
    desk.set_default_timeout(15_000)
    await desk.goto("/login")
    await desk.fill("[name=login]", "operator")
    await desk.fill("[name=password]", "linshe-demo")
    await desk.click("button[type=submit]")
    await desk.click(".nav-item[href='/letters']")
    row = desk.locator(f".letter[data-key='{key}']")
    await expect(row).to_contain_text("平台一直连不上")
    await row.get_by_role("button", name="重发").dblclick()
    await expect(row.locator(".l-fate")).to_contain_text("已送出")
    await shot(desk, "letters")
    await expect(phone.locator(".bubble", has_text=WORDS)).to_have_count(1)
    await phone.reload()
    await expect(phone.locator(".bubble", has_text=WORDS)).to_have_count(1)
