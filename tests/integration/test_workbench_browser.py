"""A clerk's day on the workbench, in a real browser: by promise, by telephone, beside colleagues, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from community.services import canned, desk, tickets
from tests.integration.test_console_browser import (
    CHROMIUM,
    DESK,
    PHONE,
    QUIET,
    SOON,
    Stage,
    report,
    shot,
    signed_in,
    staged,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("workbench"), valkey)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        await opened.close()


async def choose(page: Page, number: str) -> None:
    """Choose a ticket of the list; it opens beside it, without another page."""
    await page.locator(f"a.irow[data-number='{number}']").click()
    await expect(page.locator(".beside-head")).to_contain_text(number)
    await page.wait_for_selector(".inbox-beside .t-talk")


async def test_a_clerks_day_from_the_telephone_to_the_answer(stage: Stage, browser: Browser) -> None:
    clerk = stage.city.city.staff["desk1"].id
    await stage.act(lambda c: canned.keep(c, clerk, "收到", "{姓名}您好，工单{工单号}收到了，{承诺时间}办好。", shared=True))
    async with signed_in(browser, stage, "desk1", DESK) as page:
        # The telephone rings.
        await page.goto("/tickets")
        await page.get_by_role("link", name="代报").click()
        await page.get_by_label("姓名").fill("李秀英")
        person = page.locator(".person", has_text="剡溪花园3幢2单元502室")
        await expect(person).to_contain_text("会在聊天里收到通知")
        await person.click()
        await page.get_by_label("地点").fill("3幢2单元")
        await expect(page.locator(".where")).to_contain_text("剡溪花园3幢2单元（已认出到单元，按居民住址补全）")
        await page.get_by_label("居民怎么说的").fill("楼道灯坏了，门禁也刷不开")
        await page.get_by_role("button", name="登记", exact=True).click()
        await expect(page.locator(".new-ticket")).to_contain_text("请选类别")
        await page.get_by_label("类别").fill("照明")
        await page.get_by_role("option", name="照明").click()
        await page.get_by_role("button", name="登记", exact=True).click()
        await page.wait_for_url(re.compile(r"/tickets/1\d+$"))
        number = page.url.rsplit("/", 1)[1]
        await expect(page.locator(".timeline")).to_contain_text("代报")
        await expect(page.locator(".t-talk")).to_contain_text("按您电话里说的")

        # By promise, and a filter that comes back.
        await page.goto("/tickets?group=all")
        heads = page.locator(".ihead")
        await expect(heads.first).to_contain_text("已超时")
        await expect(page.locator("a.irow .i-due").first).to_contain_text("超时")
        await page.locator(".finder .pick").click()
        await page.get_by_role("option", name="照明").click()
        await page.get_by_role("button", name="存下这个筛选").click()
        await page.get_by_label("起个名字").fill("全部照明")
        await page.get_by_role("button", name="存下", exact=True).click()
        saved = page.locator(".saved-one", has_text="全部照明")
        await expect(saved).to_have_class(re.compile("here"))
        rows = await page.locator("a.irow").count()
        await expect(saved.locator(".saved-number")).to_have_text(str(rows))

        # Beside the list: a phrase, a warning, the answer.
        marker = await page.evaluate("window.marker = Math.random()")
        await choose(page, number)
        await page.get_by_role("button", name="常用语").click()
        await page.locator(".phrase-use", has_text="收到").click()
        box = page.get_by_label("答复居民")
        await expect(box).to_have_value(re.compile(f"^李秀英您好，工单{number}收到了"))
        await expect(page.locator(".seen-as")).to_contain_text("沈芳（社区工作者）")
        await shot(page, "1440-phrase")
        await box.fill("楼道灯我们尽快修。")
        await expect(page.locator(".remark")).to_have_count(2)
        await expect(page.locator(".remarks")).to_contain_text("门禁也刷不开")
        await expect(page.locator(".remarks")).to_contain_text("没说什么时候")
        await shot(page, "1440-remarks")
        await box.fill("楼道灯明天上午10点换，门禁周五前修好，物业张师傅来。")
        await expect(page.locator(".remark")).to_have_count(0)
        await box.press("Enter")
        await expect(page.locator(".line-staff .bubble").last).to_contain_text("物业张师傅来")
        await expect(box).to_have_value("")
        await expect(page.locator(".timeline")).to_contain_text("答复")
        assert await page.evaluate("window.marker") == marker, "the page was reloaded"
        assert f"open={number}" in page.url

        # The next morning: the saved filter, with one click.
        await page.goto("/tickets")
        await page.locator(".saved-go", has_text="全部照明").click()
        await expect(page.locator("a.irow")).to_have_count(rows)
        await expect(page.locator("a.irow .i-more").first).to_contain_text("照明")


async def test_a_warning_is_seen_before_the_words_go_and_never_stops_them(stage: Stage, browser: Browser) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "二楼窗户关不上", "wb:warn")))
    async with signed_in(browser, stage, "grid1", DESK) as page:
        await page.goto(f"/tickets/{made.ticket.number}")
        box = page.get_by_label("答复居民")
        await box.fill("马上来。")
        await box.press("Enter")
        await expect(page.locator(".remarks")).to_contain_text("马上")
        await expect(box).to_have_value("马上来。")
        await page.wait_for_timeout(1400)
        await page.get_by_role("button", name="仍然发送").click()
        await expect(page.locator(".line-staff .bubble").last).to_have_text("马上来。")
        # The words of 办结 are looked at as well.
        await page.get_by_role("button", name="开始处理").click()
        await page.get_by_role("button", name="办结").click()
        await page.locator(".form textarea").fill("已经修好了")
        await page.get_by_role("button", name="确定办结").click()
        await expect(page.locator(".form .remarks")).to_contain_text("没说是谁办的")
        await page.wait_for_timeout(1400)
        await page.get_by_role("button", name="仍然办结").click()
        await expect(page.locator(".t-tags")).to_contain_text("待居民确认")


async def test_colleagues_see_each_other_and_what_was_typed_survives_a_change(stage: Stage, browser: Browser) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "信报箱锁坏了", "wb:together")))
    number, worker = made.ticket.number, stage.city.city.staff["grid1"].id
    async with signed_in(browser, stage, "desk1", DESK) as page, signed_in(browser, stage, "grid1", PHONE) as other:
        await page.goto(f"/tickets?group=all&open={number}")
        await page.wait_for_selector(".inbox-beside .t-talk")
        await other.goto(f"/tickets/{number}")
        await expect(page.locator(".t-others")).to_have_text(re.compile("王强正在看"), timeout=SOON)
        await expect(other.locator(".t-others")).to_have_text(re.compile("沈芳正在看"), timeout=SOON)
        await other.get_by_label("答复居民").fill("我下午三点")
        await expect(page.locator(".t-others")).to_have_text(re.compile("王强正在写答复"), timeout=SOON)
        await shot(page, "1440-together")
        await other.close()
        box = page.get_by_label("答复居民")
        await box.fill("明天上午9点开锁师傅来。")
        await page.wait_for_timeout(800)
        # Without a signal the page cannot know yet.
        await stage.act(lambda c: desk.accept(c, worker, number), signals=False)
        await box.press("Enter")
        await expect(page.get_by_text("王强刚刚接单了这件工单。")).to_be_visible()
        await expect(box).to_have_value("明天上午9点开锁师傅来。")
        await expect(page.locator(".inbox-beside .t-tags")).to_contain_text("已接单")
        await page.get_by_role("button", name=re.compile("发送$")).click()
        await expect(page.locator(".line-staff .bubble").last).to_have_text("明天上午9点开锁师傅来。")
        # What is begun for one ticket waits there while another is looked at.
        await box.fill("写到一半")
        await page.locator("a.irow").nth(1).click()
        await expect(page.locator(".beside-head")).not_to_contain_text(number)
        await choose(page, number)
        await expect(page.get_by_label("答复居民")).to_have_value("写到一半")


async def test_several_tickets_go_to_a_colleague_at_once_and_what_stays_is_named(stage: Stage, browser: Browser) -> None:
    numbers = []
    for n in range(3):
        command = report(stage, f"第{n}处栏杆松动", f"wb:bulk:{n}")
        numbers.append((await stage.act(lambda c, command=command: tickets.file_ticket(c, command))).ticket.number)
    resident = stage.city.city.residents["R0001"].id
    async with signed_in(browser, stage, "desk1", DESK) as page:
        await page.goto("/tickets?group=all&q=处栏杆松动")
        await page.get_by_role("button", name="多选").click()
        await page.get_by_role("button", name="全选本页").click()
        await expect(page.locator(".pick-number")).to_have_text("已选 3 件")
        await page.locator(".pick-give").click()
        await page.locator(".form .q-select").click()
        await page.get_by_role("option", name="陈丽").click()
        await page.locator(".form textarea").fill("王强请假")
        await stage.act(lambda c: tickets.withdraw(c, resident, numbers[1], "不用了", "wb:gone"), signals=False)
        await page.get_by_role("button", name="确定转派").click()
        await expect(page.locator(".form")).to_contain_text("2件已转派，1件没有")
        await expect(page.locator(".stayed")).to_contain_text(numbers[1])
        await shot(page, "1440-bulk-told")
        await page.get_by_role("button", name="知道了").last.click()
        await expect(page.locator("a.irow", has_text="陈丽")).to_have_count(2)


async def test_the_list_is_worked_through_by_keys(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "grid1", DESK) as page:
        await page.goto("/tickets")
        await page.wait_for_selector("a.irow")
        # Keys are heard from the moment the page is connected; nobody is as quick as a test.
        await page.wait_for_function("window.socket?.connected")
        await page.wait_for_timeout(500)
        for key in ("j", "j", "k", "j"):
            await page.keyboard.press(key)
        wanted = await page.locator("a.irow").nth(1).get_attribute("data-number")
        await page.keyboard.press("Enter")
        await expect(page.locator(".beside-head")).to_contain_text(str(wanted))
        await page.wait_for_selector(".inbox-beside .t-talk")
        await page.keyboard.press("r")
        await expect(page.get_by_label("答复居民")).to_be_focused()
        # While something is typed the letters are letters.
        await page.keyboard.type("ja?")
        await expect(page.get_by_label("答复居民")).to_have_value("ja?")
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("/")
        await expect(page.get_by_label("搜索")).to_be_focused()


async def test_on_a_phone_the_list_leads_to_the_ticket_and_nothing_is_wider_than_the_screen(
    stage: Stage, browser: Browser
) -> None:
    number = stage.city.numbers["working"]
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto("/tickets?group=grid&status=any")
        await expect(page.locator(".inbox-beside")).to_be_hidden()
        await page.locator(f"a.irow[data-number='{number}']").click()
        await page.wait_for_url(f"**/tickets/{number}")
        await page.get_by_label("答复居民").fill("明天上午九点到您家看看，" * 3)
        await page.get_by_role("button", name="预览").click()
        await expect(page.locator(".seen-as .bubble")).to_be_visible()
        for path in (f"/tickets/{number}", "/tickets/new", "/tickets?group=grid"):
            if path != f"/tickets/{number}":
                await page.goto(path)
            await page.wait_for_timeout(300)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path


async def test_a_ticket_that_must_wait_is_paused_with_a_reason_and_a_day(stage: Stage, browser: Browser) -> None:
    made = await stage.act(lambda c: tickets.file_ticket(c, report(stage, "雨棚裂了一条缝", "wb:pause")))
    number, worker = made.ticket.number, stage.city.city.staff["grid1"].id
    await stage.act(lambda c: desk.accept(c, worker, number))
    async with signed_in(browser, stage, "grid1", PHONE) as page:
        await page.goto(f"/tickets/{number}")
        # Six buttons would not fit a phone: the rarer ones are behind 更多.
        await page.get_by_role("button", name="更多").click()
        await page.locator(".act-pause").click()
        await page.locator(".form textarea").fill("等配件，物业周五到货。")
        await page.get_by_role("button", name="确定暂缓").click()
        await expect(page.locator(".t-tags")).to_contain_text(re.compile("暂缓到 明天 18:00"))
        await expect(page.locator(".t-talk")).to_contain_text("等配件，物业周五到货。")
        await page.get_by_role("button", name="恢复计时").click()
        await expect(page.locator(".t-tags")).to_contain_text("处理中")


async def test_a_lawyer_files_for_nobody_and_is_told_so(stage: Stage, browser: Browser) -> None:
    async with signed_in(browser, stage, "lawyer", DESK) as page:
        answer = await page.goto("/tickets/new")
        assert answer is not None
        assert answer.status == 403
        await expect(page.locator(".refusal")).to_contain_text("代居民登记由社区工作者和网格员来做")
