"""The console in a real browser: acting, live updates without reload, sessions that end while a page is open."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, FilePayload, Page, async_playwright, expect

from community.bootstrap import open_community
from community.model.category import Category
from community.model.conversation import Topic
from community.model.ticket import Status
from community.ports import Community
from community.services import conversations, desk, inbound, staff_auth, tickets
from community.services.tickets import FileTicket
from community.store import migrate
from tests.conftest import FakeClock
from tests.small_city import PASSWORD
from tests.unit.console.console_city import ConsoleCity, build_console_city, jpeg
from tests.unit.console.console_server import ConsoleServer, running_console, settings_on

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1440, "height": 900}}
SOON = 4_000
"""Milliseconds within which a live update must be seen when signals work (a poll would take longer)."""
SHOTS = os.environ.get("LINSHE_SHOTS", "")


@dataclass
class Stage:
    server: ConsoleServer
    city: ConsoleCity

    def act(self, use_case: Callable[[Community], Any], *, signals: Any = None) -> Any:
        """What somebody else does meanwhile, in another process's shoes."""

        async def run() -> Any:
            async with open_community(self.server.settings, signals=signals) as c:
                return await use_case(c)

        return asyncio.get_running_loop().create_task(run())


def staged(folder: Path, redis_url: str, **environment: str) -> Iterator[Stage]:
    settings = settings_on(folder, redis_url, 1)
    migrate.upgrade(settings.async_database_url)

    async def seed() -> ConsoleCity:
        clock = FakeClock()
        clock.time = datetime.now(timezone.utc)
        async with open_community(settings, signals=False, clock=clock) as c:
            return await build_console_city(c, clock)

    city = asyncio.run(seed())
    with running_console(folder, redis_url, **environment) as server:
        yield Stage(server, city)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("console-live"), valkey)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


@asynccontextmanager
async def signed_in(browser: Browser, stage: Stage, login: str, look: dict[str, Any] = DESK) -> AsyncIterator[Page]:
    """A page of this member of staff. Fails at the end when it reached outside or a script of it failed."""
    context = await browser.new_context(**look, locale="zh-CN", base_url=stage.server.url)
    outside: list[str] = []
    failures: list[str] = []
    page = await context.new_page()
    page.on(
        "request", lambda r: None if r.url.startswith((stage.server.url, "data:", "blob:")) else outside.append(r.url)
    )
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.set_default_timeout(8_000)
    await page.goto("/login")
    await page.fill("[name=login]", login)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_selector(".nav-item")
    yield page
    await context.close()
    assert outside == []
    assert failures == []


async def shot(page: Page, name: str) -> None:
    """Keep a picture when asked to (LINSHE_SHOTS=folder)."""
    if SHOTS:
        await page.wait_for_timeout(700)
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def report(stage: Stage, words: str, key: str, who: str = "R0001", room: str = "剡溪花园/3/2/502") -> FileTicket:
    place, resident = stage.city.city.places[room], stage.city.city.residents[who]
    return FileTicket(resident.id, Category.LIGHTING, words, place.full_name, place.id, key)


async def test_a_ticket_is_handled_on_a_phone_and_the_residents_answer_arrives_live(
    stage: Stage, browser: Browser
) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "二楼过道灯坏了", "browser:1")))
    number = made.ticket.number
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto(f"/tickets/{number}")
        await page.get_by_role("button", name="接单", exact=True).click()
        await expect(page.locator(".t-tags")).to_contain_text("已接单")
        await page.get_by_role("button", name="开始处理").click()
        await expect(page.locator(".t-tags")).to_contain_text("处理中")
        await page.get_by_role("button", name="办结").click()
        await page.get_by_role("button", name="确定办结").click()
        await expect(page.locator(".form")).to_contain_text("请写明怎么办好的")
        await page.locator(".form textarea").fill("换了新灯泡，已亮。")
        async with page.expect_file_chooser() as chooser:
            await page.locator(".photo-add").click()
        picture: FilePayload = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": jpeg((240, 220, 120))}
        await (await chooser.value).set_files([picture])
        await expect(page.locator(".photo-new img")).to_have_attribute("src", re.compile("^blob:"))
        await shot(page, "390-resolve-form")
        await page.get_by_role("button", name="确定办结").click()
        await expect(page.locator(".t-tags")).to_contain_text("待居民确认")
        await expect(page.locator(".t-words .photo")).to_have_count(1)
        await expect(page.locator(".timeline")).to_contain_text("换了新灯泡，已亮。")
        marker = await page.evaluate("window.marker = Math.random()")
        resident = stage.city.city.residents["R0001"].id
        await stage.act(lambda c: tickets.confirm(c, resident, number, "browser:1:confirm"))
        await expect(page.locator(".t-tags")).to_contain_text("居民已确认", timeout=SOON)
        await expect(page.get_by_text("居民确认办好了")).to_be_visible()
        assert await page.evaluate("window.marker") == marker, "the page was reloaded"
        await shot(page, "390-ticket-confirmed")


