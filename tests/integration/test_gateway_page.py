"""The web chat page in a real browser: what residents see, and that nothing is lost or doubled on bad lines."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, Route, async_playwright, expect

from community.services import conversations, privacy
from tests.conftest import FakeClock
from tests.unit.gateway.door import Door, city_file, city_url, door, photo_bytes, rasa  # noqa: F401

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--disable-sync"])
        yield opened
        await opened.close()


class Phone:
    """A resident's phone with the page open. Anything the page complains about is remembered."""

    def __init__(self, door: Door, context: BrowserContext, page: Page) -> None:  # noqa: F811
        self.door, self.context, self.page = door, context, page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: self.complaints.append(m.text) if "Content Security Policy" in m.text else None)

    async def open(self) -> None:
        await self.page.goto(self.door.url + "chat")

    async def be(self, name: str) -> None:
        await self.page.locator(".person", has_text=name).click()
        await expect(self.page.locator("#whoami")).to_contain_text(name)

    async def say(self, text: str) -> None:
        await self.page.fill("#text", text)
        await self.page.click("#send")

    def bubble(self, text: str, side: str = "out") -> Any:
        return self.page.locator(f".row.{side} .bubble", has_text=text)

    async def bubbles(self) -> list[str]:
        return await self.page.locator("#lines .bubble").all_inner_texts()


async def phone_of(door: Door, browser: Browser, name: str = "", **options: Any) -> Phone:  # noqa: F811
    context = await browser.new_context(**{**PHONE, **options})
    phone = Phone(door, context, await context.new_page())
    await phone.open()
    if name:
        await phone.be(name)
    return phone


async def test_two_residents_talk_at_the_same_time_each_in_their_own_conversation(
    door: Door,  # noqa: F811
    browser: Browser,
) -> None:
    one, other = await phone_of(door, browser, "李秀英"), await phone_of(door, browser, "张建国")
    await asyncio.gather(one.say("三楼的灯坏了"), other.say("五幢漏水"))
    await expect(one.bubble("收到：三楼的灯坏了")).to_be_visible()
    await expect(other.bubble("收到：五幢漏水")).to_be_visible()
    assert await one.bubbles() == ["三楼的灯坏了", "收到：三楼的灯坏了"]
    assert await other.bubbles() == ["五幢漏水", "收到：五幢漏水"]
    assert one.complaints == other.complaints == []


async def test_choices_are_numbered_taken_once_and_then_closed(door: Door, browser: Browser) -> None:  # noqa: F811
    choices = [{"title": "提交", "payload": "/affirm"}, {"title": "不报了", "payload": "/cancel"}]
    door.rasa.script = lambda turn: (
        [{"text": "都对吗？", "buttons": choices}] if turn["message"] == "灯坏了" else [{"text": "好的"}]
    )
    phone = await phone_of(door, browser, "李秀英")
    await phone.say("灯坏了")
    chips = phone.page.locator(".row.out .chip")
    await expect(chips).to_have_text(["1提交", "2不报了"])
    box = await chips.first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    await chips.first.click()
    await expect(phone.bubble("好的")).to_be_visible()
    await expect(phone.bubble("提交", "in")).to_be_visible()
    await expect(chips.first).to_be_disabled()
    await expect(chips.nth(1)).to_be_disabled()
    await expect(chips.first).to_have_class("chip taken")
    assert door.rasa.messages == ["灯坏了", "/affirm"]


