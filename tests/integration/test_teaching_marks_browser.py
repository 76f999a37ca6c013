"""A trainer marks words, adds one to the lexicon, takes one message apart, asks a colleague, keeps a conversation; desk and phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Page, expect

from community.model.message import Button, Reply
from community.model.understanding import Heard
from community.ports import Community
from community.services import inbound, labels, lexicon, talk_cases
from community.services.inbound import Answered, Incoming
from community.services.understandings import of_message
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
from tests.integration.test_days_browser import fits

UNSURE = Heard("nlu_fallback", 0.3, (("report", 0.31), ("out_of_scope", 0.28)), "lighting", 0.2, "m1")
SAID = ("我们后街里昨晚的路灯又灭了", "楼道灯不亮了，垃圾也没人收", "饭卡余额怎么查")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, valkey: str) -> Iterator[Stage]:
    yield from staged(tmp_path_factory.mktemp("marks"), valkey)


async def heard(c: Community, who: int) -> None:
    async with c.uow() as uow:
        await uow.understandings.add_all([of_message(f"in-{n}", who, c.clock.now(), text, UNSURE) for n, text in enumerate(SAID, 9100)])
        await uow.commit()


async def opened(page: Page, text: str) -> None:
    await page.goto("/teach")
    await page.locator(".teach-row", has_text=text[:6]).get_by_role("button", name="教", exact=True).click()
    box = page.locator(".teach-form .tokens")
    await expect(box).to_be_visible()
    # A dialog comes in from somewhere: what is dragged over must stand still.
    was = None
    while was != (was := await box.bounding_box()):
        await page.wait_for_timeout(150)


async def test_words_are_chosen_by_dragging_and_an_unknown_one_goes_to_the_lexicon(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await stage.act(lambda c: heard(c, stage.city.city.residents["R0001"].id))
    async with signed_in(browser, stage, "trainer", DESK) as page:
        await opened(page, SAID[0])
        chars = page.locator(".teach-form .char")
        # 后街里 is two words, 后街 cuts the second of them: the page says so, and takes 后街 for the lexicon.
        for first, last, words in ((2, 4, "后街里"), (3, 2, "后街")):
            await expect(page.locator(".marks-warn")).to_have_count(0)
            # Hovering waits until the dialog stands still.
            await chars.nth(first).hover(position={"x": 3, "y": 8})
            await page.mouse.down()
            await chars.nth(last).hover(position={"x": 6, "y": 8})
            await page.mouse.up()
            await expect(page.locator(".marks-what")).to_contain_text(f"“{words}”是")
        await expect(page.locator(".char.on")).to_have_count(2)
        await page.get_by_role("button", name="把“后街”加进词库").click()
        await expect(page.locator(".marks-warn")).to_have_count(0)
        await page.locator(".marks-what").get_by_role("button", name="地点").click()
        await expect(page.locator(".char.marked")).to_have_count(2)
        await page.get_by_label("是哪个小区的叫法").fill("西后街")
        await page.get_by_role("option", name="西后街小区").click()
        # By keys alone, from where one was: to 昨, and with Shift over 晚.
        await page.locator(".tokens").focus()
        for key in ("ArrowRight",) * 3 + ("Shift+ArrowRight",):
            await page.keyboard.press(key)
        await expect(page.locator(".marks-what")).to_contain_text("“昨晚”是")
        await page.locator(".marks-what").get_by_role("button", name="时间").click()
        await page.locator(".teach-form").get_by_label("意思").fill("反映问题")
        await page.get_by_role("option", name="反映问题").first.click()
        await shot(page, "teach-marks-desk")
        await page.get_by_role("button", name="教给小邻").click()
        await page.goto("/teach/labels")
        row = page.locator("[data-label]").first
        await expect(row).to_contain_text("后街：西后街小区的叫法")
        await expect(row).to_contain_text("昨晚：时间")
        await expect(page.locator("[data-word]")).to_have_count(2)
        await shot(page, "teach-words-desk")
        await page.locator("[data-word]", has_text="新词").get_by_role("button", name="撤回").click()
        await expect(page.locator("[data-word]", has_text="新词")).to_contain_text("已拿掉")
    kept = await stage.act(lambda c: lexicon.words(c, stage.city.city.staff["trainer"].id))
    assert {(one.word, one.meaning, one.state) for one in kept} == {
        ("后街", "新词", "removed"), ("后街", "西后街小区的叫法", "ready")
    }  # fmt: skip


async def test_one_message_is_taken_apart_with_a_thumb(stage: Stage, browser: Browser) -> None:  # noqa: F811
    async with signed_in(browser, stage, "trainer", PHONE) as phone:
        await opened(phone, SAID[1])
        await fits(phone)
        tokens = phone.locator(".teach-form .token")
        await tokens.nth(0).tap()
        await tokens.nth(1).tap()
        await expect(phone.locator(".marks-what")).to_contain_text("“楼道灯")
        await shot(phone, "teach-marks-phone")
        await phone.get_by_text("这是好几件事").click()
        await phone.locator(".part-word", has_text="垃圾").tap()
        await expect(phone.locator(".parts-one")).to_have_count(2)
        for number, name in enumerate(("照明", "环境卫生")):
            await phone.locator(".parts-kind input").nth(number).fill(name)
            await phone.get_by_role("option", name=name).click()
        await fits(phone)
        await shot(phone, "teach-parts-phone")
        await phone.get_by_role("button", name="教给小邻").click()
        await phone.goto("/teach/labels")
        await expect(phone.locator("[data-label]").first).to_contain_text("2. 环境卫生：垃圾也没人收")
        await fits(phone)
        await shot(phone, "teach-words-phone")
        await phone.get_by_role("button", name="加一个词").click()
        form = phone.locator(".form")
        await form.get_by_label("词（2到12个字）").fill("护河队")
        await form.get_by_label("它是").click()
        await phone.get_by_role("option", name="活动的叫法").click()
        await form.get_by_label("哪一个的叫法").fill("清滩")
        await phone.get_by_role("option", name="剡溪清滩护河").click()
        await shot(phone, "teach-word-phone")
        await form.get_by_role("button", name="加进词库").click()
        await expect(phone.locator("[data-word]").first).to_contain_text("剡溪清滩护河的叫法")
    [made, *_] = await stage.act(lambda c: labels.listed(c, stage.city.city.staff["trainer"].id))
    assert made.meaning == "2件事"


async def talked(c: Community, who: int) -> None:
    when = (Button("今天", "/a"), Button("有好几天了", "/b"))
    for number, (text, reply) in enumerate(
        (
            ("我叫吴小梅，3幢2单元的灯坏了", Reply("好的，记下了。\n什么时候开始坏的？", when)),
            ("大前天晚上就那样了", Reply("没听明白，您换个说法？可以说说什么事、在哪里。", (Button("转人工", "/c"),))),
        )
    ):
        await inbound.receive(c, Incoming("webchat", who, f"talk{number}", text))
        done = False
        while not done:  # the city's own messages wait before it
            for said in await inbound.claim(c, "w"):
                done = done or said.text == text
                await inbound.finish(c, "w", [Answered(said.id, (reply,), "", UNSURE) if said.text == text else Answered(said.id)])


async def test_a_colleague_is_asked_and_the_conversation_is_kept_as_a_test(stage: Stage, browser: Browser) -> None:  # noqa: F811
    await stage.act(lambda c: talked(c, stage.city.city.residents["R0003"].id))
    async with signed_in(browser, stage, "trainer", DESK) as page:
        await page.goto("/teach")
        row = page.locator(".teach-row", has_text="大前天晚上")
        await row.get_by_role("button", name="谁来看").click()
        await page.locator(".q-menu").get_by_text("请运维看").click()
        await expect(row).to_contain_text("请运维看")
        await shot(page, "teach-queue-desk")
        await row.get_by_role("button", name="看前后").click()
        await expect(page.locator(".talk-here")).to_contain_text("大前天晚上就那样了")
        await expect(page.locator(".talk-lines")).not_to_contain_text("吴小梅")
        await shot(page, "teach-talk-desk")
        await page.get_by_role("button", name="关上").click()
    async with signed_in(browser, stage, "operator", PHONE) as phone:
        await phone.goto("/teach")
        await phone.get_by_role("button", name="只看给我的 1").click()
        await expect(phone.locator(".teach-row")).to_have_count(1)
        await fits(phone)
        await shot(phone, "teach-queue-phone")
        await phone.get_by_role("button", name="看前后").click()
        await fits(phone)
        await phone.get_by_role("button", name="做成对话测试").click()
        first = phone.locator(".talk-turn").first
        await expect(first.get_by_role("checkbox", name="我叫王阿姨，3幢2单元的灯坏了")).to_be_checked()
        await expect(first.get_by_role("checkbox", name="好的，记下了。")).to_be_checked()
        await first.get_by_role("checkbox", name="什么时候开始坏的？").click()
        await fits(phone)
        await shot(phone, "teach-talk-phone")
        await phone.get_by_role("button", name="留作测试").click()
        await expect(phone.locator(".q-notification")).to_contain_text("先看一遍")
        await first.get_by_label("测试里这样说").fill("我叫王阿姨，楼道的灯坏了")
        await phone.get_by_role("checkbox", name="看过了").click()
        await phone.get_by_role("button", name="留作测试").click()
        await expect(phone.locator(".talk-turn")).to_have_count(0)
        await phone.goto("/teach/labels")
        await expect(phone.locator("[data-case]")).to_contain_text("还没跑过")
        await fits(phone)
        await phone.locator("[data-case]").scroll_into_view_if_needed()
        await shot(phone, "teach-cases-phone")
    [kept] = await stage.act(lambda c: talk_cases.to_write(c))
    assert kept.turns[0] == {
        "say": "我叫王阿姨，楼道的灯坏了", "answer": ["好的，记下了。", "什么时候开始坏的？"], "buttons": ["今天", "有好几天了"]
    }  # fmt: skip
    await stage.act(lambda c: talk_cases.ran(c, {kept.id: "按钮 有好几天了"}))
    async with signed_in(browser, stage, "trainer", DESK) as page:
        await page.goto("/teach/labels")
        await expect(page.locator("[data-case]")).to_contain_text("没有再说：按钮 有好几天了")
        await expect(page.get_by_role("button", name="试跑等着的")).to_be_visible()
        await shot(page, "teach-cases-desk")
        await page.locator("[data-case]").get_by_role("button", name="撤回").click()
        await expect(page.locator("[data-case]")).to_contain_text("已拿掉")