async def test_a_new_ticket_appears_in_an_open_list_and_on_the_badge(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "grid2") as page:
        await page.goto("/tickets")
        badge = page.locator(".nav-item[href='/tickets'] .badge")
        before = int(await badge.inner_text())
        command = report(stage, "5幢门口路灯一闪一闪", "browser:live", "R0003", "剡溪花园/5/1/101")
        await stage.act(lambda c: tickets.file_ticket(c, command))
        await expect(page.locator("a.trow", has_text="一闪一闪")).to_be_visible(timeout=SOON)
        await expect(badge).to_have_text(str(before + 1))


async def test_an_urge_is_announced_on_the_open_ticket(stage: Stage, browser: Browser) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "扶手松了", "browser:urge")))
    number, resident = made.ticket.number, stage.city.city.residents["R0001"].id
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto(f"/tickets/{number}")
        await page.get_by_role("button", name="备注").click()
        await page.locator(".form textarea").fill("正在写的备注")
        await stage.act(lambda c: tickets.urge(c, resident, number, "browser:urge:1"))
        await expect(page.get_by_text("居民催办了")).to_be_visible(timeout=SOON)
        # What somebody is typing survives the update.
        await expect(page.locator(".form textarea")).to_have_value("正在写的备注")
        await page.get_by_role("button", name="确定备注").click()
        await expect(page.locator(".timeline")).to_contain_text("正在写的备注")
        await expect(page.locator(".timeline")).to_contain_text("居民不可见")


async def test_somebody_faster_is_told_in_a_sentence_and_the_page_shows_what_is_true(
    stage: Stage, browser: Browser
) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "水箱有异响", "browser:conflict")))
    number, worker = made.ticket.number, stage.city.city.staff["grid1"].id
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto(f"/tickets/{number}")
        await page.wait_for_selector(".act-accept")
        await page.wait_for_timeout(700)
        # Without a signal the page cannot know yet.
        await stage.act(lambda c: desk.start(c, worker, number), signals=False)
        await page.get_by_role("button", name="接单", exact=True).click()
        await expect(page.get_by_text(f"工单{number}现在是“处理中”，不能接单。")).to_be_visible()
        await expect(page.locator(".t-tags")).to_contain_text("处理中")


async def test_transfer_and_return_ask_for_a_person_and_a_reason(stage: Stage, browser: Browser) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "门口石墩被撞倒", "browser:transfer")))
    number = made.ticket.number
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto(f"/tickets/{number}")
        await page.get_by_role("button", name="转派").click()
        await page.get_by_role("button", name="确定转派").click()
        await expect(page.locator(".form")).to_contain_text("请选择转给谁")
        await page.locator(".form .q-select").click()
        await page.get_by_role("option", name="陈丽").click()
        await page.locator(".form textarea").fill("在5幢那边，归第二网格")
        await shot(page, "1440-transfer-form")
        await page.get_by_role("button", name="确定转派").click()
        await expect(page.locator(".t-facts")).to_contain_text("陈丽")
        # It is a colleague's now: seen, but not theirs to handle.
        await expect(page.locator(".act-accept")).to_have_count(0)
    async with signed_in(browser, stage, "grid2") as page:
        await page.goto(f"/tickets/{number}")
        await page.get_by_role("button", name="退回").click()
        await page.locator(".form textarea").fill("不在我们网格")
        await page.get_by_role("button", name="确定退回").click()
        await expect(page.locator(".refusal, .t-tags").first).to_contain_text(re.compile("已退回|没有找到"))


