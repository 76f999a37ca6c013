"""The trainer's pages on a desk and on a phone (training itself: tests/e2e/test_teaching.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from community.model.understanding import Doubt, Heard
from community.ports import Community
from community.services.understandings import of_message
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

SAID = (
    ("饭卡余额怎么查", Heard("nlu_fallback", 0.3, (("ask_points", 0.31), ("out_of_scope", 0.28)), "other", 0.2, "m1")),
    ("快递柜又满了放不进去", Heard("report", 0.55, (("report", 0.55), ("ask_legal", 0.4)), "other", 0.2, "m1")),
    ("楼道灯坏了", Heard("report", 0.99, (("report", 0.99), ("urge", 0.01)), "lighting", 0.9, "m1")),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("teaching"), valkey)


async def heard(c: Community, who: int) -> None:
    async with c.uow() as uow:
        rows = [of_message(f"in-{n}", who, c.clock.now(), text, heard) for n, (text, heard) in enumerate(SAID, 9000)]
        rows[1].doubt(Doubt.HANDOFF)
        await uow.understandings.add_all(rows)
        await uow.commit()


async def test_a_trainer_labels_gets_a_second_opinion_and_sees_how_it_is_doing(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await stage.act(lambda c: heard(c, stage.city.city.residents["R0001"].id))
    async with signed_in(browser, stage, "trainer", PHONE) as phone:
        await phone.goto("/teach")
        row = phone.locator(".teach-row", has_text="饭卡余额")
        await fits(phone)
        await row.get_by_role("button", name="教", exact=True).click()
        form = phone.locator(".teach-form")
        await form.get_by_label("意思").fill("问办事")
        await phone.get_by_role("option", name="问办事怎么办").click()
        await form.get_by_role("button", name="教给小邻").click()
        await expect(phone.locator(".teach-facts")).to_contain_text("等下次训练 1条")
        await expect(phone.locator(".teach-row")).to_have_count(1)
        for path, name in (("/teach/labels", "labels"), ("/teach/models", "models"), ("/teach/figures", "figures")):
            await phone.goto(path)
            await fits(phone)
            await shot(phone, f"teach-{name}-phone")
    async with signed_in(browser, stage, "operator", DESK) as page:
        await page.goto("/teach/labels")
        await page.get_by_role("button", name="另一位看").click()
        form = page.locator(".form")
        await form.get_by_label("您看这句").or_(form.get_by_label("意思")).first.fill("问积分")
        await page.get_by_role("option", name="问积分").click()
        await form.get_by_role("button", name="记下").click()
        await expect(page.locator(".teach-list").first).to_contain_text("意见不一")
        await page.goto("/teach/figures")
        await expect(page.locator(".fig-row").nth(1)).to_contain_text("3句")
        await shot(page, "teach-figures-desk")
        await page.locator(".fig-row .textlink").first.click()
        await expect(page.locator(".teach-list")).to_contain_text("饭卡余额")


async def test_a_clerk_who_does_not_teach_is_told_so(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/teach")
        await expect(page.locator(".content")).to_contain_text("训练师的事")
