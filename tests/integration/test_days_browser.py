"""Days in a real browser: a grid worker on a phone, a property company at a desk. (A clerk has test_workbench_browser.py.)"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from community.model.calendar import local
from community.model.ticket import Move
from community.services import desk, diary, tickets
from community.services.diary import NewNote
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

TODAY = local(datetime.now(timezone.utc)).date()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("days"), valkey)


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), (180, 200, 160)).save(made, "JPEG")
    return made.getvalue()


async def act(page: Page, move: Move) -> None:
    """Press the button of a move, or find it behind 更多."""
    await page.locator(".act").first.wait_for()
    found = page.locator(f".act-{move.value}")
    if not await found.is_visible():
        await page.locator(".act-more").click()
    await found.click()


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


async def test_a_grid_workers_day_on_a_phone(stage: Stage, browser: Browser) -> None:  # noqa: F811
    staff = stage.city.city.staff
    lamp = (await stage.act(lambda c: tickets.file_ticket(c, report(stage, "二楼过道灯坏了，老人摸黑上楼", "day:1")))).ticket.number
    door = (await stage.act(lambda c: tickets.file_ticket(c, report(stage, "单元门关不上，夜里一直响", "day:2")))).ticket.number
    await stage.act(lambda c: diary.note(c, staff["grid1"].id, NewNote("3幢1单元101张建国，腿刚做完手术", "day:visit", visit=TODAY)))
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        # In the morning: who waits, and whom to visit.
        await expect(page.locator(".page-start .nrow")).to_contain_text("今天回访")
        await fits(page)
        await shot(page, "worker-1-start")
        await page.goto("/tickets")
        await fits(page)
        await page.locator(f"a.irow[data-number='{lamp}']").click()
        await page.wait_for_url(re.compile(lamp))
        # On the way: accepted, there, begun.
        await act(page, Move.ACCEPT)
        await expect(page.locator(".t-tags")).to_contain_text("已接单")
        await act(page, Move.START)
        await expect(page.locator(".t-tags")).to_contain_text("处理中")
        # Done: with a photo, and in words that say who did what.
        await act(page, Move.RESOLVE)
        form = page.locator(".form")
        await form.locator("textarea").fill("网格员王强今天换了二楼过道灯管，试亮正常")
        async with page.expect_file_chooser() as chooser:
            await page.locator(".photo-add").click()
        await (await chooser.value).set_files([{"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": photo()}])
        await expect(page.locator(".photo-new img")).to_be_visible()
        await shot(page, "worker-2-resolve")
        await form.get_by_role("button", name="确定办结").click()
        await expect(page.locator(".t-tags")).to_contain_text("待居民确认")
        await fits(page)
        # The door needs a part: the clock stands, and the resident reads why and until when.
        await page.goto(f"/tickets/{door}")
        await act(page, Move.ACCEPT)
        await expect(page.locator(".t-tags")).to_contain_text("已接单")
        await act(page, Move.PAUSE)
        await form.get_by_label("暂缓到哪天").fill((TODAY + timedelta(days=5)).isoformat())
        await form.locator("textarea").fill("门闭合器要订货，到货就来装")
        await form.get_by_role("button", name="确定暂缓").click()
        await expect(page.locator(".t-tags")).to_contain_text("暂缓")
        await shot(page, "worker-3-paused")
        # The visit, and what came of it.
        await page.goto("/diary")
        await page.locator(".nrow", has_text="张建国").click()
        await page.get_by_role("button", name="去过了").click()
        await page.get_by_label("这次的情况").fill("伤口长好了，下楼还要人扶")
        await page.locator(".form").get_by_role("button", name="记下").click()
        await expect(page.locator(".t-tags")).to_contain_text("已回访")
        # In the evening: nothing is due, and what waits is the resident's turn.
        await page.goto("/")
        await expect(page.locator(".page-start .nrow")).to_have_count(0)
        await shot(page, "worker-4-evening")
    seen = [await stage.act(lambda c, n=n: tickets.progress(c, stage.city.city.residents["R0001"].id, n)) for n in (lamp, door)]  # type: ignore[misc]
    assert [str(one.ticket.status) for one in seen] == ["resolved", "paused"]
    assert seen[0].photos[-1][1] == "after"
    assert any("要订货" in event.note for event in seen[1].events)


async def test_a_property_companys_day_at_the_desk(stage: Stage, browser: Browser) -> None:  # noqa: F811
    staff = stage.city.city.staff
    numbers = []
    for key, words in (("co:1", "地下车库的灯坏了三盏"), ("co:2", "单元门口地砖松了，绊人")):
        made = await stage.act(lambda c, w=words, k=key: tickets.file_ticket(c, report(stage, w, k)))  # type: ignore[misc]
        numbers.append(made.ticket.number)
        await stage.act(
            lambda c, n=made.ticket.number: desk.transfer(c, staff["desk1"].id, n, staff["property"].id, "请物业修")  # type: ignore[misc]
        )
    lamps, tile = numbers
    elsewhere = (
        await stage.act(lambda c: tickets.file_ticket(c, report(stage, "别的小区的灯", "co:3", "R0004", "鹿山苑/1/1/502")))
    ).ticket.number
    async with signed_in(browser, stage, "property", DESK) as page:
        await page.goto("/tickets?group=mine")
        for number in numbers:
            await expect(page.locator(f"a.irow[data-number='{number}']")).to_be_visible()
        await shot(page, "company-1-inbox")
        # One box: by what it is about.
        await page.goto("/tickets?group=all&words=车库")
        await page.locator(f"a.irow[data-number='{lamps}']").click()
        await page.wait_for_selector(".inbox-beside .t-talk")
        await act(page, Move.ACCEPT)
        await expect(page.locator(".inbox-beside .t-tags")).to_contain_text("已接单")
        box = page.get_by_label("答复居民")
        await box.fill("物业赵师傅明天上午10点来换三盏灯。")
        await box.press("Enter")
        await expect(page.locator(".line-staff .bubble").last).to_contain_text("赵师傅明天上午10点")
        await shot(page, "company-2-beside")
        # Not theirs: the desk has it back with a reason.
        await page.goto(f"/tickets/{tile}")
        await act(page, Move.ACCEPT)
        await expect(page.locator(".t-tags")).to_contain_text("已接单")
        await act(page, Move.RETURN)
        await page.locator(".form textarea").fill("门口地砖属市政道路，物业修不了，请转街道")
        await page.locator(".form").get_by_role("button", name="确定退回").click()
        await expect(page.locator(".form")).to_have_count(0)
        # What is none of the company's business is not shown to it.
        await page.goto(f"/tickets/{elsewhere}")
        await expect(page.locator(".refusal")).to_be_visible()
        await page.goto("/diary")
        await expect(page.locator(".refusal")).to_be_visible()
        # How it goes, of its own tickets.
        await page.goto("/stats")
        await expect(page.locator("body")).to_contain_text("赵物业")
        await expect(page.locator("body")).not_to_contain_text("王强")
        await shot(page, "company-3-stats")
    back = await stage.act(lambda c: desk.open_ticket(c, staff["desk1"].id, tile))
    assert str(back.detail.ticket.status) == "returned"
    assert back.detail.ticket.holder_name == "沈芳"