async def test_a_conversation_is_taken_over_answered_live_and_handed_back(stage: Stage, browser: Browser) -> None:
    resident = stage.city.city.residents["R0003"].id
    await stage.act(lambda c: conversations.ask_person(c, resident, Topic.GENERAL, "居民要求转人工", "browser:ask"))
    async with signed_in(browser, stage, "desk1") as page:
        await page.goto("/conversations")
        await page.locator(".entry", has_text="吴小梅").click()
        await page.get_by_role("button", name="接管").click()
        await expect(page.locator(".chat-holder")).to_contain_text("我接待中")
        box = page.get_by_label("写给居民").last
        await box.fill("您好，我是社区的沈芳。")
        await box.press("Enter")
        await expect(page.locator(".line-staff .bubble").last).to_have_text("您好，我是社区的沈芳。")
        await expect(box).to_have_value("")
        said = inbound.Incoming("webchat", resident, "browser:in:1", "<b>楼上</b>漏水了")
        await stage.act(lambda c: inbound.receive(c, said))
        await expect(page.locator(".line-in .bubble").last).to_have_text("<b>楼上</b>漏水了", timeout=SOON)
        await shot(page, "1440-conversation-held")
        lines = await stage.act(
            lambda c: conversations.open_conversation(c, stage.city.city.staff["desk1"].id, resident)
        )
        assert [line.text for line in lines.lines if line.direction == "staff"] == ["您好，我是社区的沈芳。"]
        await page.get_by_role("button", name="交还小邻").click()
        draft = page.get_by_label("交接小结")
        await expect(draft).to_have_value(re.compile("吴小梅[^$]*楼上</b>漏水了"))
        await shot(page, "1440-handover")
        await draft.fill("楼上漏水，周四和物业一起上门。")
        await page.get_by_role("button", name="留下小结，交还").click()
        await page.wait_for_url("**/conversations")
        await expect(page.locator(".entry", has_text="吴小梅")).to_have_count(0)


async def test_a_colleague_sees_who_holds_a_conversation_and_cannot_write(stage: Stage, browser: Browser) -> None:
    resident, holder = stage.city.city.residents["R0001"].id, stage.city.city.staff["desk1"].id
    await stage.act(lambda c: conversations.take(c, holder, resident))
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto(f"/conversations/{resident}")
        await expect(page.locator(".chat-holder")).to_have_text("沈芳接待中")
        await expect(page.locator(".chat-foot")).to_be_hidden()
        await expect(page.get_by_role("button", name="接管")).to_have_count(0)
    await stage.act(lambda c: conversations.hand_back(c, holder, resident))


async def test_a_page_left_open_after_sign_out_acts_no_more(stage: Stage, browser: Browser) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "信箱被撬", "browser:left-open")))
    number = made.ticket.number
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto(f"/tickets/{number}")
        await page.wait_for_selector(".act-accept")
        cookies = {c["name"]: c["value"] for c in await page.context.cookies()}

        async def sign_out(c: Community) -> None:
            await staff_auth.sign_out(c, cookies["linshe_staff"])

        await stage.act(sign_out, signals=False)
        await page.get_by_role("button", name="接单", exact=True).click()
        await page.wait_for_url("**/login?why=expired**")
        await expect(page.get_by_role("alert")).to_have_text("登录已过期，请重新登录。")
    seen = await stage.act(lambda c: tickets.show_for_operator(c, number))
    assert seen.ticket.status is Status.DISPATCHED


