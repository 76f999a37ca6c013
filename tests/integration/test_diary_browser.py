"""A grid worker's diary and a community's leaves at the console, in a real browser, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from playwright.async_api import Browser, Page, expect

from community.model.calendar import local
from community.services import diary, tickets
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
    yield from staged(tmp_path_factory.mktemp("console-diary"), valkey)


async def noted(stage: Stage, words: str, key: str, who: str = "grid1", **more: object) -> int:
    staff_id = stage.city.city.staff[who].id
    note = await stage.act(lambda c: diary.note(c, staff_id, NewNote(words, key, **more)))  # type: ignore[arg-type]
    return int(note.id)


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def test_a_visit_is_written_down_gone_to_again_and_made_a_ticket(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await noted(stage, "3幢1单元101张建国，腿刚做完手术，下楼不便", "b1", visit=TODAY)
    await noted(stage, "上午巡查，楼道堆物已请住户清走", "b2")
    async with signed_in(browser, stage, "grid1", DESK) as page:
        # What is due stands on the start page.
        await expect(page.locator(".page-start .nrow")).to_contain_text("今天回访")
        await shot(page, "diary-start")
        await page.goto("/diary")
        await page.get_by_role("link", name="记一条").click()
        await page.get_by_label("户或地点").fill("3幢2单元502")
        await expect(page.locator(".where")).to_contain_text("剡溪花园3幢2单元502室")
        await page.get_by_label("走访的情况").fill("李奶奶血压有点高，说晚上起夜怕摔，想在卫生间装个扶手，三天后再去看看")
        await shot(page, "diary-new")
        await page.get_by_role("button", name="记下").click()
        await page.wait_for_url(re.compile(r"/diary/\d+$"))
        await expect(page.locator(".n-need").first).to_have_text("需要：想在卫生间装个扶手")
        await expect(page.locator(".note-side")).to_contain_text("李秀英")
        await expect(page.locator(".note-side")).to_contain_text("卫生间天花板渗水")
        await shot(page, "diary-note")
        await page.get_by_role("button", name="转工单").click()
        await expect(page.locator(".form textarea")).to_have_value("想在卫生间装个扶手")
        await expect(page.locator(".form").get_by_label("类别")).to_have_value("为老服务")
        await shot(page, "diary-ticket-form")
        await page.locator(".form").get_by_role("button", name="转工单").click()
        await expect(page.locator(".t-tags")).to_contain_text("工单 1")
        await expect(page.get_by_role("button", name="转工单")).to_have_count(0)
        # Gone to, with words: a new note of the same place, which has a history now.
        await page.get_by_role("button", name="去过了").click()
        await page.get_by_label("这次的情况").fill("扶手装好了，一周后再去")
        await page.locator(".form").get_by_role("button", name="记下").click()
        await expect(page.locator(".note-history .nrow")).to_contain_text("扶手装好了")
        await expect(page.locator(".t-tags")).to_contain_text("已回访")
        await page.goto("/diary")
        await expect(page.locator(".nrow").first).to_contain_text("今天回访")
        await shot(page, "diary-list")
        await page.get_by_label("找").fill("扶手")
        await expect(page.locator(".nrow")).to_have_count(2)
        await page.get_by_label("找").fill("3幢1单元")
        await expect(page.locator(".understood")).to_contain_text("剡溪花园3幢1单元")
        await expect(page.locator(".nrow")).to_have_count(1)


async def test_on_a_phone_a_worker_moves_a_visit_and_the_desk_sees_whose_note_it_is(
    stage: Stage, browser: Browser  # noqa: F811
) -> None:
    number = await noted(stage, "3幢1单元502王大爷，独居，儿子周末来", "p1", visit=TODAY)
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto("/diary")
        assert await fits(page)
        await shot(page, "diary-list-phone")
        await page.goto(f"/diary/{number}")
        assert await fits(page)
        await shot(page, "diary-note-phone")
        await page.get_by_role("button", name="改回访日子").click()
        await page.get_by_label("日子").fill((TODAY + timedelta(days=9)).isoformat())
        await page.locator(".form").get_by_role("button", name="定下").click()
        await expect(page.locator(".t-tags .n-visit")).to_contain_text("日（周")
    async with signed_in(browser, stage, "desk1", PHONE) as page:
        await page.goto("/diary?group=all")
        await expect(page.locator(f".nrow[data-note='{number}']")).to_contain_text("王强")
        assert await fits(page)
        await shot(page, "diary-desk-phone")
        await page.goto(f"/diary/{number}")
        await expect(page.get_by_role("button", name="改日记")).to_have_count(0)
        await page.goto("/audit?what=household")
        await page.goto("/diary/99999")
        await expect(page.locator(".refusal")).to_contain_text("没有这条日记")
    async with signed_in(browser, stage, "lawyer", PHONE) as page:
        await page.goto("/diary")
        await expect(page.locator(".refusal")).to_contain_text("网格员和社区工作者")


async def test_a_leave_is_entered_seen_handed_over_and_taken_back(stage: Stage, browser: Browser) -> None:  # noqa: F811
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "楼道窗户关不上", "leave:1")))
    first, last = TODAY + timedelta(days=4), TODAY + timedelta(days=6)
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/leave")
        await shot(page, "leave-empty")
        await page.get_by_role("button", name="登记请假").click()
        form = page.locator(".form")
        await form.get_by_label("谁", exact=True).click()
        await page.get_by_role("option", name="王强").click()
        await form.get_by_label("从", exact=True).fill(last.isoformat())
        await form.get_by_label("到（含这一天）").fill(first.isoformat())
        await form.get_by_role("button", name="登记", exact=True).click()
        await expect(page.get_by_text("结束的日子在开始之前")).to_be_visible()
        await form.get_by_label("从", exact=True).fill(first.isoformat())
        await form.get_by_label("到（含这一天）").fill(last.isoformat())
        await form.get_by_label("谁代班").click()
        await page.get_by_role("option", name="陈丽").click()
        await shot(page, "leave-form")
        await form.get_by_role("button", name="登记", exact=True).click()
        row = page.locator(".lrow", has_text="王强")
        await expect(row).to_contain_text("陈丽代班")
        await expect(row).to_contain_text("手上还有")
        await shot(page, "leave")
        await row.get_by_text(re.compile("手上还有")).click()
        await page.wait_for_url(re.compile("worker="))
        await expect(page.locator("a.irow", has_text="楼道窗户关不上")).to_have_count(1)
        await page.goto("/leave")
        await page.get_by_role("button", name="交给陈丽").click()
        await expect(page.get_by_text(re.compile("已交给陈丽")).first).to_be_visible()
        opened = await stage.act(lambda c: tickets.progress(c, stage.city.city.residents["R0001"].id, made.ticket.number))
        assert opened.ticket.holder_name == "陈丽"
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto("/leave")
        await expect(page.locator(".lrow")).to_contain_text("陈丽代班")
        assert await fits(page)
        await shot(page, "leave-phone")
        await page.get_by_role("button", name="撤掉").click()
        await page.locator(".form").get_by_role("button", name="撤掉").click()
        await expect(page.locator(".lrow")).to_have_count(0)