async def test_markup_of_a_resident_is_shown_and_never_run(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    nasty = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script><b>粗</b>"
    await phone.say(nasty)
    await expect(phone.bubble(f"收到：{nasty}")).to_be_visible()
    assert (await phone.bubbles())[0] == nasty
    assert await phone.page.locator("#lines img, #lines script, #lines .bubble b").count() == 0
    assert await phone.page.title() != "owned"


async def test_after_a_reload_the_conversation_is_there_again(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    for words in ("第一句", "第二句"):
        await phone.say(words)
        await expect(phone.bubble(f"收到：{words}")).to_be_visible()
    before = await phone.bubbles()
    await phone.page.reload()
    await expect(phone.bubble("收到：第二句")).to_be_visible()
    assert await phone.bubbles() == before


async def test_what_could_not_be_sent_goes_out_by_itself_and_once(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    lost: list[str] = []

    async def lose(route: Route) -> None:
        # The worst case: the message arrives, the answer to it does not.
        if len(lost) < 2:
            lost.append(route.request.post_data or "")
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await phone.page.route("**/api/messages", lose)
    await phone.say("灯坏了")
    await expect(phone.page.locator(".row.waiting")).to_contain_text("自动重试")
    await expect(phone.page.locator(".row.pending")).to_have_count(0, timeout=10_000)
    await expect(phone.bubble("收到：灯坏了")).to_be_visible()
    assert lost[0] == lost[1]
    assert await phone.bubbles() == ["灯坏了", "收到：灯坏了"]
    assert door.rasa.messages == ["灯坏了"]


async def test_what_could_not_be_sent_survives_a_reload(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    await phone.page.route("**/api/messages", lambda route: route.abort())
    await phone.say("隧道里写的")
    await expect(phone.page.locator(".row.waiting")).to_be_visible()
    await phone.page.reload()
    await expect(phone.page.locator(".row.pending")).to_contain_text("隧道里写的")
    await phone.page.unroute("**/api/messages")
    await expect(phone.bubble("收到：隧道里写的")).to_be_visible(timeout=10_000)
    assert await phone.bubbles() == ["隧道里写的", "收到：隧道里写的"]


async def test_a_page_without_a_socket_still_gets_its_answers(door: Door, browser: Browser) -> None:  # noqa: F811
    """Some company networks and old web views let no socket through."""
    context = await browser.new_context(**PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.route_web_socket("**/api/ws", lambda socket: socket.close())
    phone = Phone(door, context, page)
    await phone.open()
    await phone.be("李秀英")
    await expect(page.locator("#banner")).to_have_text("正在连接…")
    await phone.say("灯坏了")
    await expect(phone.bubble("收到：灯坏了")).to_be_visible(timeout=10_000)


async def test_a_photo_is_previewed_sent_and_shown(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    await phone.page.set_input_files("#file", FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=photo_bytes()))
    await expect(phone.page.locator(".tray-shot img")).to_be_visible()
    await expect(phone.page.locator(".tray-progress")).to_have_count(0)
    await phone.say("就是这盏灯")
    await expect(phone.bubble("收到：就是这盏灯")).to_be_visible()
    await expect(phone.page.locator(".tray-shot")).to_have_count(0)
    shown = phone.page.locator(".row.in .shot img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.naturalWidth") == 64
    await phone.page.reload()
    await expect(shown).to_be_visible()
    assert phone.complaints == []


async def test_wrong_files_are_refused_with_a_sentence_before_they_are_sent(
    door: Door,  # noqa: F811
    browser: Browser,
    tmp_path: Path,
) -> None:
    phone = await phone_of(door, browser, "李秀英")
    uploads: list[str] = []
    phone.page.on("request", lambda r: uploads.append(r.url) if "/api/photos" in r.url else None)
    notice = phone.page.locator("#notice")
    big = tmp_path / "big.jpg"
    big.write_bytes(b"\xff\xd8" + b"x" * (30 * 1024 * 1024))
    await phone.page.set_input_files("#file", FilePayload(name="a.txt", mimeType="text/plain", buffer=b"words"))
    await expect(notice).to_contain_text("只能发照片")
    await phone.page.set_input_files("#file", big)
    await expect(notice).to_contain_text("超过 10 MB")
    assert uploads == []
    # One that only looks like a photo is found out by the gateway.
    await phone.page.set_input_files("#file", FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=b"no photo"))
    await expect(notice).to_contain_text("不是照片")
    await expect(phone.page.locator(".tray-shot")).to_have_count(0)


async def test_what_the_gateway_refuses_can_be_changed_and_sent_again(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    await phone.page.fill("#text", "长" * 2_001)
    await phone.page.click("#send")
    await expect(phone.page.locator("#notice")).to_contain_text("太长了")
    assert len(await phone.page.input_value("#text")) == 2_001
    await phone.say("\u200b\u202ex".replace("x", "\u2060"))
    await expect(phone.page.locator(".row.failed .line-note")).to_contain_text("没有收到文字")
    await phone.page.click("text=改一改再发")
    await expect(phone.page.locator(".row.failed")).to_have_count(0)
    await phone.say("改好了")
    await expect(phone.bubble("收到：改好了")).to_be_visible()


async def test_an_ended_session_is_told_kindly_and_one_can_come_back(
    door: Door,  # noqa: F811
    browser: Browser,
    clock: FakeClock,
) -> None:
    phone = await phone_of(door, browser, "李秀英")
    await phone.say("第一句")
    await expect(phone.bubble("收到：第一句")).to_be_visible()
    clock.forward(days=31)
    await phone.say("还在吗")
    await expect(phone.page.locator("#expired-title")).to_be_visible()
    await phone.page.click("#expired-again")
    await phone.be("李秀英")
    # What was said into the ended session was kept, and is sent now.
    await expect(phone.bubble("收到：还在吗")).to_be_visible()
    assert await phone.bubbles() == ["第一句", "收到：第一句", "还在吗", "收到：还在吗"]


async def test_switching_shows_the_other_residents_conversation_only(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    await phone.say("李家的事")
    await expect(phone.bubble("收到：李家的事")).to_be_visible()
    await phone.page.fill("#text", "写了一半")
    await phone.page.click("#switch")
    await phone.be("张建国")
    await expect(phone.page.locator("#welcome")).to_be_visible()
    assert await phone.bubbles() == []
    assert await phone.page.input_value("#text") == ""


async def test_a_new_resident_can_start_and_is_greeted(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser)
    await phone.page.click("#chooser-new")
    await expect(phone.page.locator("#welcome")).to_be_visible()
    await phone.page.locator("#examples .chip").first.click()
    await expect(phone.bubble("收到：楼道的灯坏了")).to_be_visible()
    await expect(phone.page.locator("#welcome")).to_be_hidden()


async def test_what_staff_write_comes_into_the_open_page_in_their_colour(door: Door, browser: Browser) -> None:  # noqa: F811
    from community.model.conversation import Topic

    phone = await phone_of(door, browser, "李秀英")
    await phone.say("你好")
    await expect(phone.bubble("收到：你好")).to_be_visible()
    async with door.community.reading() as uow:
        resident = next(r for r in await uow.people.demo_residents() if r.name == "李秀英")
        worker = await uow.people.staff_by_login("grid1")
    assert worker is not None
    await conversations.ask_person(door.community, resident.id, Topic.GENERAL, "想找人", "k")
    await conversations.take(door.community, worker.id, resident.id)
    await conversations.say(door.community, worker.id, resident.id, "我是王强，打我电话 138-0000-0001", "page-1")
    await expect(phone.bubble("我是王强", "staff")).to_be_visible()
    await expect(phone.page.locator(".row.staff .name")).to_contain_text("王强")
    assert await phone.page.locator(".row.staff a.phone").get_attribute("href") == "tel:13800000001"


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("请马上到屋外打119，再打燃气抢修96177。", ["119", "96177"]),
        ("燃气公司抢修96177或119；不要点火", ["96177", "119"]),
        ("急事请直接拨打12345，或者说“转人工”。", ["12345"]),
        ("工单100014已打分，费用120元，在110号楼。", []),
        ("打了120元的折，12345号工单，13800000001234", []),
        ("物业0575-12345678，王强13800000001", ["0575-12345678", "13800000001"]),
    ],
)
async def test_numbers_to_call_can_be_tapped_and_others_cannot(
    door: Door,  # noqa: F811
    browser: Browser,
    sentence: str,
    numbers: list[str],
) -> None:
    door.rasa.script = lambda turn: [{"text": sentence}]
    phone = await phone_of(door, browser, "李秀英")
    await phone.say("你好")
    await expect(phone.bubble(sentence)).to_be_visible()
    assert await phone.page.locator("a.phone").all_inner_texts() == numbers


async def test_big_letters_are_bigger_fit_and_are_remembered(door: Door, browser: Browser) -> None:  # noqa: F811
    door.rasa.script = lambda turn: [
        {
            "text": "您说的我还没听懂，可以这样说：",
            "buttons": [{"title": "剡溪花园3幢2单元的公共照明", "payload": "/a"}] * 3,
        }
    ]
    phone = await phone_of(door, browser, "李秀英")
    await phone.say("你好" * 40)
    await expect(phone.bubble("您说的我还没听懂")).to_be_visible()
    size = "parseFloat(getComputedStyle(document.querySelector('.row.out .bubble')).fontSize)"
    wide = "document.documentElement.scrollWidth <= window.innerWidth && log.scrollWidth <= log.clientWidth"
    assert await phone.page.evaluate(size) >= 17
    assert await phone.page.evaluate(wide)
    await phone.page.click("#bigger")
    assert await phone.page.evaluate(size) >= 21
    assert await phone.page.evaluate(wide)
    await phone.page.reload()
    await expect(phone.bubble("您说的我还没听懂")).to_be_visible()
    assert await phone.page.evaluate(size) >= 21


async def test_big_letters_asked_for_in_chat_come_at_once_and_on_every_device(door: Door, browser: Browser) -> None:  # noqa: F811
    async with door.community.reading() as uow:
        resident = await uow.people.resident_by_key("rkeyR0002")
    assert resident is not None
    door.rasa.script = lambda turn: [{"text": "好的，字放大了。说“关掉大字”就关。"}]
    phone = await phone_of(door, browser, "张建国")
    await privacy.set_elder(door.community, resident.id, True)
    await phone.say("字大一点")
    await expect(phone.page.locator("html.big")).to_be_visible()
    other = await phone_of(door, browser, "张建国")
    await expect(other.page.locator("html.big")).to_be_visible()
    await privacy.set_elder(door.community, resident.id, False)
    await phone.say("关掉大字")
    await expect(phone.page.locator("html.big")).to_have_count(0)


async def test_a_reader_of_old_lines_is_not_thrown_to_the_end(door: Door, browser: Browser) -> None:  # noqa: F811
    phone = await phone_of(door, browser, "李秀英")
    door.rasa.script = lambda turn: [{"text": "一行\n" * 30 + turn["message"]}]
    await phone.say("第一句")
    await expect(phone.bubble("第一句", "out")).to_be_visible()
    assert await phone.page.evaluate("log.scrollHeight - log.scrollTop - log.clientHeight") < 5
    visitor = await door.visitor("R0001")
    await phone.page.evaluate("log.scrollTop = 0")
    await phone.page.wait_for_timeout(100)
    await visitor.say("第二句")
    await expect(phone.page.locator("#newer")).to_be_visible()
    assert await phone.page.evaluate("log.scrollTop") < 5
    await phone.page.click("#newer")
    await expect(phone.page.locator("#newer")).to_be_hidden()
    async with asyncio.timeout(60):
        # Not wait_for_function: it evaluates a string in the page, which the page's policy rightly forbids.
        while await phone.page.evaluate("log.scrollHeight - log.scrollTop - log.clientHeight") >= 5:
            await asyncio.sleep(0.05)


async def test_without_javascript_there_are_words(door: Door, browser: Browser) -> None:  # noqa: F811
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(door.url + "chat")
    await expect(page.locator(".noscript")).to_be_visible()
    await expect(page.locator(".app")).to_be_hidden()