async def test_signing_out_sends_the_other_open_page_to_sign_in(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "grid1") as page:
        other = await page.context.new_page()
        await other.goto("/tickets")
        await other.wait_for_selector(".tlist")
        await page.get_by_role("button", name="退出").first.click()
        await page.wait_for_url("**/login?why=out")
        await other.wait_for_url("**/login?why=expired**", timeout=SOON)


async def test_what_residents_wrote_stays_text_on_every_page(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "grid1") as page:
        for path in ("/tickets?group=grid&status=any", f"/tickets/{stage.city.numbers['late']}", "/"):
            await page.goto(path)
            await expect(page.get_by_text("{{ 7*7 }}").or_(page.get_by_text("<img src=x")).first).to_be_visible()
            assert await page.title() != "pwned"
            assert await page.locator("img[src=x]").count() == 0


async def test_every_number_and_bar_of_the_start_page_opens_its_list(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "desk1") as page:
        await page.goto("/")
        links = await page.locator("a.number").evaluate_all(
            "all => all.map(a => [a.innerText, a.getAttribute('href')])"
        )
        assert len(links) == 5
        for text, href in links[:4]:
            await page.goto(href)
            shown = await page.locator(".tfoot").inner_text()
            number = text.split()[0]
            assert (f"共 {number} 件" in shown) if number != "0" else shown == "", (text, href, shown)
        await page.goto("/")
        await page.wait_for_timeout(1500)
        bar = page.locator(".chart").last.locator("svg path[fill='#0f766e']").first
        await bar.click()
        await page.wait_for_url("**/tickets?group=all&category=*")
        assert await page.locator("a.trow").count() >= 1


async def test_filters_live_in_the_address_and_search_finds(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "grid1") as page:
        await page.goto("/tickets")
        await page.get_by_role("button", name="本网格").click()
        await page.get_by_role("button", name="不限").click()
        await page.get_by_label("搜索").fill("电梯停在")
        await expect(page.locator("a.trow")).to_have_count(1)
        assert page.url.endswith(f"/tickets?group=grid&status=any&q={quote('电梯停在')}")
        await page.reload()
        await expect(page.locator("a.trow")).to_have_count(1)
        await expect(page.get_by_label("搜索")).to_have_value("电梯停在")


@pytest.mark.parametrize(("name", "look"), [("390", PHONE), ("1440", DESK)])
async def test_no_page_is_wider_than_its_screen(
    stage: Stage, browser: Browser, name: str, look: dict[str, Any]
) -> None:
    resident = stage.city.city.residents["R0001"].id
    pages = {
        "start": "/",
        "tickets": "/tickets?group=grid&status=any",
        "ticket": f"/tickets/{stage.city.numbers['working']}",
        "conversations": "/conversations",
        "conversation": f"/conversations/{resident}",
        "refused": f"/tickets/{stage.city.numbers['other']}",
    }
    async with signed_in(browser, stage, "grid1", look) as page:
        for title, path in pages.items():
            await page.goto(path)
            await page.wait_for_selector(".nav-item")
            await page.wait_for_timeout(300)
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= look["viewport"]["width"], (title, width)
            nav = await page.locator(".nav").bounding_box()
            assert nav is not None
            below = nav["y"] > 700
            assert below == (name == "390"), (title, json.dumps(nav))
            await shot(page, f"{name}-{title}")


async def test_without_signals_an_open_list_is_still_brought_up_to_date(tmp_path: Path, browser: Browser) -> None:
    for stage in staged_quietly(tmp_path):
        async with signed_in(browser, stage, "grid1") as page:
            await page.goto("/tickets")
            await page.wait_for_selector("a.trow")
            command = report(stage, "雨棚漏水没人修", "browser:deaf")
            await stage.act(partial(tickets.file_ticket, cmd=command), signals=False)
            await expect(page.locator("a.trow", has_text="雨棚漏水")).to_be_visible(timeout=9_000)


def staged_quietly(folder: Path) -> Iterator[Stage]:
    """A console whose Valkey is away. Seeded in a thread of its own: this test's loop is running."""
    stages = staged(folder, "redis://127.0.0.1:1/0")
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(next, stages).result()
        pool.submit(stages.close).result()  # type: ignore[attr-defined]
