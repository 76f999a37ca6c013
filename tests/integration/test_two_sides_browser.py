"""A mediation and a volunteer's task on the workbench, in a real browser, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from community.model.category import Category
from community.model.people import Role, Staff
from community.ports import Community
from community.services import care, mediation, tickets
from community.services.mediation import AskMediation
from community.services.tickets import FileTicket
from tests.integration.test_console_browser import CHROMIUM, DESK, PHONE, QUIET, Stage, shot, signed_in, staged

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("two-sides"), valkey)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


async def add_mediator(c: Community, stage: Stage) -> None:
    desk = stage.city.city.staff["desk1"]
    member = Staff(0, "mediator", "倪阿庆", Role.MEDIATOR, desk.place_id, password_hash=desk.password_hash)
    async with c.uow() as uow:
        member.id = None  # type: ignore[assignment]
        uow.session.add(member)  # type: ignore[attr-defined]
        await uow.commit()


async def test_a_mediator_leads_two_sides_from_the_invitation_to_the_result(stage: Stage, browser: Browser) -> None:
    people = stage.city.city.residents
    await stage.act(lambda c: add_mediator(c, stage))
    words = "楼下302半夜总放音乐，说了几次都吵起来，孩子睡不好"
    ask = AskMediation(people["R0001"].id, words, "剡溪花园3幢1单元101", "browser:ask")
    number = (await stage.act(lambda c: mediation.ask(c, ask))).ticket.number
    async with signed_in(browser, stage, "mediator", DESK) as page:
        await page.goto(f"/tickets/{number}")
        sides = page.locator(".t-sides")
        await expect(sides.locator(".side")).to_have_count(2)
        await expect(sides).to_contain_text("还没邀请")
        await page.get_by_role("button", name="接单", exact=True).click()
        await expect(page.locator(".t-tags")).to_contain_text("已接单")
        await page.get_by_role("button", name="邀请张建国").click()
        await shot(page, "1440-invite")
        await page.get_by_role("button", name="发出邀请").click()
        await expect(page.locator(".q-notification").last).to_contain_text("对方会看到")
        await page.get_by_label("是什么事（对方会看到）").fill("夜里的声响")
        await page.get_by_role("button", name="发出邀请").click()
        await expect(sides).to_contain_text("已邀请，等答复")
        await stage.act(lambda c: mediation.answer(c, people["R0002"].id, number, True, "yes"))
        await stage.act(lambda c: tickets.add_note(c, people["R0002"].id, number, "我戴耳机听的，不知道漏音。愿意谈。", (), "n2"))
        await page.reload()
        await expect(sides).to_contain_text("愿意调解")
        await expect(sides.get_by_label("另一方", exact=True)).to_contain_text("我戴耳机听的")
        await expect(sides.get_by_label("申请的一方")).not_to_contain_text("我戴耳机听的")
        await page.get_by_role("button", name="写给一方或两方").click()
        await page.get_by_role("button", name="两方", exact=True).click()
        await page.get_by_label("写什么（对方看不到写给另一方的）").fill("先都静两天，周末坐下来谈。")
        await page.get_by_role("button", name="发出", exact=True).click()
        await expect(sides.locator(".side-line.ours")).to_have_count(2)
        await page.get_by_role("button", name="约时间").click()
        await page.get_by_label("在哪里见").fill("社区调解室")
        await page.get_by_role("button", name="告诉两方").click()
        await expect(sides.locator(".sides-meet")).to_contain_text("社区调解室")
        await shot(page, "1440-two-sides")
    async with signed_in(browser, stage, "mediator", PHONE) as page:
        await page.goto(f"/tickets/{number}")
        first, second = page.locator(".side").nth(0), page.locator(".side").nth(1)
        await expect(second).to_contain_text("我戴耳机听的")
        one, two = await first.bounding_box(), await second.bounding_box()
        assert one is not None
        assert two is not None
        assert two["y"] >= one["y"] + one["height"] - 1  # one below the other
        assert two["x"] + two["width"] <= 390
        await second.scroll_into_view_if_needed()
        await shot(page, "390-two-sides")
        await page.get_by_role("button", name="写调解结果").click()
        await page.get_by_label("结果（两方都会看到）").fill("十点后不外放，先敲门再说，两家都同意。")
        await shot(page, "390-result")
        await page.get_by_role("button", name="告诉两方").click()
        await expect(page.locator(".t-sides")).to_contain_text("达成一致：十点后不外放")
    async with signed_in(browser, stage, "grid1", DESK) as page:
        await page.goto(f"/tickets/{number}")
        await expect(page.locator(".t-sides")).to_contain_text("只有调解员和社区看得到")
        await expect(page.locator("body")).not_to_contain_text("我戴耳机听的")


async def test_a_grid_worker_asks_for_a_volunteer_and_sees_how_far_it_is(stage: Stage, browser: Browser) -> None:
    people, place = stage.city.city.residents, stage.city.city.places["剡溪花园/3/2/502"]
    filing = FileTicket(people["R0001"].id, Category.ELDERLY_CARE, "帮我妈取一次药", place.full_name, place.id, "browser:care")
    number = (await stage.act(lambda c: tickets.file_ticket(c, filing))).ticket.number
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto(f"/tickets/{number}")
        await page.locator(".t-care").get_by_role("button", name="请志愿者").click()
        await page.get_by_label("帮什么忙").fill("去药店取一次药")
        await shot(page, "390-care")
        await page.get_by_role("button", name="问居民").click()
        await expect(page.locator(".t-care")).to_contain_text("等居民同意")
        await expect(page.locator(".t-tags")).to_contain_text("已接单")
        await stage.act(lambda c: care.agree(c, people["R0001"].id, number, False))
        await page.reload()
        await expect(page.locator(".t-care")).to_contain_text(re.compile("已转回"))
        await expect(page.get_by_role("button", name="再请一次")).to_be_visible()
        await page.locator(".t-care").scroll_into_view_if_needed()
        await shot(page, "390-care-back")
