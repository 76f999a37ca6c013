"""改类别 on the ticket's page, at a desk and on a phone: chosen, told, and handed over where another team has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.async_api import Browser, expect

from community.model.category import Category
from community.model.promise import First, PromiseRule
from community.ports import Community
from community.services import tickets
from tests.integration.test_console_browser import (  # noqa: F401 (fixtures)
    DESK,
    PHONE,
    Stage,
    browser,
    pytestmark,
    report,
    shot,
    signed_in,
    staged,
)
from tests.integration.test_days_browser import fits


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("recategory"), valkey)


async def lifts_are_the_companys(c: Community) -> None:
    async with c.uow() as uow:
        await uow.promises.add(PromiseRule(0, Category.ELEVATOR, date(2020, 1, 1), 60, 16, first=First.PROPERTY))
        await uow.commit()


async def test_a_category_is_put_right_on_a_phone_and_at_a_desk(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await stage.act(lifts_are_the_companys)
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "电梯井里有怪声音", "recat:1")))
    page_of = f"/tickets/{made.ticket.number}"
    async with signed_in(browser, stage, "grid1", PHONE) as phone:
        await phone.goto(page_of)
        await shot(phone, "recat-ticket-phone")
        await phone.get_by_role("button", name="改类别", exact=True).click()
        form = phone.locator(".form-dialog .form")
        await expect(form).to_contain_text("现在是“照明”")
        await phone.get_by_role("button", name="确定改类别").click()
        await expect(form).to_contain_text("请选改成哪一类")
        await form.get_by_label("改成").fill("噪音")
        await phone.get_by_role("option", name="噪音扰民").click()
        await expect(form.locator(".recat-danger")).to_be_hidden()
        await form.get_by_label("为什么").fill("听着像机房噪音")
        await shot(phone, "recat-form-phone")
        await fits(phone)
        await phone.get_by_role("button", name="确定改类别").click()
        await expect(phone.locator(".t-tags")).to_contain_text("噪音扰民")
        await expect(phone.locator(".timeline")).to_contain_text("照明改为噪音扰民：听着像机房噪音")
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto(page_of)
        await page.get_by_role("button", name="改类别", exact=True).click()
        form = page.locator(".form-dialog .form")
        await form.get_by_label("改成").fill("电梯")
        await page.get_by_role("option", name="电梯").click()
        await expect(form.locator(".recat-danger")).to_be_visible()
        await shot(page, "recat-form-desk")
        await page.get_by_role("button", name="确定改类别").click()
        await expect(form).to_contain_text("先由 赵物业 · 物业")
        await shot(page, "recat-offer-desk")
        await page.get_by_role("button", name="改派", exact=True).click()
        await expect(page.locator(".t-facts")).to_contain_text("赵物业")
        await shot(page, "recat-after-desk")
