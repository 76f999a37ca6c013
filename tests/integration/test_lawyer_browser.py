"""The lawyer's days at the console: who comes, what became of it, a day called off; at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from community.model.law import AnswerFlag, Change
from community.ports import Community
from community.services import consultations
from community.store.tables import consultations as bookings
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
    yield from staged(tmp_path_factory.mktemp("console-lawyer"), valkey)


async def test_a_lawyer_reads_who_comes_notes_what_became_of_it_and_calls_a_day_off(stage: Stage, browser: Browser) -> None:  # noqa: F811
    people = stage.city.city.residents
    slots = (await stage.act(lambda c: consultations.free(c, people["R0001"].id))).slots
    words = "房东不退押金，租期早到了，墙上有两个钉子眼他要扣两千"
    for n, name in enumerate(("R0001", "R0002", "R0003")):
        slot = slots[n]
        await stage.act(lambda c, s=slot, who=name: consultations.book(c, people[who].id, s.lawyer_id, s.starts_at, words, f"k-{who}"))

    async def earlier(c: object) -> None:
        async with c.uow() as uow:  # type: ignore[attr-defined]
            moment = c.clock.now() - timedelta(hours=1)  # type: ignore[attr-defined]
            query = bookings.update().where(bookings.c.key == "k-R0001")
            await uow.session.execute(query.values(starts_at=moment, ends_at=moment + timedelta(minutes=30)))  # type: ignore[attr-defined]
            await uow.commit()

    async def changed(c: Community) -> None:
        async with c.uow() as uow:
            law, day = "中华人民共和国民法典", c.clock.now()
            note = "同样的内容现在是第七百零九条"
            flags = [
                AnswerFlag(0, "deposit", law, "第七百零八条", Change.CHANGED, "a", "b", day.date(), day, note),
                AnswerFlag(0, "dog", law, "第一千二百四十五条", Change.GONE, "a", "", day.date(), day),
            ]
            await uow.answer_flags.add_new(flags)
            await uow.commit()

    await stage.act(earlier)
    await stage.act(changed)
    async with signed_in(browser, stage, "lawyer", DESK) as page:
        await page.goto("/lawyer")
        await expect(page.locator("[data-booking]")).to_have_count(3)
        await expect(page.locator("[data-booking]").first).to_contain_text("钉子眼")
        await expect(page.locator(".flags")).to_contain_text("《民法典》第七百零八条")
        await expect(page.locator(".flags .lrow")).to_have_count(2)
        await shot(page, "lawyer-desk")
        await page.get_by_role("button", name="来过了").first.click()
        await page.locator("textarea").fill("先发催告，附照片")
        await shot(page, "lawyer-came")
        await page.get_by_role("button", name="记下").click()
        await expect(page.locator("[data-booking]").first).to_contain_text("当面解答")
        await page.get_by_role("button", name="这天来不了").first.click()
        await page.get_by_role("button", name="取消这天").click()
        await expect(page.locator("[data-booking]", has_text="已取消").first).to_be_visible()
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/lawyer")
        await expect(page.locator("[data-booking]").first).to_contain_text("只有律师本人看得到")
        await expect(page.locator("body")).not_to_contain_text("钉子眼")
        await fits(page)
        await expect(page.locator(".flags")).to_be_hidden()
        await shot(page, "lawyer-phone")
    async with signed_in(browser, stage, "lawyer", PHONE) as page:
        await page.goto("/lawyer")
        await expect(page.locator(".flags")).to_contain_text("待核对")
        await fits(page)
        await shot(page, "lawyer-own-phone")
