"""Dead letters at the console, in a real browser: who sees them, trying again once, what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from community.bootstrap import open_community
from community.ports import Community
from community.services import deadletters, outbound
from community.services.outbound import Failure, Trouble
from tests.dead import die_in, die_out
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
from tests.small_city import PASSWORD


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-letters"), valkey)


@pytest.fixture(scope="module")
def letters(stage: Stage) -> dict[str, str]:
    """A bad morning. Name -> key."""
    who = {name: one.id for name, one in stage.city.city.residents.items()}

    async def seed(c: Community) -> dict[str, str]:
        return {
            "photo": await die_out(c, who["R0003"], "您上报的楼道灯已修好，照片附后", "40007"),
            "away": await die_in(c, who["R0002"], "电梯又停了，老人困在十楼下不来", "assistant away: 503"),
            "gone": await die_out(c, who["R0001"], "工单100014已办结：已换灯管，试亮正常。满意请回1", "43004 not a follower"),
            "long": await die_out(
                c,
                who["R0001"],
                "您咨询的是押金退还。依据《中华人民共和国民法典》第七百三十三条，租赁期限届满，承租人应当返还租赁物；"
                "返还的租赁物应当符合按照约定或者根据租赁物的性质使用后的状态。" * 3,
                "45002 too long",
            ),
            "html": await die_in(c, who["R0001"], "<img src=x onerror=alert(1)>{{7*7}}", "IntegrityError", "webchat"),
            "late": await die_out(
                c, who["R0003"], "您已报名周六的河道巡护，08:30在3幢楼下集合", "no sender for this channel", "webchat"
            ),
            "other": await die_out(c, who["R0004"], "别的社区的消息", "unsubscribed"),
        }

    async def run() -> dict[str, str]:
        async with open_community(stage.server.settings, signals=False) as c:
            return await seed(c)

    return asyncio.run(run())


def row(page: Page, key: str) -> Locator:
    return page.locator(f".letter[data-key='{key}']")


async def test_the_desk_sees_its_letters_with_the_reason_in_words(
    stage: Stage, browser: Browser, letters: dict[str, str]  # noqa: F811
) -> None:
    async with signed_in(browser, stage, "desk1") as page:
        badge = page.locator(".nav-item[href='/letters'] .badge")
        await expect(badge).to_have_text("6")
        await page.click(".nav-item[href='/letters']")
        await expect(page.locator(".letter")).to_have_count(6)
        await expect(row(page, letters["gone"])).to_contain_text("对方已取消关注")
        await expect(row(page, letters["gone"]).locator(".l-code")).to_have_text("43004 not a follower")
        await expect(row(page, letters["html"]).locator(".l-gist")).to_have_text("<img src=x onerror=alert(1)>{{7*7}}")
        await expect(row(page, letters["other"])).to_have_count(0)
        # R0001 and R0002 wait for a person (R0002 for a lawyer); R0003's talk is with the assistant.
        await expect(row(page, letters["gone"]).locator("a", has_text="打开对话")).to_be_visible()
        await expect(row(page, letters["photo"]).locator("a")).to_have_count(0)
        await shot(page, "1440-letters")
        await page.get_by_role("button", name="发来的").click()
        await expect(page.locator(".letter")).to_have_count(2)
        assert page.url.endswith("/letters?direction=in")
        await page.locator(".finder .pick").click()
        await page.get_by_role("option", name="公众号").click()
        await expect(page.locator(".letter")).to_have_count(1)
        await page.reload()
        await expect(page.locator(".letter")).to_have_count(1)
        await page.get_by_role("button", name="发出的").click()
        await row(page, letters["gone"]).locator("a", has_text="打开对话").click()
        await expect(page.locator(".chat-head")).to_be_visible()


async def test_a_double_click_sends_again_once_and_the_row_says_what_became_of_it(
    stage: Stage, browser: Browser, letters: dict[str, str]  # noqa: F811
) -> None:
    key = letters["late"]
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/letters")
        await shot(page, "390-letters")
        await row(page, key).get_by_role("button", name="重发").dblclick()
        await expect(row(page, key).locator(".l-fate")).to_contain_text("正在路上")
        await expect(row(page, key).get_by_role("button", name="重发")).to_have_count(0)
        await shot(page, "390-letters-resent")

        async def send(c: Community) -> int:
            parcels = [p for p in await outbound.claim(c, "w1") if f"out-{p.rows[0].id}" == key]
            for parcel in parcels:
                await outbound.failed(c, "w1", parcel, 0, Failure(Trouble.REFUSED, "45002 too long"))
            return len(parcels)

        assert await stage.act(send) == 1
        await expect(row(page, key)).to_contain_text("重发后仍未成功", timeout=20_000)
        await row(page, key).get_by_role("button", name="重发").click()
        await expect(row(page, key).locator(".l-fate")).to_contain_text("正在路上")

        async def deliver(c: Community) -> None:
            await outbound.all_sent(c, "w1", await outbound.claim(c, "w1"))

        await stage.act(deliver)
        await expect(row(page, key).locator(".l-fate")).to_contain_text("已送出", timeout=20_000)
        await expect(page.locator(".nav-item[href='/letters'] .badge")).to_have_text("5")
        assert (await page.locator("body").evaluate("b => b.scrollWidth")) <= 390


async def test_who_was_slower_is_told_that_it_is_under_way(
    stage: Stage, browser: Browser, letters: dict[str, str]  # noqa: F811
) -> None:
    key, desk = letters["photo"], stage.city.city.staff["desk1"].id
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/letters")
        await expect(row(page, key)).to_be_visible()
        await page.wait_for_timeout(700)
        await stage.act(lambda c: deadletters.resend(c, desk, key, "somebody-else"), signals=False)
        await row(page, key).get_by_role("button", name="重发").click()
        await expect(page.get_by_text("这条消息已经在处理了。")).to_be_visible()
        await expect(row(page, key)).to_have_count(0)


async def test_many_letters_come_in_pages_and_none_is_a_sentence(
    stage: Stage, browser: Browser, letters: dict[str, str]  # noqa: F811
) -> None:
    who = stage.city.city.residents["R0004"].id

    async def many(c: Community) -> None:
        for number in range(60):
            await die_out(c, who, f"第{number}条通知", "unsubscribed", "webchat")

    await stage.act(many)
    async with signed_in(browser, stage, "desk2", PHONE) as page:
        await page.goto("/letters")
        await expect(page.locator(".letter")).to_have_count(25)
        await expect(page.locator(".tfoot")).to_contain_text("共 61 条")
        await page.locator(".tfoot .q-pagination button", has_text="3").click()
        await expect(page.locator(".letter")).to_have_count(11)
        await shot(page, "390-letters-last-page")
        await page.get_by_role("button", name="发来的").click()
        await expect(page.locator(".empty")).to_contain_text("没有符合条件的消息")
        await page.goto("/letters?page=99999&channel=nonsense")
        await expect(page.locator(".letter")).to_have_count(11)


@pytest.mark.parametrize("login", ["grid1", "property", "lawyer"])
async def test_others_are_not_offered_the_list(stage: Stage, letters: dict[str, str], login: str) -> None:
    def ask() -> tuple[str, httpx.Response]:
        with httpx.Client(base_url=stage.server.url) as web:
            web.post("/login", data={"login": login, "password": PASSWORD})
            return web.get("/tickets").text, web.get("/letters")

    tickets, refused = await asyncio.to_thread(ask)
    assert "/letters" not in tickets
    assert refused.status_code == 403
    assert "没有权限" in refused.text
