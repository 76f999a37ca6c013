"""An incident on the workbench, in a real browser: from the mark in the list to the one closing, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from community.model.category import Category
from community.model.people import ChannelIdentity, Resident
from community.ports import Community
from community.services import tickets
from community.services.tickets import FileTicket
from tests.integration.test_console_browser import CHROMIUM, DESK, PHONE, QUIET, Stage, report, shot, signed_in, staged

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("incidents"), valkey)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


async def without_water(stage: Stage, category: Category, words: tuple[str, str, str]) -> list[str]:
    """Three homes of building 3 report it; the numbers of their tickets."""

    async def act(c: Community) -> list[str]:
        numbers = []
        for n, (said, room) in enumerate(zip(words, ("3/1/101", "3/1/502", "3/2/101"), strict=True)):
            place = stage.city.city.places[f"剡溪花园/{room}"]
            async with c.uow() as uow:
                code = f"N{category}{n}"
                resident = Resident(0, code, f"住户{n}", room_id=place.id)
                await uow.people.add_resident(resident)
                await uow.people.add_identity(ChannelIdentity(0, resident.id, "webchat", code))
                await uow.commit()
            cmd = FileTicket(resident.id, category, said, place.full_name, place.id, f"{category}:{n}")
            numbers.append((await tickets.file_ticket(c, cmd)).ticket.number)
        return numbers

    return list(await stage.act(act))


async def test_a_building_without_water_is_told_and_closed_once(stage: Stage, browser: Browser) -> None:
    words = ("家里一滴水都没有", "停水了，孩子要洗澡", "水龙头不出水，物业电话打不通")
    numbers = await without_water(stage, Category.WATER_SUPPLY, words)
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto(f"/tickets?group=all&open={numbers[0]}")
        await expect(page.locator(f"a.irow[data-number='{numbers[1]}'] .inc-tag")).to_have_text("事件 3户")
        await expect(page.locator(".inbox-beside .t-facts")).to_contain_text("停水水压 · 剡溪花园3幢，3户反映")
        await shot(page, "1440-incident-list")
        await page.locator(".inbox-beside .t-facts a", has_text="3户反映").click()
        await expect(page.locator(".incident .t-said")).to_have_text("停水水压 · 剡溪花园3幢")
        await expect(page.locator(".inc-tickets").first.locator(".inc-row")).to_have_count(3)
        await expect(page.locator(".inc-reach")).to_contain_text("剡溪花园3幢能收到通知的有5人")
        await shot(page, "1440-incident")

        await page.get_by_role("button", name="说预计时间").click()
        await page.get_by_label("什么情况").fill("水泵坏了，物业正在换")
        await shot(page, "1440-incident-expect")
        await page.get_by_role("button", name="告诉他们").click()
        await expect(page.get_by_text("记下了，已告诉3人。")).to_be_visible()
        await expect(page.locator(".incident .t-facts")).to_contain_text("水泵坏了，物业正在换（社区工作者沈芳）")

        await page.get_by_role("button", name="通知整幢楼").click()
        box = page.get_by_label("写给大家的话")
        await expect(box).to_have_value(re.compile("^各位邻居，这里的停水水压问题我们知道了，已有3户反映，.*预计.*水泵坏了"))
        await expect(page.locator(".form .seen-as")).to_contain_text("【剡溪花园3幢】各位邻居")
        await expect(page.locator(".form .seen-as")).to_contain_text("——社区工作者沈芳")
        await shot(page, "1440-incident-broadcast")
        await box.fill("有邻居说水龙头不出水，物业电话打不通，请大家等一等。")
        await expect(page.locator(".form .refused")).to_contain_text("像是反映人的原话")
        await expect(page.locator(".form .form-sure")).to_be_disabled()
        await shot(page, "1440-incident-refused")
        await box.fill("各位邻居，3幢水泵坏了，物业正在换，今天晚上9点前来水。要用水的可以到社区服务站接。")
        await expect(page.locator(".form .refused")).to_have_count(0)
        await page.get_by_role("button", name="发给5人").click()
        await expect(page.get_by_text("已发给5人。")).to_be_visible()
        await expect(page.locator(".timeline")).to_contain_text("发给5人：各位邻居，3幢水泵坏了")

        # One of them is another trouble after all: out it goes, and could come back.
        row = page.locator(f".inc-row[data-number='{numbers[2]}']")
        await row.get_by_role("button", name="移出").click()
        await expect(page.locator(".inc-beside .inc-row")).not_to_have_count(0)
        await expect(page.locator(".inc-tickets").first.locator(".inc-row")).to_have_count(2)
        await page.locator(f".inc-beside .inc-row[data-number='{numbers[2]}']").get_by_role("button", name="并入").click()
        await expect(page.locator(".inc-tickets").first.locator(".inc-row")).to_have_count(3)

        # News of the ticket put back may draw the bar anew under the press: a person presses again.
        note = page.get_by_label("怎么办好的")
        for _ in range(3):
            await page.get_by_role("button", name="一次办结").click()
            try:
                await note.wait_for(timeout=3000)
                break
            except PlaywrightTimeout:
                continue
        await note.fill("物业换了水泵，我到楼里试过，三个单元都来水了")
        await shot(page, "1440-incident-resolve")
        await page.get_by_role("button", name="确定办结").click()
        await expect(page.get_by_text("3件都已办结，等3人确认。")).to_be_visible()
        await expect(page.locator(".incident .t-tags")).to_contain_text("都已办结")
        await shot(page, "1440-incident-done")


async def test_on_a_phone_the_grid_worker_takes_all_and_merges_by_hand(stage: Stage, browser: Browser) -> None:
    numbers = await without_water(stage, Category.POWER, ("停电了", "整层没电，冰箱里的菜要坏了", "没电"))
    one = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "扶手松了", "inc:one")))
    two = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "扶手又晃了", "inc:two")))
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto(f"/tickets/{numbers[0]}")
        await page.locator(".t-tags .inc-tag").click()
        await expect(page.locator(".incident .t-said")).to_have_text("停电用电 · 剡溪花园3幢")
        await shot(page, "390-incident")
        await page.get_by_role("button", name="一起接单（3件）").click()
        await expect(page.get_by_text("已接3件，居民会各自收到通知。")).to_be_visible()
        await expect(page.locator(".inc-tickets").first).to_contain_text("已接单")
        await page.get_by_role("button", name="通知整幢楼").click()
        await expect(page.locator(".form .seen-as")).to_contain_text("网格员王强")
        await shot(page, "390-incident-broadcast")
        await page.get_by_role("button", name="取消").click()
        await page.get_by_role("button", name="一次办结").click()
        await page.get_by_label("怎么办好的").wait_for()
        await shot(page, "390-incident-resolve")
        await page.get_by_role("button", name="取消").click()

        await page.goto("/tickets?group=grid&q=扶手")
        await page.get_by_role("button", name="多选").click()
        await page.get_by_role("button", name="全选本页").click()
        await shot(page, "390-incident-pick")
        await page.get_by_role("button", name="合成事件").click()
        await page.wait_for_url(re.compile(r"/incidents/\d+$"))
        for made in (one, two):
            await expect(page.locator(f".inc-row[data-number='{made.ticket.number}']")).to_be_visible()
        await expect(page.locator(".timeline")).to_contain_text("网格员王强")
        await page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        await shot(page, "390-incident-merged")


async def test_who_has_no_part_in_it_does_not_find_it(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "grid3", DESK) as page:
        await page.goto("/incidents/1")
        await expect(page.locator(".refusal")).to_contain_text("没有找到这个事件")
