"""群消息 at the console, in a real browser: pasted, put right, confirmed, dropped and taken back, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from community.model.category import Category
from community.ports import Community
from community.services.tickets import FileTicket, file_ticket
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

BLOCK = (
    "王建国 10:32\n3号楼下水道堵了，一楼都冒上来了\n李阿姨 10:35\n我家也是\n陈大姐 10:40\n5幢门口垃圾没人收\n"
    "老周 10:41\n3幢楼道灯又不亮了\n小红 10:44\n5幢楼道里好大的煤气味\n赵 10:45\n物业电话多少"
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-drafts"), valkey)


async def test_a_block_is_pasted_and_each_draft_gets_its_way(stage: Stage, browser: Browser) -> None:  # noqa: F811
    city = stage.city.city

    async def lamp(c: Community) -> str:
        place = city.places["剡溪花园/3/2/502"].id
        new = FileTicket(city.residents["R0001"].id, Category.LIGHTING, "三楼楼道灯坏了", "剡溪花园3幢2单元", place, "lamp")
        return (await file_ticket(c, new)).ticket.number

    number = await stage.act(lamp)
    async with signed_in(browser, stage, "grid1", DESK) as page:
        await page.goto("/drafts")
        await expect(page.locator(".page-drafts")).to_contain_text("没有等着确认的群消息")
        await page.get_by_text("粘贴群里的话").click()
        await page.get_by_label("群里的话").fill(BLOCK)
        await page.get_by_role("button", name="记成草稿").click()
        drafts = page.locator("[data-draft]")
        await expect(drafts).to_have_count(4)
        await expect(drafts.first).to_contain_text("危急")
        await expect(page.locator(".gd-said")).to_contain_text("另有1句像是闲聊")
        await expect(page.locator(".page-drafts")).not_to_contain_text("王建国")
        await shot(page, "drafts")
        lit = drafts.filter(has_text="楼道灯")
        await lit.get_by_role("button", name=f"并入 #{number}").click()
        await expect(page.locator("body")).to_contain_text(f"已并入工单{number}")
        dirt = page.locator("[data-draft]").filter(has_text="垃圾")
        await dirt.get_by_role("button", name="修改").click()
        await page.get_by_label("地点").fill("3幢2单元")
        await page.get_by_label("什么事").fill("门口垃圾两天没人收")
        await shot(page, "drafts-edit")
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator(".page-drafts")).to_contain_text("剡溪花园3幢2单元")
        await dirt.get_by_role("button", name="不要").click()
        await page.locator(".form").get_by_role("button", name="不要").click()
        await expect(page.locator("body")).to_contain_text("请写一句为什么不要")
        await page.get_by_label("为什么不要").fill("保洁刚收过")
        await page.locator(".form").get_by_role("button", name="不要").click()
        await expect(dirt).to_contain_text("保洁刚收过")
        await dirt.get_by_role("button", name="撤销").click()
        await expect(dirt.get_by_role("button", name="立单")).to_be_visible()
        await page.locator("[data-draft]").filter(has_text="下水道").get_by_role("button", name="立单").click()
        await expect(page.locator("body")).to_contain_text("已立单：工单")
        await shot(page, "drafts-after")
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/drafts")
        await expect(page.locator("[data-draft]")).to_have_count(4)
        assert await fits(page)
        await shot(page, "drafts-phone")
    async with signed_in(browser, stage, "property", PHONE) as page:
        await page.goto("/drafts")
        await expect(page.locator(".refusal")).to_contain_text("网格员和社区工作者")
